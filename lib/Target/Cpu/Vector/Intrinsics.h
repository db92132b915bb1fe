//===- Intrinsics.h - instructions that only some CPUs have ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only file of emitters that names instructions of an architecture. What a level can do at all
// is in lib/Support/CpuLevels.def; here is for how many lanes, and how it is written.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_VECTOR_INTRINSICS_H
#define OPTC_TARGET_CPU_VECTOR_INTRINSICS_H

#include "lib/Support/Cpu.h"
#include "mlir/IR/Builders.h"
#include <optional>

namespace optc::cpu {

/// Whether the level has this for vectors of so many f32.
bool hasIntrinsic(const CpuLevel &level, CpuCapability capability, int64_t lanes);

/// sum + first * first + second * second of each lane's pair of bf16 in `left` and `right`.
mlir::Value addPairProducts(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                            mlir::Value sum, mlir::Value left, mlir::Value right);

/// Of what signs the operands of addByteProducts are.
struct ByteSigns {
  bool isLeftUnsigned, isRightUnsigned;
};

/// The signs for vectors of so many i32; nothing if there are no such products.
std::optional<ByteSigns> getByteSigns(const CpuLevel &level, int64_t lanes);

/// sum + the four products of each lane's bytes; all are vectors of i32.
mlir::Value addByteProducts(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                            mlir::Value sum, mlir::Value left, mlir::Value right);

/// The sums, as i32, of the two products of each lane's pair of i16.
mlir::Value multiplyShortPairs(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                               mlir::Value left, mlir::Value right);

/// The sums, as i16, of the two products of neighbouring bytes, of which those of `left` have no
/// sign and those of `right` have one; sums that i16 does not hold saturate. The operands are
/// vectors of i32.
mlir::Value multiplyBytePairs(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                              mlir::Value left, mlir::Value right);

/// Each byte of `places`, which is below 16, replaced by the byte at that place in `table`, of at
/// most 16. Vectors of i32.
mlir::Value lookUpBytes(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                        llvm::ArrayRef<int8_t> table, mlir::Value places);

/// What one instruction finds in a table in registers. x86, words: {table, places}, or {first half,
/// places, second half}, for 8 or 16 lanes of i32. aarch64, bytes: {four parts, places}.
mlir::Value permuteWords(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                         mlir::ValueRange operands);

/// Of each i32, which is below 256, the byte at that place in a table of 256. Vectors of any
/// length, or a number.
mlir::Value lookUpTable(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                        llvm::ArrayRef<int8_t> table, mlir::Value places);

/// A vector of f32 or f64 to i32, to nearest with halves to even, where i32 holds all of it. Any
/// number of lanes; only at levels that have ConvertsRounded.
mlir::Value roundToI32(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);

/// f32 to bf16, to nearest. In parts where no instruction takes all of them; null where some would
/// be left over.
mlir::Value roundToBf16(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                        mlir::Value wide);

/// 1 / x to 14 bits.
mlir::Value estimateInverse(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                            mlir::Value x);

/// x * 2^n, n being whole; rounded once, also where 2^n or the result is subnormal or infinite.
mlir::Value scaleByPower(mlir::OpBuilder &builder, mlir::Location loc, const CpuLevel &level,
                         mlir::Value x, mlir::Value n);

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_VECTOR_INTRINSICS_H
