//===- Attention.cpp - attention -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.attention to kernel.attention, whose maps take the transposes on either side.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/KernelOperands.h"
#include "lib/Conversion/NNToLinalg/ScalarBody.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

using Attention = kernel::AttentionOp;

namespace {
/// The heads of a group, where it has several, are dims of their own.
struct HeadGroups {
  DimExpr groups;
  int64_t size = 1;

  /// tensor[.., H, ..] as [.., N, R, ..], and the dims to match.
  MappedValue split(OpBuilder &b, Location loc, MappedValue from) const;
};

struct LowerAttention : NNPattern<nn::AttentionOp> {
  using NNPattern::NNPattern;
  using Op = nn::AttentionOp;

  LogicalResult matchAndRewrite(Op op, OpAdaptor adaptor, Rewriter &rewriter) const override;

private:
  void requireSizes(Op op, Rewriter &rewriter) const;
  HeadGroups groupsOf(Op op) const;
  /// The operands of the kernel op in its order, without init.
  SmallVector<MappedValue> operandsOf(Op op, OpAdaptor adaptor, Rewriter &rewriter) const;
  MappedValue bound(Op op, Rewriter &rewriter, Value original, Value value) const;
  MappedValue mask(Op op, Rewriter &rewriter, Value value) const;
  void buildScore(Op op, Rewriter &rewriter, Region &region) const;
  Attention build(Op op, Rewriter &rewriter, ArrayRef<MappedValue> operands) const;
};
} // namespace

MappedValue HeadGroups::split(OpBuilder &b, Location loc, MappedValue from) const {
  auto *head = llvm::find(from.dims, static_cast<unsigned>(Attention::Head));
  if (size == 1 || head == from.dims.end())
    return from;
  int64_t at = head - from.dims.begin();
  auto type = cast<RankedTensorType>(from.value.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, from.value);
  SmallVector<ReassociationIndices> reassociation;
  for (int64_t i = 0; i < type.getRank(); ++i)
    reassociation.push_back(i == at ? ReassociationIndices{i, i + 1}
                                    : ReassociationIndices{i < at ? i : i + 1});
  shape[at] = *getConstant(groups);
  shape.insert(shape.begin() + at + 1, size);
  sizes[at] = b.getIndexAttr(shape[at]);
  sizes.insert(sizes.begin() + at + 1, b.getIndexAttr(size));
  MappedValue result{
      tensor::ExpandShapeOp::create(b, loc, type.clone(shape), from.value, reassociation, sizes),
      from.dims};
  result.dims.insert(result.dims.begin() + at + 1, Attention::Group);
  return result;
}

void LowerAttention::requireSizes(Op op, Rewriter &rewriter) const {
  Shape query = shapes().getShape(op.getQuery()), key = shapes().getShape(op.getKey()),
        value = shapes().getShape(op.getValue());
  auto require = [&](DimExpr a, DimExpr b, StringRef what) {
    requireEqual(rewriter, op.getLoc(), a, b, what + " of attention differ: {0} and {1}", state);
  };
  require(query[0], key[0], "the batches of query and key");
  require(key[0], value[0], "the batches of key and value");
  require(key[1], value[1], "the heads of key and value");
  if (!getConstant(query[1]) || !getConstant(key[1]))
    require(query[1], key[1], "the heads of query and key");
  require(query[3], key[3], "the sizes of the heads of query and key");
  require(key[2], value[2], "the numbers of keys and values");
}

MappedValue LowerAttention::bound(Op op, Rewriter &rewriter, Value original, Value value) const {
  Shape batch = {shapes().getShape(op.getQuery())[0]};
  requireBroadcast(rewriter, op.getLoc(), {shapes().getShape(original), batch}, batch, state);
  auto operand = broadcastOperand(rewriter, op.getLoc(), original, value, batch, state);
  MappedValue result{operand.value, {}};
  if (operand.map.getNumResults() == 1)
    result.dims.push_back(Attention::Batch);
  return result;
}

MappedValue LowerAttention::mask(Op op, Rewriter &rewriter, Value value) const {
  Shape query = shapes().getShape(op.getQuery()), key = shapes().getShape(op.getKey());
  Shape scores = {query[0], query[1], query[2], key[2]};
  requireBroadcast(rewriter, op.getLoc(), {shapes().getShape(op.getMask()), scores}, scores, state);
  auto operand = broadcastOperand(rewriter, op.getLoc(), op.getMask(), value, scores, state);
  MappedValue result{operand.value, {}};
  for (AffineExpr expr : operand.map.getResults()) {
    constexpr unsigned dims[] = {Attention::Batch, Attention::Head, Attention::Query,
                                 Attention::Key};
    result.dims.push_back(dims[cast<AffineDimExpr>(expr).getPosition()]);
  }
  return result;
}

