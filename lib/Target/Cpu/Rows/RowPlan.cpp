//===- RowPlan.cpp - how a loop nest becomes vector loops -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RowPlan.h. Every dim is scored by what it would cost to read and write along it; the best
// one for which the body can be vectorized wins.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Rows/RowPlan.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

using Kind = LaneValue::Kind;

static std::optional<arith::AtomicRMWKind> combinerKind(Operation *op) {
  using RMW = arith::AtomicRMWKind;
  return llvm::TypeSwitch<Operation *, std::optional<RMW>>(op)
      .Case<arith::AddFOp>([](auto) { return RMW::addf; })
      .Case<arith::MulFOp>([](auto) { return RMW::mulf; })
      .Case<arith::MaximumFOp>([](auto) { return RMW::maximumf; })
      .Case<arith::MinimumFOp>([](auto) { return RMW::minimumf; })
      .Case<arith::MaxNumFOp>([](auto) { return RMW::maxnumf; })
      .Case<arith::MinNumFOp>([](auto) { return RMW::minnumf; })
      .Case<arith::AddIOp>([](auto) { return RMW::addi; })
      .Case<arith::MulIOp>([](auto) { return RMW::muli; })
      .Case<arith::MaxSIOp>([](auto) { return RMW::maxs; })
      .Case<arith::MinSIOp>([](auto) { return RMW::mins; })
      .Case<arith::MaxUIOp>([](auto) { return RMW::maxu; })
      .Case<arith::MinUIOp>([](auto) { return RMW::minu; })
      .Case<arith::AndIOp>([](auto) { return RMW::andi; })
      .Case<arith::OrIOp>([](auto) { return RMW::ori; })
      .Case<arith::XOrIOp>([](auto) { return RMW::xori; })
      .Default(std::nullopt);
}

std::optional<Combiner> cpu::matchCombiner(Block &body, BlockArgument accumulator,
                                           unsigned result) {
  Operation *op = body.getTerminator()->getOperand(result).getDefiningOp();
  if (!op || op->getBlock() != &body || !accumulator.hasOneUse() ||
      *accumulator.user_begin() != op || !op->getResult(0).hasOneUse())
    return std::nullopt;
  std::optional<arith::AtomicRMWKind> kind = combinerKind(op);
  if (!kind)
    return std::nullopt;
  return Combiner{op, *kind};
}

TypedAttr cpu::neutralElement(const Combiner &combiner, Type type) {
  OpBuilder builder(type.getContext());
  // Upstream's neutral element of maxnum and minnum is NaN, which `nnan` makes poison.
  if (auto floatType = dyn_cast<FloatType>(type)) {
    bool isMax = combiner.kind == arith::AtomicRMWKind::maxnumf ||
                 combiner.kind == arith::AtomicRMWKind::maximumf;
    bool isMin = combiner.kind == arith::AtomicRMWKind::minnumf ||
                 combiner.kind == arith::AtomicRMWKind::minimumf;
    if (isMax || isMin)
      return builder.getFloatAttr(type, APFloat::getInf(floatType.getFloatSemantics(), isMax));
  }
  return arith::getIdentityValueAttr(combiner.kind, type, builder, builder.getUnknownLoc());
}

Value cpu::combine(OpBuilder &builder, const Combiner &combiner, Value lhs, Value rhs) {
  OperationState state(combiner.op->getLoc(), combiner.op->getName());
  state.addOperands({lhs, rhs});
  state.addTypes(lhs.getType());
  state.propertiesAttr = combiner.op->getPropertiesAsAttribute();
  return builder.create(state)->getResult(0);
}

Value cpu::reduceLanes(OpBuilder &builder, Location loc, const Combiner &combiner, Value vector) {
  // A sum in lane order would be a chain of scalar additions.
  auto fastMath = arith::FastMathFlags::none;
  if (auto flags = dyn_cast<arith::ArithFastMathInterface>(combiner.op))
    fastMath = flags.getFastMathFlagsAttr().getValue();
  using RMW = arith::AtomicRMWKind;
  if (combiner.kind == RMW::addf || combiner.kind == RMW::mulf)
    fastMath = fastMath | arith::FastMathFlags::reassoc;
  vector::CombiningKind kind;
  switch (combiner.kind) {
  case RMW::addf:
  case RMW::addi:
    kind = vector::CombiningKind::ADD;
    break;
  case RMW::mulf:
  case RMW::muli:
    kind = vector::CombiningKind::MUL;
    break;
  case RMW::maximumf:
    kind = vector::CombiningKind::MAXIMUMF;
    break;
  case RMW::minimumf:
    kind = vector::CombiningKind::MINIMUMF;
    break;
  case RMW::maxnumf:
    kind = vector::CombiningKind::MAXNUMF;
    break;
  case RMW::minnumf:
    kind = vector::CombiningKind::MINNUMF;
    break;
  case RMW::maxs:
    kind = vector::CombiningKind::MAXSI;
    break;
  case RMW::mins:
    kind = vector::CombiningKind::MINSI;
    break;
  case RMW::maxu:
    kind = vector::CombiningKind::MAXUI;
    break;
  case RMW::minu:
    kind = vector::CombiningKind::MINUI;
    break;
  case RMW::andi:
    kind = vector::CombiningKind::AND;
    break;
  case RMW::ori:
    kind = vector::CombiningKind::OR;
    break;
  default:
    kind = vector::CombiningKind::XOR;
    break;
  }
  return vector::ReductionOp::create(builder, loc, kind, vector, fastMath);
}

