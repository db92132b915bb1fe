//===- LoopNest.cpp - memrefs seen from a loop nest -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LoopNest.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/LoopNest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

OpFoldResult cpu::mulIndex(OpBuilder &builder, Location loc, OpFoldResult lhs, OpFoldResult rhs) {
  std::optional<int64_t> a = getConstantIntValue(lhs), b = getConstantIntValue(rhs);
  if (a && b)
    return builder.getIndexAttr(*a * *b);
  if ((a && *a == 0) || (b && *b == 0))
    return builder.getIndexAttr(0);
  if (a && *a == 1)
    return rhs;
  if (b && *b == 1)
    return lhs;
  return arith::MulIOp::create(builder, loc, indexValue(builder, loc, lhs),
                               indexValue(builder, loc, rhs), arith::IntegerOverflowFlags::nsw)
      .getResult();
}

OpFoldResult cpu::addIndex(OpBuilder &builder, Location loc, OpFoldResult lhs, OpFoldResult rhs) {
  std::optional<int64_t> a = getConstantIntValue(lhs), b = getConstantIntValue(rhs);
  if (a && b)
    return builder.getIndexAttr(*a + *b);
  if (a && *a == 0)
    return rhs;
  if (b && *b == 0)
    return lhs;
  return arith::AddIOp::create(builder, loc, indexValue(builder, loc, lhs),
                               indexValue(builder, loc, rhs), arith::IntegerOverflowFlags::nsw)
      .getResult();
}

OpFoldResult cpu::ceilDivIndex(OpBuilder &builder, Location loc, OpFoldResult lhs, int64_t rhs) {
  if (rhs == 1)
    return lhs;
  if (std::optional<int64_t> a = getConstantIntValue(lhs))
    return builder.getIndexAttr(llvm::divideCeil(*a, rhs));
  Value sum = indexValue(builder, loc, addIndex(builder, loc, lhs, builder.getIndexAttr(rhs - 1)));
  Value divisor = arith::ConstantIndexOp::create(builder, loc, rhs);
  return arith::DivUIOp::create(builder, loc, sum, divisor).getResult();
}

/// `fold` of two constants, else an op of them.
template <typename Op, typename Fold>
static OpFoldResult foldOrCreate(OpBuilder &builder, Location loc, OpFoldResult lhs,
                                 OpFoldResult rhs, Fold fold) {
  std::optional<int64_t> a = getConstantIntValue(lhs), b = getConstantIntValue(rhs);
  if (a && b)
    return builder.getIndexAttr(fold(*a, *b));
  return Op::create(builder, loc, indexValue(builder, loc, lhs), indexValue(builder, loc, rhs))
      .getResult();
}

OpFoldResult cpu::minIndex(OpBuilder &builder, Location loc, OpFoldResult lhs, OpFoldResult rhs) {
  return foldOrCreate<arith::MinUIOp>(builder, loc, lhs, rhs,
                                      [](int64_t a, int64_t b) { return std::min(a, b); });
}

OpFoldResult cpu::maxIndex(OpBuilder &builder, Location loc, OpFoldResult lhs, OpFoldResult rhs) {
  return foldOrCreate<arith::MaxUIOp>(builder, loc, lhs, rhs,
                                      [](int64_t a, int64_t b) { return std::max(a, b); });
}

OpFoldResult cpu::floorDivIndex(OpBuilder &builder, Location loc, OpFoldResult lhs,
                                OpFoldResult rhs) {
  return foldOrCreate<arith::DivUIOp>(builder, loc, lhs, rhs,
                                      [](int64_t a, int64_t b) { return a / b; });
}

OpFoldResult cpu::ceilDivIndex(OpBuilder &builder, Location loc, OpFoldResult lhs,
                               OpFoldResult rhs) {
  if (std::optional<int64_t> known = getConstantIntValue(rhs))
    return ceilDivIndex(builder, loc, lhs, *known);
  return arith::CeilDivUIOp::create(builder, loc, indexValue(builder, loc, lhs),
                                    indexValue(builder, loc, rhs))
      .getResult();
}

Value cpu::indexValue(OpBuilder &builder, Location loc, OpFoldResult value) {
  return getValueOrCreateConstantIndexOp(builder, loc, value);
}

/// Adds the coefficients of `expr` times `scale` to `coefficients` (one per dim, then the
/// constant). False when it is not linear.
static bool addLinear(AffineExpr expr, int64_t scale, MutableArrayRef<int64_t> coefficients) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    coefficients[dim.getPosition()] += scale;
    return true;
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    coefficients.back() += scale * constant.getValue();
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), scale, coefficients) &&
           addLinear(binary.getRHS(), scale, coefficients);
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() != AffineExprKind::Mul || !factor)
    return false;
  return addLinear(binary.getLHS(), scale * factor.getValue(), coefficients);
}

