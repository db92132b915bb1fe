//===- Shape.cpp - shapes and data movement ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX ops that move data, by nn's reshape, transpose, slice, concat, expand and pad.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/RuntimeAxes.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

/// A shape operand as a vector of static length, where the declared rank of the result tells it.
static Value shapeOperand(NodeImport &n, size_t index) {
  std::optional<int64_t> rank = n.resultRank(0);
  return rank ? n.vectorOf(n.operand(index), *rank) : n.operand(index);
}

/// Whether no element of a shape but a constant one can be below 0.
static bool isNonNegative(NNBuilder &b, Value shape) {
  auto sizes = b.getShapes().getContents(shape);
  return sizes && llvm::all_of(*sizes, [&](DimExpr size) {
           return getConstant(size) || b.getShapes().isNonNegative(size);
         });
}

static LogicalResult importReshape(NodeImport &n) {
  if (failed(n.requireRank(1, 1)))
    return failure();
  NNBuilder &b = n.b;
  Value shape = shapeOperand(n, 1);
  // Of a constant shape nn.reshape tells the rank and the sizes as well.
  if (!n.constantInts(1)) {
    Value isRest = b.compare(ComparePredicate::Eq, shape, b.scalarLike(shape, -1));
    Value rests =
        b.reduce(ReduceKind::Sum, b.convert(isRest, b.getI64Type()), {0}, /*keepDims=*/false);
    if (failed(n.demand(shape, ComparePredicate::Ge, -1.0, "it asks for the negative size {0}")))
      return failure();
    if (!isNonNegative(b, shape) &&
        failed(n.demand(rests, ComparePredicate::Le, 1.0, "{0} of its sizes are -1")))
      return failure();
  }
  n.setResult(0, b.reshape(n.operand(0), shape, n.intAttr("allowzero")));
  return success();
}

static LogicalResult importTranspose(NodeImport &n) {
  SmallVector<int64_t> permutation = n.intsAttr("perm");
  if (!n.node.find("perm"))
    for (int64_t i = NNBuilder::rankOf(n.operand(0)) - 1; i >= 0; --i)
      permutation.push_back(i);
  n.setResult(0, n.b.transpose(n.operand(0), permutation));
  return success();
}

static LogicalResult importShape(NodeImport &n) {
  int64_t rank = NNBuilder::rankOf(n.operand(0));
  auto clampAxis = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  int64_t start = clampAxis(n.intAttr("start", 0));
  int64_t end = n.node.find("end") ? clampAxis(n.intAttr("end")) : rank;
  Value shape = n.b.shapeOf(n.operand(0));
  if (start != 0 || end != rank)
    shape = n.b.slice(shape, 0, start, std::max(start, end));
  n.setResult(0, shape);
  return success();
}

static LogicalResult importConcat(NodeImport &n) {
  SmallVector<Value> inputs;
  for (size_t i = 0; i < n.numOperands(); ++i)
    inputs.push_back(n.operand(i));
  n.setResult(0, n.b.concat(inputs, n.b.axisOf(inputs.front(), n.intAttr("axis"))));
  return success();
}

