//===- Rope.cpp - rotary embedding ------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// nn.rope to one linalg.generic.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/Broadcasting.h"
#include "lib/Conversion/NNToLinalg/Indexing.h"
#include "lib/Conversion/NNToLinalg/KernelOperands.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
/// The part of a head that turns is seen as [.., 2, r], or [.., r, 2] if interleaved: element
/// (h, i) needs element (1 - h, i) of the same head. No part is copied to be joined again.
struct LowerRope : NNPattern<RopeOp> {
  using NNPattern::NNPattern;

  LogicalResult matchAndRewrite(RopeOp op, OpAdaptor adaptor, Rewriter &b) const override {
    Location loc = op.getLoc();
    int64_t rank = cast<RankedTensorType>(op.getType()).getRank();
    MappedValue input = throughTranspose(
        b, op.getInput(), {adaptor.getInput(), llvm::to_vector(llvm::seq<unsigned>(0, rank))});
    if (input.dims.back() + 1 != rank)
      input = {adaptor.getInput(), llvm::to_vector(llvm::seq<unsigned>(0, rank))};
    int64_t size = cast<RankedTensorType>(input.value.getType()).getShape().back();
    int64_t turned = 2 * cast<RankedTensorType>(op.getCos().getType()).getShape().back();
    Value part = turned == size ? input.value : slice(b, loc, input.value, 0, turned);
    Value result = turn(op, adaptor, b, {part, input.dims}, turned / 2);
    if (turned != size) {
      Value rest = slice(b, loc, adaptor.getInput(), turned, size - turned);
      result = tensor::ConcatOp::create(b, loc, rank - 1, ValueRange{result, rest});
    }
    b.replaceOp(op, castTo(b, loc, result, lowered(op.getResult())));
    return success();
  }

private:
  /// Elements [first, first + count) of the last dimension.
  static Value slice(Rewriter &b, Location loc, Value value, int64_t first, int64_t count) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
    SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0)),
        strides(sizes.size(), b.getIndexAttr(1));
    offsets.back() = b.getIndexAttr(first);
    sizes.back() = b.getIndexAttr(count);
    return tensor::ExtractSliceOp::create(b, loc, value, offsets, sizes, strides);
  }

  /// tensor[.., 2 * r] as [.., 2, r] or [.., r, 2].
  static Value pairs(Rewriter &b, Location loc, Value value, ArrayRef<int64_t> last) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape().drop_back());
    shape.append(last.begin(), last.end());
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
    sizes.pop_back();
    for (int64_t each : last)
      sizes.push_back(b.getIndexAttr(each));
    SmallVector<ReassociationIndices> groups;
    for (int64_t i = 0; i < type.getRank(); ++i)
      groups.push_back({i});
    groups.back().push_back(type.getRank());
    return tensor::ExpandShapeOp::create(b, loc, type.clone(shape), value, groups, sizes);
  }

  Value turn(RopeOp op, OpAdaptor adaptor, Rewriter &b, MappedValue input, int64_t half) const;
  static Value turnElement(ScalarBuilder &b, RopeOp op, MappedValue input, ValueRange read);
};
} // namespace

Value LowerRope::turn(RopeOp op, OpAdaptor adaptor, Rewriter &b, MappedValue input,
                      int64_t half) const {
  Location loc = op.getLoc();
  unsigned rank = input.dims.size(), inPair = op.getInterleaved() ? rank : rank - 1;
  SmallVector<int64_t> last = {2, half};
  if (op.getInterleaved())
    std::swap(last[0], last[1]);
  input.value = pairs(b, loc, input.value, last);
  input.dims.push_back(rank);
  SmallVector<OpFoldResult> sizes = lowerSizes(b, loc, op.getResult(), state);
  sizes.back() = b.getIndexAttr(2 * half);
  Value whole = createEmpty(b, loc, sizes, lowered(op.getResult()).getElementType());
  Value init = pairs(b, loc, whole, last);
  // The iterators are the dimensions of the result, the place in the pair among them.
  SmallVector<Value> inputs = {input.value};
  SmallVector<AffineMap> maps = {
      AffineMap::getMultiDimMapWithTargets(rank + 1, input.dims, b.getContext())};
  Shape target = shapes().getShape(op.getResult());
  target.back() = shapes().constant(half);
  for (auto [original, value] :
       {std::pair(op.getCos(), adaptor.getCos()), std::pair(op.getSin(), adaptor.getSin())}) {
    requireBroadcast(b, loc, {shapes().getShape(original), target}, target, state);
    auto table = broadcastOperand(b, loc, original, value, target, state);
    SmallVector<unsigned> dims;
    for (AffineExpr expr : table.map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      dims.push_back(dim < inPair ? dim : dim + 1);
    }
    inputs.push_back(table.value);
    maps.push_back(AffineMap::getMultiDimMapWithTargets(rank + 1, dims, b.getContext()));
  }
  ScalarBuilder scalar(loc, b);
  Value turned =
      buildGeneric(scalar, init, inputs, maps, [&](ScalarBuilder &body, ValueRange read) {
        return turnElement(body, op, input, read);
      });
  auto expand = init.getDefiningOp<tensor::ExpandShapeOp>();
  return tensor::CollapseShapeOp::create(b, loc, whole.getType(), turned,
                                         expand.getReassociationIndices());
}

/// x * cos - other * sin in the first place of a pair, x * cos + other * sin in the second.
Value LowerRope::turnElement(ScalarBuilder &b, RopeOp op, MappedValue input, ValueRange read) {
  Type type = cast<TensorType>(op.getType()).getElementType();
  unsigned rank = input.dims.size() - 1, inPair = op.getInterleaved() ? rank : rank - 1;
  SmallVector<Value> positions = loopPositions(b, 0, rank + 1);
  Value one = arith::ConstantIndexOp::create(b, 1), place = positions[inPair];
  positions[inPair] = arith::SubIOp::create(b, one, place);
  auto at = llvm::map_to_vector(input.dims, [&](unsigned dim) { return positions[dim]; });
  Value other = loadElement(b, tensor::ExtractOp::create(b, input.value, at), type);
  Value x = loadElement(b, read[0], type), cos = loadElement(b, read[1], type),
        sin = loadElement(b, read[2], type);
  Value isSecond = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, one);
  sin = arith::SelectOp::create(b, isSecond, sin, arith::NegFOp::create(b, sin));
  Value turned = arith::AddFOp::create(b, arith::MulFOp::create(b, x, cos),
                                       arith::MulFOp::create(b, other, sin));
  return storeElement(b, turned, type);
}

void optc::nn::populateRope(RewritePatternSet &patterns, LoweringState &state) {
  patterns.add<LowerRope>(patterns.getContext(), state);
}
