//===- VectorizeBody.h - scalar region bodies at vector type -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clones the scalar body of an elementwise region (a linalg body, an epilogue) so that it
// computes `lanes` neighbouring elements at once. Shared by all emitters of the CPU target.
//
// A value of the scalar body becomes one of three kinds of LaneValue:
//   Uniform  one scalar, the same in all lanes (a constant, a broadcast operand);
//   Linear   an index or i64 whose lane i is `value + i` (the position along the row);
//   Vector   a vector<lanes x type>.
// Ops on uniform values stay scalar, so loop-invariant parts of a body cost nothing per
// lane, and a load whose last index is Linear becomes one contiguous vector load. With
// lanes = 1 everything is Uniform: the clone is the scalar body itself.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_VECTOR_VECTORIZEBODY_H
#define OPTC_TARGET_CPU_VECTOR_VECTORIZEBODY_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace optc::cpu {

struct LaneValue {
  enum Kind { Uniform, Linear, Vector };
  Kind kind = Uniform;
  mlir::Value value;

  static LaneValue uniform(mlir::Value v) { return {Uniform, v}; }
  static LaneValue linear(mlir::Value lane0) { return {Linear, lane0}; }
  static LaneValue vector(mlir::Value v) { return {Vector, v}; }
};

/// How a body is vectorized.
struct LaneContext {
  int64_t lanes = 1;
  /// Active lanes, vector<lanes x i1>, or null for all. Only memory accesses heed it.
  mlir::Value mask;
  /// The value of `linalg.index dim`; null where the body has none.
  llvm::function_ref<LaneValue(int64_t dim)> index;
};

/// Whether a value of this type can be a vector element (floats and integers of 8 bits or
/// more, index, and i1 that never touches memory).
bool isVectorElement(mlir::Type type);

/// Whether `vectorizeBody` will succeed when the block arguments and `linalg.index` have
/// these kinds. Says why not in `reason`.
bool canVectorizeBody(mlir::Block &body, llvm::ArrayRef<LaneValue::Kind> args,
                      llvm::function_ref<LaneValue::Kind(int64_t dim)> index,
                      llvm::StringRef *reason = nullptr);

/// Bits of the widest element (8 to 64) that such a body, which can be vectorized, keeps in
/// vectors.
unsigned widestLane(mlir::Block &body, llvm::ArrayRef<LaneValue::Kind> args,
                    llvm::function_ref<LaneValue::Kind(int64_t dim)> index);

/// canVectorizeBody with all arguments vectors and no `linalg.index`: what epilogues ask.
bool canVectorizeBody(mlir::Block &body, llvm::StringRef *reason = nullptr);

/// Clones the body at `builder` and returns the operands of its terminator. Values defined
/// outside the body are used as they are (they are Uniform). With lanes > 1 the body must
/// have passed canVectorizeBody.
llvm::SmallVector<LaneValue> vectorizeBody(mlir::OpBuilder &builder, mlir::Block &body,
                                           llvm::ArrayRef<LaneValue> args,
                                           const LaneContext &context);

/// The same for several sets of arguments at once, op by op in turns: results that wait for each
/// other are far apart then, and the CPU sees others it can go on with.
llvm::SmallVector<llvm::SmallVector<LaneValue>>
vectorizeBodies(mlir::OpBuilder &builder, mlir::Block &body,
                llvm::ArrayRef<llvm::SmallVector<LaneValue>> args,
                llvm::ArrayRef<LaneContext> contexts);

/// The value as vector<lanes x type>; the scalar itself when lanes = 1.
mlir::Value toVector(mlir::OpBuilder &builder, mlir::Location loc, LaneValue value, int64_t lanes);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_VECTOR_VECTORIZEBODY_H
