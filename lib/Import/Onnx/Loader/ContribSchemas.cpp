//===- ContribSchemas.cpp - operators of ONNX Runtime -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns ContribOps.def into schemas. Inference of shapes is there for what follows such an
// operator in ONNX's own passes (lifting of old opsets asks for shapes); the importer
// computes all shapes itself.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/ContribSchemas.h"

#include "lib/Import/Onnx/Loader/ProtoWalk.h"

#include "onnx/defs/schema.h"
#include "onnx/defs/shape_inference.h"

#include <sstream>

namespace optc::onnximport {

namespace {

constexpr const char *domain = "com.microsoft";

using Context = onnx::InferenceContext;
using Inference = onnx::InferenceFunction;

//===----------------------------------------------------------------------===//
// Inference
//===----------------------------------------------------------------------===//

void copyElement(Context &ctx, size_t input, size_t output) {
  if (output < ctx.getNumOutputs() && ctx.getInputType(input))
    onnx::propagateElemTypeFromInputToOutput(ctx, input, output);
}

void copyType(Context &ctx, size_t input, size_t output) {
  copyElement(ctx, input, output);
  if (output < ctx.getNumOutputs() && onnx::hasInputShape(ctx, input))
    onnx::propagateShapeFromInputToOutput(ctx, input, output);
}

void likeFirst(Context &ctx) { copyType(ctx, 0, 0); }

void elementOnly(Context &ctx) {
  for (size_t i = 0; i < ctx.getNumOutputs(); ++i)
    copyElement(ctx, 0, i);
}

void floatOnly(Context &ctx) { onnx::updateOutputElemType(ctx, 0, onnx::TensorProto::FLOAT); }

void allFloats(Context &ctx) {
  for (size_t i = 0; i < ctx.getNumOutputs(); ++i)
    onnx::updateOutputElemType(ctx, i, onnx::TensorProto::FLOAT);
}

void inferGatheredBlocks(Context &ctx) { copyElement(ctx, 2, 0); }

void inferQuantizedConcat(Context &ctx) { copyElement(ctx, 1, 0); }

/// Integers only where their scale is given.
void inferQuantizedGemm(Context &ctx) {
  constexpr size_t scale = 7;
  ctx.getNumInputs() > scale &&ctx.getInputType(scale) ? copyElement(ctx, 0, 0) : floatOnly(ctx);
}

void inferSkipNorm(Context &ctx) {
  copyType(ctx, 0, 0);
  copyType(ctx, 0, 3);
}

/// The inference of an operator of the standard.
Inference like(const char *op) {
  return [op](Context &ctx) {
    onnx::OpSchemaRegistry::Schema(op)->GetTypeAndShapeInferenceFunction()(ctx);
  };
}

void inferFusedMatMul(Context &ctx) {
  for (const char *name : {"transA", "transB", "transBatchA", "transBatchB"})
    if (const onnx::AttributeProto *attribute = ctx.getAttribute(name); attribute && attribute->i())
      return copyElement(ctx, 0, 0);
  like("MatMul")(ctx);
}

/// [batch, sequence] of ids and tables [.., hidden].
void inferEmbedding(Context &ctx) {
  constexpr size_t ids = 0, table = 2;
  copyElement(ctx, table, 0);
  copyElement(ctx, table, 2);
  if (ctx.getNumOutputs() > 1)
    onnx::updateOutputElemType(ctx, 1, onnx::TensorProto::INT32);
  if (!onnx::hasInputShape(ctx, ids) || !onnx::hasInputShape(ctx, table) ||
      onnx::getInputShape(ctx, table).dim_size() == 0)
    return;
  onnx::TensorShapeProto shape = onnx::getInputShape(ctx, ids);
  const onnx::TensorShapeProto &words = onnx::getInputShape(ctx, table);
  *shape.add_dim() = words.dim(words.dim_size() - 1);
  onnx::updateOutputShape(ctx, 0, shape);
  if (ctx.getNumOutputs() > 2)
    onnx::updateOutputShape(ctx, 2, shape);
}

//===----------------------------------------------------------------------===//
// Schemas
//===----------------------------------------------------------------------===//

struct ContribOp {
  const char *name, *inputs, *results, *attributes;
  Inference inference;
};

std::vector<ContribOp> contribOps() {
  return {
#define CONTRIB_OP(name, inputs, results, attributes, inference)                                   \
  {#name, inputs, results, attributes, inference},
#include "lib/Import/Onnx/Loader/ContribOps.def"
  };
}

/// A word of the table: name, what it is, and marks behind either.
struct Entry {
  std::string name, kind, fallback;
  bool isOptional = false, isNeeded = false, isVariadic = false;
};

std::vector<Entry> entriesOf(const char *text) {
  std::vector<Entry> entries;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    Entry entry;
    size_t colon = word.find(':'), equals = word.find('=');
    entry.name = word.substr(0, colon);
    entry.kind = word.substr(colon + 1, equals == std::string::npos ? equals : equals - colon - 1);
    if (equals != std::string::npos)
      entry.fallback = word.substr(equals + 1);
    auto takeMark = [](std::string &from, char mark) {
      bool isMarked = from.back() == mark;
      if (isMarked)
        from.pop_back();
      return isMarked;
    };
    entry.isOptional = takeMark(entry.name, '?');
    entry.isVariadic = takeMark(entry.name, '*');
    entry.isNeeded = takeMark(entry.kind, '!');
    entries.push_back(entry);
  }
  return entries;
}

void addAttribute(onnx::OpSchema &schema, const Entry &entry) {
  using Type = onnx::AttributeProto;
  if (entry.kind == "ints" || entry.kind == "floats" || entry.kind == "strings") {
    schema.Attr(entry.name, "",
                entry.kind == "ints"     ? Type::INTS
                : entry.kind == "floats" ? Type::FLOATS
                                         : Type::STRINGS,
                entry.isNeeded);
  } else if (entry.fallback.empty()) {
    schema.Attr(entry.name, "",
                entry.kind == "int"     ? Type::INT
                : entry.kind == "float" ? Type::FLOAT
                                        : Type::STRING,
                entry.isNeeded);
  } else if (entry.kind == "int") {
    schema.Attr(entry.name, "", Type::INT, static_cast<int64_t>(std::stoll(entry.fallback)));
  } else if (entry.kind == "float") {
    schema.Attr(entry.name, "", Type::FLOAT, std::stof(entry.fallback));
  } else {
    schema.Attr(entry.name, "", Type::STRING, entry.fallback);
  }
}

/// The name of a type of the table as schemas spell it.
std::string typeOf(const std::string &kind) {
  if (std::string("TMQRASZX").find(kind) != std::string::npos)
    return kind;
  return kind == "F"   ? "tensor(float)"
         : kind == "I" ? "tensor(int32)"
         : kind == "L" ? "tensor(int64)"
                       : "tensor(bool)";
}

onnx::OpSchema makeSchema(const ContribOp &op) {
  onnx::OpSchema schema(op.name, __FILE__, __LINE__);
  schema.SetDomain(domain).SinceVersion(1);
  auto optionOf = [](const Entry &entry) {
    return entry.isVariadic   ? onnx::OpSchema::Variadic
           : entry.isOptional ? onnx::OpSchema::Optional
                              : onnx::OpSchema::Single;
  };
  int place = 0;
  std::vector<Entry> inputs = entriesOf(op.inputs), results = entriesOf(op.results);
  for (const Entry &entry : inputs)
    schema.Input(place++, entry.name, "", typeOf(entry.kind), optionOf(entry),
                 /*is_homogeneous=*/!entry.isVariadic);
  place = 0;
  for (const Entry &entry : results)
    schema.Output(place++, entry.name, "", typeOf(entry.kind), optionOf(entry));
  for (const Entry &entry : entriesOf(op.attributes))
    addAttribute(schema, entry);
  for (const char *type : {"T", "M"})
    schema.TypeConstraint(
        type, {"tensor(float)", "tensor(float16)", "tensor(bfloat16)", "tensor(double)"}, "");
  for (const char *type : {"Q", "R"})
    schema.TypeConstraint(type, {"tensor(int8)", "tensor(uint8)"}, "");
  schema.TypeConstraint("S", {"tensor(uint8)", "tensor(int4)", "tensor(uint4)"}, "");
  schema.TypeConstraint(
      "Z", {"tensor(uint8)", "tensor(float)", "tensor(float16)", "tensor(bfloat16)"}, "");
  schema.TypeConstraint("X", {"tensor(int32)", "tensor(int64)"}, "");
  schema.TypeConstraint("A", {"tensor(int8)", "tensor(uint8)", "tensor(float)"}, "");
  schema.TypeAndShapeInferenceFunction(op.inference);
  return schema;
}

} // namespace

void registerContribSchemas() {
  static const bool once = [] {
    onnx::OpSchemaRegistry::DomainToVersionRange::Instance().AddDomainToVersion(domain, 1, 1);
    for (const ContribOp &op : contribOps())
      onnx::RegisterSchema(makeSchema(op));
    return true;
  }();
  (void)once;
}

void moveContribOps(onnx::ModelProto &model) {
  bool isMoved = false, isImported = false;
  int64_t version = 0;
  for (const onnx::OperatorSetIdProto &import : model.opset_import()) {
    isImported |= import.domain() == domain;
    if (import.domain().empty() || import.domain() == "ai.onnx")
      version = import.version();
  }
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    for (onnx::NodeProto &node : *graph.mutable_node()) {
      const std::string &op = node.op_type();
      bool isOfRuntime =
          op == "SimplifiedLayerNormalization" || (op == "LayerNormalization" && version < 17);
      if ((node.domain().empty() || node.domain() == "ai.onnx") && isOfRuntime) {
        node.set_domain(domain);
        isMoved = true;
      }
    }
  });
  if (isMoved && !isImported) {
    onnx::OperatorSetIdProto &import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(1);
  }
}

} // namespace optc::onnximport
