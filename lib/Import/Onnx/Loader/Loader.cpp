//===- Loader.cpp - from an ONNX file to a normalized, checked model ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of the steps, each with the reason for its place, and the border where
// exceptions (ours and ONNX's) become diagnostics.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader.h"

#include "lib/Import/Onnx/Loader/Build.h"
#include "lib/Import/Onnx/Loader/ContribSchemas.h"
#include "lib/Import/Onnx/Loader/Expand.h"
#include "lib/Import/Onnx/Loader/ExternalData.h"
#include "lib/Import/Onnx/Loader/Lift.h"
#include "lib/Import/Onnx/Loader/LocalFunctions.h"
#include "lib/Import/Onnx/Loader/ModelRules.h"
#include "lib/Import/Onnx/Loader/Names.h"
#include "lib/Import/Onnx/Loader/Normalize.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/Repair.h"
#include "lib/Import/Onnx/Loader/SeparateNames.h"
#include "lib/Import/Onnx/Loader/TensorData.h"
#include "lib/Import/Onnx/Loader/Types.h"
#include "lib/Import/Onnx/Loader/UnknownOps.h"
#include "lib/Import/Onnx/Loader/WireCutter.h"

#include "onnx/checker.h"

#include <algorithm>

namespace optc::onnximport {

namespace {

std::string folderOf(const std::string &path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Longest part of a message of ONNX that is shown.
constexpr size_t maxShown = 400;

/// Runs ONNX's checker. It insists on a full type for every output of the model, which many
/// exporters leave out and which nothing here needs: outputs have a placeholder meanwhile.
void checkByOnnx(onnx::ModelProto &model) {
  onnx::GraphProto &graph = *model.mutable_graph();
  for (onnx::ValueInfoProto &output : *graph.mutable_output()) {
    onnx::TypeProto::Tensor &type = *output.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape();
  }
  try {
    onnx::checker::check_model(model);
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &error) {
    fail(E1002, "not a valid ONNX model: " + printable(error.what(), maxShown));
  }
  for (onnx::ValueInfoProto &output : *graph.mutable_output())
    output.clear_type();
}

/// "float32[2,N,?]"
std::string describe(const ValueType &type) {
  std::string text(elemName(type.elem));
  for (const Dim &dim : type.dims)
    text += (&dim == type.dims.data() ? "[" : ",") + (dim.isKnown() ? std::to_string(dim.size)
                                                      : dim.symbol.empty() ? "?"
                                                                           : dim.symbol);
  return text + (type.dims.empty() ? "[]" : "]");
}

bool contradict(const ValueType &claim, const ValueType &found) {
  bool areTensors = claim.kind == ValueType::Kind::Tensor && found.kind == ValueType::Kind::Tensor;
  if (!areTensors || !claim.hasRank || !found.hasRank)
    return false;
  bool differ = claim.dims.size() != found.dims.size() ||
                (claim.elem != found.elem && claim.elem != ElemType::Undefined);
  for (size_t i = 0; !differ && i < claim.dims.size(); ++i)
    differ = claim.dims[i].isKnown() && found.dims[i].isKnown() &&
             claim.dims[i].size != found.dims[i].size;
  return differ;
}

/// Models of old opsets declare what tools of their time made: the nodes decide.
void noteWrongClaims(const Model &model, std::vector<Diagnostic> &diagnostics) {
  for (ValueId id : model.graph.outputs) {
    const ValueInfo &output = model.value(id);
    if (contradict(output.claimed, output.type))
      diagnostics.push_back({false, E1063,
                             "the model declares the output " + quote(output.name) + " as " +
                                 describe(output.claimed) + ", its nodes make " +
                                 describe(output.type),
                             ""});
  }
}

std::unique_ptr<Model> loadOrThrow(const std::string &path, const LoadOptions &options,
                                   std::vector<Diagnostic> &diagnostics) {
  BlobStore blobs;
  onnx::ModelProto proto = parseModel(MappedFile::open(path), blobs);
  // Before the checker: it would open external files on its own terms.
  resolveExternalData(proto, blobs, folderOf(path), options.allowSymlinks);
  forEachTensor(proto, [&](onnx::TensorProto &tensor, const std::string &where) {
    checkTensor(tensor, blobs, where);
  });
  normalizeDomains(proto);
  // Before anything is kept by name.
  separateNames(*proto.mutable_graph());
  // Before anything asks what operators there are.
  registerContribSchemas();
  moveContribOps(proto);
  repair(proto, diagnostics);
  checkModelRules(proto);
  // Before the checker, which stops at the first one.
  std::vector<Diagnostic> unknown = findUnknownOps(proto);
  diagnostics.insert(diagnostics.end(), unknown.begin(), unknown.end());
  if (!unknown.empty())
    return nullptr;
  replaceDeprecated(proto);
  std::map<std::string, onnx::TypeProto> claims = takeClaimedTypes(*proto.mutable_graph());
  checkByOnnx(proto);
  // Before anything that walks calls: inference would never end on an exponential model.
  checkFunctionSizes(proto, options.maxNodes);

  auto model = std::make_unique<Model>();
  densifyAll(proto, blobs);
  Names names(*proto.mutable_graph());
  // Before lifting: the converter drops the functions.
  expandLocalFunctions(proto, names);
  // Before lifting and all that follows: shape inference computes with attributes.
  checkAttributes(*proto.mutable_graph());
  checkOperandsPresent(proto);
  constantsToInitializers(*proto.mutable_graph());
  std::vector<onnx::TensorProto> defaults;
  model->constantInputs = dropConstantInputs(*proto.mutable_graph(), options.overridable, defaults);
  for (const onnx::TensorProto &tensor : defaults)
    model->defaults.push_back(readTensor(tensor, blobs));
  dropUnusedConstants(*proto.mutable_graph());
  model->originalOpset = opsetOf(proto, "");
  // Older versions want every initializer to be an input.
  proto.set_ir_version(onnx::IR_VERSION);
  liftOpset(proto, names);
  // Before expansion, so that messages show the nodes of the file.
  checkTypes(proto, diagnostics);
  std::string complaint = expandFunctionOps(proto, options, names);
  if (!complaint.empty())
    diagnostics.push_back(
        {false, E1061, "shape inference gave up: " + printable(complaint, maxShown), ""});
  dropUnusedConstants(*proto.mutable_graph());
  checkOperandsPresent(proto);
  buildModel(proto, blobs, names, *model);
  for (ValueInfo &value : model->values) {
    auto claim = claims.find(value.name);
    if (claim != claims.end())
      value.claimed = convertType(claim->second);
  }
  noteWrongClaims(*model, diagnostics);
  return model;
}

} // namespace

std::unique_ptr<Model> load(const std::string &path, const LoadOptions &options,
                            std::vector<Diagnostic> &diagnostics) {
  auto before = static_cast<std::ptrdiff_t>(diagnostics.size());
  try {
    return loadOrThrow(path, options, diagnostics);
  } catch (const LoadFailure &failure) {
    // Others that were found with it come behind it.
    auto first = std::find_if(diagnostics.begin() + before, diagnostics.end(),
                              [](const Diagnostic &diagnostic) { return diagnostic.isError; });
    diagnostics.insert(first, {true, failure.code, failure.message, failure.node, ""});
  } catch (const std::bad_alloc &) {
    diagnostics.push_back({true, E1091, quote(path) + " asks for more memory than there is", ""});
  } catch (const std::exception &error) {
    diagnostics.push_back(
        {true, E1002, quote(path) + ": " + printable(error.what(), maxShown), ""});
  }
  return nullptr;
}

} // namespace optc::onnximport
