//===- Unpool.cpp - images from parts of them ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MaxUnpool and Col2Im, as scatters.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"
#include "lib/Import/Onnx/WindowAttributes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static Value elementOf(NNBuilder &b, Value vector, int64_t i) {
  return b.slice(vector, 0, i, i + 1);
}

static Value productOf(NNBuilder &b, ArrayRef<Value> sizes) {
  Value result = b.ints({1});
  for (Value size : sizes)
    result = b.binary(BinaryKind::Mul, result, size);
  return result;
}

static Value zeros(NNBuilder &b, Type type, Value shape) {
  return b.expand(b.scalar(type, 0), shape);
}

//===----------------------------------------------------------------------===//
// MaxUnpool
//===----------------------------------------------------------------------===//

/// What the pool had seen, without output_shape: (size - 1) * stride + window - pads.
static FailureOr<SmallVector<Value>> unpooledSizes(NodeImport &n, Value x) {
  NNBuilder &b = n.b;
  SmallVector<int64_t> windows = n.intsAttr("kernel_shape");
  auto strides = readInts(n, "strides", windows.size(), 1),
       pads = readInts(n, "pads", 2 * windows.size(), 0);
  if (failed(strides) || failed(pads))
    return failure();
  if (static_cast<int64_t>(windows.size()) + 2 != NNBuilder::rankOf(x))
    return n.invalid("kernel_shape has " + Twine(windows.size()) +
                     " elements, its input has rank " + Twine(NNBuilder::rankOf(x)));
  SmallVector<Value> sizes = {b.sizeOf(x, 0), b.sizeOf(x, 1)};
  for (auto [i, window] : llvm::enumerate(windows)) {
    int64_t added = window - (*strides)[i] - (*pads)[i] - (*pads)[windows.size() + i];
    Value steps = b.binary(BinaryKind::Mul, b.sizeOf(x, 2 + i), static_cast<double>((*strides)[i]));
    sizes.push_back(b.binary(BinaryKind::Add, steps, static_cast<double>(added)));
  }
  return sizes;
}

/// Indices count the elements of the unpooled tensor. An output_shape adds zeros behind it.
static LogicalResult importMaxUnpool(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type type = b.elementOf(x);
  FailureOr<SmallVector<Value>> sizes = unpooledSizes(n, x);
  if (failed(sizes))
    return failure();
  Value flat = zeros(b, type, productOf(b, *sizes));
  Value places = b.reshape(n.operand(1), {-1});
  Value filled =
      b.make<ScatterElementsOp>(type, flat, places, b.reshape(x, {-1}), 0, ReduceKindAttr());
  Value shape = b.concat(*sizes, 0), result = b.reshape(filled, shape, /*allowZero=*/true);
  if (n.hasOperand(2)) {
    int64_t rank = NNBuilder::rankOf(x);
    Value missing = b.binary(BinaryKind::Sub, n.vectorOf(n.operand(2), rank), shape);
    Value pads = b.concat({b.ints(SmallVector<int64_t>(rank, 0)), missing}, 0);
    result = b.make<PadOp>(type, PadMode::Constant, result, pads, b.scalar(type, 0));
  }
  n.setResult(0, result);
  return success();
}

//===----------------------------------------------------------------------===//
// Col2Im
//===----------------------------------------------------------------------===//

namespace {
/// One spatial dimension: sizes as tensor<1xi64>.
struct BlockAxis {
  Value image, block, count; ///< sizes of the image and of a block, how many blocks
  int64_t dilation, stride, before, after;
};
} // namespace

