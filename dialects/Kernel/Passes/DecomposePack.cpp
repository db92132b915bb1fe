//===- DecomposePack.cpp - pack as linalg ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.pack becomes one linalg op over its result that reads the source at computed places.
// A Winograd pack is the pack of a larger filter, each element of which sums nine.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "dialects/Kernel/WinogradTransform.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {

/// An element of the packed form: row k and column n of the matrix of a group.
struct PackedElement {
  Value group, k, n;
};

/// Index arithmetic inside a linalg body.
struct IndexMath {
  OpBuilder &builder;
  Location loc;

  Value constant(int64_t v) const { return arith::ConstantIndexOp::create(builder, loc, v); }
  Value add(Value a, Value b) const { return arith::AddIOp::create(builder, loc, a, b); }
  Value sub(Value a, Value b) const { return arith::SubIOp::create(builder, loc, a, b); }
  Value mul(Value a, Value b) const { return arith::MulIOp::create(builder, loc, a, b); }
  Value div(Value a, Value b) const { return arith::DivUIOp::create(builder, loc, a, b); }
  Value rem(Value a, Value b) const { return arith::RemUIOp::create(builder, loc, a, b); }
};

} // namespace

/// What stands at position `at` of the packed form.
static PackedElement locate(const IndexMath &math, PackOp op, Value at, Value rows, Value columns) {
  auto panels = dyn_cast<PanelsAttr>(op.getLayout());
  if (auto winograd = dyn_cast<WinogradAttr>(op.getLayout()))
    panels = winograd.getPanels();
  if (!panels) { // [taps][channels]
    Value channels = math.constant(op.getGroups());
    return {math.rem(at, channels), math.div(at, channels), math.constant(0)};
  }
  Value align = math.constant(panels.getAlign()), width = math.constant(panels.getWidth());
  Value blocks = arith::CeilDivUIOp::create(math.builder, math.loc, columns, align);
  Value stored = math.mul(blocks, align);
  Value groupSize = math.mul(rows, stored);
  Value group = math.div(at, groupSize);
  Value inGroup = math.rem(at, groupSize);
  Value panelSize = math.mul(rows, width);
  Value firstColumn = math.mul(math.div(inGroup, panelSize), width);
  Value panelWidth =
      arith::MinUIOp::create(math.builder, math.loc, width, math.sub(stored, firstColumn));
  Value inPanel = math.rem(inGroup, panelSize), together = math.constant(panels.getInterleave());
  Value blockSize = math.mul(panelWidth, together), inBlock = math.rem(inPanel, blockSize);
  Value k = math.add(math.mul(math.div(inPanel, blockSize), together), math.rem(inBlock, together));
  return {group, k, math.add(firstColumn, math.div(inBlock, together))};
}

/// Indices of the element in the source; `column` is n, clamped.
static SmallVector<Value> sourceIndices(const IndexMath &math, PackOp op, PackedElement element,
                                        Value column, Value columns) {
  if (op.getOrder() == PackOrder::KN)
    return {element.k, column};
  if (op.getOrder() == PackOrder::NK)
    return {column, element.k};
  Value output = math.add(math.mul(element.group, columns), column);
  ArrayRef<int64_t> shape = op.getSourceType().getShape();
  Value channels = math.constant(shape[1]);
  SmallVector<Value> taps;
  Value tap = math.div(element.k, channels);
  for (int64_t size : llvm::reverse(shape.drop_front(2))) {
    taps.push_back(math.rem(tap, math.constant(size)));
    tap = math.div(tap, math.constant(size));
  }
  SmallVector<Value> indices = {output, math.rem(element.k, channels)};
  llvm::append_range(indices, llvm::reverse(taps));
  return indices;
}