/// The constant axes of Squeeze and Unsqueeze.
static FailureOr<SmallVector<int64_t>> axesOperand(NodeImport &n, int64_t rank) {
  auto axes = n.constantInts(1);
  for (int64_t &axis : *axes) {
    if (axis < -rank || axis >= rank)
      return n.invalid("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
    axis = axis < 0 ? axis + rank : axis;
  }
  for (int64_t axis : *axes)
    if (llvm::count(*axes, axis) != 1)
      return n.invalid("its axes name dimension " + Twine(axis) + " twice");
  return *axes;
}

/// The sizes the model declares for the result; nothing when it does not declare all.
static std::optional<SmallVector<int64_t>> declaredShape(NodeImport &n) {
  ValueType type = n.resultType(0);
  SmallVector<int64_t> sizes;
  for (const Dim &dim : type.dims) {
    if (!dim.isKnown())
      return std::nullopt;
    sizes.push_back(dim.size);
  }
  return type.hasRank ? std::optional(sizes) : std::nullopt;
}

/// Reshapes by axes known only when the model runs: to what the model declares, or to sizes
/// computed then, for which the number of axes must be known.
static LogicalResult reshapeByAxes(NodeImport &n, bool isInsertion) {
  NNBuilder &b = n.b;
  Value x = n.operand(0), axes = n.operand(1);
  int64_t count =
      NNBuilder::typeOf(axes).getRank() == 1 ? NNBuilder::typeOf(axes).getDimSize(0) : 1;
  int64_t rank = NNBuilder::rankOf(x);
  if (n.resultType(0).hasRank)
    count = std::abs(static_cast<int64_t>(n.resultType(0).dims.size()) - rank);
  if (isInsertion && rank + count > maxContents)
    return n.unsupported("its result has " + Twine(rank + count) + " dimensions; the most are " +
                         Twine(maxContents));
  if (!ShapedType::isDynamic(count) &&
      failed(demandDistinctAxes(n, b.reshape(axes, {-1}), isInsertion ? rank + count : rank)))
    return failure();
  if (auto sizes = declaredShape(n)) {
    n.setResult(0, b.reshape(x, b.ints(*sizes), /*allowZero=*/true));
    return success();
  }
  if (ShapedType::isDynamic(count) || (!isInsertion && count > rank))
    return n.unsupported("how many axes it has is known only at run time; make them a constant");
  axes = b.reshape(axes, {-1});
  Value mask = maskOfAxes(b, axes, isInsertion ? rank + count : rank);
  Value sizes = isInsertion ? insertedSizes(b, x, mask) : keptSizes(b, x, mask, rank - count);
  n.setResult(0, b.reshape(x, sizes, /*allowZero=*/true));
  return success();
}

static LogicalResult importSqueeze(NodeImport &n) {
  Value x = n.operand(0);
  SmallVector<int64_t> dims;
  if (failed(n.requireRank(1, 0, 1)))
    return failure();
  if (n.hasOperand(1) && !n.constantInts(1))
    return reshapeByAxes(n, /*isInsertion=*/false);
  if (n.hasOperand(1)) {
    FailureOr<SmallVector<int64_t>> axes = axesOperand(n, NNBuilder::rankOf(x));
    if (failed(axes))
      return failure();
    dims = *axes;
  } else {
    for (auto [i, size] : llvm::enumerate(n.b.getShapes().getShape(x))) {
      if (!getConstant(size))
        return n.unsupported("it squeezes all sizes of one, but size " + Twine(i) +
                             " is dynamic; name the axes");
      if (getConstant(size) == 1)
        dims.push_back(i);
    }
  }
  n.setResult(0, n.b.squeeze(x, dims));
  return success();
}

static LogicalResult importUnsqueeze(NodeImport &n) {
  Value x = n.operand(0);
  if (failed(n.requireRank(1, 0, 1)))
    return failure();
  if (!n.constantInts(1))
    return reshapeByAxes(n, /*isInsertion=*/true);
  FailureOr<SmallVector<int64_t>> axes =
      axesOperand(n, NNBuilder::rankOf(x) + n.constantInts(1)->size());
  if (failed(axes))
    return failure();
  n.setResult(0, n.b.unsqueeze(x, *axes));
  return success();
}

/// The product of some sizes as tensor<1xi64>.
static Value sizeProduct(NNBuilder &b, Value x, int64_t begin, int64_t end) {
  Value product = b.ints({1});
  for (int64_t i = begin; i < end; ++i)
    product = b.binary(BinaryKind::Mul, product, b.sizeOf(x, i));
  return product;
}

static LogicalResult importFlatten(NodeImport &n) {
  Value x = n.operand(0);
  int64_t rank = NNBuilder::rankOf(x), axis = n.intAttr("axis", 1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis > rank)
    return n.invalid("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
  Value shape = n.b.concat({sizeProduct(n.b, x, 0, axis), sizeProduct(n.b, x, axis, rank)}, 0);
  n.setResult(0, n.b.reshape(x, shape, /*allowZero=*/true));
  return success();
}

/// A shape of unknown length may be shorter than the input's: ones in front make it as long as
/// the result's.
static LogicalResult importExpand(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)))
    return failure();
  Value shape = n.operand(1);
  if (failed(n.demand(shape, ComparePredicate::Ge, 0.0, "it asks for the negative size {0}")))
    return failure();
  std::optional<int64_t> rank = n.resultRank(0);
  if (rank && NNBuilder::typeOf(shape).isDynamicDim(0)) {
    Value missing = b.ints({*rank});
    missing = b.binary(BinaryKind::Sub, missing, b.shapeOf(shape));
    shape = b.concat({b.expand(b.scalarLike(shape, 1), missing), shape}, 0);
  }
  n.setResult(0, b.expand(n.operand(0), shape));
  return success();
}

