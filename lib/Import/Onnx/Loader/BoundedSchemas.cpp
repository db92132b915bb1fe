//===- BoundedSchemas.cpp - schemas whose inference stays small ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BoundedSchemas.h. Inference and propagation of an op are functions in its schema: copies of
// the few schemas concerned get them wrapped.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/BoundedSchemas.h"

#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>

namespace optc::onnximport {

namespace {

/// Longest vector whose elements are followed; ONNX's own bound of a rank.
constexpr int64_t maxElements = 1024;

/// What an op's propagation sees and says, without long vectors.
class BoundedContext : public onnx::DataPropagationContext {
public:
  explicit BoundedContext(onnx::DataPropagationContext &inner) : inner_(inner) {}

  const onnx::AttributeProto *getAttribute(const std::string &name) const override {
    return inner_.getAttribute(name);
  }
  size_t getNumInputs() const override { return inner_.getNumInputs(); }
  const onnx::TypeProto *getInputType(size_t index) const override {
    return inner_.getInputType(index);
  }
  size_t getNumOutputs() const override { return inner_.getNumOutputs(); }
  const onnx::TypeProto *getOutputType(size_t index) const override {
    return inner_.getOutputType(index);
  }
  const onnx::TensorShapeProto *getInputData(size_t index) override {
    const onnx::TypeProto *type = inner_.getInputType(index);
    if (type && type->has_tensor_type() && type->tensor_type().shape().dim_size() == 1 &&
        type->tensor_type().shape().dim(0).dim_value() > maxElements)
      return nullptr;
    return inner_.getInputData(index);
  }
  void addOutputData(size_t index, onnx::TensorShapeProto &&data) override {
    // A value may be longer than its type tells.
    if (data.dim_size() <= maxElements)
      inner_.addOutputData(index, std::move(data));
  }

private:
  onnx::DataPropagationContext &inner_;
};

/// Vectors whose length is not known: ONNX's inference of Resize takes it for 0.
bool hasOpenVector(onnx::InferenceContext &context) {
  for (size_t i = 1; i < context.getNumInputs(); ++i)
    if (const onnx::TypeProto *type = context.getInputType(i))
      if (type->tensor_type().shape().dim_size() == 1 &&
          !type->tensor_type().shape().dim(0).has_dim_value())
        return true;
  return false;
}

/// The type of Resize with such a vector: of the result only the rank is known.
void inferRank(onnx::InferenceContext &context) {
  onnx::propagateElemTypeFromInputToOutput(context, 0, 0);
  if (onnx::hasInputShape(context, 0))
    for (int i = 0, rank = onnx::getInputShape(context, 0).dim_size(); i < rank; ++i)
      onnx::getOutputShape(context, 0)->add_dim();
}

void boundPropagation(onnx::OpSchema &schema) {
  schema.PartialDataPropagationFunction(
      [propagate = schema.GetDataPropagationFunction()](onnx::DataPropagationContext &context) {
        BoundedContext inner(context);
        try {
          propagate(inner);
        } catch (const std::bad_alloc &) {
          throw;
        } catch (const std::exception &) {
          // It cannot read what lies outside its message, and takes much for an error: the
          // elements are not known then.
        }
      });
}

void acceptOpenVectors(onnx::OpSchema &schema) {
  schema.TypeAndShapeInferenceFunction(
      [infer = schema.GetTypeAndShapeInferenceFunction()](onnx::InferenceContext &context) {
        hasOpenVector(context) ? inferRank(context) : infer(context);
      });
}

class BoundedSchemas : public onnx::ISchemaRegistry {
public:
  const onnx::OpSchema *GetSchema(const std::string &op, int version,
                                  const std::string &domain) const override {
    const onnx::OpSchema *schema =
        onnx::OpSchemaRegistry::Instance()->GetSchema(op, version, domain);
    bool isResize = op == "Resize" && domain.empty();
    if (!schema || (!schema->has_data_propagation_function() && !isResize))
      return schema;
    std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<onnx::OpSchema> &bounded = bounded_[schema];
    if (!bounded) {
      bounded = std::make_unique<onnx::OpSchema>(*schema);
      if (schema->has_data_propagation_function())
        boundPropagation(*bounded);
      if (isResize)
        acceptOpenVectors(*bounded);
    }
    return bounded.get();
  }

private:
  mutable std::mutex mutex_;
  mutable std::unordered_map<const onnx::OpSchema *, std::unique_ptr<onnx::OpSchema>> bounded_;
};

} // namespace

const onnx::ISchemaRegistry &boundedSchemas() {
  static const BoundedSchemas schemas;
  return schemas;
}

} // namespace optc::onnximport
