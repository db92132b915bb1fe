//===- Model.h - a normalized ONNX model, ready to import ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plain structs that the loader (Loader.h) hands to the importer. No protobuf,
// no ONNX and no MLIR type in here, so that the importer's files see none of ONNX.
//
// What "normalized" means: one opset (the newest), no model-local function, no op
// with a function body that the importer did not claim, no Constant node (their
// tensors are initializers), every name resolved to a ValueId that is unique in the
// whole model (subgraphs included: a captured value is just a ValueId of an outer
// graph), every schema default of an attribute filled in, nodes in a valid order.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_MODEL_H
#define OPTC_IMPORT_ONNX_MODEL_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optc::onnximport {

/// Element types; the numbers are those of ONNX's TensorProto.DataType.
enum class ElemType : int32_t {
  Undefined = 0,
  F32 = 1,
  U8 = 2,
  I8 = 3,
  U16 = 4,
  I16 = 5,
  I32 = 6,
  I64 = 7,
  String = 8,
  Bool = 9,
  F16 = 10,
  F64 = 11,
  U32 = 12,
  U64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  BF16 = 16,
  F8E4M3FN = 17,
  F8E4M3FNUZ = 18,
  F8E5M2 = 19,
  F8E5M2FNUZ = 20,
  U4 = 21,
  I4 = 22,
  F4E2M1 = 23,
  F8E8M0 = 24,
  U2 = 25,
  I2 = 26,
  F6E2M3 = 27,
  F6E3M2 = 28,
};

/// Storage bits of one element; 0 for strings and undefined types.
unsigned elemBits(ElemType type);
/// "float16", as ONNX writes it.
std::string_view elemName(ElemType type);

/// One dimension of a type: a size, or a symbol of the model, or nothing known.
struct Dim {
  int64_t size = -1;
  std::string symbol;
  bool isKnown() const { return size >= 0; }
};

/// The type of a value as far as the model and ONNX's shape inference tell.
struct ValueType {
  enum class Kind { Unknown, Tensor, SparseTensor, Sequence, Optional, Map, Opaque };
  Kind kind = Kind::Unknown;
  /// Tensors only (keys of maps as well).
  ElemType elem = ElemType::Undefined;
  bool hasRank = false;
  std::vector<Dim> dims;
  /// What a sequence, optional or map holds.
  std::shared_ptr<const ValueType> element;
};

/// Index into Model::values; unique in the whole model.
using ValueId = int32_t;
/// An optional input or output that is left out.
constexpr ValueId noValue = -1;

struct ValueInfo {
  std::string name;
  /// What inference derives from the model's inputs and weights.
  ValueType type;
  /// What the file says about a value that a node computes. It may be wrong: to be used
  /// only for what `type` does not know, and checked at run time.
  ValueType claimed;
};

/// A constant. `data` is little endian, row-major, dense; types below 8 bits are packed
/// as in ONNX's raw_data (first element in the low bits). Usually it points into the
/// mapped model or external file: `owner` keeps that mapping alive. Not aligned.
struct Tensor {
  std::string name;
  ElemType elem = ElemType::Undefined;
  std::vector<int64_t> dims;
  const char *data = nullptr;
  size_t bytes = 0;
  std::shared_ptr<const void> owner;
  /// Elements of a string tensor; `data` is null then.
  std::vector<std::string> strings;

  /// Number of elements; the loader has checked that it does not overflow.
  int64_t numElements() const;
};

struct Graph;

struct Attribute {
  enum class Kind { Float, Int, String, Tensor, Graph, Floats, Ints, Strings, Tensors, Type };
  std::string name;
  Kind kind = Kind::Int;
  float f = 0;
  int64_t i = 0;
  std::string s;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string> strings;
  /// One element for Kind::Tensor.
  std::vector<Tensor> tensors;
  std::shared_ptr<Graph> graph;
  ValueType type;
};

struct Node {
  /// "" is ai.onnx.
  std::string domain;
  std::string opType;
  /// Unique in the model, never empty: the ONNX node's name or `<OpType>_<output>`;
  /// nodes of an expanded function are `<origin>/<OpType>_<k>`.
  std::string name;
  /// Name of the node of the original model this one comes from.
  std::string origin;
  /// Opset version of the op's definition that applies; 0 for ops unknown to ONNX.
  int sinceVersion = 0;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Attribute> attributes;

  /// The operand, or noValue if it is left out or beyond the list.
  ValueId input(size_t index) const { return index < inputs.size() ? inputs[index] : noValue; }
  ValueId output(size_t index) const { return index < outputs.size() ? outputs[index] : noValue; }
  const Attribute *find(std::string_view attribute) const;
  std::optional<int64_t> intAttr(std::string_view attribute) const;
  std::optional<float> floatAttr(std::string_view attribute) const;
  std::optional<std::string> stringAttr(std::string_view attribute) const;
  /// Empty if absent.
  std::vector<int64_t> intsAttr(std::string_view attribute) const;
};

/// A constant value of a graph: an initializer or the output of a Constant node.
struct Initializer {
  ValueId value = noValue;
  Tensor tensor;
};

struct Graph {
  std::string name;
  /// Without those that have an initializer and were not asked for: these are constants.
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Initializer> initializers;
  std::vector<Node> nodes;
};

struct Model {
  Graph graph;
  std::vector<ValueInfo> values;
  /// Opset per domain ("" is ai.onnx) after lifting.
  std::map<std::string, int64_t> opsets;
  /// Opset of ai.onnx as the file has it; 0 if none.
  int64_t originalOpset = 0;
  int64_t irVersion = 0;
  std::string producer;
  std::map<std::string, std::string> metadata;
  /// Graph inputs that have a default (an initializer) and were made constants.
  std::vector<std::string> constantInputs;
  /// The defaults of those that stayed inputs, by name.
  std::vector<Tensor> defaults;

  const ValueInfo &value(ValueId id) const { return values[static_cast<size_t>(id)]; }
};

/// Calls `visit(node, graph)` for every node, those of subgraphs after their owner.
template <typename Visitor> void forEachNode(const Graph &graph, Visitor &&visit) {
  for (const Node &node : graph.nodes) {
    visit(node, graph);
    for (const Attribute &attribute : node.attributes)
      if (attribute.graph)
        forEachNode(*attribute.graph, visit);
  }
}

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_MODEL_H
