//===- Attention.cpp - attention --------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits kernel.attention into items of one head and some queries, and the keys of each item
// into blocks; AttentionTile does the rest. Blocks that no query of an item may see are left
// out. With one query per head, as when a decoder makes the next token, the query heads that
// share keys are the rows, so that keys and values are read once.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/AttentionTile.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using kernel::AttentionOp;

/// Queries of an item: the keys' panels are made again for each, which many rows pay for.
static constexpr int64_t itemQueries = 160;
/// With fewer items than this, causal ones have fewer queries: threads share them better, and the
/// keys that only later queries see are left out, which pays for their panels.
static constexpr int64_t enoughItems = 24, fewQueries = 40;
/// Larger heads do not fit the scratch memory of a thread.
static constexpr int64_t maxHeadSize = 256;

namespace {
class AttentionEmitter {
public:
  AttentionEmitter(AttentionOp op, const CpuLevel &level, LoopNest nest)
      : op(op), level(level), nest(std::move(nest)), loc(op.getLoc()) {}

  void emit(OpBuilder &b);

private:
  using Bases = SmallVector<OpFoldResult>;

  OpFoldResult attr(OpBuilder &b, int64_t value) { return b.getIndexAttr(value); }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }
  OpFoldResult size(unsigned dim) { return nest.dims[dim].size; }

  OpFoldResult queriesOfItem(OpBuilder &b);
  void emitQueries(OpBuilder &b);
  void emitHeads(OpBuilder &b);
  OpFoldResult itemCost(OpBuilder &b, OpFoldResult rows);
  Bases basesAt(OpBuilder &b, ArrayRef<unsigned> dims, ValueRange positions);
  void emitRows(OpBuilder &b, const Bases &bases, QueryRows rows);
  /// offset or lengths at the batch that `bases` stand for; null without the operand.
  OpFoldResult bound(OpBuilder &b, const Bases &bases, Value operand);
  /// The first and the end of all keys that some row may see.
  std::pair<OpFoldResult, OpFoldResult> keyRange(OpBuilder &b, const Bases &bases,
                                                 const QueryRows &rows);
  OpFoldResult clampToKeys(OpBuilder &b, OpFoldResult value);
  OpFoldResult smaller(OpBuilder &b, OpFoldResult x, OpFoldResult y);

  AttentionOp op;
  const CpuLevel &level;
  LoopNest nest;
  Location loc;
};
} // namespace

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

void AttentionEmitter::emit(OpBuilder &b) {
  std::optional<int64_t> queries = getConstantIntValue(size(AttentionOp::Query));
  if (queries)
    return *queries == 1 ? emitHeads(b) : emitQueries(b);
  Value isSingle = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                         indexValue(b, loc, size(AttentionOp::Query)),
                                         indexValue(b, loc, attr(b, 1)));
  auto branch = scf::IfOp::create(b, loc, isSingle, /*withElseRegion=*/true);
  OpBuilder single = branch.getThenBodyBuilder(), several = branch.getElseBodyBuilder();
  emitHeads(single);
  emitQueries(several);
}

/// In ns: about 30 products are added in one, two per pair of row and key and element.
OpFoldResult AttentionEmitter::itemCost(OpBuilder &b, OpFoldResult rows) {
  OpFoldResult elements = add(b, size(AttentionOp::Inner), size(AttentionOp::Outer));
  OpFoldResult products = mul(b, mul(b, rows, size(AttentionOp::Key)), elements);
  Value shifted =
      arith::ShRUIOp::create(b, loc, indexValue(b, loc, products), indexValue(b, loc, attr(b, 5)));
  return add(b, shifted, attr(b, 1));
}

AttentionEmitter::Bases AttentionEmitter::basesAt(OpBuilder &b, ArrayRef<unsigned> dims,
                                                  ValueRange positions) {
  Bases bases;
  for (const NestOperand &operand : nest.operands) {
    OpFoldResult base = attr(b, 0);
    for (auto [dim, position] : llvm::zip(dims, positions))
      base = add(b, base, mul(b, position, operand.strides[dim]));
    bases.push_back(base);
  }
  return bases;
}

