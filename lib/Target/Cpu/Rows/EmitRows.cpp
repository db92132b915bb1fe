//===- EmitRows.cpp - linalg on memrefs as vector loops ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-emit-rows. A linalg op becomes a LoopNest, RowPlan chooses the vectorized dim
// and the shape, and RowEmitter writes the loops; tiles for transposes are in EmitTiles.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "lib/IR/BodyBound.h"
#include "lib/IR/Remarks.h"
#include "lib/Target/Cpu/Passes.h"
#include "lib/Target/Cpu/Rows/EmitRowNorm.h"
#include "lib/Target/Cpu/Rows/RowEmitter.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUEMITROWS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// The cost in ns of running the body over `dims` and `elements`.
OpFoldResult RowEmitter::costOf(OpBuilder &builder, ArrayRef<unsigned> dims,
                                OpFoldResult elements) {
  OpFoldResult count = elements;
  for (unsigned dim : dims)
    count = mulIndex(builder, loc, count, nest.dims[dim].size);
  if (std::optional<int64_t> constant = getConstantIntValue(count))
    return builder.getIndexAttr(*constant * plan.cost / 1024 + 1);
  OpFoldResult cost = mulIndex(builder, loc, count, builder.getIndexAttr(plan.cost));
  Value shifted =
      arith::ShRUIOp::create(builder, loc, indexValue(builder, loc, cost), constant(builder, 10));
  return addIndex(builder, loc, shifted, builder.getIndexAttr(1));
}

RowEmitter::Offsets RowEmitter::advance(OpBuilder &builder, const Offsets &offsets,
                                        ArrayRef<unsigned> dims, ValueRange at) {
  for (auto [dim, position] : llvm::zip_equal(dims, at))
    positions[dim] = position;
  return nest.advance(builder, loc, offsets, dims, at);
}

LaneAccess RowEmitter::access(OpBuilder &builder, unsigned index, const Offsets &offsets,
                              Value position, Value mask) {
  return accessLanes(builder, loc, nest.operands[index], offsets[index], plan.dim, position,
                     plan.lanes, mask);
}

SmallVector<Value> RowEmitter::emitBody(OpBuilder &builder, const Offsets &offsets, Value position,
                                        Value mask, ValueRange accumulators,
                                        ArrayRef<LaneValue> fixed) {
  SmallVector<LaneValue> args;
  unsigned inputs = op.arguments.size() - outputs;
  for (auto [i, index] : llvm::enumerate(op.arguments)) {
    LaneValue value;
    if (index < 0)
      value = LaneValue::uniform(op.scalars[i]);
    else if (i >= inputs && !accumulators.empty())
      value = {plan.lanes == 1 ? LaneValue::Uniform : LaneValue::Vector, accumulators[i - inputs]};
    else if (!fixed.empty() && fixed[i].value)
      value = fixed[i];
    else if (!op.body->getArgument(i).use_empty())
      value = emitLoad(builder, loc, access(builder, index, offsets, position, mask));
    args.push_back(value);
  }
  positions[plan.dim] = position;
  auto indexOf = [&](int64_t iterator) {
    for (auto [d, dim] : llvm::enumerate(nest.dims))
      if (dim.iterator == iterator)
        return LaneValue{d == plan.dim && plan.lanes > 1 ? LaneValue::Linear : LaneValue::Uniform,
                         positions[d]};
    return LaneValue::uniform(constant(builder, 0)); // a dim of size 1
  };
  LaneContext context{plan.lanes, mask, indexOf};
  SmallVector<Value> results;
  for (LaneValue value : vectorizeBody(builder, *op.body, args, context))
    results.push_back(toVector(builder, loc, value, plan.lanes));
  return results;
}

