//===- Image.cpp - resizing and sampling images --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resize: one axis after another, as gathers and weighted sums at positions that nn ops
// compute from the sizes.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/ResizeAxis.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static FailureOr<SmallVector<int64_t>> resizedAxes(NodeImport &n, int64_t rank) {
  SmallVector<int64_t> axes = n.intsAttr("axes");
  if (!n.node.find("axes"))
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  for (int64_t &axis : axes)
    axis = n.b.axisOf(n.operand(0), axis);
  for (int64_t axis : axes)
    if (llvm::count(axes, axis) != 1)
      return n.invalid("its axes name dimension " + Twine(axis) + " twice");
  return axes;
}

/// Factors of the axes from the sizes asked for; the policies want one factor for all.
static void keepAspectRatio(NNBuilder &b, StringRef policy, MutableArrayRef<ResizeAxis> axes) {
  Value scale;
  for (ResizeAxis &axis : axes) {
    Value mine = b.convert(axis.size, b.getF32Type());
    mine = b.binary(BinaryKind::Div, mine, b.convert(axis.inputSize, b.getF32Type()));
    BinaryKind kind = policy == "not_larger" ? BinaryKind::Min : BinaryKind::Max;
    scale = scale ? b.binary(kind, scale, mine) : mine;
  }
  for (ResizeAxis &axis : axes) {
    axis.scale = scale;
    Value exact = b.binary(BinaryKind::Mul, b.convert(axis.inputSize, b.getF32Type()), scale);
    Value rounded = b.unary(UnaryKind::Floor, b.binary(BinaryKind::Add, exact, 0.5));
    axis.size = b.convert(rounded, b.getI64Type());
  }
}

/// Operand 3: the sizes asked for, one per axis.
static void axesFromSizes(NodeImport &n, Value sizes, MutableArrayRef<ResizeAxis> axes) {
  NNBuilder &b = n.b;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    axis.size = b.slice(sizes, 0, i, i + 1);
    Value ratio = b.convert(axis.size, b.getF32Type());
    ratio = b.binary(BinaryKind::Div, ratio, b.convert(axis.inputSize, b.getF32Type()));
    axis.scale = ratio;
  }
  std::string policy = n.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch")
    keepAspectRatio(b, policy, axes);
}

/// Operand 2: a factor per axis; the size is floor(input size * factor).
static void axesFromScales(NodeImport &n, Value scales, MutableArrayRef<ResizeAxis> axes) {
  NNBuilder &b = n.b;
  auto known = n.constantFloats(2);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    axis.scale = b.slice(scales, 0, i, i + 1);
    // Larger ones are refused when the size is known.
    constexpr double mostExact = 1 << 30;
    if (known && (*known)[i] < mostExact)
      axis.knownScale = (*known)[i];
    if (axis.knownScale && *axis.knownScale == std::floor(*axis.knownScale)) {
      // Exact, and size arithmetic that shape inference understands.
      int64_t factor = static_cast<int64_t>(*axis.knownScale);
      axis.size = b.binary(BinaryKind::Mul, axis.inputSize, b.ints({factor}));
      continue;
    }
    Value exact = b.binary(BinaryKind::Mul, b.convert(axis.inputSize, b.getF32Type()), axis.scale);
    axis.size = b.convert(b.unary(UnaryKind::Floor, exact), b.getI64Type());
  }
}

/// Whether the axis keeps its size and every position stays where it is.
static bool isUnchanged(NodeImport &n, const ResizeAxis &axis) {
  SymbolicShapes &shapes = n.b.getShapes();
  if (axis.knownScale == 1.0)
    return true;
  auto size = shapes.getContents(axis.size), input = shapes.getContents(axis.inputSize);
  return !axis.knownScale && size && input && *size == *input;
}

static LogicalResult importResize(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  Type type = b.elementOf(x);
  auto dims = resizedAxes(n, b.rankOf(x));
  if (failed(dims))
    return failure();
  ResizeOptions options = ResizeOptions::read(n);
  bool isCrop = options.coordinates == "tf_crop_and_resize";
  SmallVector<ResizeAxis> axes;
  for (int64_t dim : *dims)
    axes.push_back({dim, b.sizeOf(x, dim)});
  bool hasSizes = n.hasOperand(3);
  Value given = n.operand(hasSizes ? 3 : 2);
  if (given)
    given = n.vectorOf(given, axes.size());
  if (!given || b.rankOf(given) != 1 ||
      b.typeOf(given).getDimSize(0) != static_cast<int64_t>(axes.size()))
    return n.invalid("it needs one size or scale per resized axis");
  if (failed(hasSizes ? n.demand(given, ComparePredicate::Ge, 0.0, "it asks for the size {0}")
                      : n.demand(given, ComparePredicate::Gt, 0.0,
                                 "it has a scale that is not above 0")))
    return failure();
  hasSizes ? axesFromSizes(n, given, axes) : axesFromScales(n, given, axes);
  for (auto [i, axis] : llvm::enumerate(axes))
    if (isCrop && n.hasOperand(1)) {
      Value roi = b.convert(n.vectorOf(n.operand(1), 2 * axes.size()), b.getF32Type());
      axis.cropStart = b.slice(roi, 0, i, i + 1);
      axis.cropEnd = b.slice(roi, 0, axes.size() + i, axes.size() + i + 1);
    }
  if (isCrop && !axes.empty() && !axes.front().cropStart)
    return n.invalid("tf_crop_and_resize needs the operand roi");
  // Weighted sums are computed in f32.
  bool computes = options.mode != "nearest";
  Value result = computes && !type.isF64() ? b.convert(x, b.getF32Type()) : x;
  Value outside;
  for (const ResizeAxis &axis : axes)
    if (isCrop || !isUnchanged(n, axis))
      result = resizeAxis(b, result, axis, options, outside);
  if (outside)
    result = b.select(outside, b.scalarLike(result, n.floatAttr("extrapolation_value")), result);
  n.setResult(0, roundTo(b, result, type));
  return success();
}

namespace optc::onnximport {
void registerImage(HandlerRegistry &registry) { registry.add("Resize", importResize); }
} // namespace optc::onnximport