static FailureOr<SmallVector<BlockAxis>> blockAxes(NodeImport &n) {
  NNBuilder &b = n.b;
  Value images = n.operand(1), blocks = n.operand(2);
  int64_t rank = NNBuilder::typeOf(images).getDimSize(0);
  if (ShapedType::isDynamic(rank))
    rank = NNBuilder::typeOf(blocks).getDimSize(0);
  if (ShapedType::isDynamic(rank) && n.resultRank(0))
    rank = *n.resultRank(0) - 2;
  if (ShapedType::isDynamic(rank))
    return n.unsupported("how many spatial dimensions it has is known only at run time");
  images = n.vectorOf(images, rank);
  blocks = n.vectorOf(blocks, rank);
  auto dilations = readInts(n, "dilations", rank, 1), strides = readInts(n, "strides", rank, 1),
       pads = readInts(n, "pads", 2 * rank, 0);
  if (failed(dilations) || failed(strides) || failed(pads))
    return failure();
  if (llvm::any_of(*strides, [](int64_t stride) { return stride < 1; }))
    return n.invalid("its strides must be at least 1");
  SmallVector<BlockAxis> axes;
  for (int64_t i = 0; i < rank; ++i) {
    BlockAxis axis{elementOf(b, images, i), elementOf(b, blocks, i), {},
                   (*dilations)[i],         (*strides)[i],           (*pads)[i],
                   (*pads)[rank + i]};
    // (image + pads - (dilation * (block - 1) + 1)) / stride + 1
    Value extent = b.binary(BinaryKind::Mul, b.binary(BinaryKind::Sub, axis.block, 1.0),
                            static_cast<double>(axis.dilation));
    Value room = b.binary(
        BinaryKind::Sub,
        b.binary(BinaryKind::Add, axis.image, static_cast<double>(axis.before + axis.after - 1)),
        extent);
    axis.count = b.binary(BinaryKind::Add,
                          b.binary(BinaryKind::Div, room, static_cast<double>(axis.stride)), 1.0);
    axes.push_back(axis);
  }
  return axes;
}

static Value paddedSize(NNBuilder &b, const BlockAxis &axis) {
  return b.binary(BinaryKind::Add, axis.image, static_cast<double>(axis.before + axis.after));
}

/// Where in the padded image the elements [blocks.., counts..] are, as one number.
static Value placesOf(NNBuilder &b, ArrayRef<BlockAxis> axes) {
  int64_t rank = axes.size();
  Value place = b.scalar(b.getI64Type(), 0);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    auto along = [&](Value count, int64_t factor, int64_t dim) {
      SmallVector<int64_t> others;
      for (int64_t d = 0; d < 2 * rank; ++d)
        if (d != dim)
          others.push_back(d);
      return b.unsqueeze(b.binary(BinaryKind::Mul, b.iota(count), static_cast<double>(factor)),
                         others);
    };
    Value here = along(axis.block, axis.dilation, i);
    here = b.binary(BinaryKind::Add, here, along(axis.count, axis.stride, rank + i));
    Value rows =
        b.binary(BinaryKind::Mul, place, b.reshape(paddedSize(b, axis), ArrayRef<int64_t>()));
    place = b.binary(BinaryKind::Add, rows, here);
  }
  return place;
}

/// Overlapping blocks [N, C * blocks, counts] are added up.
static LogicalResult importCol2Im(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type type = b.elementOf(x);
  if (NNBuilder::rankOf(x) != 3)
    return n.invalid("its input has rank " + Twine(NNBuilder::rankOf(x)) + ", needed is 3");
  FailureOr<SmallVector<BlockAxis>> axes = blockAxes(n);
  if (failed(axes))
    return failure();
  SmallVector<Value> blocks, counts, padded;
  for (const BlockAxis &axis : *axes) {
    blocks.push_back(axis.block);
    counts.push_back(axis.count);
    padded.push_back(paddedSize(b, axis));
  }
  // Rows of all channels of all images, one per element of a block.
  Value batch = b.sizeOf(x, 0), perBlock = productOf(b, blocks), numBlocks = productOf(b, counts);
  Value channels = b.binary(BinaryKind::Div, b.sizeOf(x, 1), perBlock);
  Value rows = b.transpose(b.reshape(x, b.concat({batch, channels, perBlock, numBlocks}, 0), true),
                           {2, 3, 0, 1});
  Value places = placesOf(b, *axes);
  places = b.reshape(places, b.concat({perBlock, numBlocks, b.ints({1})}, 0), true);
  Value image = zeros(b, type, b.concat({productOf(b, padded), batch, channels}, 0));
  auto sum = ReduceKindAttr::get(b.getContext(), ReduceKind::Sum);
  image = b.transpose(b.make<ScatterNDOp>(type, image, places, rows, sum), {1, 2, 0});
  SmallVector<Value> shape = {batch, channels};
  shape.append(padded);
  image = b.reshape(image, b.concat(shape, 0), /*allowZero=*/true);
  for (auto [i, axis] : llvm::enumerate(*axes))
    if (axis.before || axis.after) {
      Value start = b.ints({axis.before});
      image = b.slice(image, 2 + i, start, b.binary(BinaryKind::Add, start, axis.image));
    }
  n.setResult(0, image);
  return success();
}

void optc::onnximport::registerUnpool(HandlerRegistry &r) {
  r.add("MaxUnpool", importMaxUnpool);
  r.add("Col2Im", summing<importCol2Im>);
}