void RowEmitter::emitElementwise(OpBuilder &builder, const Offsets &offsets, VectorLoop &loop) {
  // Operands that are the same along the row are read once: an output may share memory with
  // inputs, so that LLVM could not hoist them.
  SmallVector<LaneValue> fixed(op.arguments.size());
  Value zero = constant(builder, 0);
  for (auto [i, index] : llvm::enumerate(op.arguments))
    if (index >= 0 && !nest.operands[index].output && !op.body->getArgument(i).use_empty() &&
        nest.staticStride(nest.operands[index], plan.dim) == 0)
      fixed[i] = LaneValue::uniform(
          emitLoad(builder, loc, access(builder, index, offsets, zero, {})).value);
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    SmallVector<SmallVector<Value>> results;
    for (Value position : step.positions)
      results.push_back(emitBody(b, offsets, position, step.mask, {}, fixed));
    for (auto [position, values] : llvm::zip_equal(step.positions, results))
      for (auto [k, value] : llvm::enumerate(values))
        emitStore(b, loc, access(b, outputIndex(k), offsets, position, step.mask), value);
    return SmallVector<Value>();
  });
}

void RowEmitter::emitColumns(OpBuilder &builder, const Offsets &offsets, VectorLoop &loop) {
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(reduced, [&](unsigned dim) { return nest.dims[dim].size; });
  emitVectorLoop(builder, loc, loop, [&](OpBuilder &b, const VectorStep &step) {
    SmallVector<Value> sums;
    for (Value position : step.positions)
      for (unsigned k = 0; k < outputs; ++k)
        sums.push_back(
            emitLoad(b, loc, access(b, outputIndex(k), offsets, position, step.mask)).value);
    sums =
        emitLoops(b, loc, sizes, sums, [&](OpBuilder &nested, ValueRange at, ValueRange carried) {
          Offsets here = advance(nested, offsets, reduced, at);
          SmallVector<Value> next;
          for (auto [u, position] : llvm::enumerate(step.positions))
            llvm::append_range(next, emitBody(nested, here, position, step.mask,
                                              carried.slice(u * outputs, outputs)));
          return next;
        });
    for (auto [u, position] : llvm::enumerate(step.positions))
      for (unsigned k = 0; k < outputs; ++k)
        emitStore(b, loc, access(b, outputIndex(k), offsets, position, step.mask),
                  sums[u * outputs + k]);
    return SmallVector<Value>();
  });
}

void RowEmitter::emitAlong(OpBuilder &builder, const Offsets &offsets, VectorLoop &loop) {
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(reduced, [&](unsigned dim) { return nest.dims[dim].size; });
  Value zero = constant(builder, 0);
  SmallVector<Value> first;
  for (unsigned k = 0; k < outputs; ++k) {
    LaneAccess at = access(builder, outputIndex(k), offsets, zero, {});
    at.lanes = 1;
    first.push_back(emitLoad(builder, loc, at).value);
  }
  SmallVector<Value> inits(first);
  if (plan.lanes > 1) {
    for (unsigned k = 0; k < outputs; ++k) {
      TypedAttr neutral = neutralElement(plan.combiners[k], output(k).element);
      auto type = VectorType::get({plan.lanes}, output(k).element);
      inits[k] = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, neutral));
    }
    loop.identities = inits;
  }
  auto combineOutputs = [&](OpBuilder &b, unsigned k, Value lhs, Value rhs) {
    return combine(b, plan.combiners[k], lhs, rhs);
  };
  loop.combine = combineOutputs;
  SmallVector<Value> sums =
      emitLoops(builder, loc, sizes, inits, [&](OpBuilder &b, ValueRange at, ValueRange carried) {
        Offsets here = advance(b, offsets, reduced, at);
        loop.inits.assign(carried.begin(), carried.end());
        return emitVectorLoop(b, loc, loop, [&](OpBuilder &inner, const VectorStep &step) {
          SmallVector<Value> next;
          for (auto [u, position] : llvm::enumerate(step.positions)) {
            ValueRange old = ValueRange(step.accumulators).slice(u * outputs, outputs);
            for (auto [was, is] :
                 llvm::zip_equal(old, emitBody(inner, here, position, step.mask, old)))
              next.push_back(step.mask ? arith::SelectOp::create(inner, loc, step.mask, is, was)
                                       : is);
          }
          return next;
        });
      });
  for (unsigned k = 0; k < outputs; ++k) {
    Value sum = sums[k];
    if (plan.lanes > 1)
      sum = combine(builder, plan.combiners[k], first[k],
                    reduceLanes(builder, loc, plan.combiners[k], sum));
    LaneAccess at = access(builder, outputIndex(k), offsets, zero, {});
    at.lanes = 1;
    emitStore(builder, loc, at, sum);
  }
}

