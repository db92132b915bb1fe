//===- LaneProduct.h - sums of products of narrow numbers -----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hot step of a contraction of bf16 or bytes: every lane of 32 bits adds the products of
// neighbouring numbers of the data with as many of the weight to its sum. Where the CPU has an
// instruction for it, that is one pass over the operands; elsewhere they are taken apart, and each
// pass is about some of the numbers.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_KERNELS_LANEPRODUCT_H
#define OPTC_TARGET_CPU_KERNELS_LANEPRODUCT_H

#include "lib/Target/Host/CpuLevel.h"
#include "mlir/IR/Builders.h"

namespace optc::cpu {

class LaneProduct {
public:
  LaneProduct(mlir::Location loc, const CpuLevel &level, int64_t lanes)
      : loc(loc), level(level), lanes(lanes) {}
  virtual ~LaneProduct() = default;

  /// How often the step goes over the operands.
  virtual unsigned getPasses() const = 0;
  /// The numbers at `index` of a buffer, in every lane.
  virtual mlir::Value broadcast(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                                unsigned pass) const = 0;
  /// Numbers for each lane, from `index` on.
  virtual mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                           unsigned pass) const = 0;
  /// sum + products of a pass.
  virtual mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right,
                                  mlir::Value sum) const = 0;
  /// Whether sums are too large, by sums of the weight alone, the same for all rows.
  virtual bool hasExcess() const { return false; }
  /// What stands for the data, as `broadcast` makes it, in the sums of the excess.
  virtual mlir::Value getExcess(mlir::OpBuilder &) const { return {}; }

protected:
  mlir::Location loc;
  const CpuLevel &level;
  int64_t lanes;
};

/// f32 += bf16 * bf16, two at a time. In two passes, over the first numbers of all pairs and over
/// the second ones, where nothing multiplies pairs: a bf16 is the upper half of an f32. The data
/// may be f32 then.
class PairProduct final : public LaneProduct {
public:
  using LaneProduct::LaneProduct;

  unsigned getPasses() const override { return isDot() ? 1 : 2; }
  mlir::Value broadcast(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        unsigned pass) const override;
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                   unsigned pass) const override;
  mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right,
                          mlir::Value sum) const override;

private:
  mlir::Value loadPairs(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        int64_t count) const;
  /// Pairs, as i32, in the form multiplyAdd takes.
  mlir::Value prepare(mlir::OpBuilder &builder, mlir::Value pairs, unsigned pass) const;

  bool isDot() const { return level.can(MultipliesBf16Pairs); }
};

/// i32 += i8 * i8, four at a time, each operand with or without a sign; exact, and it wraps where
/// i32 does.
///
/// x86 multiplies unsigned data with a signed weight, aarch64 both of one sign. Of data that are
/// not of the wanted sign the top bit is flipped, which makes them 128 larger or smaller; that
/// times the sum of the weight is the excess. What that does not help goes in passes: x86 sums
/// pairs of 16 bits, so that two passes take every other byte; elsewhere there is one for each of
/// the four.
class ByteProduct final : public LaneProduct {
public:
  ByteProduct(mlir::Location loc, const CpuLevel &level, int64_t lanes, bool isLeftUnsigned,
              bool isRightUnsigned)
      : LaneProduct(loc, level, lanes), isLeftUnsigned(isLeftUnsigned),
        isRightUnsigned(isRightUnsigned) {}

  unsigned getPasses() const override;
  mlir::Value broadcast(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        unsigned pass) const override;
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                   unsigned pass) const override;
  mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right,
                          mlir::Value sum) const override;
  bool hasExcess() const override { return flipsLeft(); }
  mlir::Value getExcess(mlir::OpBuilder &builder) const override;

  /// Four bytes for each of `count` lanes, as i32.
  mlir::Value loadBytes(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        int64_t count) const;
  /// Bytes of the weight in the form that multiplyAdd takes.
  mlir::Value prepare(mlir::OpBuilder &builder, mlir::Value bytes, unsigned pass) const;

private:
  /// How the products of a step are made.
  enum class Form { Dot, Pairs, Singles };

  Form getForm() const;
  /// Whether the signs of data are flipped.
  bool flipsLeft() const;
  /// Of i32 that hold four bytes each, those of a pass, widened.
  mlir::Value widen(mlir::OpBuilder &builder, mlir::Value bytes, bool isUnsigned,
                    unsigned pass) const;

  bool isLeftUnsigned, isRightUnsigned;
};

/// How the codes of a weight lie.
struct CodeForm {
  unsigned bits;
  int64_t plane;                        ///< bytes of a block
  llvm::ArrayRef<int8_t> codebook = {}; ///< the bytes that codes stand for, if they do

  /// Bits of what is multiplied, without a sign.
  unsigned getValueBits() const {
    bool isWhole = llvm::any_of(codebook, [](int8_t value) { return value < 0; });
    return codebook.empty() ? bits : isWhole ? 8 : 7;
  }
};

/// The products of codes of `bits` bits with bytes that have a sign, to i32, or with f32, to f32.
/// The codes are the weight, in planes: a byte holds in its lowest bits the code of the datum at
/// its own place, in the next ones that of the datum `plane` later, and so on.
///
/// Codes have no sign, which suits x86 as the other operand; below 8 bits their pairs fit 16 bits.
/// Elsewhere a plane is a weight of bytes. What a codebook has for codes are bytes.
class BlockProduct final : public LaneProduct {
public:
  BlockProduct(mlir::Location loc, const CpuLevel &level, int64_t lanes, const CodeForm &form,
               bool isFloat)
      : LaneProduct(loc, level, lanes), form(form), isFloat(isFloat),
        valueBits(form.getValueBits()),
        bytes(loc, level, lanes, /*isLeftUnsigned=*/false, /*isRightUnsigned=*/valueBits == 8) {}

  unsigned getPasses() const override { return 8 / form.bits * getInnerPasses(); }
  mlir::Value broadcast(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                        unsigned pass) const override;
  mlir::Value load(mlir::OpBuilder &builder, mlir::Value flat, mlir::Value index,
                   unsigned pass) const override;
  mlir::Value multiplyAdd(mlir::OpBuilder &builder, mlir::Value left, mlir::Value right,
                          mlir::Value sum) const override;

private:
  enum class Form { Floats, Dot, BytePairs, Bytes };

  Form getForm() const;
  /// Passes over one plane.
  unsigned getInnerPasses() const;

  /// Of every lane the bits from `shift` on, by a mask of them.
  mlir::Value takeBits(mlir::OpBuilder &builder, mlir::Value codes, unsigned shift,
                       uint32_t mask) const;

  CodeForm form;
  bool isFloat;
  unsigned valueBits; ///< of what is multiplied
  /// How bytes are multiplied, and loaded.
  ByteProduct bytes;
};

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_KERNELS_LANEPRODUCT_H
