//===- VectorizeBody.cpp - scalar region bodies at vector type -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See VectorizeBody.h. `resultKind` is the one place that decides what an op becomes; both
// the check and the clone ask it, so that what was accepted can be emitted.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

using Kind = LaneValue::Kind;

bool cpu::isVectorElement(Type type) {
  return type.isIndex() || isa<FloatType>(type) || type.isSignlessInteger(1) ||
         (type.isSignlessInteger() && type.getIntOrFloatBitWidth() % 8 == 0 &&
          type.getIntOrFloatBitWidth() <= 64);
}

/// Types in which `base + lane` needs no care about overflow.
static bool isLinearType(Type type) { return type.isIndex() || type.isSignlessInteger(64); }

/// What a load at these indices becomes, or nothing when only scalar code can do it.
static std::optional<Kind> loadKind(memref::LoadOp load, ArrayRef<Kind> indices) {
  if (llvm::all_of(indices, [](Kind kind) { return kind == Kind::Uniform; }))
    return Kind::Uniform;
  if (load.getMemRefType().getElementType().isInteger(1))
    return std::nullopt;
  bool outerUniform =
      llvm::all_of(indices.drop_back(), [](Kind kind) { return kind == Kind::Uniform; });
  if (outerUniform && indices.back() == Kind::Linear && load.getMemRefType().isLastDimUnitStride())
    return Kind::Vector;
  return std::nullopt;
}

/// The kind of the result of `op`, or nothing when it cannot be vectorized.
static std::optional<Kind> resultKind(Operation *op, ArrayRef<Kind> operands) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return loadKind(load, operands.drop_front());
  bool allUniform = llvm::all_of(operands, [](Kind kind) { return kind == Kind::Uniform; });
  if (allUniform && op->getNumRegions() == 0 && (isPure(op) || isa<run::CheckedIndexOp>(op)))
    return Kind::Uniform;
  if (isa<arith::IndexCastOp>(op) && operands[0] == Kind::Linear &&
      isLinearType(op->getResult(0).getType()))
    return Kind::Linear;
  bool hasVector = llvm::is_contained(operands, Kind::Vector);
  if (isa<arith::AddIOp>(op) && !hasVector && isLinearType(op->getResult(0).getType()) &&
      operands[0] != operands[1])
    return Kind::Linear;
  if (isa<arith::SubIOp>(op) && operands[0] == Kind::Linear && operands[1] == Kind::Uniform &&
      isLinearType(op->getResult(0).getType()))
    return Kind::Linear;
  // Lanes beyond a tail may hold any divisor, and integer division by zero traps.
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
          arith::FloorDivSIOp, arith::RemSIOp, arith::RemUIOp>(op) &&
      operands[1] != Kind::Uniform)
    return std::nullopt;
  auto isElement = [](Type type) { return isVectorElement(type); };
  if (OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() == 1 &&
      llvm::all_of(op->getOperandTypes(), isElement) && isElement(op->getResult(0).getType()))
    return Kind::Vector;
  return std::nullopt;
}

/// The kinds of all values of the body, or nothing and why.
static std::optional<DenseMap<Value, Kind>>
classify(Block &body, ArrayRef<Kind> args, function_ref<Kind(int64_t)> index, StringRef &reason) {
  DenseMap<Value, Kind> kinds;
  for (auto [arg, kind] : llvm::zip_equal(body.getArguments(), args))
    kinds[arg] = kind;
  for (Operation &op : body.without_terminator()) {
    if (auto indexOp = dyn_cast<linalg::IndexOp>(op)) {
      if (!index) {
        reason = "position of the element used where there is none";
        return std::nullopt;
      }
      kinds[indexOp] = index(indexOp.getDim());
      continue;
    }
    SmallVector<Kind> operands;
    for (Value operand : op.getOperands())
      operands.push_back(kinds.lookup_or(operand, Kind::Uniform));
    std::optional<Kind> kind = resultKind(&op, operands);
    if (!kind) {
      reason = op.getName().getStringRef();
      return std::nullopt;
    }
    for (Value result : op.getResults())
      kinds[result] = *kind;
  }
  return kinds;
}

bool cpu::canVectorizeBody(Block &body, ArrayRef<Kind> args, function_ref<Kind(int64_t)> index,
                           StringRef *reason) {
  StringRef why;
  bool possible = classify(body, args, index, why).has_value();
  if (reason)
    *reason = why;
  return possible;
}

unsigned cpu::widestLane(Block &body, ArrayRef<Kind> args, function_ref<Kind(int64_t)> index) {
  StringRef why;
  std::optional<DenseMap<Value, Kind>> kinds = classify(body, args, index, why);
  assert(kinds && "body was not checked");
  unsigned bits = 8;
  for (auto [value, kind] : *kinds)
    if (kind == Kind::Vector && value.getType().isIntOrFloat())
      bits = std::clamp(value.getType().getIntOrFloatBitWidth(), bits, 64u);
  return bits;
}