void RowEmitter::emitRow(OpBuilder &builder, const Offsets &offsets, OpFoldResult lower,
                         OpFoldResult upper) {
  VectorLoop loop{lower, upper, plan.lanes, plan.unroll, {}, {}, nullptr};
  if (plan.lanes == 1)
    loop.unroll = 1;
  switch (plan.shape) {
  case RowPlan::Elementwise:
    return plan.channelDim ? emitInterleaved(builder, offsets, loop)
                           : emitElementwise(builder, offsets, loop);
  case RowPlan::Columns:
    return emitColumns(builder, offsets, loop);
  case RowPlan::Along:
    return emitAlong(builder, offsets, loop);
  }
}

/// Splits the vectorized dim into blocks, as items beside the outer dims.
void RowEmitter::emitBlocks(OpBuilder &builder) {
  OpFoldResult size = nest.dims[plan.dim].size;
  int64_t block = plan.lanes * plan.unroll;
  if (plan.shape == RowPlan::Elementwise) // about 4 us of work
    block = llvm::alignTo(std::max<int64_t>(1, 4096 * 1024 / plan.cost), block);
  OpFoldResult blocks = ceilDivIndex(builder, loc, size, block);
  std::optional<int64_t> known = getConstantIntValue(size);
  OpFoldResult cost =
      costOf(builder, reduced, builder.getIndexAttr(std::min(block, known.value_or(block))));
  Offsets start(nest.operands.size(), constant(builder, 0));
  auto bound = [&](OpBuilder &b, Value index) {
    OpFoldResult at = mulIndex(b, loc, index, b.getIndexAttr(block));
    Value limited =
        arith::MinUIOp::create(b, loc, indexValue(b, loc, at), indexValue(b, loc, size));
    return OpFoldResult(limited);
  };
  if (outer.empty()) {
    emitRanges(builder, loc, blocks, cost, [&](OpBuilder &b, OpFoldResult lo, OpFoldResult hi) {
      if (hi == blocks)
        return emitRow(b, start, b.getIndexAttr(0), size);
      OpFoldResult first = mulIndex(b, loc, lo, b.getIndexAttr(block));
      emitRow(b, start, first, bound(b, indexValue(b, loc, hi)));
    });
    return;
  }
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(outer, [&](unsigned dim) { return nest.dims[dim].size; });
  sizes.push_back(blocks);
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) {
    Offsets offsets = advance(b, start, outer, at.drop_back());
    OpFoldResult first = mulIndex(b, loc, at.back(), b.getIndexAttr(block));
    Value next = arith::AddIOp::create(b, loc, at.back(), constant(b, 1));
    emitRow(b, offsets, first, bound(b, next));
  });
}

void RowEmitter::emit(OpBuilder &builder) {
  if (plan.tileDim)
    return emitTiles(builder);
  int64_t rows = 1;
  for (unsigned dim : outer)
    rows *= nest.staticSize(dim).value_or(64);
  OpFoldResult size = nest.dims[plan.dim].size;
  std::optional<int64_t> length = nest.staticSize(plan.dim);
  bool split = plan.shape == RowPlan::Columns || rows < 16;
  if (plan.shape != RowPlan::Along && split && (!length || *length > plan.lanes * plan.unroll))
    return emitBlocks(builder);
  SmallVector<OpFoldResult> sizes =
      llvm::map_to_vector(outer, [&](unsigned dim) { return nest.dims[dim].size; });
  OpFoldResult cost = costOf(builder, reduced, size);
  Offsets start(nest.operands.size(), constant(builder, 0));
  emitItems(builder, loc, sizes, cost, [&](OpBuilder &b, ValueRange at) {
    emitRow(b, advance(b, start, outer, at), b.getIndexAttr(0), size);
  });
}

