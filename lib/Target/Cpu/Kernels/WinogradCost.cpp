//===- WinogradCost.cpp - when Winograd pays ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WinogradCost.h. The table was fitted to KernelBench's times with cold weights: of 101
// shapes (8 to 512 channels, 3 to 80 rows) the choice is within 5 % of the fastest on 96 with
// AVX-512, on 88 with AVX2; the worst loss is 1.25. With products of pairs the same constants give
// the times of ResNet-50-thin's layers within 9 %.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/WinogradCost.h"
#include "lib/Target/Cpu/Kernels/Contraction.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "llvm/Support/FormatVariadic.h"
#include <limits>

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

/// What estimates are made of: one core that runs 118 FLOP/ns (Zen 4). On other cores all of it
/// changes by similar factors.
struct CostTable {
  /// FLOP/ns of register tiles, of f32 and of pairs of bf16; bytes/ns of weights from memory.
  double products = 117, pairs = 228, weights = 40;
  /// ns per tile and channel (transform of inputs), per tile and output (of sums, with the
  /// epilogue and the stores), for tiles of 2 and of 4; ns per output of a direct conv.
  double inputs[2] = {0.9, 3.2}, outputs[2] = {1.1, 3.8}, stores = 0.1;
  /// ns per call.
  double directCall = 600, winogradCall = 800;
  /// What a byte of packed weights adds to the time, as a share of it: artifacts and memory
  /// should not grow for nothing. 9 MB must gain 15 %.
  double perByte = 1 / 64e6;
  /// Winograd must gain this, too.
  double margin = 1.05;
  /// And tiles of 4 in bf16, whose errors are about 4.5 times those of the direct form, must gain
  /// this on all else: by experiment 40 dB are left of a layer (tiles of 2: 49, directly: 53), of
  /// 13 layers 31.
  double coarse = 1.15;
};

/// Places of one side of the image where they are not known: networks double their channels
/// where they halve their images, and 64 channels at 56 places are usual.
constexpr int64_t nominalPlaces = 56 * 64, minNominal = 7, maxNominal = 56;
constexpr int64_t align = 8;

} // namespace

static constexpr CostTable table;

/// Products while their weights stream in: half of that is hidden, and it is the least.
static double productTime(double flops, double rate, double bytes) {
  double streaming = bytes / table.weights;
  return std::max(flops / rate + streaming / 2, streaming);
}

static double packedElements(const ConvShape &shape, int64_t positions) {
  return static_cast<double>(positions * shape.channels * llvm::alignTo(shape.outputs, align));
}

double cpu::estimateDirect(const ConvShape &shape) {
  constexpr int64_t window = 9;
  double elements = packedElements(shape, window), bytes = elements * (shape.isBf16 ? 2 : 4);
  double places = double(shape.batch) * shape.height * shape.width;
  double stores = places * llvm::alignTo(shape.outputs, align) * table.stores;
  double rate = shape.isBf16 ? table.pairs : table.products;
  return productTime(2 * elements * places, rate, bytes) + stores + table.directCall;
}

static int64_t positionsOf(WinogradForm form) {
  return form.tile == 0 ? 9 : (form.tile + 2) * (form.tile + 2);
}

double cpu::estimateWinograd(const ConvShape &shape, WinogradForm form) {
  double elements = packedElements(shape, positionsOf(form));
  double tiles = double(shape.batch) * llvm::divideCeil(shape.height, form.tile) *
                 llvm::divideCeil(shape.width, form.tile);
  bool isLarge = form.tile == 4;
  double transforms = tiles * (llvm::alignTo(shape.channels, align) * table.inputs[isLarge] +
                               llvm::alignTo(shape.outputs, align) * table.outputs[isLarge]);
  double rate = form.isPaired ? table.pairs : table.products;
  return productTime(2 * elements * tiles, rate, (form.isPaired ? 2 : 4) * elements) + transforms +
         table.winogradCall;
}