bool cpu::canVectorizeBody(Block &body, StringRef *reason) {
  SmallVector<Kind> args(body.getNumArguments(), Kind::Vector);
  return canVectorizeBody(body, args, nullptr, reason);
}

Value cpu::toVector(OpBuilder &builder, Location loc, LaneValue value, int64_t lanes) {
  if (lanes == 1 || value.kind == Kind::Vector)
    return value.value;
  Type element = value.value.getType();
  auto type = VectorType::get({lanes}, element);
  Value splat = vector::BroadcastOp::create(builder, loc, type, value.value);
  if (value.kind == Kind::Uniform)
    return splat;
  SmallVector<Attribute> steps;
  for (int64_t i = 0; i < lanes; ++i)
    steps.push_back(builder.getIntegerAttr(element, i));
  Value step = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, steps));
  return arith::AddIOp::create(builder, loc, splat, step);
}

namespace {

/// Clones one body.
class BodyCloner {
public:
  BodyCloner(OpBuilder &builder, Block &body, ArrayRef<LaneValue> args, const LaneContext &context)
      : builder(builder), context(context) {
    for (auto [arg, value] : llvm::zip_equal(body.getArguments(), args))
      values[arg] = value;
  }

  LaneValue lookup(Value value) {
    auto it = values.find(value);
    return it == values.end() ? LaneValue::uniform(value) : it->second;
  }

  void clone(Operation &op) {
    if (auto indexOp = dyn_cast<linalg::IndexOp>(op)) {
      values[indexOp] = context.index(indexOp.getDim());
      return;
    }
    SmallVector<LaneValue> operands =
        llvm::map_to_vector(op.getOperands(), [&](Value operand) { return lookup(operand); });
    SmallVector<Kind> kinds =
        llvm::map_to_vector(operands, [](const LaneValue &v) { return v.kind; });
    std::optional<Kind> kind = context.lanes == 1 ? Kind::Uniform : resultKind(&op, kinds);
    assert(kind && "body was not checked");
    if (*kind != Kind::Vector)
      return cloneScalar(op, *kind);
    if (auto load = dyn_cast<memref::LoadOp>(op))
      return cloneLoad(load, operands);
    OperationState state(op.getLoc(), op.getName());
    for (const LaneValue &operand : operands)
      state.addOperands(toVector(builder, op.getLoc(), operand, context.lanes));
    state.addTypes(VectorType::get({context.lanes}, op.getResult(0).getType()));
    state.addAttributes(op.getDiscardableAttrDictionary().getValue());
    state.propertiesAttr = op.getPropertiesAsAttribute();
    values[op.getResult(0)] = LaneValue::vector(builder.create(state)->getResult(0));
  }

private:
  /// Uniform ops, and sums of a Linear value, whose lane 0 is the scalar op of lane 0.
  void cloneScalar(Operation &op, Kind kind) {
    IRMapping mapping;
    for (auto [from, to] : values)
      mapping.map(from, to.value);
    Operation *copy = builder.clone(op, mapping);
    copy->walk([&](linalg::IndexOp index) { // only inside regions, so lanes = 1
      index.replaceAllUsesWith(context.index(index.getDim()).value);
      index.erase();
    });
    for (auto [from, to] : llvm::zip_equal(op.getResults(), copy->getResults()))
      values[from] = {kind, to};
  }

  void cloneLoad(memref::LoadOp load, ArrayRef<LaneValue> operands) {
    Location loc = load.getLoc();
    auto type = VectorType::get({context.lanes}, load.getType());
    SmallVector<Value> indices =
        llvm::map_to_vector(operands.drop_front(), [](const LaneValue &v) { return v.value; });
    Value base = operands.front().value;
    Value result;
    if (context.mask) {
      Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
      result = vector::MaskedLoadOp::create(builder, loc, type, base, indices, context.mask, zero);
    } else {
      result = vector::LoadOp::create(builder, loc, type, base, indices);
    }
    values[load] = LaneValue::vector(result);
  }

  OpBuilder &builder;
  const LaneContext &context;
  DenseMap<Value, LaneValue> values;
};

} // namespace

SmallVector<LaneValue> cpu::vectorizeBody(OpBuilder &builder, Block &body, ArrayRef<LaneValue> args,
                                          const LaneContext &context) {
  return vectorizeBodies(builder, body, {llvm::to_vector(args)}, context).front();
}

SmallVector<SmallVector<LaneValue>> cpu::vectorizeBodies(OpBuilder &builder, Block &body,
                                                         ArrayRef<SmallVector<LaneValue>> args,
                                                         ArrayRef<LaneContext> contexts) {
  SmallVector<BodyCloner> cloners;
  for (auto [own, context] : llvm::zip_equal(args, contexts))
    cloners.emplace_back(builder, body, own, context);
  for (Operation &op : body.without_terminator())
    for (BodyCloner &cloner : cloners)
      cloner.clone(op);
  return llvm::map_to_vector(cloners, [&](BodyCloner &cloner) {
    return llvm::map_to_vector(body.getTerminator()->getOperands(),
                               [&](Value operand) { return cloner.lookup(operand); });
  });
}
