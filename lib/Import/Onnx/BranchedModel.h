//===- BranchedModel.h - branches whose results have no common type --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An If may give a value of rank 2 in one branch and of rank 3 in the other, which no tensor type
// holds. So all that needs the value is imported once per branch, as far as the outputs of the
// model. Of an output that ends with different ranks both branches give the elements in a row and
// the shape; the run makes one tensor of them.
//
//   c = ...; y = If(c) {squeeze(x)} {x}; z = Relu(y)     z is the output
//   =>
//   flat, shape = scf.if c { z0 = relu(squeeze(x)); yield reshape(z0, -1), shape_of(z0) }
//                 else     { z1 = relu(x);          yield reshape(z1, -1), shape_of(z1) }
//
// Often only one of the ranks can go on: what torch.squeeze becomes is `if size == 1 then
// squeeze(x) else x`, and a transpose or product behind it needs the rank of one of them. Then the
// model has that branch only, and the run ends with an error if the condition takes the other.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_BRANCHEDMODEL_H
#define OPTC_IMPORT_ONNX_BRANCHEDMODEL_H

#include "lib/Import/Onnx/ImportState.h"

namespace optc::onnximport {

/// A branch that is imported but has no op around it yet: no terminator, either. Or one that is
/// still to be imported, because what it has inside branches the model, too.
struct OpenBranch {
  mlir::Region *region;
  llvm::SmallVector<mlir::Value> results = {}; ///< of the node
  const Graph *graph = nullptr;                ///< if it is not imported
};

class BranchedModel {
public:
  BranchedModel(Importer &importer, const Node &node, mlir::Value condition)
      : importer(importer), b(importer.builder), node(node), condition(condition) {}

  /// `branches`: where the condition holds, where it does not; or the one that is taken. False if
  /// the rest of the model can not be imported twice: `why` tells, and nothing has changed.
  mlir::FailureOr<bool> run(llvm::MutableArrayRef<OpenBranch> branches, std::string &why);

private:
  /// What became of the rest in one branch.
  struct Version {
    bool isImported = false;
    llvm::SmallVector<mlir::Diagnostic, 0> errors;
    llvm::DenseMap<ValueId, mlir::Value> values;
    llvm::DenseMap<ValueId, Unranked> unranked;
  };

  bool importOnly(const Graph &branch);
  void sortRest();
  void importVersion(OpenBranch &branch, Version &version);
  mlir::LogicalResult joinVersions(llvm::MutableArrayRef<OpenBranch> branches,
                                   llvm::ArrayRef<Version> versions);
  /// Whether the rest is compiled for one version; else the other is a refusal, too.
  bool mayKeepOne(llvm::ArrayRef<OpenBranch> branches, const Version &other) const;
  void keepOnly(OpenBranch &branch, Version &version, bool where, Version &other);
  Unranked flatten(const Version &version, ValueId id);

  Importer &importer;
  nn::NNBuilder &b;
  const Node &node;
  mlir::Value condition;
  llvm::SmallVector<Step> before, behind; ///< the rest: without, with need of the results
  llvm::SmallVector<ValueId> made;        ///< what those behind make, and the node's results
  llvm::SmallVector<ValueId> wanted;      ///< what of it is an output or tapped
};

/// Whether an error says that the model breaks a rule, and not that optc lacks something: a branch
/// that is never taken may do so.
bool isInvalid(const mlir::Diagnostic &error);
/// Ends the branch that is being built: the types of its values are cast to `types`.
void yieldAs(nn::NNBuilder &b, mlir::ValueRange values, mlir::TypeRange types);
/// A type both values can be cast to; null if their ranks or elements differ.
mlir::RankedTensorType commonType(mlir::Value a, mlir::Value b);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_BRANCHEDMODEL_H