WinogradChoice cpu::chooseWinograd(const ConvShape &shape) {
  double best = std::numeric_limits<double>::infinity();
  WinogradChoice choice;
  std::string &text = choice.reason;
  text = llvm::formatv("estimated for {0}x{1}x{2} places:", shape.batch, shape.height, shape.width);
  auto consider = [&](WinogradForm form, StringRef name) {
    double time = form.tile == 0 ? estimateDirect(shape) : estimateWinograd(shape, form);
    bool isBf16 = form.isPaired || (form.tile == 0 && shape.isBf16);
    double bytes = (isBf16 ? 2 : 4) * packedElements(shape, positionsOf(form));
    double weighted = time * (1 + bytes * table.perByte);
    if (form.tile == 0)
      weighted /= table.margin;
    if (form.isPaired && form.tile == 4)
      weighted *= table.coarse;
    if (weighted < best)
      best = weighted, choice.form = form;
    text += llvm::formatv("{0} {1:F1} us {2}", form.tile == 0 ? "" : ",", time / 1e3, name);
  };
  consider({0}, "directly");
  consider({2}, "in tiles of 2x2");
  consider({4}, "of 4x4");
  if (shape.isBf16 && shape.channels % 2 == 0) {
    consider({2, true}, "of 2x2 in bf16");
    consider({4, true}, "of 4x4 in bf16");
  }
  return choice;
}

/// The sizes of a conv, with usual ones in the place of unknown ones.
static ConvShape shapeOf(kernel::ConvOp op) {
  ArrayRef<int64_t> shape = op.getInitType().getShape();
  int64_t channels = op.getInputChannels(), outputs = op.getOutputChannels();
  int64_t nominal = std::clamp(nominalPlaces / std::max<int64_t>(1, std::max(channels, outputs)),
                               minNominal, maxNominal);
  auto known = [&](int64_t size, int64_t usual) {
    return ShapedType::isDynamic(size) ? usual : size;
  };
  return {known(shape[0], 1),
          known(shape[1], nominal),
          known(shape[2], nominal),
          channels,
          outputs,
          op.getInputType().getElementType().isBF16()};
}

WinogradChoice cpu::chooseWinograd(kernel::ConvOp op, StringRef forbidden) {
  if (!op.suitsWinograd())
    return {{}, "only for 3x3 windows with strides, dilations and groups of 1"};
  if (!forbidden.empty())
    return {{}, ("forbidden by " + forbidden).str()};
  if (!cpu::isConstantWeight(op.getFilter()) ||
      !isa<FloatType>(op.getFilterType().getElementType()))
    return {{}, "the filter is no constant of f32 or bf16"};
  StringRef refusal;
  auto widened = [](ShapedType type) {
    return type.getElementType().isBF16() ? type.clone(Float32Type::get(type.getContext())) : type;
  };
  if (op.getInputType().getElementType() != op.getFilterType().getElementType() ||
      !canEmitContraction(op, widened(op.getInputType()), widened(op.getFilterType()), std::nullopt,
                          refusal))
    return {{}, refusal.empty() ? "input and filter differ in type" : refusal.str()};
  WinogradChoice choice = chooseWinograd(shapeOf(op));
  if (!op.getInitType().hasStaticShape())
    choice.reason += " (unknown sizes assumed)";
  return choice;
}

kernel::WinogradAttr cpu::winogradLayout(MLIRContext *context, WinogradForm form, int64_t columns) {
  // Panels of one cache line where they divide the columns: narrow vectors read whole lines then,
  // and wide ones several panels at once. Else panels that all levels run at full speed.
  int64_t stored = llvm::alignTo(columns, align), width = 24;
  for (int64_t candidate : {40, 24, 16})
    if (stored % candidate == 0)
      width = candidate;
  int64_t together = form.isPaired ? 2 : 1;
  auto panels = kernel::PanelsAttr::get(context, std::min(width, stored), align, together);
  return kernel::WinogradAttr::get(context, form.tile, panels);
}