/// The op as the planner sees it, or failure when its accesses are not linear.
static FailureOr<RowOp> toRowOp(OpBuilder &builder, linalg::GenericOp generic) {
  RowOp row;
  row.body = generic.getBody();
  SmallVector<NestOperandSpec> specs;
  for (OpOperand &operand : generic->getOpOperands()) {
    bool shaped = isa<MemRefType>(operand.get().getType());
    row.arguments.push_back(shaped ? static_cast<int>(specs.size()) : -1);
    row.scalars.push_back(operand.get());
    if (shaped)
      specs.push_back(
          {operand.get(), generic.getMatchingIndexingMap(&operand), generic.isDpsInit(&operand)});
  }
  unsigned rank = generic.getNumLoops();
  llvm::SmallBitVector reductions(rank), fixed(rank);
  for (auto [d, kind] : llvm::enumerate(generic.getIteratorTypesArray()))
    reductions[d] = kind == utils::IteratorType::reduction;
  generic->walk([&](linalg::IndexOp index) { fixed.set(index.getDim()); });
  FailureOr<LoopNest> nest = LoopNest::get(builder, generic.getLoc(), specs, reductions);
  if (failed(nest))
    return failure();
  row.nest = std::move(*nest);
  row.nest.simplify(builder, generic.getLoc(), fixed);
  if (row.nest.dims.empty()) { // one element
    row.nest.dims.push_back({builder.getIndexAttr(1), false, -1});
    for (NestOperand &operand : row.nest.operands)
      operand.strides.push_back(builder.getIndexAttr(0));
  }
  return row;
}

/// Puts `op` alone into a region.
static scf::ExecuteRegionOp setApart(Operation *op) {
  OpBuilder builder(op);
  auto region =
      scf::ExecuteRegionOp::create(builder, op->getLoc(), TypeRange(), builder.getUnitAttr());
  Block *block = builder.createBlock(&region.getRegion());
  scf::YieldOp::create(builder, op->getLoc());
  op->moveBefore(block->getTerminator());
  return region;
}

/// Large code for one element, or few that are written out, stays in the region that becomes a
/// function: a function of all of them would take LLVM more than linear time. Loops do anyway.
static void joinUnlessStraight(scf::ExecuteRegionOp region) {
  bool isStraight = !region
                         .walk([](Operation *op) {
                           bool loops = isa<LoopLikeOpInterface, run::ParallelOp>(op);
                           return loops ? WalkResult::interrupt() : WalkResult::advance();
                         })
                         .wasInterrupted();
  if (isStraight)
    return;
  Block &block = region.getRegion().front();
  block.getTerminator()->erase();
  region->getBlock()->getOperations().splice(region->getIterator(), block.getOperations());
  region.erase();
}

static LogicalResult emitRows(linalg::GenericOp generic, const CpuLevel &level) {
  constexpr int64_t large = 128;
  scf::ExecuteRegionOp region;
  if (bodyCost(generic.getRegion()) >= large)
    region = setApart(generic);
  OpBuilder builder(generic);
  FailureOr<RowOp> row = toRowOp(builder, generic);
  if (failed(row))
    return failure();
  RowPlan plan = planRows(*row, level);
  remarkMade("cpu-emit-rows", "linalg", generic);
  RowEmitter(generic.getLoc(), *row, plan).emit(builder);
  generic.erase();
  if (region)
    joinUnlessStraight(region);
  return success();
}

namespace {

struct EmitRows : cpu::impl::CpuEmitRowsBase<EmitRows> {
  using CpuEmitRowsBase::CpuEmitRowsBase;

  void runOnOperation() override {
    const CpuLevel *target = requireCpuLevel(level, getOperation());
    if (!target)
      return signalPassFailure();
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics())
        ops.push_back(op);
    });
    SmallVector<kernel::RowNormOp> norms;
    getOperation()->walk([&](kernel::RowNormOp op) { norms.push_back(op); });
    for (kernel::RowNormOp op : norms) {
      remarkMade("cpu-emit-rows", "row_norm", op);
      if (failed(emitRowNorm(op, *target)))
        return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops) {
      auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
      if (!generic) {
        rewriter.setInsertionPoint(op);
        FailureOr<linalg::GenericOp> general = linalg::generalizeNamedOp(rewriter, op);
        if (failed(general))
          continue;
        generic = *general;
      }
      if (succeeded(emitRows(generic, *target)))
        continue;
      rewriter.setInsertionPoint(generic);
      remarkRefused("cpu-emit-rows", "linalg", generic, "an access is not linear");
      if (failed(linalg::linalgOpToLoops(rewriter, generic))) {
        generic.emitError("cannot be turned into loops");
        return signalPassFailure();
      }
      rewriter.eraseOp(generic);
    }
  }
};

} // namespace