/// Tile as reshape to [1, s0, 1, s1, ...], expand to [r0, s0, r1, s1, ...], reshape.
static LogicalResult importTile(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)))
    return failure();
  Value x = n.operand(0);
  int64_t rank = NNBuilder::rankOf(x);
  Value repeats = n.vectorOf(n.operand(1), rank);
  if (rank == 0) {
    n.setResult(0, x);
    return success();
  }
  if (failed(n.demand(repeats, ComparePredicate::Ge, 0.0, "it is to repeat {0} times")))
    return failure();
  SmallVector<Value> unit, wide, result;
  for (int64_t i = 0; i < rank; ++i) {
    Value size = b.sizeOf(x, i), count = b.slice(repeats, 0, i, i + 1);
    unit.append({b.ints({1}), size});
    wide.append({count, size});
    result.push_back(b.binary(BinaryKind::Mul, count, size));
  }
  Value expanded = b.reshape(x, b.concat(unit, 0), true);
  expanded = b.expand(expanded, b.concat(wide, 0));
  n.setResult(0, b.reshape(expanded, b.concat(result, 0), /*allowZero=*/true));
  return success();
}

static LogicalResult importSplit(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)))
    return failure();
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis")), count = n.node.outputs.size();
  Value start = b.ints({0}), size = b.sizeOf(x, axis);
  if (n.hasOperand(1)) {
    Value sizes = n.vectorOf(n.operand(1), count);
    if (NNBuilder::typeOf(sizes).getDimSize(0) != count)
      return n.invalid("it has " + Twine(NNBuilder::typeOf(sizes).getDimSize(0)) + " sizes for " +
                       Twine(count) + " outputs");
    Value total = b.reduce(ReduceKind::Sum, sizes, {0}, /*keepDims=*/false);
    if (failed(n.demand(sizes, ComparePredicate::Ge, 0.0, "it is to split off {0} elements")) ||
        failed(
            n.demand(total, ComparePredicate::Eq, size, "its sizes add up to {0}, there are {1}")))
      return failure();
    for (int64_t i = 0; i < count; ++i) {
      Value end = b.binary(BinaryKind::Add, start, b.slice(sizes, 0, i, i + 1));
      n.setResult(i, b.slice(x, axis, start, end));
      start = end;
    }
    return success();
  }
  // Equal parts, of a stated number of them the last one smaller: ceil(size / count) each.
  if (!n.node.find("num_outputs") &&
      failed(n.demand(b.binary(BinaryKind::Mod, size, b.ints({count})), ComparePredicate::Eq, 0.0,
                      "{0} elements are left over in " + Twine(count) + " equal parts")))
    return failure();
  Value rounded = b.binary(BinaryKind::Add, size, b.ints({count - 1}));
  Value part = b.binary(BinaryKind::Div, rounded, b.ints({count}));
  for (int64_t i = 0; i < count; ++i) {
    Value end = i + 1 == count ? size : b.binary(BinaryKind::Add, start, part);
    n.setResult(i, b.slice(x, axis, start, end));
    start = end;
  }
  return success();
}

static LogicalResult importSlice(NodeImport &n) {
  NNBuilder &b = n.b;
  for (size_t bound = 1; bound <= 4; ++bound)
    if (failed(n.requireRank(bound, 1)))
      return failure();
  Value x = n.operand(0);
  auto wide = [&](Value v) { return b.convert(v, b.getI64Type()); };
  Value starts = wide(n.operand(1)), ends = wide(n.operand(2));
  int64_t count = NNBuilder::typeOf(starts).getDimSize(0), rank = NNBuilder::rankOf(x);
  bool isCounted = !ShapedType::isDynamic(count);
  if (isCounted && count > rank)
    return n.invalid("it has " + Twine(count) + " starts for " + Twine(rank) + " dimensions");
  auto known = n.hasOperand(3) ? n.constantInts(3) : std::nullopt;
  Value one = b.scalar(b.getI64Type(), 1), ones = b.expand(one, b.shapeOf(starts));
  Value steps = n.hasOperand(4) ? wide(n.operand(4)) : ones;
  SmallVector<int64_t> axes;
  if (isCounted && known) {
    for (int64_t axis : *known)
      axes.push_back(b.axisOf(x, axis));
  } else if (isCounted && !n.hasOperand(3)) {
    axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  } else { // Which axes, or how many: bounds for all dimensions, computed when the model runs.
    Value named = n.hasOperand(3) ? wide(n.operand(3)) : b.iota(b.shapeOf(starts));
    if (failed(demandDistinctAxes(n, named, rank)))
      return failure();
    for (Value bounds : {starts, ends, steps}) {
      Value given = b.shapeOf(bounds);
      if (failed(n.demand(given, ComparePredicate::Eq, b.shapeOf(named),
                          "{0} bounds are given for {1} axes")))
        return failure();
    }
    auto spread = [&](Value values, int64_t fallback) {
      return spreadOverDims(b, named, values, rank,
                            b.reshape(b.ints({fallback}), ArrayRef<int64_t>()));
    };
    starts = spread(starts, 0);
    ends = spread(ends, std::numeric_limits<int64_t>::max());
    steps = spread(steps, 1);
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  }
  n.setResult(0, b.make<SliceOp>(NNBuilder::elementOf(x), x, starts, ends, steps, axes));
  return success();
}