namespace {

/// Strides of one memref, and what its map says.
struct OperandBuilder {
  OpBuilder &builder;
  Location loc;
  NestOperandSpec spec;
  MemRefType type;
  /// [memref dim][loop dim, then the constant].
  SmallVector<SmallVector<int64_t>> coefficients;

  LogicalResult parse() {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)))
      return failure();
    for (AffineExpr expr : spec.map.getResults()) {
      SmallVector<int64_t> row(spec.map.getNumDims() + 1, 0);
      if (!addLinear(expr, 1, row))
        return failure();
      coefficients.push_back(std::move(row));
    }
    return success();
  }

  NestOperand build() {
    SmallVector<int64_t> staticStrides;
    int64_t staticOffset;
    (void)type.getStridesAndOffset(staticStrides, staticOffset);
    memref::ExtractStridedMetadataOp metadata;
    if (!type.hasStaticShape() || ShapedType::isDynamicShape(staticStrides) ||
        ShapedType::isDynamic(staticOffset))
      metadata = memref::ExtractStridedMetadataOp::create(builder, loc, spec.memref);
    auto value = [&](int64_t constant, auto get) -> OpFoldResult {
      return ShapedType::isDynamic(constant) ? OpFoldResult(get()) : builder.getIndexAttr(constant);
    };
    OpFoldResult offset = value(staticOffset, [&] { return metadata.getOffset(); });
    OpFoldResult extent = builder.getIndexAttr(coefficients.empty() ? 1 : 0);
    NestOperand operand{spec.memref, {}, type.getElementType(), spec.output, {}};
    operand.strides.assign(spec.map.getNumDims(), builder.getIndexAttr(0));
    for (size_t p = 0; p < coefficients.size(); ++p) {
      ArrayRef<int64_t> row = coefficients[p];
      OpFoldResult stride = value(staticStrides[p], [&] { return metadata.getStrides()[p]; });
      OpFoldResult size = value(type.getDimSize(p), [&] { return metadata.getSizes()[p]; });
      if (p == 0 || !type.getLayout().isIdentity())
        extent = addIndex(builder, loc, extent, mulIndex(builder, loc, stride, size));
      for (auto [d, coefficient] : llvm::enumerate(row.drop_back()))
        operand.strides[d] =
            addIndex(builder, loc, operand.strides[d], scaled(stride, coefficient));
      offset = addIndex(builder, loc, offset, scaled(stride, row.back()));
    }
    operand.flat = flatten(offset, extent);
    return operand;
  }

  OpFoldResult scaled(OpFoldResult stride, int64_t factor) {
    return mulIndex(builder, loc, stride, builder.getIndexAttr(factor));
  }

  Value flatten(OpFoldResult offset, OpFoldResult extent) {
    std::optional<int64_t> constant = getConstantIntValue(offset);
    auto layout = StridedLayoutAttr::get(builder.getContext(),
                                         constant ? *constant : ShapedType::kDynamic, {1});
    auto flatType = MemRefType::get({getConstantIntValue(extent).value_or(ShapedType::kDynamic)},
                                    type.getElementType(), layout, type.getMemorySpace());
    return memref::ReinterpretCastOp::create(builder, loc, flatType, spec.memref, offset,
                                             ArrayRef<OpFoldResult>{extent},
                                             ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
  }

  /// The memref dim that is exactly this loop dim, or -1.
  int64_t dimOf(unsigned loopDim) const {
    int64_t found = -1;
    for (auto [p, row] : llvm::enumerate(coefficients)) {
      if (row[loopDim] == 0)
        continue;
      bool plain = row[loopDim] == 1 && row.back() == 0 &&
                   llvm::count_if(row, [](int64_t c) { return c != 0; }) == 1;
      if (!plain || found >= 0)
        return -1;
      found = p;
    }
    return found;
  }

  /// Whether loop dims (outer, inner) are memref dims of which one row-major block follows
  /// the other, so that stride(outer) = stride(inner) * size(inner).
  bool nests(unsigned outer, unsigned inner) const {
    int64_t p = dimOf(outer), q = dimOf(inner);
    if (p < 0 || q < 0 || p >= q)
      return false;
    if (type.getLayout().isIdentity())
      return llvm::all_of(llvm::seq<int64_t>(p + 1, q),
                          [&](int64_t i) { return type.getDimSize(i) == 1; });
    return false;
  }
};

} // namespace

/// The size of a loop dim: that of a memref dim that is exactly this dim.
static OpFoldResult findSize(OpBuilder &builder, Location loc, ArrayRef<OperandBuilder> operands,
                             unsigned dim) {
  const OperandBuilder *dynamic = nullptr;
  for (const OperandBuilder &operand : operands) {
    int64_t p = operand.dimOf(dim);
    if (p >= 0 && !operand.type.isDynamicDim(p))
      return builder.getIndexAttr(operand.type.getDimSize(p));
    if (p >= 0 && !dynamic)
      dynamic = &operand;
  }
  if (!dynamic)
    return {};
  return memref::DimOp::create(builder, loc, dynamic->spec.memref, dynamic->dimOf(dim)).getResult();
}

