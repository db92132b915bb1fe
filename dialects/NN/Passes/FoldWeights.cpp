//===- FoldWeights.cpp - rearranging constants at compile time -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transposes, slices, pads and concatenations of constants are strided copies of bytes. All
// together they may take a few times the memory of the constants there are: a file of a
// kilobyte can ask to pad one number to a gigabyte, or to double a row thirty times over. What
// is beyond that is computed when the model runs.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Passes/Passes.h"
#include "dialects/NN/Weights.h"
#include "lib/Support/FilePages.h"
#include "lib/Support/HalfFloat.h"
#include "mlir/IR/Builders.h"
#include <cmath>
#include <cstring>

namespace optc::nn {
#define GEN_PASS_DEF_NNFOLDWEIGHTS
#include "dialects/NN/NNPasses.h.inc"
} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {
/// Element i of the copy goes from `from + i * fromStrides` to `to + i * toStrides`, in elements.
struct StridedCopy {
  SmallVector<int64_t> sizes, fromStrides, toStrides;
  int64_t from = 0, to = 0;
};
} // namespace

namespace {
/// The bytes that new constants of a function may still take.
class Budget {
public:
  explicit Budget(Operation *function) {
    llvm::DenseSet<Attribute> counted;
    function->walk([&](ConstantOp op) {
      auto bytes = getConstantBytes(op.getValue());
      if (bytes && counted.insert(op.getValue()).second)
        left += timesHeld * bytes->size();
    });
  }

  /// Whether a constant of the type is in it, which is taken off then.
  bool take(RankedTensorType type) {
    int64_t bytes = std::max<int64_t>(1, type.getElementTypeBitWidth() / 8);
    for (int64_t size : type.getShape())
      if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > left)
        return false;
    left -= bytes;
    return true;
  }

private:
  static constexpr int64_t timesHeld = 4, atLeast = 4 << 20;
  int64_t left = atLeast;
};
} // namespace

static SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

template <typename Element>
static void copyElements(const StridedCopy &copy, const Element *from, Element *to, size_t dim) {
  if (dim == copy.sizes.size()) {
    *to = *from;
    return;
  }
  int64_t fromStride = copy.fromStrides[dim], toStride = copy.toStrides[dim];
  bool isLast = dim + 1 == copy.sizes.size();
  for (int64_t i = 0; i < copy.sizes[dim]; ++i, from += fromStride, to += toStride) {
    if (isLast)
      *to = *from;
    else
      copyElements(copy, from, to, dim + 1);
  }
}

static void runCopy(const StridedCopy &copy, const char *from, char *to, unsigned bytes) {
  if (llvm::is_contained(copy.sizes, 0))
    return;
  auto run = [&](auto element) {
    using Element = decltype(element);
    // Mapped tensors need not be aligned: elements are moved as bytes.
    struct [[gnu::packed]] Packed {
      Element value;
    };
    copyElements(copy, reinterpret_cast<const Packed *>(from) + copy.from,
                 reinterpret_cast<Packed *>(to) + copy.to, 0);
  };
  switch (bytes) {
  case 1:
    return run(uint8_t());
  case 2:
    return run(uint16_t());
  case 4:
    return run(uint32_t());
  default:
    return run(uint64_t());
  }
}

//===----------------------------------------------------------------------===//
// The three ops
//===----------------------------------------------------------------------===//

static std::optional<StridedCopy> describe(TransposeOp op, ArrayRef<int64_t> input,
                                           ArrayRef<int64_t> result) {
  // Matrix products read transposed operands as they are.
  if (llvm::all_of(op->getUsers(), [](Operation *user) { return isa<MatmulOp>(user); }))
    return std::nullopt;
  StridedCopy copy{llvm::to_vector(result), {}, rowMajorStrides(result)};
  SmallVector<int64_t> strides = rowMajorStrides(input);
  for (int64_t dim : op.getPermutation())
    copy.fromStrides.push_back(strides[dim]);
  return copy;
}

static std::optional<SmallVector<int64_t>> intsOf(Value value) {
  ElementsAttr attr = getConstantValue(value);
  return attr ? readInts(attr) : std::nullopt;
}