static std::optional<PadMode> padMode(StringRef mode) {
  if (mode == "constant")
    return PadMode::Constant;
  if (mode == "reflect")
    return PadMode::Reflect;
  if (mode == "edge")
    return PadMode::Edge;
  if (mode == "wrap")
    return PadMode::Wrap;
  return std::nullopt;
}

/// No size gets negative; a border has what it repeats.
static LogicalResult demandPads(NodeImport &n, PadMode mode, Value pads) {
  NNBuilder &b = n.b;
  int64_t rank = NNBuilder::rankOf(n.operand(0));
  for (int64_t dim = 0; dim < rank; ++dim) {
    Value size = b.sizeOf(n.operand(0), dim), before = b.slice(pads, 0, dim, dim + 1);
    Value after = b.slice(pads, 0, rank + dim, rank + dim + 1);
    Value total = b.binary(BinaryKind::Add, before, after);
    std::string where = " at dimension " + std::to_string(dim);
    if (failed(n.demand(b.binary(BinaryKind::Add, size, total), ComparePredicate::Ge, 0.0,
                        "the size gets {0}" + Twine(where))))
      return failure();
    if (mode == PadMode::Constant)
      continue;
    // Nothing has to be there where there is no border; a reflected one has no element twice.
    Value most = b.binary(BinaryKind::Max, b.binary(BinaryKind::Max, before, after), 0.0);
    Value isBorder = b.binary(BinaryKind::Min, most, 1.0);
    Value wanted = mode == PadMode::Reflect ? b.binary(BinaryKind::Add, most, isBorder) : isBorder;
    if (failed(n.demand(size, ComparePredicate::Ge, wanted,
                        "its border needs {1} elements, there are {0}" + Twine(where))))
      return failure();
  }
  return success();
}

static LogicalResult importPad(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(n.requireRank(1, 1)) || failed(n.requireRank(3, 1)))
    return failure();
  Value x = n.operand(0), pads = b.convert(n.operand(1), b.getI64Type());
  auto mode = padMode(n.stringAttr("mode", "constant"));
  if (!mode)
    return n.invalid("unknown mode '" + n.stringAttr("mode") + "'");
  int64_t rank = NNBuilder::rankOf(x);
  auto axes = n.hasOperand(3) ? n.constantInts(3) : std::nullopt;
  if (!n.hasOperand(3))
    pads = n.vectorOf(pads, 2 * rank);
  if (n.hasOperand(3) && !axes) {
    if (failed(demandDistinctAxes(n, n.operand(3), rank)))
      return failure();
    Value count = b.shapeOf(n.operand(3)), zero = b.scalar(b.getI64Type(), 0);
    Value before = b.slice(pads, 0, b.ints({0}), count);
    Value after = b.slice(pads, 0, count, b.shapeOf(pads));
    pads = b.concat({spreadOverDims(b, n.operand(3), before, rank, zero),
                     spreadOverDims(b, n.operand(3), after, rank, zero)},
                    0);
  }
  if (axes) {
    Value zero = b.ints({0});
    SmallVector<Value> all(2 * rank, zero);
    int64_t count = axes->size();
    pads = n.vectorOf(pads, 2 * count);
    for (auto [i, axis] : llvm::enumerate(*axes)) {
      int64_t dim = b.axisOf(x, axis);
      if (all[dim] != zero)
        return n.invalid("its axes name dimension " + Twine(dim) + " twice");
      all[dim] = b.slice(pads, 0, i, i + 1);
      all[rank + dim] = b.slice(pads, 0, count + i, count + i + 1);
    }
    pads = b.concat(all, 0);
  }
  if (failed(demandPads(n, *mode, pads)))
    return failure();
  Value value = n.hasOperand(2) ? b.reshape(n.operand(2), ArrayRef<int64_t>()) : b.scalarLike(x, 0);
  n.setResult(0, b.make<PadOp>(NNBuilder::elementOf(x), *mode, x, pads, value));
  return success();
}

static LogicalResult importRange(NodeImport &n) {
  Value start = n.operand(0);
  auto scalar = [&](size_t i) { return n.b.reshape(n.operand(i), ArrayRef<int64_t>()); };
  if (failed(n.demand(scalar(2), ComparePredicate::Ne, 0.0, "its step is 0")))
    return failure();
  Value first = scalar(0), end = scalar(1);
  n.setResult(0, n.b.make<RangeOp>(NNBuilder::elementOf(start), first, end, scalar(2)));
  return success();
}