namespace {

/// Plans one op.
struct Planner {
  const RowOp &op;
  const CpuLevel &level;

  bool isReducing() const {
    return llvm::any_of(op.nest.dims, [](const NestDim &dim) { return dim.reduction; });
  }

  /// Elements of a vector along `dim`: by the widest type that the body keeps in vectors,
  /// since the narrower ones then fill part of a register.
  int64_t fullLanes(unsigned dim) const {
    unsigned bits = widestLane(*op.body, argumentKinds(dim), indexKind(dim));
    for (const NestOperand &operand : op.nest.operands)
      if (op.nest.staticStride(operand, dim) != 0 && operand.element.isIntOrFloat())
        bits = std::max(bits, operand.element.getIntOrFloatBitWidth());
    return std::max<int64_t>(2, level.vectorBytes() * 8 / bits);
  }

  /// A body without arithmetic is worth any width; one with many values is not unrolled.
  int64_t unroll() const {
    int64_t work = bodyWork();
    return work <= 12 ? 4 : work <= 30 ? 2 : 1;
  }

  /// Ops of the body, in units of one vector instruction.
  int64_t bodyWork() const {
    int64_t work = 0;
    for (Operation &inner : op.body->without_terminator()) {
      bool cheap = isa<math::AbsFOp, math::FmaOp, math::FloorOp, math::CeilOp, math::SqrtOp>(inner);
      work += isa<math::MathDialect>(inner.getDialect()) && !cheap ? 24 : 1;
    }
    return work;
  }

  /// Penalty of vectors along `dim`; negative: impossible.
  int64_t score(unsigned dim) const {
    int64_t penalty = 0;
    for (const NestOperand &operand : op.nest.operands) {
      std::optional<int64_t> stride = op.nest.staticStride(operand, dim);
      if (operand.element.isInteger(1) && stride != 0)
        return -1;
      if (operand.output && !op.nest.dims[dim].reduction && stride == 0)
        return -1;
      if (stride != 0 && stride != 1)
        penalty += operand.output ? 16 : 8;
    }
    if (std::optional<int64_t> size = op.nest.staticSize(dim)) {
      int64_t lanes = level.f32Lanes();
      penalty += *size * 4 <= lanes ? 6 : *size * 2 <= lanes ? 2 : 0;
    }
    return penalty;
  }

  bool matchCombiners(SmallVectorImpl<Combiner> &combiners) const {
    unsigned outputs = op.body->getTerminator()->getNumOperands();
    unsigned first = op.body->getNumArguments() - outputs;
    for (unsigned k = 0; k < outputs; ++k) {
      std::optional<Combiner> combiner =
          matchCombiner(*op.body, op.body->getArgument(first + k), k);
      if (!combiner)
        return false;
      combiners.push_back(*combiner);
    }
    return true;
  }

  SmallVector<Kind> argumentKinds(unsigned dim) const {
    bool along = op.nest.dims[dim].reduction;
    SmallVector<Kind> kinds;
    for (int index : op.arguments) {
      const NestOperand *operand = index < 0 ? nullptr : &op.nest.operands[index];
      bool uniform =
          !operand || (op.nest.staticStride(*operand, dim) == 0 && !(along && operand->output));
      kinds.push_back(uniform ? Kind::Uniform : Kind::Vector);
    }
    return kinds;
  }

  std::function<Kind(int64_t)> indexKind(unsigned dim) const {
    return [this, dim](int64_t iterator) {
      return op.nest.dims[dim].iterator == iterator ? Kind::Linear : Kind::Uniform;
    };
  }

  bool canVectorize(unsigned dim) const {
    return canVectorizeBody(*op.body, argumentKinds(dim), indexKind(dim));
  }

