//===- ImportState.h - the state of one import ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the walk over a model's nodes knows. Handlers see it through NodeImport only.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_IMPORTSTATE_H
#define OPTC_IMPORT_ONNX_IMPORTSTATE_H

#include "lib/Import/Onnx/Importer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace optc::onnximport {

/// An output whose rank only the run knows.
struct Unranked {
  mlir::Value flat;                 ///< its elements, tensor<?xT>
  mlir::Value shape;                ///< tensor<?xi64>
  llvm::SmallVector<int64_t> ranks; ///< all it may have
};

/// What is to be done next: the import of a node, or, behind the nodes of its branch, of its
/// results.
struct Step {
  const Node *node;
  const Graph *branch = nullptr;
};

/// Values by id, the shape analysis, the builder.
class Importer {
public:
  Importer(const Model &model, mlir::MLIRContext *context, const ImportOptions &options)
      : model(model), context(context), shapes(context), builder(context, shapes),
        options(options) {}

  mlir::OwningOpRef<mlir::ModuleOp> run();
  /// Fails if anything of the graph was refused or left out.
  mlir::LogicalResult importGraph(const Graph &graph);
  /// The constants of a graph; the steps to import its nodes are appended.
  void beginGraph(const Graph &graph, llvm::SmallVectorImpl<Step> &steps);
  /// In order; those of the model itself only until the rest is imported in branches.
  void importSteps(llvm::ArrayRef<Step> steps, bool areOfModel);
  /// Whether an import succeeds without a refusal. Errors are collected instead of told; after a
  /// failure nothing counts as refused that was not before.
  bool attempt(llvm::SmallVectorImpl<mlir::Diagnostic> &errors, llvm::function_ref<bool()> import);
  void setResult(const Node &node, size_t index, mlir::Value value);
  ValueType declaredType(ValueId id) const;
  bool isRefused(ValueId id) const { return refused.contains(id); }
  bool isTapped(ValueId id) const { return llvm::is_contained(options.taps, model.value(id).name); }
  /// ImportOptions::notJudged, or a place that nobody reads.
  size_t &notJudged() { return options.notJudged ? *options.notJudged : unread; }
  mlir::Location locOf(const Node &node) {
    return mlir::NameLoc::get(mlir::StringAttr::get(context, node.name));
  }

  const Model &model;
  mlir::MLIRContext *context;
  nn::SymbolicShapes shapes;
  nn::NNBuilder builder;
  llvm::DenseMap<ValueId, mlir::Value> values;
  llvm::DenseMap<ValueId, Unranked> unranked;
  /// Sequences have a number of elements that the import knows, and are nothing but these.
  llvm::DenseMap<ValueId, llvm::SmallVector<mlir::Value>> sequences;
  llvm::SmallVector<mlir::Value> iterations; ///< of the loops around what is imported
  /// What is left of the model behind the node that is imported; nothing inside of subgraphs.
  std::optional<llvm::ArrayRef<Step>> rest;
  /// A subgraph has a node whose branches have results of different ranks.
  bool isUnlikeInside = false;
  /// The rest of the model has been imported in branches.
  bool isBranched = false;
  /// How many branches of that kind are around.
  unsigned branchDepth = 0;

private:
  void importNode(const Node &node);
  void bindResults(const Node &node, const Graph &branch);
  mlir::LogicalResult tryNode(const Node &node);
  void importInitializer(const Initializer &initializer);
  void reportIfUnknown(const Node &node);
  void refuse(ValueId id);
  mlir::FailureOr<mlir::Type> convertInput(const ValueInfo &input);
  mlir::LogicalResult collectResults(llvm::SmallVectorImpl<ValueId> &ids,
                                     llvm::SmallVectorImpl<mlir::Value> &results);
  void annotate(mlir::func::FuncOp func, llvm::ArrayRef<ValueId> inputs,
                llvm::ArrayRef<ValueId> outputs, llvm::ArrayRef<mlir::Value> results);
  mlir::Attribute outputDims(const ValueInfo &output, mlir::Value value);

  const ImportOptions &options;
  /// Values without a meaning: of refused nodes and of all that depends on them.
  llvm::DenseSet<ValueId> refused;
  size_t refusals = 0, unread = 0;
  llvm::SmallPtrSet<const Node *, 4> unknown; ///< operators, reported
};

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_IMPORTSTATE_H
