//===- PackWeights.cpp - packs of constant weights ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-pack-weights.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUPACKWEIGHTS
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using namespace optc::kernel;

/// Whether the matmul's rhs is [K, N] (or [N, K]) without batch.
static std::optional<PackOrder> weightOrder(MatmulOp op) {
  unsigned n = op.getNumLeading();
  AffineMap map = op.getRhsMap();
  if (map.getNumResults() != 2)
    return std::nullopt;
  return map.getDimPosition(0) == n ? PackOrder::NK : PackOrder::KN;
}

/// Whether products of such elements are summed in the type that the emitters sum them in.
static bool hasSums(EpilogueOpInterface op, Type element) {
  Type sums = op.getAccumulatorType();
  return element.isInteger(8) ? sums.isInteger(32) : sums.isF32();
}

static void packMatmul(MatmulOp op) {
  std::optional<PackOrder> order = weightOrder(op);
  Type element = op.getRhsType().getElementType();
  int64_t interleave = getInterleave(op.getLhsType().getElementType(), element);
  if (op.getLayout() || !order || !isConstantWeight(op.getRhs()) || interleave == 0 ||
      !hasSums(op, element))
    return;
  OpBuilder builder(op);
  unsigned n = op.getNumLeading();
  int64_t columns = op.getRhsType().getDimSize(*order == PackOrder::NK ? 0 : 1);
  int64_t rows = op.getRhsType().getDimSize(*order == PackOrder::NK ? 1 : 0);
  if (rows % interleave != 0)
    return;
  PanelsAttr panels = choosePanels(op.getContext(), columns, rows, interleave);
  auto pack = PackOp::create(builder, op.getLoc(), *order, op.getRhs(), panels);
  op.getRhsMutable().assign(pack.getResult(0));
  op.setLayoutAttr(panels);
  AffineMap canonical = AffineMap::get(
      n + 2, 0, {builder.getAffineDimExpr(n + 1), builder.getAffineDimExpr(n)}, op.getContext());
  op.setMapsAttr(builder.getAffineMapArrayAttr({op.getLhsMap(), canonical, op.getResultMap()}));
}

/// Of narrow panels each is read from one place on; what of the data is read for a vector of codes,
/// it reads with the instruction that multiplies.
static constexpr int64_t blockPanelWidth = 16;

static void packBlockMatmul(BlockMatmulOp op) {
  SmallVector<OpOperand *> operands = {&op.getRhsMutable(), &op.getRhsScaleMutable()};
  for (OpOperand &zero : op.getRhsZeroMutable())
    operands.push_back(&zero);
  auto isConstant = [](OpOperand *operand) {
    auto type = dyn_cast<RankedTensorType>(operand->get().getType());
    return type && type.hasStaticShape() && type.getNumElements() > 0 &&
           matchPattern(operand->get(), m_Constant());
  };
  if (op.getLayout() || op.getPlane() % 4 != 0 || !llvm::all_of(operands, isConstant))
    return;
  OpBuilder builder(op);
  auto panels = PanelsAttr::get(op.getContext(), blockPanelWidth, /*align=*/8, /*interleave=*/4);
  op.setLayoutAttr(panels);
  for (OpOperand *operand : operands) {
    PanelsAttr layout = operand == operands.front() ? panels : op.getScaleLayout();
    auto pack = PackOp::create(builder, op.getLoc(), PackOrder::NK, operand->get(), layout);
    operand->set(pack.getResult(0));
  }
}