static std::optional<StridedCopy> describe(SliceOp op, ArrayRef<int64_t> input,
                                           ArrayRef<int64_t> result) {
  auto starts = intsOf(op.getStarts()), steps = intsOf(op.getSteps());
  if (!starts || !steps)
    return std::nullopt;
  StridedCopy copy{llvm::to_vector(result), rowMajorStrides(input), rowMajorStrides(result)};
  for (auto [axis, start, step] : llvm::zip(op.getAxes(), *starts, *steps)) {
    int64_t size = input[axis], stride = copy.fromStrides[axis];
    int64_t first =
        std::clamp(start < 0 ? start + size : start, int64_t(0), step > 0 ? size : size - 1);
    copy.from += first * stride;
    copy.fromStrides[axis] = stride * step;
  }
  return copy;
}

static std::optional<StridedCopy> describe(PadOp op, ArrayRef<int64_t> input,
                                           ArrayRef<int64_t> result) {
  auto pads = intsOf(op.getPads());
  if (op.getMode() != PadMode::Constant || !pads || !getConstantValue(op.getValue()))
    return std::nullopt;
  StridedCopy copy{{}, rowMajorStrides(input), rowMajorStrides(result)};
  size_t rank = input.size();
  for (size_t i = 0; i < rank; ++i) {
    int64_t before = (*pads)[i], after = (*pads)[rank + i];
    copy.from += std::max<int64_t>(0, -before) * copy.fromStrides[i];
    copy.to += std::max<int64_t>(0, before) * copy.toStrides[i];
    int64_t kept = input[i] + std::min<int64_t>(0, before) + std::min<int64_t>(0, after);
    copy.sizes.push_back(std::max<int64_t>(0, kept));
  }
  return copy;
}

/// Fills a pad's result with its value.
static void fill(PadOp op, MutableArrayRef<char> data) {
  auto value = cast<DenseElementsAttr>(getConstantValue(op.getValue())).getRawData();
  for (size_t i = 0; i < data.size(); i += value.size())
    std::memcpy(data.data() + i, value.data(), value.size());
}

template <typename Op> static void fold(Op op, Budget &budget) {
  auto type = cast<RankedTensorType>(op.getType());
  ElementsAttr value = getConstantValue(op->getOperand(0));
  if (!value || !type.hasStaticShape() || llvm::is_contained(type.getShape(), 0))
    return;
  auto bytes = getConstantBytes(value);
  if (!bytes)
    return;
  auto copy = describe(op, value.getShapedType().getShape(), type.getShape());
  if (!copy || !budget.take(type))
    return;
  AsmResourceBlob blob = allocateWeights(type);
  unsigned width = type.getElementTypeBitWidth() / 8;
  MutableArrayRef<char> data = blob.getMutableData();
  if constexpr (std::is_same_v<Op, PadOp>)
    fill(op, data.take_front(type.getNumElements() * width));
  runCopy(*copy, bytes->data(), data.data(), width);
  OpBuilder builder(op);
  Value constant =
      ConstantOp::create(builder, op.getLoc(), makeWeights(type, std::move(blob), value));
  op.getResult().replaceAllUsesWith(constant);
}

/// Exporters put the gates of recurrent layers into ONNX's order with it.
static void foldConcat(ConcatOp op, Budget &budget) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!type.hasStaticShape() || llvm::is_contained(type.getShape(), 0))
    return;
  SmallVector<ArrayRef<char>> parts;
  for (Value input : op.getInputs()) {
    ElementsAttr value = getConstantValue(input);
    auto bytes = value ? getConstantBytes(value) : std::nullopt;
    if (!bytes)
      return;
    parts.push_back(*bytes);
  }
  if (!budget.take(type))
    return;
  AsmResourceBlob blob = allocateWeights(type);
  SmallVector<int64_t> strides = rowMajorStrides(type.getShape());
  int64_t axis = op.getAxis(), done = 0;
  for (auto [input, bytes] : llvm::zip_equal(op.getInputs(), parts)) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
    StridedCopy copy{llvm::to_vector(shape), rowMajorStrides(shape), strides};
    copy.to = done * strides[axis];
    runCopy(copy, bytes.data(), blob.getMutableData().data(), type.getElementTypeBitWidth() / 8);
    done += shape[axis];
  }
  OpBuilder builder(op);
  ElementsAttr joined =
      makeWeights(type, std::move(blob), getConstantValue(op.getInputs().front()));
  op.getResult().replaceAllUsesWith(ConstantOp::create(builder, op.getLoc(), joined).getResult());
}

/// A reshape keeps the bytes.
static void foldReshape(ReshapeOp op) {
  ElementsAttr value = getConstantValue(op.getInput());
  auto type = cast<RankedTensorType>(op.getType());
  ElementsAttr reshaped;
  if (value && type.hasStaticShape())
    reshaped = reshapeConstant(value, type);
  if (!reshaped)
    return;
  OpBuilder builder(op);
  op.getResult().replaceAllUsesWith(ConstantOp::create(builder, op.getLoc(), reshaped).getResult());
}

static Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }

/// How floats of a type are read; null for others.
static float (*readerOf(Type type))(const char *) {
  if (type.isF32())
    return [](const char *bytes) {
      float value; // mapped tensors need not be aligned
      std::memcpy(&value, bytes, sizeof(value));
      return value;
    };
  static auto halfAt = [](const char *bytes) {
    uint16_t half;
    std::memcpy(&half, bytes, sizeof(half));
    return half;
  };
  if (type.isF16())
    return [](const char *bytes) { return optc::floatOfHalf(halfAt(bytes)); };
  if (type.isBF16())
    return [](const char *bytes) { return optc::floatOfBfloat16(halfAt(bytes)); };
  return nullptr;
}

static void (*writerOf(Type type))(float, char *) {
  static auto put = [](auto value, char *bytes) { std::memcpy(bytes, &value, sizeof(value)); };
  if (type.isF32())
    return [](float value, char *bytes) { put(value, bytes); };
  if (type.isF16())
    return [](float value, char *bytes) { put(optc::halfOfFloat(value), bytes); };
  if (type.isBF16())
    return [](float value, char *bytes) { put(optc::bfloat16OfFloat(value), bytes); };
  return nullptr;
}

/// Products of f32 read a narrower weight as it is.
static void readNarrow(CastOp op) {
  auto isWeight = [](OpOperand &use) {
    auto product = dyn_cast<MatmulOp>(use.getOwner());
    return product && use.getOperandNumber() == 1 && elementOf(product.getLhs()).isF32() &&
           elementOf(product.getResult()).isF32();
  };
  Value narrow = op.getInput();
  for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
    auto transpose = dyn_cast<TransposeOp>(use.getOwner());
    if (transpose && llvm::all_of(transpose->getUses(), isWeight)) {
      auto type = cast<RankedTensorType>(transpose.getType());
      OpBuilder builder(transpose);
      Value moved = TransposeOp::create(builder, transpose.getLoc(), type.clone(elementOf(narrow)),
                                        narrow, transpose.getPermutationAttr());
      transpose.getResult().replaceAllUsesWith(moved);
    } else if (isWeight(use)) {
      use.set(narrow);
    }
  }
}

/// Weights of another type of floats: the one computation on constants of any size.
static void foldCast(CastOp op, Budget &budget) {
  ElementsAttr value = getConstantValue(op.getInput());
  auto type = cast<RankedTensorType>(op.getType());
  auto bytes = value && type.hasStaticShape() ? getConstantBytes(value) : std::nullopt;
  auto *read = bytes ? readerOf(value.getElementType()) : nullptr;
  auto *write = bytes ? writerOf(type.getElementType()) : nullptr;
  if (!read || !write)
    return;
  unsigned width = type.getElementTypeBitWidth() / 8;
  unsigned readWidth = value.getElementType().getIntOrFloatBitWidth() / 8;
  if (width > readWidth)
    readNarrow(op);
  if (op->use_empty() || (width > readWidth && !budget.take(type)))
    return;
  AsmResourceBlob blob = allocateWeights(type);
  char *to = blob.getMutableData().data();
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i)
    write(read(bytes->data() + i * readWidth), to + i * width);
  optc::releaseFilePages(bytes->data(), bytes->size());
  OpBuilder builder(op);
  op.getResult().replaceAllUsesWith(
      ConstantOp::create(builder, op.getLoc(), makeWeights(type, std::move(blob), value))
          .getResult());
}

namespace {
struct FoldWeights : optc::nn::impl::NNFoldWeightsBase<FoldWeights> {
  void runOnOperation() override {
    Budget budget(getOperation());
    getOperation().walk([&](Operation *op) {
      if (auto transpose = dyn_cast<TransposeOp>(op))
        fold(transpose, budget);
      else if (auto slice = dyn_cast<SliceOp>(op))
        fold(slice, budget);
      else if (auto pad = dyn_cast<PadOp>(op))
        fold(pad, budget);
      else if (auto concat = dyn_cast<ConcatOp>(op))
        foldConcat(concat, budget);
      else if (auto reshape = dyn_cast<ReshapeOp>(op))
        foldReshape(reshape);
      else if (auto cast = dyn_cast<CastOp>(op))
        foldCast(cast, budget);
    });
    eraseDeadOps(getOperation());
  }
};
} // namespace