FailureOr<LoopNest> LoopNest::get(OpBuilder &builder, Location loc,
                                  ArrayRef<NestOperandSpec> operands,
                                  const llvm::SmallBitVector &reductions,
                                  ArrayRef<OpFoldResult> knownSizes) {
  SmallVector<OperandBuilder> builders;
  for (const NestOperandSpec &spec : operands) {
    auto type = dyn_cast<MemRefType>(spec.memref.getType());
    if (!type)
      return failure();
    builders.push_back({builder, loc, spec, type, {}});
    if (failed(builders.back().parse()))
      return failure();
  }
  unsigned rank = reductions.size();
  auto isKnown = [&](unsigned d) { return !knownSizes.empty() && knownSizes[d]; };
  for (unsigned d = 0; d < rank; ++d)
    if (!isKnown(d) &&
        llvm::none_of(builders, [&](auto &operand) { return operand.dimOf(d) >= 0; }))
      return failure();
  LoopNest nest;
  for (unsigned d = 0; d < rank; ++d) {
    OpFoldResult size = isKnown(d) ? knownSizes[d] : findSize(builder, loc, builders, d);
    nest.dims.push_back({size, reductions[d], d});
  }
  for (OperandBuilder &operand : builders) {
    nest.operands.push_back(operand.build());
    SmallVector<llvm::SmallBitVector> pairs(rank, llvm::SmallBitVector(rank));
    for (unsigned a = 0; a < rank; ++a)
      for (unsigned b = 0; b < rank; ++b)
        pairs[a][b] = operand.nests(a, b);
    nest.nested.push_back(std::move(pairs));
  }
  return nest;
}

bool LoopNest::isNested(unsigned operand, unsigned outer, unsigned inner) const {
  std::optional<int64_t> a = staticStride(operands[operand], outer);
  std::optional<int64_t> b = staticStride(operands[operand], inner);
  std::optional<int64_t> size = staticSize(inner);
  if (a && b && *a == 0 && *b == 0)
    return true;
  return (a && b && size && *a == *b * *size) || nested[operand][outer][inner];
}

bool LoopNest::canMerge(unsigned outer, unsigned inner) const {
  return outer != inner && dims[outer].reduction == dims[inner].reduction &&
         llvm::all_of(llvm::seq<unsigned>(0, operands.size()),
                      [&](unsigned i) { return isNested(i, outer, inner); });
}

void LoopNest::erase(unsigned dim) {
  dims.erase(dims.begin() + dim);
  for (auto [operand, pairs] : llvm::zip_equal(operands, nested)) {
    operand.strides.erase(operand.strides.begin() + dim);
    pairs.erase(pairs.begin() + dim);
    for (llvm::SmallBitVector &row : pairs) {
      for (unsigned i = dim; i + 1 < row.size(); ++i)
        row[i] = row[i + 1];
      row.resize(row.size() - 1);
    }
  }
}

SmallVector<Value> LoopNest::advance(OpBuilder &builder, Location loc, ValueRange offsets,
                                     ArrayRef<unsigned> along, ValueRange positions) const {
  SmallVector<Value> moved;
  for (auto [operand, offset] : llvm::zip_equal(operands, offsets)) {
    OpFoldResult sum = offset;
    for (auto [dim, position] : llvm::zip_equal(along, positions))
      sum = addIndex(builder, loc, sum, mulIndex(builder, loc, position, operand.strides[dim]));
    moved.push_back(indexValue(builder, loc, sum));
  }
  return moved;
}

void LoopNest::simplify(OpBuilder &builder, Location loc, const llvm::SmallBitVector &fixed) {
  for (unsigned d = dims.size(); d-- > 0;)
    if (staticSize(d) == 1)
      erase(d);
  auto isFixed = [&](unsigned d) { return dims[d].iterator >= 0 && fixed[dims[d].iterator]; };
  auto mergeOnce = [&] {
    for (unsigned a = 0; a < dims.size(); ++a)
      for (unsigned b = 0; b < dims.size(); ++b) {
        if (isFixed(a) || isFixed(b) || !canMerge(a, b))
          continue;
        // The merged dim has the strides of the inner one, and nests in whatever the
        // outer one nested in.
        dims[b].size = mulIndex(builder, loc, dims[a].size, dims[b].size);
        dims[b].iterator = -1;
        for (auto &pairs : nested)
          for (unsigned i = 0; i < dims.size(); ++i)
            pairs[i][b] = pairs[i][a];
        erase(a);
        return true;
      }
    return false;
  };
  while (mergeOnce()) {
  }
}
