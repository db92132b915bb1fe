//===- Shapes.h - symbolic shapes ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which sizes of a model are equal. Every tensor size is an AffineExpr over symbols:
// a symbol stands for one run-time number, either a dimension of a value that nothing
// explains (an input's "batch", the count of a data-dependent result) or an element of
// a small integer tensor (an input that holds a shape). Two sizes are known to be equal
// iff their expressions are the same object. Small integer tensors (ONNX shape
// arithmetic) carry their elements as such expressions, so that chains like
// Shape -> Gather -> Mul -> Concat -> Reshape are understood without being executed.
//
// Example: x : tensor<?x?x384> with dims "b", "s" has the shape (s0, s1, 384);
// reshape(x, [0, 0, 12, -1]) has (s0, s1, 12, 32), since 384*s0*s1 / (s0*s1*12) cancels.
//
// Where broadcasting must hold between two sizes that are not known to be equal, they
// are assumed to be (never to be 1), and the lowering checks it at run time.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_SHAPES_H
#define OPTC_DIALECTS_NN_SHAPES_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <optional>

namespace optc::nn {

using DimExpr = mlir::AffineExpr;
using Shape = llvm::SmallVector<DimExpr>;

/// Tensors with more elements have no symbolic contents.
constexpr int64_t maxContents = 64;

class SymbolicShapes {
public:
  explicit SymbolicShapes(mlir::MLIRContext *context) : context(context) {}

  /// What a symbol stands for: `size of dimension index of value`, or `element index of
  /// value` (row-major).
  struct Symbol {
    mlir::Value value;
    bool isElement;
    int64_t index;
    std::string name; // of an entry argument's dimension, else empty
  };

  mlir::MLIRContext *getContext() const { return context; }
  DimExpr constant(int64_t value) { return mlir::getAffineConstantExpr(value, context); }

  /// The shape of a ranked value. What inference has not set comes from the type: dynamic
  /// sizes become symbols of the value.
  const Shape &getShape(mlir::Value value);
  /// Sets the shape of a result. Sizes that its present type knows win over symbolic ones.
  void setShape(mlir::Value value, llvm::ArrayRef<DimExpr> shape);
  /// A new symbol for dimension `dim` of `value`, for sizes only the data decides.
  DimExpr unknownDim(mlir::Value value, int64_t dim);

  /// The elements of a small integer tensor (of static shape), or nothing. Elements that are
  /// not known become symbols, so the answer depends on the shape only.
  std::optional<Shape> getContents(mlir::Value value);
  /// The elements only if all are known constants.
  std::optional<llvm::SmallVector<int64_t>> getConstantContents(mlir::Value value);
  void setContents(mlir::Value value, llvm::ArrayRef<DimExpr> elements);
  /// Whether setContents gave this value its elements (and they are not merely its own symbols).
  bool hasDerivedContents(mlir::Value value);

  /// Drops what is known of a value that is about to be erased.
  void forget(mlir::Value value);

  /// Gives a dimension of an entry argument its name: equal names are equal sizes.
  void nameDim(mlir::Value value, int64_t dim, llvm::StringRef name);

  llvm::ArrayRef<Symbol> getSymbols() const { return symbols; }

  // Algebra. All results are simplified; equal values of products and quotients are found by
  // cancelling common factors.
  DimExpr add(DimExpr a, DimExpr b);
  DimExpr sub(DimExpr a, DimExpr b);
  DimExpr mul(DimExpr a, DimExpr b);
  DimExpr floorDiv(DimExpr a, DimExpr b);
  DimExpr ceilDiv(DimExpr a, DimExpr b);
  DimExpr product(llvm::ArrayRef<DimExpr> factors);

  /// Whether an expression is a sum or product of sizes, which are never negative. Elements of
  /// integer tensors may be negative, so may differences.
  bool isNonNegative(DimExpr expr) const;

  /// The size two broadcast sizes have together; null if they can not go together. Sizes not
  /// known to be equal are taken for equal, see above.
  DimExpr broadcast(DimExpr a, DimExpr b);
  /// numpy broadcasting of whole shapes; nothing if they can not go together.
  std::optional<Shape> broadcast(llvm::ArrayRef<DimExpr> a, llvm::ArrayRef<DimExpr> b);

  /// Runs the op's inference and writes the shapes into its result types. Ops of other dialects
  /// keep their types.
  llvm::LogicalResult infer(mlir::Operation *op);

private:
  DimExpr newSymbol(mlir::Value value, bool isElement, int64_t index, llvm::StringRef name = {});

  mlir::MLIRContext *context;
  llvm::DenseMap<mlir::Value, Shape> shapes;
  llvm::DenseMap<mlir::Value, Shape> contents;
  llvm::DenseMap<mlir::Value, Shape> elementSymbols;
  llvm::StringMap<DimExpr> named;
  std::vector<Symbol> symbols;
};

/// The constant an expression is, if it is one.
std::optional<int64_t> getConstant(DimExpr expr);

/// Static size or ShapedType::kDynamic, per dimension.
llvm::SmallVector<int64_t> getTypeShape(llvm::ArrayRef<DimExpr> shape);

/// Analyses a whole function: names from `nn.dims` argument attributes, then every op in order.
/// Result types are refined in place.
llvm::LogicalResult inferFunction(mlir::Operation *function, SymbolicShapes &shapes);

/// Turns a size into IR. `valueOf` maps a symbol to an index value (or constant).
mlir::OpFoldResult
materializeDim(mlir::OpBuilder &builder, mlir::Location loc, DimExpr expr,
               llvm::function_ref<mlir::OpFoldResult(unsigned symbol)> valueOf);

/// Element `index` (row-major) of an integer tensor of static shape, as an index value.
mlir::Value extractElement(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor,
                           int64_t index);

// Implementations behind SymbolicShapeOpInterface and ReifyRankedShapedTypeOpInterface.
llvm::LogicalResult verifyInferredShapes(mlir::Operation *op);
llvm::LogicalResult reifyInferredShapes(mlir::Operation *op, mlir::OpBuilder &builder,
                                        mlir::ReifiedRankedShapedTypeDims &shapes);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_SHAPES_H
