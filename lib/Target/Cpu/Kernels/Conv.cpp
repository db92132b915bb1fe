//===- Conv.cpp - conv for the CPU ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Describes kernel.conv as a contraction over (batch, place.., group, output, phase.. | tap..,
// channel).
// No copy of the input is made: a tile of rows is a run of output places, and each tap is
// another offset into the input.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Contraction.h"
#include "lib/Target/Cpu/Kernels/ConvMaps.h"
#include "lib/Target/Cpu/Kernels/DepthwiseSums.h"
#include "lib/Target/Cpu/Kernels/Kernels.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

/// Whether the input is given without its border along spatial dim i.
static bool hasBorder(kernel::ConvOp op, unsigned i) {
  return op.getPadBefore(i) + op.getPadAfter(i) > 0;
}

static bool canEmit(kernel::ConvOp op, StringRef &reason) {
  if (!op.getLayout()) {
    reason = "the filter is not packed";
    return false;
  }
  auto panels = dyn_cast<kernel::PanelsAttr>(*op.getLayout());
  auto winograd = dyn_cast<kernel::WinogradAttr>(*op.getLayout());
  if (winograd)
    panels = winograd.getPanels();
  if (panels && (panels.getWidth() % 8 != 0 || panels.getAlign() != 8 || panels.getWidth() > 64)) {
    reason = "panels of another form";
    return false;
  }
  for (unsigned i = 0; i < op.getNumSpatial(); ++i)
    if (hasBorder(op, i) &&
        (op.getWindow()[i] == 1 || op.getInputChannels() == static_cast<int64_t>(op.getGroups()))) {
      reason = "the input is without the border that windows of one tap or one channel meet";
      return false;
    }
  if (isa<kernel::TapsAttr>(*op.getLayout()) && op.getAccumulatorType().isInteger(32)) {
    if (llvm::product_of(op.getWindow()) > mostExactTaps) {
      reason = "a window of so many bytes";
      return false;
    }
    return canEmitEpilogue(op, reason);
  }
  auto layout = panels ? std::optional(panels) : std::nullopt;
  ShapedType input = op.getInputType(), filter = op.getFilterType();
  bool isBf16 = input.getElementType().isBF16();
  auto widen = [&](ShapedType &type) { type = type.clone(Float32Type::get(op.getContext())); };
  // Winograd widens bf16 where it transforms it, and narrows that for products of pairs; taps are
  // paired or widened as they are loaded.
  if (isBf16 && winograd && !winograd.isPaired())
    widen(input);
  if (isBf16 && isa<kernel::TapsAttr>(*op.getLayout()) && filter.getElementType().isBF16())
    widen(input), widen(filter);
  return canEmitContraction(op, input, filter, layout, reason);
}

static LogicalResult emitKernel(OpBuilder &builder, kernel::ConvOp op, const CpuLevel &level) {
  if (isa<kernel::WinogradAttr>(*op.getLayout()))
    return emitWinograd(builder, op, level);
  auto panels = dyn_cast<kernel::PanelsAttr>(*op.getLayout());
  if (!panels)
    return emitDepthwise(builder, op, level);
  ConvMaps maps(op);
  FailureOr<LoopNest> nest = maps.getNest(builder);
  if (failed(nest))
    return op.emitOpError("has an operand whose layout is not strided");
  int64_t outputs = op.getOutputChannels() / op.getGroups();
  Contraction contraction{op,
                          level,
                          *nest,
                          maps.output(),
                          builder.getIndexAttr(outputs),
                          panels,
                          getFlatFilter(builder, op)};
  contraction.isLhsUnsigned = op.getUnsignedInput();
  contraction.isRhsUnsigned = op.getUnsignedFilter();
  int64_t step = op.getNumPhases();
  contraction.matrices.push_back({maps.group(), step});
  for (auto [i, phase] : llvm::enumerate(op.getPhases()))
    contraction.matrices.push_back({maps.phase(i), step /= phase});
  for (unsigned i = 0; i < op.getNumSpatial(); ++i)
    if (hasBorder(op, i))
      contraction.clipped.push_back(
          {maps.place(i), maps.tap(i), op.getWindow()[i], op.getStrides()[i], op.getDilations()[i],
           op.getPadBefore(i), memref::getMixedSize(builder, op.getLoc(), op.getInput(), 1 + i)});
  return emitContraction(builder, std::move(contraction));
}

void cpu::addConvEmitters(KernelEmitters &emitters) {
  emitters.add<kernel::ConvOp>(canEmit, emitKernel);
}
