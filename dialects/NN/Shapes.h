//===- Shapes.h - symbolic shapes ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which sizes of a model are equal. Every tensor size is an AffineExpr over symbols:
// a symbol stands for one run-time number, either a dimension of a value that nothing
// explains (an input's "batch", the count of a data-dependent result), an element of
// a small integer tensor (an input that holds a shape), or something computed from sizes
// that affine expressions can not say. Two sizes are known to be equal iff their
// expressions are the same object. Small integer tensors (ONNX shape arithmetic) carry their
// elements as such expressions, so that chains like Shape -> Gather -> Mul -> Concat ->
// Reshape are understood without being executed.
//
// Example: x : tensor<?x?x384> with dims "b", "s" has the shape (s0, s1, 384);
// reshape(x, [0, 0, 12, -1]) has (s0, s1, 12, 32), since 384*s0*s1 / (s0*s1*12) cancels.
//
// A joined size is what sizes have together that broadcast and are not known to be equal:
// the first of them that is not 1. It is one symbol however often and in whatever order
// they are joined. The lowering checks that each of them is 1 or the joined size, and lets
// operands broadcast when the model runs. What keeps joined sizes rare:
//   - a size that can not be 1 (2*s0, s0+2) is the result of every join it takes part in:
//     what it is joined with is 1 or that size;
//   - if an op that always runs requires a joined size to be one of its parts (the inner
//     sizes of a matrix product), then it is that part from where it was joined.
// Example: scores (b, 1, s, p+s) + mask (b, 1, s, t) has the last size join(p+s, t). The
// product with values (b, h, p+s, 64) requires it to be p+s. So it is; t is p+s or 1.
//
// A slice may be asked for more than there is, x[:300] of n rows: its size is the least of
// the two. Where a slice of computed length meets a tensor of just that length, as tables of
// positions do, it is taken to have it, which is checked. The same where a bound is computed
// and may be on either side of zero, x[-n:], which is all of x if n is 0.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_NN_SHAPES_H
#define OPTC_DIALECTS_NN_SHAPES_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <optional>
#include <utility>

namespace optc::nn {

using DimExpr = mlir::AffineExpr;
using Shape = llvm::SmallVector<DimExpr>;

/// Tensors with more elements have no symbolic contents.
constexpr int64_t maxContents = 64;

class SymbolicShapes {
public:
  explicit SymbolicShapes(mlir::MLIRContext *context) : context(context) {}

  /// What a symbol stands for.
  struct Symbol {
    enum class Kind {
      Dim,      ///< the size of dimension `index` of `value`
      Element,  ///< element `index` of `value` (row-major)
      Joined,   ///< the first of `parts` that is not 1, or 1
      Least,    ///< the least of `parts`, which are not negative
      Positive, ///< the one part, or 0 if it is negative
      /// The number of elements of a slice with a bound whose sign only the run knows. `parts`:
      /// the sliced size, start, end, a positive step, and the size if no bound is out of range.
      Sliced,
    };
    Kind kind = Kind::Dim;
    mlir::Value value = {};
    int64_t index = 0;
    std::string name = {}; // of an entry argument's dimension, else empty
    Shape parts = {};
  };

  mlir::MLIRContext *getContext() const { return context; }
  DimExpr constant(int64_t value) { return mlir::getAffineConstantExpr(value, context); }

  /// The shape of a ranked value. What inference has not set comes from the type: dynamic
  /// sizes become symbols of the value.
  const Shape &getShape(mlir::Value value);
  /// Sets the shape of a result. Sizes that its present type knows win over symbolic ones.
  void setShape(mlir::Value value, llvm::ArrayRef<DimExpr> shape);
  /// The symbol of dimension `dim` of `value`, for sizes only the data decides.
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

  const std::deque<Symbol> &getSymbols() const { return symbols; }
  /// The symbol a size is, or null if it is a constant or computed from others.
  const Symbol *getSymbol(DimExpr expr) const;
  /// Whether a size can be computed in front of `op`: all it is made of is defined outside.
  bool isKnownOutside(DimExpr expr, mlir::Operation *op) const;

  // Algebra. All results are simplified; equal values of products and quotients are found by
  // cancelling common factors.
  DimExpr add(DimExpr a, DimExpr b);
  DimExpr sum(llvm::ArrayRef<DimExpr> summands); ///< many of them in less time than one by one
  DimExpr sub(DimExpr a, DimExpr b);
  DimExpr mul(DimExpr a, DimExpr b);
  DimExpr floorDiv(DimExpr a, DimExpr b);
  DimExpr ceilDiv(DimExpr a, DimExpr b);
  DimExpr product(llvm::ArrayRef<DimExpr> factors);

