//===- EvaluatePacks.cpp - packs of constants -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass kernel-evaluate-packs: packs are copies of rows or transforms of windows, done here
// on raw memory, because weights are too large for attributes' element access.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "dialects/Kernel/WinogradTransform.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/Support/FilePages.h"
#include "lib/Support/HalfFloat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Threading.h"

namespace optc::kernel {
#define GEN_PASS_DEF_KERNELEVALUATEPACKS
#include "dialects/Kernel/KernelPasses.h.inc"
} // namespace optc::kernel

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {

/// Raw elements of a constant; `owned` holds them when the attribute's own memory cannot
/// be used (splats).
struct ConstantData {
  const char *data = nullptr;
  SmallVector<char, 0> owned;
};

/// An element of a mapped tensor, which need not be aligned.
template <typename T> struct [[gnu::packed]] Unaligned {
  operator T() const { return value; }
  T value;
};

/// Where the element (k, n) of a group's matrix lies in the source: the sum of two tables.
struct SourceOffsets {
  SmallVector<int64_t> ofRow, ofColumn;
  int64_t ofGroup = 0;
};

} // namespace

static FailureOr<ConstantData> readConstant(ElementsAttr attr, size_t bytes) {
  ConstantData result;
  if (auto stored = constantBytes(attr)) {
    if (stored->size() < bytes)
      return failure();
    result.data = stored->data();
    return result;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || !dense.isSplat())
    return failure();
  while (result.owned.size() < bytes)
    llvm::append_range(result.owned, dense.getRawData());
  result.data = result.owned.data();
  return result;
}

static SourceOffsets sourceOffsets(PackOp op) {
  SourceOffsets offsets;
  int64_t rows = op.getRows(), columns = op.getColumns();
  ArrayRef<int64_t> shape = op.getSourceType().getShape();
  bool columnsLast = op.getOrder() == PackOrder::KN;
  for (int64_t n = 0; n < columns; ++n)
    offsets.ofColumn.push_back(columnsLast ? n : n * rows);
  if (op.getOrder() != PackOrder::Filter) {
    for (int64_t k = 0; k < rows; ++k)
      offsets.ofRow.push_back(columnsLast ? k * columns : k);
    return offsets;
  }
  // A filter is [output][channel][tap]; rows are taps with channels fastest.
  int64_t channels = shape[1], taps = rows / channels;
  offsets.ofGroup = columns * rows;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t channel = 0; channel < channels; ++channel)
      offsets.ofRow.push_back(channel * taps + tap);
  return offsets;
}

template <typename Bits>
static void packPanels(PackOp op, PanelsAttr panels, const Unaligned<Bits> *source, Bits *packed) {
  int64_t together = panels.getInterleave();
  SourceOffsets offsets = sourceOffsets(op);
  int64_t columns = op.getColumns(), stored = panels.getStoredColumns(columns);
  for (int64_t group = 0; group < static_cast<int64_t>(op.getGroups()); ++group) {
    const Unaligned<Bits> *matrix = source + group * offsets.ofGroup;
    for (int64_t first = 0; first < stored; first += panels.getWidth()) {
      int64_t width = std::min(panels.getWidth(), stored - first);
      int64_t filled = std::min(width, columns - first);
      for (size_t k = 0; k < offsets.ofRow.size(); k += together, packed += width * together) {
        for (int64_t n = 0; n < filled; ++n)
          for (int64_t i = 0; i < together; ++i)
            packed[n * together + i] = matrix[offsets.ofRow[k + i] + offsets.ofColumn[first + n]];
        std::fill(packed + filled * together, packed + width * together, Bits(0));
      }
    }
  }
}

template <typename Bits>
static void packTaps(PackOp op, const Unaligned<Bits> *source, Bits *packed) {
  int64_t channels = op.getGroups(), taps = op.getRows();
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t channel = 0; channel < channels; ++channel)
      *packed++ = source[channel * taps + tap];
}

static void store(float *place, float value) { *place = value; }
static void store(uint16_t *place, float value) { *place = bfloat16OfFloat(value); }

/// G g G^T of a 3x3 window, stored `stride` elements apart.
template <typename Element>
static void transformWindow(const WinogradTransform &transform, const Unaligned<float> *window,
                            Element *stored, int64_t stride) {
  auto rows = transform.getFilterRows();
  for (const auto &down : rows) {
    double taps[3];
    for (int j = 0; j < 3; ++j)
      taps[j] = down[0] * window[j] + down[1] * window[3 + j] + down[2] * window[6 + j];
    for (const auto &across : rows) {
      store(stored,
            static_cast<float>(across[0] * taps[0] + across[1] * taps[1] + across[2] * taps[2]));
      stored += stride;
    }
  }
}