/// Items have about the same number of queries, if that of all is known.
OpFoldResult AttentionEmitter::queriesOfItem(OpBuilder &b) {
  OpFoldResult queries = size(AttentionOp::Query), heads = attr(b, 1);
  for (unsigned dim : {AttentionOp::Batch, AttentionOp::Head, AttentionOp::Group})
    heads = mul(b, heads, size(dim));
  std::optional<int64_t> known = getConstantIntValue(queries), many = getConstantIntValue(heads);
  if (known) {
    int64_t items = std::max<int64_t>(1, (*known + itemQueries / 2) / itemQueries);
    if (op.getAfter() && many && *many > 0)
      items = std::max(
          items, std::min<int64_t>(*known / fewQueries, llvm::divideCeil(enoughItems, *many)));
    return attr(b, std::max<int64_t>(1, llvm::divideCeil(*known, items)));
  }
  if (!op.getAfter() || (many && *many >= enoughItems))
    return attr(b, itemQueries);
  auto index = [&](OpFoldResult value) { return indexValue(b, loc, value); };
  Value one = index(attr(b, 1)), all = index(queries);
  Value wanted = arith::CeilDivUIOp::create(b, loc, index(attr(b, enoughItems)),
                                            arith::MaxUIOp::create(b, loc, index(heads), one));
  Value possible = arith::DivUIOp::create(b, loc, all, index(attr(b, fewQueries)));
  Value items = arith::MinUIOp::create(b, loc, wanted, possible);
  items = arith::MaxUIOp::create(b, loc, items, index(ceilDivIndex(b, loc, queries, itemQueries)));
  items = arith::MaxUIOp::create(b, loc, items, one);
  Value each = arith::CeilDivUIOp::create(b, loc, all, items);
  return arith::MaxUIOp::create(b, loc, each, one).getResult();
}

/// Rows are queries of one head.
void AttentionEmitter::emitQueries(OpBuilder &b) {
  OpFoldResult queries = size(AttentionOp::Query), each = queriesOfItem(b);
  std::optional<int64_t> known = getConstantIntValue(queries), most = getConstantIntValue(each);
  QueryRows rows{AttentionOp::Query, {}, {}, most.value_or(itemQueries), {}, {}};
  if (known)
    rows.counts = {rows.most, *known % rows.most};
  SmallVector<unsigned> dims = {AttentionOp::Batch, AttentionOp::Head, AttentionOp::Group};
  auto sizes = llvm::map_to_vector(dims, [&](unsigned dim) { return size(dim); });
  sizes.push_back(most ? ceilDivIndex(b, loc, queries, *most)
                       : arith::CeilDivUIOp::create(b, loc, indexValue(b, loc, queries),
                                                    indexValue(b, loc, each))
                             .getResult());
  emitItems(b, loc, sizes, itemCost(b, each), [&](OpBuilder &in, ValueRange at) {
    QueryRows own = rows;
    own.first = mul(in, at.back(), each);
    own.count = each;
    if (!known || *known % rows.most)
      own.count = smaller(in, own.count, add(in, queries, mul(in, own.first, attr(in, -1))));
    emitRows(in, basesAt(in, dims, at.drop_back()), own);
  });
}

/// Rows are the query heads of one head of keys.
void AttentionEmitter::emitHeads(OpBuilder &b) {
  int64_t group = *nest.staticSize(AttentionOp::Group);
  QueryRows rows{AttentionOp::Group, attr(b, 0), attr(b, group), group, {group}, {}};
  SmallVector<unsigned> dims = {AttentionOp::Batch, AttentionOp::Head};
  emitItems(b, loc, {size(dims[0]), size(dims[1])}, itemCost(b, rows.count),
            [&](OpBuilder &in, ValueRange at) { emitRows(in, basesAt(in, dims, at), rows); });
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

OpFoldResult AttentionEmitter::smaller(OpBuilder &b, OpFoldResult x, OpFoldResult y) {
  return arith::MinSIOp::create(b, loc, indexValue(b, loc, x), indexValue(b, loc, y)).getResult();
}

OpFoldResult AttentionEmitter::clampToKeys(OpBuilder &b, OpFoldResult value) {
  Value lower =
      arith::MaxSIOp::create(b, loc, indexValue(b, loc, value), indexValue(b, loc, attr(b, 0)));
  return smaller(b, lower, size(AttentionOp::Key));
}

OpFoldResult AttentionEmitter::bound(OpBuilder &b, const Bases &bases, Value operand) {
  for (auto [i, each] : llvm::enumerate(op->getOperands())) {
    if (!operand || i < 3 || i >= op.getFirstExtra() || each != operand)
      continue;
    Value stored =
        memref::LoadOp::create(b, loc, nest.operands[i].flat, indexValue(b, loc, bases[i]));
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), stored).getResult();
  }
  return {};
}