/// Where tables that rows are gathered of are weights of products, too, they are read in packed
/// form: a vocabulary that is also the last layer is stored once.
static void readPacked(tensor::ExtractOp op, ArrayRef<PackOp> packs) {
  auto resourceOf = [](Value value) -> StringRef {
    DenseResourceElementsAttr attr;
    return matchPattern(value, m_Constant(&attr)) ? attr.getRawHandle().getKey() : "";
  };
  auto type = cast<RankedTensorType>(op.getTensor().getType());
  StringRef resource = resourceOf(op.getTensor());
  auto found = llvm::find_if(packs, [&](PackOp pack) {
    return !resource.empty() && resource == resourceOf(pack.getSource());
  });
  if (found == packs.end() || type.getRank() != 3)
    return;
  PackOp pack = *found;
  OpBuilder builder(op->getParentOfType<linalg::GenericOp>());
  Location loc = op.getLoc();
  Value source = builder.clone(*pack.getSource().getDefiningOp())->getResult(0);
  auto panels = cast<PanelsAttr>(pack.getLayout());
  Value packed = PackOp::create(builder, loc, PackOrder::NK, source, panels).getResult(0);
  builder.setInsertionPoint(op);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value block =
      arith::MulIOp::create(builder, loc, op.getIndices()[1], constant(type.getDimSize(2)));
  Value row = arith::AddIOp::create(builder, loc, block, op.getIndices()[2]);
  Value at = createPanelPosition(builder, loc, panels, row, op.getIndices()[0],
                                 constant(pack.getRows()), constant(pack.getColumns()));
  op.getTensorMutable().assign(packed);
  op.getIndicesMutable().assign(at);
}

static void packConv(ConvOp op, bool allFilters) {
  auto type = dyn_cast<RankedTensorType>(op.getFilter().getType());
  if (op.getLayout() || !type || !type.hasStaticShape() || type.getNumElements() == 0 ||
      !hasSums(op, type.getElementType()))
    return;
  Type data = op.getInputType().getElementType(), element = type.getElementType();
  int64_t groups = op.getGroups(), interleave = getInterleave(data, element);
  // Filters that only the run knows are packed then: of f32 only.
  bool isWeight = isConstantWeight(op.getFilter()) || (allFilters && element.isF32());
  if (interleave == 0 || !isWeight || (op.isDepthwise() && data != element))
    return;
  // Pairs are of channels, each tap having a whole number of them, or of taps side by side.
  // Depthwise filters are stored one by one: their pairs are made when they are used.
  int64_t channels = op.getInputChannels() / groups;
  int64_t together =
      channels == 1 && op.getDilations().back() == 1 ? op.getWindow().back() : channels;
  if (interleave > 1 && !op.isDepthwise() && together % interleave != 0)
    return;
  OpBuilder builder(op);
  Attribute layout = op.isDepthwise()
                         ? Attribute(TapsAttr::get(op.getContext()))
                         : choosePanels(op.getContext(), op.getOutputChannels() / groups,
                                        op.getReductionSize(), interleave);
  auto pack = PackOp::create(builder, op.getLoc(), PackOrder::Filter, op.getFilter(), layout,
                             op.getNumMatrices());
  op.getFilterMutable().assign(pack.getResult(0));
  op.setLayoutAttr(layout);
}

namespace {

struct PackWeightsPass : cpu::impl::CpuPackWeightsBase<PackWeightsPass> {
  using CpuPackWeightsBase::CpuPackWeightsBase;

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) {
      if (op->getNumResults() != 1)
        return;
      if (auto matmul = dyn_cast<MatmulOp>(op))
        packMatmul(matmul);
      else if (auto blocks = dyn_cast<BlockMatmulOp>(op))
        packBlockMatmul(blocks);
      else if (auto conv = dyn_cast<ConvOp>(op))
        packConv(conv, allFilters);
    });
    SmallVector<PackOp> packs;
    getOperation()->walk([&](BlockMatmulOp op) {
      for (Value operand : {op.getRhs(), op.getRhsScale(), op.getRhsZero()})
        if (auto pack = operand ? operand.getDefiningOp<PackOp>() : PackOp())
          packs.push_back(pack);
    });
    getOperation()->walk([&](tensor::ExtractOp op) {
      if (isa<linalg::GenericOp>(op->getParentOp()))
        readPacked(op, packs);
    });
  }
};

} // namespace