  /// Whether an expression is a sum or product of sizes, which are never negative. Elements of
  /// integer tensors may be negative, so may differences.
  bool isNonNegative(DimExpr expr) const;
  /// A number that a size is never below, if there is one.
  std::optional<int64_t> getLowerBound(DimExpr expr) const;
  /// Whether a size can be 1, as far as is known.
  bool mayBeOne(DimExpr expr) const;
  /// The parts of a size that is a symbol of this kind; none for others.
  llvm::ArrayRef<DimExpr> getParts(DimExpr expr, Symbol::Kind kind) const;

  /// A size that may not be negative.
  DimExpr atLeastZero(DimExpr expr);
  /// The least of two sizes.
  DimExpr least(DimExpr a, DimExpr b);
  /// The number of elements of [start, end) by step, where bounds below zero count from the end;
  /// `wanted` if all are in range.
  DimExpr sliced(DimExpr dim, DimExpr start, DimExpr end, DimExpr step, DimExpr wanted);

  /// The size two broadcast sizes have together; null if they can not go together.
  DimExpr broadcast(DimExpr a, DimExpr b);
  /// Whether `size` may be 1 where `whole`, which it broadcasts to, is not.
  bool mayBroadcast(DimExpr size, DimExpr whole) const;
  /// numpy broadcasting of whole shapes; nothing if they can not go together.
  std::optional<Shape> broadcast(llvm::ArrayRef<DimExpr> a, llvm::ArrayRef<DimExpr> b);

  /// Called by an op's inference: it ends the run unless the two are equal.
  void requireEqual(DimExpr a, DimExpr b);
  /// Whether requireEqual has told something new since the last call: sizes inferred before
  /// may be simpler.
  bool takeLearned() { return std::exchange(hasLearned, false); }

  /// Runs the op's inference. Ops of other dialects have none.
  llvm::LogicalResult inferShapes(mlir::Operation *op);
  /// Writes what inference said into the result types of an op that has one.
  void refineTypes(mlir::Operation *op);
  /// Both, for an op that is new.
  llvm::LogicalResult infer(mlir::Operation *op);

  /// Turns a size into IR. `valueOf` gives what a symbol of a value stands for.
  mlir::OpFoldResult
  materialize(mlir::OpBuilder &builder, mlir::Location loc, DimExpr expr,
              llvm::function_ref<mlir::OpFoldResult(const Symbol &symbol)> valueOf) const;

private:
  DimExpr newSymbol(Symbol symbol);
  DimExpr simplify(DimExpr expr);
  /// The symbol of this kind and these parts.
  DimExpr combined(Symbol::Kind kind, Shape parts);
  DimExpr floorDivBy(DimExpr a, int64_t divisor);

  mlir::MLIRContext *context;
  llvm::DenseMap<mlir::Value, Shape> shapes;
  llvm::DenseMap<mlir::Value, Shape> contents;
  llvm::DenseMap<mlir::Value, Shape> dimSymbols, elementSymbols; // null where there is none yet
  llvm::StringMap<DimExpr> named;
  llvm::StringMap<DimExpr> combinations; // of sizes, by kind and text of the parts
  std::deque<Symbol> symbols;            // a deque: references stay valid
  bool runsAlways = false; // the op of the running inference, whenever its function does
  bool hasLearned = false;
};

/// The constant an expression is, if it is one.
std::optional<int64_t> getConstant(DimExpr expr);

/// Static size or ShapedType::kDynamic, per dimension.
llvm::SmallVector<int64_t> getTypeShape(llvm::ArrayRef<DimExpr> shape);

/// Analyses a whole function: names from `nn.dims` argument attributes, then every op in order,
/// loops until what they carry is stable. Result types are refined in place.
llvm::LogicalResult inferFunction(mlir::Operation *function, SymbolicShapes &shapes);

/// ONNX's count of a slice with a positive step: bounds below zero count from the end, then they
/// are cut to [0, size].
mlir::Value countSliced(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value size,
                        mlir::Value start, mlir::Value end, mlir::Value step);

/// Element `index` (row-major) of an integer tensor of static shape, as an index value.
mlir::Value extractElement(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor,
                           int64_t index);

// Implementations behind SymbolicShapeOpInterface and ReifyRankedShapedTypeOpInterface.
llvm::LogicalResult verifyInferredShapes(mlir::Operation *op);
llvm::LogicalResult reifyInferredShapes(mlir::Operation *op, mlir::OpBuilder &builder,
                                        mlir::ReifiedRankedShapedTypeDims &reified);

} // namespace optc::nn

#endif // OPTC_DIALECTS_NN_SHAPES_H
