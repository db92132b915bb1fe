//===- Lowering.h - what the patterns share ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The base of all patterns of this conversion: converted types, sizes of results as IR,
// and checks. Operands that broadcast are in Broadcasting.h.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_LOWERING_H
#define OPTC_CONVERSION_NNTOLINALG_LOWERING_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/NN/NN.h"
#include "dialects/NN/SizeMaterializer.h"
#include "lib/IR/NodeNames.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace optc::nn {

/// i1 -> i8, unsigned -> signless, 4-bit -> i8, in tensors and as scalars of tensors.
class LoweredTypes : public mlir::TypeConverter {
public:
  LoweredTypes();
  /// The type of an element in memory.
  static mlir::Type element(mlir::Type type);
};

/// What all patterns share. `shapes` was computed before the conversion, on the nn ops.
struct LoweringState {
  SymbolicShapes &shapes;
  const LoweredTypes &types;
  /// Some op was refused; there is a diagnostic.
  bool isRefused = false;
  /// Ops are lowered in the order of the program.
  SizeValueCache sizeValues = {};
};

template <typename Op> class NNPattern : public mlir::OpConversionPattern<Op> {
public:
  NNPattern(mlir::MLIRContext *context, LoweringState &state)
      : mlir::OpConversionPattern<Op>(state.types, context), state(state) {}

protected:
  using Rewriter = mlir::ConversionPatternRewriter;
  LoweringState &state;

  SymbolicShapes &shapes() const { return state.shapes; }
  mlir::RankedTensorType lowered(mlir::Value original) const {
    return mlir::cast<mlir::RankedTensorType>(state.types.convertType(original.getType()));
  }
};

/// One size expression as an index value or constant at the rewriter's insertion point.
mlir::OpFoldResult lowerDim(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                            DimExpr dim, LoweringState &state);
mlir::Value lowerDimValue(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                          DimExpr dim, LoweringState &state);
/// All sizes of an nn value (not of a result that its own lowering computes).
llvm::SmallVector<mlir::OpFoldResult> lowerSizes(mlir::ConversionPatternRewriter &rewriter,
                                                 mlir::Location loc, mlir::Value original,
                                                 LoweringState &state);
/// A tensor.empty for an nn value, with its lowered element type (or another one).
mlir::Value createEmpty(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc,
                        mlir::Value original, LoweringState &state, mlir::Type element = {});
/// The tensor.empty of given sizes.
mlir::Value createEmpty(mlir::OpBuilder &builder, mlir::Location loc,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type element);

/// Emits a check that two sizes are equal, unless they are known to be. `what` is a message
/// without node name, with {0} and {1} for the two.
void requireEqual(mlir::ConversionPatternRewriter &rewriter, mlir::Location loc, DimExpr a,
                  DimExpr b, const llvm::Twine &what, LoweringState &state);
/// The check of a condition.
void require(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value condition,
             const llvm::Twine &what, mlir::ValueRange values);
mlir::Value areEqual(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b);

/// tensor.cast to a type where it differs.
mlir::Value castTo(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value,
                   mlir::RankedTensorType type);

/// Element `position` of a lowered integer tensor as an index.
mlir::Value extractIndex(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor,
                         int64_t position);

// The families: one populate function each.
#define F(name) void populate##name(mlir::RewritePatternSet &patterns, LoweringState &state);
#include "lib/Conversion/NNToLinalg/Families.def"

} // namespace optc::nn

#endif // OPTC_CONVERSION_NNTOLINALG_LOWERING_H
