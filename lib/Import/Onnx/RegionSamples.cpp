//===- RegionSamples.cpp - weighted elements of images, per region -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One linalg op that reads at computed positions, over all regions if their bins have equally many
// samples, else in a loop over the regions. Channels are the last dimension: what is read is
// next to each other.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RegionSamples.h"
#include "dialects/Run/Run.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
class SampleCombiner {
public:
  SampleCombiner(NodeImport &n, const RegionOperands &operands, ReduceKind kind)
      : n(n), operands(operands), kind(kind), image(n.b.transpose(operands.image, {0, 2, 3, 1})),
        b(n.b.getLoc(), n.b) {}
  Value run();

private:
  Value checkedImages();
  Value combine(Value init, ArrayRef<Value> tables, Value imageOfAll);
  Value combineRegion(Value all, Value region, Value images);
  Value fill(Value tensor, Value hasSamples);

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value toIndex(Value value) { return arith::IndexCastOp::create(b, b.getIndexType(), value); }
  Value extract(Value tensor, ValueRange at) { return tensor::ExtractOp::create(b, tensor, at); }
  Value size(Value tensor, int64_t dim) { return b.createOrFold<tensor::DimOp>(tensor, dim); }

  NodeImport &n;
  const RegionOperands &operands;
  ReduceKind kind;
  Value image; ///< [N, H, W, C]
  ImplicitLocOpBuilder b;
};
} // namespace

/// The image of every region, as i64 that are positions.
Value SampleCombiner::checkedImages() {
  Value images = operands.images;
  std::string message =
      "node '" + n.node.name + "': batch index {0} is out of range for {1} images";
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), images);
  Value empty = tensor::EmptyOp::create(b, sizes, b.getI64Type()), count = size(image, 0);
  AffineMap identity = b.getMultiDimIdentityMap(1);
  utils::IteratorType iterators[] = {utils::IteratorType::parallel};
  auto body = [&](OpBuilder &builder, Location loc, ValueRange read) {
    ImplicitLocOpBuilder inner(loc, builder);
    Value raw = arith::IndexCastOp::create(inner, inner.getIndexType(), read[0]);
    Value checked = run::CheckedIndexOp::create(inner, raw, count, inner.getStringAttr(message));
    linalg::YieldOp::create(
        inner, arith::IndexCastOp::create(inner, inner.getI64Type(), checked).getResult());
  };
  AffineMap maps[] = {identity, identity};
  return linalg::GenericOp::create(b, empty.getType(), images, empty, maps, iterators, body)
      .getResult(0);
}

/// `tables` are rows and columns, then their weights if there are some. With `imageOfAll`, an
/// index, they are of one region, else of all, and the last of them is the image of each.
Value SampleCombiner::combine(Value init, ArrayRef<Value> tables, Value imageOfAll) {
  int64_t regionDims = imageOfAll ? 0 : 1, numDims = regionDims + 5;
  auto map = [&](ArrayRef<int64_t> dims) {
    SmallVector<AffineExpr> results;
    if (regionDims)
      results.push_back(b.getAffineDimExpr(0));
    for (int64_t dim : dims)
      results.push_back(b.getAffineDimExpr(regionDims + dim));
    return AffineMap::get(numDims, 0, results, b.getContext());
  };
  SmallVector<AffineMap> maps = {map({0, 3}), map({1, 4})};
  bool hasWeights = tables.size() >= 4;
  if (hasWeights)
    maps.append({map({0, 3}), map({1, 4})});
  if (!imageOfAll)
    maps.push_back(map({}));
  maps.push_back(map({0, 1, 2}));
  SmallVector<utils::IteratorType> iterators(numDims - 2, utils::IteratorType::parallel);
  iterators.append(2, utils::IteratorType::reduction);
  auto body = [&](OpBuilder &builder, Location loc, ValueRange read) {
    ImplicitLocOpBuilder inner(loc, builder);
    auto position = [&](Value value) -> Value {
      return arith::IndexCastOp::create(inner, inner.getIndexType(), value);
    };
    Value where = imageOfAll ? imageOfAll : position(read[tables.size() - 1]);
    Value channel = linalg::IndexOp::create(inner, regionDims + 2);
    Value value = tensor::ExtractOp::create(
        inner, image, ValueRange{where, position(read[0]), position(read[1]), channel});
    if (hasWeights)
      value = arith::MulFOp::create(inner, arith::MulFOp::create(inner, read[2], read[3]), value);
    Value sum = kind == ReduceKind::Sum
                    ? arith::AddFOp::create(inner, read.back(), value).getResult()
                    : arith::MaximumFOp::create(inner, read.back(), value).getResult();
    linalg::YieldOp::create(inner, sum);
  };
  return linalg::GenericOp::create(b, init.getType(), tables, init, maps, iterators, body)
      .getResult(0);
}