static LogicalResult importConstantOfShape(NodeImport &n) {
  if (failed(n.requireRank(0, 1)))
    return failure();
  Value value;
  if (n.node.find("value")) {
    FailureOr<Value> tensor = n.tensorAttr("value");
    if (failed(tensor))
      return failure();
    value = n.b.reshape(*tensor, ArrayRef<int64_t>());
  } else {
    value = n.b.scalar(n.b.getF32Type(), 0);
  }
  if (failed(
          n.demand(n.operand(0), ComparePredicate::Ge, 0.0, "it asks for the negative size {0}")))
    return failure();
  n.setResult(0, n.b.expand(value, shapeOperand(n, 0)));
  return success();
}

static LogicalResult importSize(NodeImport &n) {
  Value x = n.operand(0);
  n.setResult(0, n.b.reshape(sizeProduct(n.b, x, 0, NNBuilder::rankOf(x)), ArrayRef<int64_t>()));
  return success();
}

/// Blocks of images, for the next two.
static LogicalResult checkBlocks(NodeImport &n) {
  if (n.intAttr("blocksize") < 1)
    return n.invalid("its blocksize is " + Twine(n.intAttr("blocksize")) +
                     ", needed is at least 1");
  return n.requireRank(0, 4);
}

/// [N, C, H, W] blocks by reshape to six dimensions, transpose, reshape.
static LogicalResult importDepthToSpace(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(checkBlocks(n)))
    return failure();
  Value x = n.operand(0), block = b.ints({n.intAttr("blocksize")});
  Value batch = b.sizeOf(x, 0), channels = b.sizeOf(x, 1), height = b.sizeOf(x, 2),
        width = b.sizeOf(x, 3);
  Value depth = b.binary(BinaryKind::Div, channels, b.binary(BinaryKind::Mul, block, block));
  bool isDcr = n.stringAttr("mode", "DCR") == "DCR";
  Value split = isDcr ? b.concat({batch, block, block, depth, height, width}, 0)
                      : b.concat({batch, depth, block, block, height, width}, 0);
  SmallVector<int64_t> order =
      isDcr ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2} : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Value moved = b.transpose(b.reshape(x, split, true), order);
  Value result = b.concat({batch, depth, b.binary(BinaryKind::Mul, height, block),
                           b.binary(BinaryKind::Mul, width, block)},
                          0);
  n.setResult(0, b.reshape(moved, result, /*allowZero=*/true));
  return success();
}

static LogicalResult importSpaceToDepth(NodeImport &n) {
  NNBuilder &b = n.b;
  if (failed(checkBlocks(n)))
    return failure();
  Value x = n.operand(0), block = b.ints({n.intAttr("blocksize")});
  Value batch = b.sizeOf(x, 0), channels = b.sizeOf(x, 1);
  Value height = b.binary(BinaryKind::Div, b.sizeOf(x, 2), block);
  Value width = b.binary(BinaryKind::Div, b.sizeOf(x, 3), block);
  Value split = b.reshape(x, b.concat({batch, channels, height, block, width, block}, 0), true);
  bool isDcr = n.stringAttr("mode", "DCR") == "DCR";
  Value moved =
      isDcr ? b.transpose(split, {0, 3, 5, 1, 2, 4}) : b.transpose(split, {0, 1, 3, 5, 2, 4});
  Value depth = b.binary(BinaryKind::Mul, channels, b.binary(BinaryKind::Mul, block, block));
  n.setResult(0, b.reshape(moved, b.concat({batch, depth, height, width}, 0), /*allowZero=*/true));
  return success();
}

void optc::onnximport::registerShape(HandlerRegistry &r) {
  r.add("Reshape", importReshape);
  r.add("Transpose", importTranspose);
  r.add("Shape", importShape);
  r.add("Concat", importConcat);
  r.add("Squeeze", importSqueeze);
  r.add("Unsqueeze", importUnsqueeze);
  r.add("Flatten", importFlatten);
  r.add("Expand", importExpand);
  r.add("Tile", importTile);
  r.add("Split", importSplit);
  r.add("Slice", importSlice);
  r.add("Pad", importPad);
  r.add("Range", importRange);
  r.add("ConstantOfShape", importConstantOfShape);
  r.add("Size", importSize);
  r.add("DepthToSpace", importDepthToSpace);
  r.add("SpaceToDepth", importSpaceToDepth);
}
