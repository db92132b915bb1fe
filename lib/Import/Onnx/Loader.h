//===- Loader.h - from an ONNX file to a normalized, checked model -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that happens before an MLIR operation exists: map, parse, check, lift to
// the newest opset, expand functions, infer shapes, resolve names. The file is treated
// as hostile: a bad one gives a Diagnostic, never a crash, a hang or an exception.
// Weights are not copied, they stay views into the mapped files.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_H
#define OPTC_IMPORT_ONNX_LOADER_H

#include "lib/Import/Onnx/Model.h"
#include "lib/Support/Errors.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace optc::onnximport {

/// What a NativePredicate may ask about a node, before names are resolved.
class NodeView {
public:
  virtual ~NodeView() = default;
  virtual size_t numInputs() const = 0;
  virtual size_t numOutputs() const = 0;
  /// False for optional operands that are left out or beyond the list.
  virtual bool hasInput(size_t index) const = 0;
  virtual bool hasOutput(size_t index) const = 0;
  /// Kind::Unknown if inference does not know it.
  virtual ValueType inputType(size_t index) const = 0;
  /// Schema defaults are filled in.
  virtual std::optional<int64_t> intAttr(std::string_view name) const = 0;
  virtual std::optional<float> floatAttr(std::string_view name) const = 0;
  virtual std::optional<std::string> stringAttr(std::string_view name) const = 0;
};

/// True if the importer takes this op as it is. Asked only for ops that have a function
/// body in the ONNX standard; the others always stay.
using NativePredicate =
    std::function<bool(std::string_view domain, std::string_view opType, const NodeView &node)>;

struct LoadOptions {
  /// Null: every op with a function body is expanded.
  NativePredicate isNative;
  /// External data may be reached through symbolic links (HuggingFace caches need it).
  bool allowSymlinks = false;
  /// Inputs with a default (an initializer of the same name) that stay inputs; the others are
  /// constants.
  std::vector<std::string> overridable;
  /// Upper bound of the number of nodes after expansion.
  size_t maxNodes = 1000000;
};

/// One problem of the model: a code of lib/Support/Errors.def and a message of one or two
/// lines; `node` is the ONNX node's name and `op` its operator, or empty if none is to blame
/// or the rule broken is not one of single nodes.
struct Diagnostic {
  bool isError = true;
  ErrorCode code = NoError;
  std::string message;
  std::string node = {};
  std::string op = {};
};

/// Null if `diagnostics` got an error; it may get warnings either way.
std::unique_ptr<Model> load(const std::string &path, const LoadOptions &options,
                            std::vector<Diagnostic> &diagnostics);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_H