/// Scale, cap and mask of one score.
void LowerAttention::buildScore(Op op, Rewriter &rewriter, Region &region) const {
  OpBuilder::InsertionGuard guard(rewriter);
  Type element = cast<TensorType>(op.getQuery().getType()).getElementType();
  Type compute = accumulatorType(element, element);
  SmallVector<Type> types = {compute};
  Type maskType;
  if (op.getMask()) {
    maskType = cast<TensorType>(op.getMask().getType()).getElementType();
    types.push_back(LoweredTypes::element(maskType));
  }
  Block *block =
      rewriter.createBlock(&region, {}, types, SmallVector<Location>(types.size(), op.getLoc()));
  ScalarBuilder b(op.getLoc(), rewriter);
  auto binary = [&](BinaryKind kind, Value lhs, Value rhs) {
    return scalarBinary(b, kind, lhs, rhs, compute);
  };
  auto constant = [&](const llvm::APFloat &value) {
    return scalarConstant(b, compute, value.convertToDouble());
  };
  Value score = block->getArgument(0);
  if (!op.getScale().isExactlyValue(1.0))
    score = binary(BinaryKind::Mul, score, constant(op.getScale()));
  if (auto cap = op.getSoftcap()) {
    Value bent =
        scalarUnary(b, UnaryKind::Tanh, binary(BinaryKind::Div, score, constant(*cap)), compute);
    score = binary(BinaryKind::Mul, bent, constant(*cap));
  }
  if (maskType) {
    Value mask = loadElement(b, block->getArgument(1), maskType);
    score = maskType.isInteger(1)
                ? arith::SelectOp::create(b, mask, score, constant(op.getFill())).getResult()
                : binary(BinaryKind::Add, score, mask);
  }
  kernel::YieldOp::create(b, score);
}

HeadGroups LowerAttention::groupsOf(Op op) const {
  DimExpr heads = shapes().getShape(op.getQuery())[1], groups = shapes().getShape(op.getKey())[1];
  if (getConstant(heads) && getConstant(groups))
    return {groups, *getConstant(heads) / *getConstant(groups)};
  return {groups};
}

SmallVector<MappedValue> LowerAttention::operandsOf(Op op, OpAdaptor adaptor, Rewriter &b) const {
  using A = Attention;
  HeadGroups groups = groupsOf(op);
  auto read = [&](Value original, Value value, ArrayRef<unsigned> dims) {
    return throughTranspose(b, original, {value, llvm::to_vector(dims)});
  };
  MappedValue query =
      read(op.getQuery(), adaptor.getQuery(), {A::Batch, A::Head, A::Query, A::Inner});
  SmallVector<MappedValue> operands = {
      groups.split(b, op.getLoc(), query),
      read(op.getKey(), adaptor.getKey(), {A::Batch, A::Head, A::Key, A::Inner}),
      read(op.getValue(), adaptor.getValue(), {A::Batch, A::Head, A::Key, A::Outer})};
  if (op.getOffset())
    operands.push_back(bound(op, b, op.getOffset(), adaptor.getOffset()));
  if (op.getLengths())
    operands.push_back(bound(op, b, op.getLengths(), adaptor.getLengths()));
  if (op.getMask())
    operands.push_back(groups.split(b, op.getLoc(), mask(op, b, adaptor.getMask())));
  return operands;
}

/// `operands` are those of the kernel op, init the last.
Attention LowerAttention::build(Op op, Rewriter &b, ArrayRef<MappedValue> operands) const {
  SmallVector<AffineMap> maps;
  for (const MappedValue &operand : operands)
    maps.push_back(
        AffineMap::getMultiDimMapWithTargets(Attention::NumDims, operand.dims, b.getContext()));
  size_t next = 3;
  Value init = operands.back().value;
  Value offset = op.getOffset() ? operands[next++].value : Value();
  Value lengths = op.getLengths() ? operands[next++].value : Value();
  auto extras = llvm::map_to_vector(operands.slice(next).drop_back(),
                                    [](const MappedValue &operand) { return operand.value; });
  auto attention = Attention::create(b, op.getLoc(), TypeRange(init.getType()), operands[0].value,
                                     operands[1].value, operands[2].value, offset, lengths, extras,
                                     init, b.getAffineMapArrayAttr(maps), op.getBeforeAttr(),
                                     op.getAfterAttr(), op.getGuardedAttr(), op.getNarrowAttr());
  buildScore(op, b, attention.getScore());
  return attention;
}

/// The order in which the only user, a transpose, wants the dimensions, else the usual one.
static SmallVector<int64_t> wantedOrder(nn::AttentionOp op) {
  if (op.getResult().hasOneUse())
    if (auto transpose = dyn_cast<TransposeOp>(*op.getResult().user_begin()))
      if (transpose.getPermutation().back() == 3)
        return llvm::to_vector(transpose.getPermutation());
  return {0, 1, 2, 3};
}

LogicalResult LowerAttention::matchAndRewrite(Op op, OpAdaptor adaptor, Rewriter &b) const {
  Location loc = op.getLoc();
  requireSizes(op, b);
  SmallVector<MappedValue> operands = operandsOf(op, adaptor, b);
  constexpr unsigned dims[] = {Attention::Batch, Attention::Head, Attention::Query,
                               Attention::Outer};
  SmallVector<int64_t> order = wantedOrder(op), back(order.size());
  SmallVector<OpFoldResult> sizes = lowerSizes(b, loc, op.getResult(), state), ordered;
  MappedValue init;
  for (auto [i, dim] : llvm::enumerate(order)) {
    ordered.push_back(sizes[dim]);
    init.dims.push_back(dims[dim]);
    back[dim] = i;
  }
  auto type = lowered(op.getResult());
  init.value = createEmpty(b, loc, ordered, type.getElementType());
  operands.push_back(groupsOf(op).split(b, loc, init));
  Value result = build(op, b, operands)->getResult(0);
  if (auto expand = operands.back().value.getDefiningOp<tensor::ExpandShapeOp>())
    result = tensor::CollapseShapeOp::create(b, loc, init.value.getType(), result,
                                             expand.getReassociationIndices());
  if (!llvm::is_sorted(order)) { // this one and the user's cancel
    Value empty = createEmpty(b, loc, sizes, type.getElementType());
    result = linalg::TransposeOp::create(b, loc, result, empty, back)->getResult(0);
  }
  b.replaceOp(op, castTo(b, loc, result, type));
  return success();
}

void optc::nn::populateAttention(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerAttention>(patterns.getContext(), state);
}
