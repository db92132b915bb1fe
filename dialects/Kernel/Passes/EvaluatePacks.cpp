//===- EvaluatePacks.cpp - packs of constants -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass kernel-evaluate-packs: packs are copies of rows, done here on raw memory, because
// weights are too large for attributes' element access.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "lib/Support/FilePages.h"
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
  const float *data = nullptr;
  SmallVector<float, 0> owned;
};

/// Where the element (k, n) of a group's matrix lies in the source: the sum of two tables.
struct SourceOffsets {
  SmallVector<int64_t> ofRow, ofColumn;
  int64_t ofGroup = 0;
};

} // namespace

static FailureOr<ConstantData> readConstant(Attribute attr, int64_t count) {
  ConstantData result;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() < count * sizeof(float))
      return failure();
    result.data = reinterpret_cast<const float *>(blob->getData().data());
    return result;
  }
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || !dense.getElementType().isF32())
    return failure();
  if (dense.isSplat()) {
    result.owned.assign(count, dense.getSplatValue<float>());
    result.data = result.owned.data();
    return result;
  }
  result.data = reinterpret_cast<const float *>(dense.getRawData().data());
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

static void packPanels(PackOp op, PanelsAttr panels, const float *source, float *packed) {
  SourceOffsets offsets = sourceOffsets(op);
  int64_t columns = op.getColumns(), stored = panels.getStoredColumns(columns);
  for (int64_t group = 0; group < static_cast<int64_t>(op.getGroups()); ++group) {
    const float *matrix = source + group * offsets.ofGroup;
    for (int64_t first = 0; first < stored; first += panels.getWidth()) {
      int64_t width = std::min(panels.getWidth(), stored - first);
      int64_t filled = std::min(width, columns - first);
      for (int64_t row : offsets.ofRow) {
        for (int64_t n = 0; n < filled; ++n)
          packed[n] = matrix[row + offsets.ofColumn[first + n]];
        std::fill(packed + filled, packed + width, 0.0f);
        packed += width;
      }
    }
  }
}

static void packTaps(PackOp op, const float *source, float *packed) {
  int64_t channels = op.getGroups(), taps = op.getRows();
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t channel = 0; channel < channels; ++channel)
      *packed++ = source[channel * taps + tap];
}

/// The packed form of the constant `attr`, or null.
static std::optional<AsmResourceBlob> evaluate(PackOp op, Attribute attr) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  int64_t count = op.getSourceType().getNumElements();
  FailureOr<ConstantData> source = readConstant(attr, count);
  if (failed(source) || !type.hasStaticShape())
    return std::nullopt;
  constexpr size_t align = 64;
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(type.getNumElements() * sizeof(float), align);
  auto *packed = reinterpret_cast<float *>(blob.getMutableData().data());
  if (auto panels = dyn_cast<PanelsAttr>(op.getLayout()))
    packPanels(op, panels, source->data, packed);
  else
    packTaps(op, source->data, packed);
  releaseFilePages(source->data, count * sizeof(float));
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
      if (op->getNumResults() == 1 && op.getSourceType().getElementType().isF32() &&
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
