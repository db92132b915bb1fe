//===- Importer.h - from the loaded model to the nn dialect --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds one function of nn ops from a loaded ONNX model. Each ONNX op has a handler in
// Ops/<Family>.cpp, which builds nn ops through NNBuilder; a handler file registers its
// handlers and nothing lists them centrally but Ops/Families.def.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_IMPORTER_H
#define OPTC_IMPORT_ONNX_IMPORTER_H

#include "dialects/NN/Builder.h"
#include "lib/Import/Onnx/Model.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

namespace optc::onnximport {

class Importer;
class NodeView;
struct OpenBranch;

/// What a handler sees of its node.
class NodeImport {
public:
  NodeImport(Importer &importer, const Node &node, nn::NNBuilder &builder)
      : node(node), b(builder), importer(importer) {}

  const Node &node;
  nn::NNBuilder &b;

  size_t numOperands() const { return node.inputs.size(); }
  /// Null for an optional operand that is left out. Of halves, an f32 copy if they are widened.
  mlir::Value operand(size_t index);
  bool hasOperand(size_t index) const { return node.input(index) != noValue; }
  bool hasResult(size_t index) const { return node.output(index) != noValue; }
  void setResult(size_t index, mlir::Value value);
  /// The elements of an operand that is a sequence; null if it is none.
  const llvm::SmallVector<mlir::Value> *sequence(size_t index);
  void setSequence(size_t index, llvm::SmallVector<mlir::Value> elements);
  /// The MLIR element type ONNX's inference gives a result.
  mlir::FailureOr<mlir::Type> resultElementType(size_t index);
  /// What the model says of a result's type.
  ValueType resultType(size_t index) const;
  /// The rank of a result as the model declares it, or nothing.
  std::optional<int64_t> resultRank(size_t index) const;
  /// A vector as one of `count` elements: where its length is not static, the run checks it.
  mlir::Value vectorOf(mlir::Value vector, int64_t count);
  /// The elements of an integer operand that is known at compile time, or nothing.
  std::optional<llvm::SmallVector<int64_t>> constantInts(size_t index);
  /// The same of a float operand.
  std::optional<llvm::SmallVector<double>> constantFloats(size_t index);

  // Attributes; schema defaults are filled in by the loader, `fallback` is for the others.
  int64_t intAttr(llvm::StringRef name, int64_t fallback = 0) const;
  double floatAttr(llvm::StringRef name, double fallback = 0) const;
  std::string stringAttr(llvm::StringRef name, llvm::StringRef fallback = "") const;
  llvm::SmallVector<int64_t> intsAttr(llvm::StringRef name) const;

  /// From here on operands of f16 and bf16 are f32 and the results are rounded back: see `summing`.
  void widenHalves() { isWide = true; }
  /// Nothing if `lhs predicate rhs` holds for all elements of `lhs`. Where that is known not to
  /// hold the model is invalid, where only the run knows it ends with an error that says `what`, in
  /// which {0} and {1} stand for the two values. `rhs` is one number, and where `lhs` is several
  /// the predicate is an order.
  mlir::LogicalResult demand(mlir::Value lhs, nn::ComparePredicate predicate, mlir::Value rhs,
                             const llvm::Twine &what);
  mlir::LogicalResult demand(mlir::Value lhs, nn::ComparePredicate predicate, double rhs,
                             const llvm::Twine &what) {
    return demand(lhs, predicate, b.scalarLike(lhs, rhs), what);
  }
  /// All elements lie in [-size, size).
  mlir::LogicalResult demandIndices(mlir::Value indices, mlir::Value size, const llvm::Twine &what);
  /// Builds another operator of ai.onnx in this node's place, over these operands (null: left out)
  /// and with these attributes; its first result.
  mlir::FailureOr<mlir::Value> importAs(llvm::StringRef op, llvm::ArrayRef<mlir::Value> operands,
                                        std::vector<Attribute> attributes);

  /// Reports a use of the op that optc does not support (OPTC-E2001), naming the node.
  mlir::LogicalResult unsupported(const llvm::Twine &what);
  /// Reports an invalid model (OPTC-E2002), naming the node.
  mlir::LogicalResult invalid(const llvm::Twine &what);

  /// Refuses the node if the operand (which may be left out) has another rank.
  mlir::LogicalResult requireRank(size_t index, int64_t least, int64_t most);
  mlir::LogicalResult requireRank(size_t index, int64_t rank) {
    return requireRank(index, rank, rank);
  }

