//===- Builder.h - building nn ops ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds nn ops with inferred types and folds them on the way, for the importer and for
// passes that expand ops. A shape error inside emits its diagnostic and throws
// InferenceFailed, which the importer's loop over nodes and the frame of passes (Passes.h) catch;
// nothing else does.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_BUILDER_H
#define OPTC_DIALECTS_NN_BUILDER_H

#include "dialects/NN/NN.h"
#include "mlir/IR/Builders.h"

namespace optc::nn {

struct InferenceFailed {};

class NNBuilder : public mlir::OpBuilder {
public:
  NNBuilder(mlir::MLIRContext *context, SymbolicShapes &shapes)
      : OpBuilder(context), shapes(shapes), loc(getUnknownLoc()) {}

  SymbolicShapes &getShapes() { return shapes; }
  mlir::Location getLoc() const { return loc; }
  void setLoc(mlir::Location location) { loc = location; }

  /// Creates an op whose result has `elementType` and an inferred shape; folds it when it can.
  template <typename Op, typename... Args>
  mlir::Value make(mlir::Type elementType, Args &&...args) {
    auto op = Op::create(*this, loc, mlir::UnrankedTensorType::get(elementType),
                         std::forward<Args>(args)...);
    return finish(op)[0];
  }
  /// Infers the result types of a created op; the values that stand for its results.
  llvm::SmallVector<mlir::Value> finish(mlir::Operation *op);

  /// Erases an op and what is known of its values.
  void discard(mlir::Operation *op);
  /// The same for all ops of a region that has no owner yet.
  void discardRegion(mlir::Region &region);

  // Types.
  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  static mlir::Type elementOf(mlir::Value value) { return typeOf(value).getElementType(); }
  static int64_t rankOf(mlir::Value value) { return typeOf(value).getRank(); }
  /// A possibly negative axis as a dimension of `value`; emits an error when it is none.
  int64_t axisOf(mlir::Value value, int64_t axis);

  // Constants.
  mlir::Value constant(mlir::ElementsAttr value);
  mlir::Value ints(llvm::ArrayRef<int64_t> values);         // tensor<Nxi64>
  mlir::Value scalar(mlir::Type elementType, double value); // tensor<T>
  mlir::Value scalarLike(mlir::Value value, double x) { return scalar(elementOf(value), x); }

  // Elementwise.
  mlir::Value unary(UnaryKind kind, mlir::Value input);
  mlir::Value binary(BinaryKind kind, mlir::Value lhs, mlir::Value rhs);
  mlir::Value binary(BinaryKind kind, mlir::Value lhs, double rhs) {
    return binary(kind, lhs, scalarLike(lhs, rhs));
  }
  mlir::Value compare(ComparePredicate predicate, mlir::Value lhs, mlir::Value rhs);
  mlir::Value select(mlir::Value condition, mlir::Value lhs, mlir::Value rhs);
  mlir::Value convert(mlir::Value input, mlir::Type elementType);

  // Shapes.
  mlir::Value shapeOf(mlir::Value input);             // tensor<rank x i64>
  mlir::Value sizeOf(mlir::Value input, int64_t dim); // tensor<1xi64>
  mlir::Value reshape(mlir::Value input, mlir::Value shape, bool allowZero = false);
  mlir::Value reshape(mlir::Value input, llvm::ArrayRef<int64_t> shape);
  /// The input with sizes that are known otherwise (kDynamic: that are not): those that its type
  /// leaves open the run checks.
  mlir::Value withSizes(mlir::Value input, llvm::ArrayRef<int64_t> sizes);
  mlir::Value squeeze(mlir::Value input, llvm::ArrayRef<int64_t> dims);
  mlir::Value unsqueeze(mlir::Value input, llvm::ArrayRef<int64_t> dims); // of the result
  mlir::Value transpose(mlir::Value input, llvm::ArrayRef<int64_t> permutation);
  mlir::Value expand(mlir::Value input, mlir::Value shape);
  mlir::Value concat(mlir::ValueRange inputs, int64_t axis);
  mlir::Value slice(mlir::Value input, int64_t axis, mlir::Value start, mlir::Value end);
  /// With bounds that the input must have: the run ends if it is shorter. The largest `end` is
  /// that of the input.
  mlir::Value slice(mlir::Value input, int64_t axis, int64_t start, int64_t end);
  mlir::Value iota(mlir::Value count); // tensor<?xi64> of 0, 1, ... from a tensor<1xi64>

  // Reductions and indices.
  mlir::Value reduce(ReduceKind kind, mlir::Value input, llvm::ArrayRef<int64_t> axes,
                     bool keepDims = true);
  mlir::Value gather(mlir::Value input, mlir::Value indices, int64_t axis);
  mlir::Value gatherElements(mlir::Value input, mlir::Value indices, int64_t axis);

private:
  SymbolicShapes &shapes;
  mlir::Location loc;
};

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_BUILDER_H