/// What no sample changes; without samples it is the result, 0.
Value SampleCombiner::fill(Value tensor, Value hasSamples) {
  auto type = cast<FloatType>(NNBuilder::elementOf(tensor));
  auto number = [&](double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  };
  Value start = number(0);
  if (kind == ReduceKind::Max) {
    Value lowest = number(-std::numeric_limits<double>::infinity());
    start = hasSamples ? arith::SelectOp::create(b, hasSamples, lowest, start).getResult() : lowest;
  }
  return linalg::FillOp::create(b, start, tensor).getResult(0);
}

/// One region, stored into the tensor of all.
Value SampleCombiner::combineRegion(Value all, Value region, Value images) {
  Value counts[] = {toIndex(extract(operands.rows.used, region)),
                    toIndex(extract(operands.columns.used, region))};
  Value none = index(0);
  auto isSome = [&](Value count) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, count, none);
  };
  Value hasRows = isSome(counts[0]);
  Value hasSamples = arith::AndIOp::create(b, hasRows, isSome(counts[1]));
  auto tableOf = [&](Value table, Value count) -> Value {
    auto type = NNBuilder::typeOf(table);
    OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
    auto reduced =
        RankedTensorType::get({type.getDimSize(1), ShapedType::kDynamic}, type.getElementType());
    return tensor::ExtractSliceOp::create(
        b, reduced, table, ArrayRef<OpFoldResult>{region, zero, zero},
        ArrayRef<OpFoldResult>{one, b.getIndexAttr(type.getDimSize(1)), count},
        ArrayRef<OpFoldResult>{one, one, one});
  };
  SmallVector<Value> tables = {tableOf(operands.rows.rows, counts[0]),
                               tableOf(operands.columns.rows, counts[1])};
  if (operands.rows.weights)
    tables.append(
        {tableOf(operands.rows.weights, counts[0]), tableOf(operands.columns.weights, counts[1])});
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), all),
                            offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1));
  sizes[0] = b.getIndexAttr(1);
  offsets[0] = region;
  auto type = NNBuilder::typeOf(all);
  auto reduced = RankedTensorType::get(type.getShape().drop_front(), type.getElementType());
  Value place = tensor::ExtractSliceOp::create(b, reduced, all, offsets, sizes, steps);
  Value init = fill(place, hasSamples);
  Value result = combine(init, tables, toIndex(extract(images, region)));
  return tensor::InsertSliceOp::create(b, result, all, offsets, sizes, steps);
}

Value SampleCombiner::run() {
  SymbolicShapes &shapes = n.b.getShapes();
  Value rows = operands.rows.rows, columns = operands.columns.rows;
  Shape shape = {shapes.getShape(rows)[0], shapes.getShape(rows)[1], shapes.getShape(columns)[1],
                 shapes.getShape(image)[3]};
  auto type = RankedTensorType::get(getTypeShape(shape), NNBuilder::elementOf(image));
  SmallVector<Value> dynamic;
  if (type.isDynamicDim(0))
    dynamic.push_back(size(rows, 0));
  if (type.isDynamicDim(3))
    dynamic.push_back(size(image, 3));
  Value images = checkedImages(), empty = tensor::EmptyOp::create(b, type, dynamic), result;
  if (operands.rows.used) {
    Value first = index(0), count = size(rows, 0);
    auto loop = scf::ForOp::create(b, first, count, index(1), empty);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value next = combineRegion(loop.getRegionIterArg(0), loop.getInductionVar(), images);
    scf::YieldOp::create(b, next);
    result = loop.getResult(0);
  } else {
    result = combine(fill(empty, {}),
                     {rows, columns, operands.rows.weights, operands.columns.weights, images}, {});
  }
  shapes.setShape(result, shape);
  return result;
}

Value optc::onnximport::combineSamples(NodeImport &n, const RegionOperands &operands,
                                       ReduceKind kind) {
  return SampleCombiner(n, operands, kind).run();
}