  /// Tiles where vectors along the output's dim would gather from inputs that are
  /// contiguous along another. The body is written once per row of the tile: only short ones.
  void planTiles(RowPlan &plan) const {
    std::optional<unsigned> tileDim;
    unsigned bits = 8;
    for (const NestOperand &operand : op.nest.operands) {
      bits =
          std::max(bits, operand.element.isIndex() ? 64 : operand.element.getIntOrFloatBitWidth());
      std::optional<int64_t> stride = op.nest.staticStride(operand, plan.dim);
      if (stride == 0 || stride == 1)
        continue;
      auto contiguous = llvm::find_if(llvm::seq<unsigned>(0, op.nest.dims.size()), [&](unsigned d) {
        return op.nest.staticStride(operand, d) == 1;
      });
      unsigned found = *contiguous;
      if (operand.output || found == op.nest.dims.size() || (tileDim && *tileDim != found))
        return;
      tileDim = found;
    }
    int64_t lanes = level.vectorBytes() * 8 / std::max(bits, 32u);
    auto isShort = [&](unsigned d) { return op.nest.staticSize(d).value_or(lanes) * 2 < lanes; };
    if (!tileDim || bodyWork() > 8 || isShort(*tileDim) || isShort(plan.dim))
      return;
    plan.tileDim = tileDim;
    plan.lanes = lanes;
  }

  /// Where the outputs' innermost dim is short and the inputs are contiguous along the next:
  /// vectors along that one, interleaved before they are stored.
  void planInterleaved(RowPlan &plan) const {
    constexpr int64_t longBody = 30, longVector = 16, manyChannels = 4;
    unsigned outputs = op.body->getTerminator()->getNumOperands();
    std::optional<int64_t> channels = op.nest.staticSize(plan.dim);
    auto stored = op.body->getArguments().take_back(outputs);
    if (!channels || *channels >= std::max<int64_t>(manyChannels, level.f32Lanes() / 2) ||
        bodyWork() * *channels > longBody ||
        llvm::any_of(stored, [](BlockArgument arg) { return !arg.use_empty(); }))
      return;
    for (unsigned dim = 0; dim < op.nest.dims.size(); ++dim) {
      bool suits = llvm::all_of(op.nest.operands, [&](const NestOperand &operand) {
        std::optional<int64_t> along = op.nest.staticStride(operand, dim);
        if (!operand.output)
          return along == 0 || along == 1;
        return op.nest.staticStride(operand, plan.dim) == 1 && along == *channels;
      });
      if (dim == plan.dim || !suits || !canVectorize(dim))
        continue;
      plan.channelDim = plan.dim;
      plan.dim = dim;
      plan.lanes = std::min(fullLanes(dim), longVector);
      plan.unroll = 1;
      return;
    }
  }

  RowPlan plan() const {
    RowPlan plan;
    SmallVector<std::pair<int64_t, unsigned>> order;
    for (unsigned dim = op.nest.dims.size(); dim-- > 0;)
      order.push_back({score(dim), dim});
    llvm::stable_sort(order, [](auto a, auto b) { return a.first < b.first; });
    for (auto [penalty, dim] : order) {
      plan.combiners.clear();
      bool along = op.nest.dims[dim].reduction;
      if (penalty < 0 || !canVectorize(dim) || (along && !matchCombiners(plan.combiners)))
        continue;
      plan.dim = dim;
      plan.lanes = fullLanes(dim);
      if (std::optional<int64_t> size = op.nest.staticSize(dim))
        plan.lanes = std::min<int64_t>(plan.lanes, llvm::PowerOf2Ceil(std::max<int64_t>(*size, 2)));
      plan.unroll = isReducing() ? 4 : unroll();
      break;
    }
    if (plan.lanes == 1)
      plan.dim = order.front().second;
    else if (!isReducing()) {
      planTiles(plan);
      if (!plan.tileDim)
        planInterleaved(plan);
    }
    if (isReducing())
      plan.shape = op.nest.dims[plan.dim].reduction ? RowPlan::Along : RowPlan::Columns;
    // About 0.4 ns per vector instruction, 0.06 ns per element and operand moved. What only writes
    // finds its memory in another core's cache, or in none.
    bool reads = op.nest.operands.size() > 1;
    plan.cost = bodyWork() * 400 / plan.lanes + (reads ? 60 * op.nest.operands.size() : 240);
    if (plan.channelDim)
      plan.cost *= *op.nest.staticSize(*plan.channelDim);
    return plan;
  }
};

} // namespace

RowPlan cpu::planRows(const RowOp &op, const CpuLevel &level) { return Planner{op, level}.plan(); }