std::pair<OpFoldResult, OpFoldResult> AttentionEmitter::keyRange(OpBuilder &b, const Bases &bases,
                                                                 const QueryRows &rows) {
  OpFoldResult lower = attr(b, 0), upper = size(AttentionOp::Key);
  if (OpFoldResult length = bound(b, bases, op.getLengths()))
    upper = clampToKeys(b, length);
  OpFoldResult last = rows.place;
  if (rows.dim == AttentionOp::Query)
    last = add(b, last, add(b, rows.count, attr(b, -1)));
  if (op.getAfter()) {
    OpFoldResult seen = clampToKeys(b, add(b, last, attr(b, *op.getAfter() + 1)));
    upper = op.getLengths() ? smaller(b, upper, seen) : seen;
  }
  if (op.getBefore())
    lower = clampToKeys(b, add(b, rows.place, attr(b, -int64_t(*op.getBefore()))));
  return {lower, upper};
}

void AttentionEmitter::emitRows(OpBuilder &b, const Bases &bases, QueryRows rows) {
  OpFoldResult offset = bound(b, bases, op.getOffset());
  rows.place = offset ? offset : attr(b, 0);
  if (rows.dim == AttentionOp::Query)
    rows.place = add(b, rows.place, rows.first);
  AttentionTile tile(op, level, nest, bases, rows);
  tile.begin(b);
  OpFoldResult lower, upper;
  std::tie(lower, upper) = keyRange(b, bases, rows);
  int64_t block = AttentionTile::blockKeys(level);
  std::optional<int64_t> known = getConstantIntValue(upper);
  if (known && getConstantIntValue(lower) == 0) {
    emitLoops(b, loc, {attr(b, *known / block)}, {}, [&](OpBuilder &in, ValueRange at, ValueRange) {
      tile.addKeys(in, {mul(in, at[0], attr(in, block)), attr(in, block), upper});
      return SmallVector<Value>();
    });
    if (*known % block)
      tile.addKeys(b, {attr(b, *known / block * block), attr(b, *known % block), upper});
    return tile.finish(b);
  }
  auto index = [&](OpFoldResult value) { return indexValue(b, loc, value); };
  scf::ForOp::create(
      b, loc, index(lower), index(upper), index(attr(b, block)), ValueRange(),
      [&](OpBuilder &in, Location, Value first, ValueRange) {
        OpFoldResult left =
            arith::SubIOp::create(in, loc, indexValue(in, loc, upper), first).getResult();
        tile.addKeys(in, {first, smaller(in, left, attr(in, block)), upper});
        scf::YieldOp::create(in, loc);
      });
  tile.finish(b);
}

//===----------------------------------------------------------------------===//
// The op
//===----------------------------------------------------------------------===//

static bool canEmit(AttentionOp op, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return false;
  };
  if (!op.getComputeType().isF32())
    return refuse("scores are not f32");
  for (Value operand : {op.getQuery(), op.getKey(), op.getValue()})
    if (!cast<ShapedType>(operand.getType()).getElementType().isF32())
      return refuse("not f32");
  if (Type stored = op.getInitType().getElementType(); !stored.isF32() && !stored.isBF16())
    return refuse("stores neither f32 nor bf16");
  for (Value extra : op.getExtras())
    if (Type type = cast<ShapedType>(extra.getType()).getElementType();
        !isVectorElement(type) || type.isInteger(1))
      return refuse("an element type is no vector element");
  for (auto [operand, dim] :
       {std::pair(0u, AttentionOp::Inner), std::pair(2u, AttentionOp::Outer)}) {
    int64_t size = op.getOperandSize(operand, dim);
    if (ShapedType::isDynamic(size) || size < 1 || size > maxHeadSize)
      return refuse("heads are large or of unknown size");
  }
  if (ShapedType::isDynamic(op.getOperandSize(0, AttentionOp::Group)))
    return refuse("groups of an unknown number of heads");
  return canVectorizeBody(op.getScore().front(), &reason);
}

static LogicalResult emitKernel(OpBuilder &b, AttentionOp op, const CpuLevel &level) {
  SmallVector<NestOperandSpec> operands;
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    operands.push_back({operand, op.getMap(i), i + 1 == op->getNumOperands()});
  // Dims that no operand has are single.
  SmallVector<OpFoldResult> sizes(AttentionOp::NumDims, b.getIndexAttr(1));
  for (const NestOperandSpec &operand : operands)
    for (AffineExpr expr : operand.map.getResults())
      sizes[cast<AffineDimExpr>(expr).getPosition()] = {};
  llvm::SmallBitVector reductions(AttentionOp::NumDims);
  FailureOr<LoopNest> nest = LoopNest::get(b, op.getLoc(), operands, reductions, sizes);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  AttentionEmitter(op, level, std::move(*nest)).emit(b);
  return success();
}

void cpu::addAttentionEmitters(KernelEmitters &emitters) {
  emitters.add<kernel::AttentionOp>(canEmit, emitKernel);
}