/// Element (k, column) of the transformed filter, where k counts positions of a window and in
/// each all channels. In f64, as kernel-evaluate-packs does.
static Value transformed(const IndexMath &math, PackOp op, WinogradAttr layout, Value k,
                         Value column) {
  OpBuilder &builder = math.builder;
  Location loc = math.loc;
  WinogradTransform transform(layout.getTile());
  int64_t size = transform.getSize();
  Type f64 = builder.getF64Type(), element = op.getInitType().getElementType();
  SmallVector<double> rows;
  for (const auto &row : transform.getFilterRows())
    llvm::append_range(rows, row);
  auto table = DenseElementsAttr::get(RankedTensorType::get({size, 3}, f64), ArrayRef(rows));
  Value factors = arith::ConstantOp::create(builder, loc, table);
  Value channels = math.constant(op.getSourceType().getDimSize(1));
  Value position = math.div(k, channels), channel = math.rem(k, channels);
  auto factor = [&](Value at, int64_t tap) -> Value {
    return tensor::ExtractOp::create(builder, loc, factors, ValueRange{at, math.constant(tap)});
  };
  auto sumOfTaps = [&](Value at, auto get) {
    Value sum;
    for (int64_t tap = 0; tap < 3; ++tap) {
      Value product = arith::MulFOp::create(builder, loc, factor(at, tap), get(tap));
      sum = sum ? arith::AddFOp::create(builder, loc, sum, product).getResult() : product;
    }
    return sum;
  };
  Value result = sumOfTaps(math.rem(position, math.constant(size)), [&](int64_t j) {
    return sumOfTaps(math.div(position, math.constant(size)), [&](int64_t i) {
      Value value = tensor::ExtractOp::create(
          builder, loc, op.getSource(),
          ValueRange{column, channel, math.constant(i), math.constant(j)});
      return convertScalarToDtype(builder, loc, value, f64, /*isUnsignedCast=*/false);
    });
  });
  // In two steps, as kernel-evaluate-packs rounds to bf16; in one it would be a call of a library.
  if (element.isBF16())
    result =
        convertScalarToDtype(builder, loc, result, builder.getF32Type(), /*isUnsignedCast=*/false);
  return convertScalarToDtype(builder, loc, result, element, /*isUnsignedCast=*/false);
}

static FailureOr<Value> decomposePack(RewriterBase &rewriter, PackOp op) {
  Location loc = op.getLoc();
  bool isFilter = op.getOrder() == PackOrder::Filter;
  if (isFilter && !op.getSourceType().hasStaticShape())
    return rewriter.notifyMatchFailure(op, "filter of unknown shape");
  auto size = [&](int64_t known, int64_t dim) -> Value {
    if (!ShapedType::isDynamic(known))
      return arith::ConstantIndexOp::create(rewriter, loc, known);
    return tensor::DimOp::create(rewriter, loc, op.getSource(), dim);
  };
  bool columnsLast = op.getOrder() == PackOrder::KN;
  auto winograd = dyn_cast<WinogradAttr>(op.getLayout());
  int64_t knownRows = op.getRows();
  if (winograd)
    knownRows = knownRows / WinogradTransform::window * winograd.getPositions();
  Value rows = size(knownRows, columnsLast ? 0 : 1);
  Value columns = size(op.getColumns(), columnsLast ? 1 : 0);
  auto generic = linalg::GenericOp::create(
      rewriter, loc, TypeRange(op.getInit().getType()), ValueRange(), ValueRange(op.getInit()),
      rewriter.getMultiDimIdentityMap(1), utils::IteratorType::parallel,
      [&](OpBuilder &builder, Location loc, ValueRange) {
        IndexMath math{builder, loc};
        Value at = linalg::IndexOp::create(builder, loc, 0);
        PackedElement element = locate(math, op, at, rows, columns);
        Value last = math.sub(columns, math.constant(1));
        Value column = arith::MinUIOp::create(builder, loc, element.n, last);
        Value value =
            winograd ? transformed(math, op, winograd, element.k, column)
                     : tensor::ExtractOp::create(builder, loc, op.getSource(),
                                                 sourceIndices(math, op, element, column, columns));
        Value inside =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, element.n, columns);
        Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(value.getType()));
        Value stored = arith::SelectOp::create(builder, loc, inside, value, zero);
        linalg::YieldOp::create(builder, loc, stored);
      });
  return generic.getResult(0);
}

void kernel::populateDecomposePack(RewritePatternSet &patterns, const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<PackOp>>(patterns.getContext(), decomposePack, filter);
}