  /// Imports the nodes of a subgraph at the builder's insertion point, its inputs bound to
  /// `arguments`; the values of its outputs.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>> importSubgraph(llvm::StringRef attribute,
                                                                 mlir::ValueRange arguments);
  /// The same where the caller judges failures: their diagnostics go to `errors`, and what was
  /// imported of the subgraph means nothing.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  trySubgraph(llvm::StringRef attribute, llvm::SmallVectorImpl<mlir::Diagnostic> &errors);
  const Graph *subgraph(llvm::StringRef attribute) const;
  /// Imports what is left of the model once per branch, see BranchedModel.h. False if that is not
  /// possible: `why` tells, and nothing has changed.
  mlir::FailureOr<bool> branchModel(mlir::Value condition,
                                    llvm::MutableArrayRef<OpenBranch> branches, std::string &why);
  /// The numbers (i64) of the iterations that the node is in, of the outermost loop first.
  mlir::ValueRange loopIterations() const;
  /// Around the import of a loop's body.
  void enterIteration(mlir::Value number);
  void leaveIteration();
  /// Whether something inside of this node, which is none of a subgraph, branches the model.
  bool branchesInside() const;
  /// The tensor of a tensor-valued attribute as a constant.
  mlir::FailureOr<mlir::Value> tensorAttr(llvm::StringRef name);

private:
  Importer &importer;
  bool isWide = false;
  mlir::Type half; ///< the type of a widened operand
  llvm::SmallDenseMap<size_t, mlir::Value, 4> wideOperands;
};

using NodeHandler = mlir::LogicalResult (*)(NodeImport &);

/// The rule for halves: what adds more than two values does it in f32, whatever the type of its
/// operands, and rounds once. For handlers that compose the sum of several ops; nn's own sums
/// (products, reductions, softmax, normalizations, prefix sums) keep it by themselves.
template <NodeHandler handler> mlir::LogicalResult summing(NodeImport &n) {
  n.widenHalves();
  return handler(n);
}

/// Whether a handler takes this use of an op that has a function body as well.
using NodeFilter = bool (*)(const NodeView &);

/// Handlers by "Op" (ai.onnx) or "domain:Op".
class HandlerRegistry {
public:
  /// The registry of all families.
  static const HandlerRegistry &get();
  /// What `takes` refuses is expanded into the op's function body. Null: takes every use.
  void add(llvm::StringRef op, NodeHandler handler, NodeFilter takes = nullptr) {
    entries[op] = {handler, takes, false};
  }
  /// A handler that asks which of its operands are sequences; others never see one.
  void addForSequences(llvm::StringRef op, NodeHandler handler) {
    entries[op] = {handler, nullptr, true};
  }
  NodeHandler find(llvm::StringRef domain, llvm::StringRef op) const {
    return entries.lookup(keyOf(domain, op)).handler;
  }
  bool takesSequences(llvm::StringRef domain, llvm::StringRef op) const {
    return entries.lookup(keyOf(domain, op)).takesSequences;
  }
  /// Whether an op that has a function body stays as it is.
  bool isNative(llvm::StringRef domain, llvm::StringRef op, const NodeView &node) const {
    Entry entry = entries.lookup(keyOf(domain, op));
    return entry.handler && (!entry.takes || entry.takes(node));
  }

private:
  struct Entry {
    NodeHandler handler = nullptr;
    NodeFilter takes = nullptr;
    bool takesSequences = false;
  };
  static std::string keyOf(llvm::StringRef domain, llvm::StringRef op) {
    return domain.empty() ? op.str() : (domain + ":" + op).str();
  }
  llvm::StringMap<Entry> entries;
};

// The families: each registers its handlers.
#define F(name) void register##name(HandlerRegistry &registry);
#include "lib/Import/Onnx/Ops/Families.def"

struct ImportOptions {
  /// Values that nodes of the main graph compute, by name: floats among them become further
  /// outputs of the entry.
  std::vector<std::string> taps;
  /// Counts the nodes that were not judged, because they depend on one that was refused.
  size_t *notJudged = nullptr;
};

/// A module with one `func.func @main` marked `run.entry`. Weights become resource blobs over
/// the model's mapped memory (they share ownership). Null if something of the model was
/// refused: there is an error diagnostic for each refused node, input and constant. What
/// depends on one is left out, as nothing can be said about it.
mlir::OwningOpRef<mlir::ModuleOp> importModel(const Model &model, mlir::MLIRContext *context,
                                              const ImportOptions &options = {});

/// The MLIR type of an ONNX element type; null if optc has none for it.
mlir::Type convertElemType(ElemType type, mlir::MLIRContext *context);
/// The ONNX element type of an MLIR one.
ElemType convertElemType(mlir::Type type);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_IMPORTER_H