template <typename Element>
static void packWinograd(PackOp op, WinogradAttr layout, const char *data, char *to) {
  auto *packed = reinterpret_cast<Element *>(to);
  auto *source = reinterpret_cast<const Unaligned<float> *>(data);
  WinogradTransform transform(layout.getTile());
  int64_t columns = op.getColumns(), channels = op.getRows() / WinogradTransform::window;
  int64_t stored = layout.getPanels().getStoredColumns(columns),
          each = layout.getPanels().getWidth();
  int64_t together = layout.getPanels().getInterleave();
  for (int64_t first = 0; first < stored; first += each) {
    int64_t width = std::min(each, stored - first);
    int64_t size = layout.getPositions() * channels * width;
    std::fill(packed, packed + size, Element(0));
    for (int64_t n = 0; n < std::min(width, columns - first); ++n)
      for (int64_t channel = 0; channel < channels; ++channel)
        transformWindow(transform,
                        source + ((first + n) * channels + channel) * WinogradTransform::window,
                        packed + (channel / together * width + n) * together + channel % together,
                        channels * width);
    packed += size;
  }
}

template <typename Bits> static void pack(PackOp op, const char *source, char *packed) {
  auto *from = reinterpret_cast<const Unaligned<Bits> *>(source);
  auto *to = reinterpret_cast<Bits *>(packed);
  if (auto panels = dyn_cast<PanelsAttr>(op.getLayout()))
    packPanels(op, panels, from, to);
  else
    packTaps(op, from, to);
}

static SmallVector<float> widen(const char *source, int64_t count) {
  SmallVector<float> wide;
  for (const auto *half = reinterpret_cast<const Unaligned<uint16_t> *>(source); count-- > 0;
       ++half)
    wide.push_back(floatOfBfloat16(*half));
  return wide;
}

static void pack(PackOp op, const char *source, char *packed) {
  Type element = op.getSourceType().getElementType();
  bool isBf16 = element.isBF16();
  auto winograd = dyn_cast<WinogradAttr>(op.getLayout());
  if (!winograd && element.isInteger(8))
    return pack<uint8_t>(op, source, packed);
  if (!winograd)
    return element.getIntOrFloatBitWidth() == 16 ? pack<uint16_t>(op, source, packed)
                                                 : pack<uint32_t>(op, source, packed);
  if (!isBf16)
    return packWinograd<float>(op, winograd, source, packed);
  SmallVector<float> wide = widen(source, op.getSourceType().getNumElements());
  auto *from = reinterpret_cast<const char *>(wide.data());
  return winograd.isPaired() ? packWinograd<uint16_t>(op, winograd, from, packed)
                             : packWinograd<float>(op, winograd, from, packed);
}

/// The packed form of the constant `attr`, or nothing.
static std::optional<AsmResourceBlob> evaluate(PackOp op, Attribute attr) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  size_t bytes =
      op.getSourceType().getNumElements() * op.getSourceType().getElementTypeBitWidth() / 8;
  FailureOr<ConstantData> source = readConstant(cast<ElementsAttr>(attr), bytes);
  if (failed(source) || !type.hasStaticShape())
    return std::nullopt;
  constexpr size_t align = 64;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(
      type.getNumElements() * type.getElementTypeBitWidth() / 8, align);
  pack(op, source->data, blob.getMutableData().data());
  releaseFilePages(source->data, bytes);
  return blob;
}

static DenseResourceElementsAttr makeConstant(PackOp op, Attribute attr, AsmResourceBlob blob) {
  std::string name = "packed";
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr))
    name = (resource.getRawHandle().getKey() + "_packed").str();
  return DenseResourceElementsAttr::get(cast<ShapedType>(op->getResult(0).getType()), name,
                                        std::move(blob));
}

namespace {

struct EvaluatePacksPass : kernel::impl::KernelEvaluatePacksBase<EvaluatePacksPass> {
  void runOnOperation() override {
    // Equal packs of one constant, in the order of the first of each.
    llvm::MapVector<std::pair<Attribute, Attribute>, SmallVector<PackOp>> packs;
    getOperation()->walk([&](PackOp op) {
      Attribute attr;
      Type element = op.getSourceType().getElementType();
      if (op->getNumResults() == 1 &&
          (element.isF32() || element.isBF16() || element.isF16() || element.isInteger(8)) &&
          op.getSourceType().hasStaticShape() && matchPattern(op.getSource(), m_Constant(&attr)))
        packs[{attr, op->getAttrDictionary()}].push_back(op);
    });
    std::vector<std::optional<AsmResourceBlob>> blobs(packs.size());
    parallelFor(&getContext(), 0, packs.size(), [&](size_t i) {
      auto &[key, ops] = *(packs.begin() + i);
      blobs[i] = evaluate(ops.front(), key.first);
    });
    for (auto [entry, blob] : llvm::zip_equal(packs, blobs)) {
      if (!blob)
        continue;
      auto &[key, ops] = entry;
      DenseResourceElementsAttr packed = makeConstant(ops.front(), key.first, std::move(*blob));
      for (PackOp op : ops)
        replace(op, packed);
    }
  }

  static void replace(PackOp op, DenseResourceElementsAttr packed) {
    OpBuilder builder(op);
    Operation *source = op.getSource().getDefiningOp();
    Value constant = arith::ConstantOp::create(builder, op.getLoc(), packed);
    op->getResult(0).replaceAllUsesWith(constant);
    Operation *init = op.getInit().getDefiningOp();
    op->erase();
    for (Operation *maybeUnused : {source, init})
      if (maybeUnused && isOpTriviallyDead(maybeUnused))
        maybeUnused->erase();
  }
};

} // namespace
