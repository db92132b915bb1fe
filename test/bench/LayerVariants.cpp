//===- LayerVariants.cpp - layers of models, and the ways to run them -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LayerVariants.h.
//
//===----------------------------------------------------------------------===//
#include "test/bench/LayerVariants.h"
#include "lib/Place/Place.h"
#include "lib/Target/Cpu/Cpu.h"
#include "lib/Target/Cpu/Kernels/KernelVariant.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "lib/Target/Cpu/Kernels/WinogradCost.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include <set>

using namespace mlir;
using namespace optc;
using namespace optc::test;

std::string optc::test::describe(const Variant &variant) {
  std::string text;
  for (const auto &[name, size] : variant)
    text += (text.empty() ? "" : " ") + name + "=" + std::to_string(size);
  return text.empty() ? "as chosen" : text;
}

static Attribute layoutOf(Operation *op) { return op->getAttr("layout"); }

static bool isSuitable(Operation *op) {
  auto hasKnownShape = [](Type type) {
    auto shaped = dyn_cast<RankedTensorType>(type);
    return shaped && shaped.hasStaticShape();
  };
  return isa<kernel::MatmulOp, kernel::ConvOp>(op) && op->getNumResults() == 1 &&
         llvm::all_of(op->getOperandTypes(), hasKnownShape);
}

/// Panels as the compiler chooses them for a direct convolution or a matmul.
static kernel::PanelsAttr chosenPanels(Operation *op) {
  if (auto panels = dyn_cast_or_null<kernel::PanelsAttr>(layoutOf(op)))
    return panels;
  auto conv = cast<kernel::ConvOp>(op);
  int64_t interleave = conv.getInputType().getElementType().isBF16() ? 2 : 1;
  return cpu::choosePanels(op->getContext(), conv.getOutputChannels() / conv.getGroups(),
                           conv.getReductionSize(), interleave);
}

/// The layout a variant asks for.
static Attribute layoutFor(Operation *op, const Variant &variant) {
  auto winograd = variant.find("winograd"), width = variant.find("panel_width");
  if (winograd != variant.end() && winograd->second > 0)
    return cpu::winogradLayout(op->getContext(), {winograd->second, variant.count("paired") > 0},
                               cast<kernel::ConvOp>(op).getOutputChannels());
  if (!layoutOf(op) || (winograd == variant.end() && width == variant.end()))
    return layoutOf(op);
  kernel::PanelsAttr panels = chosenPanels(op);
  if (width != variant.end())
    panels = kernel::PanelsAttr::get(op->getContext(), width->second, panels.getAlign(),
                                     panels.getInterleave());
  return panels;
}

/// The type of a convolution's filter in another layout: Winograd's is f32 unless it is paired.
static Type filterType(kernel::ConvOp op, Attribute layout) {
  int64_t outputs = op.getOutputChannels() / op.getGroups();
  int64_t elements =
      op.getNumMatrices() * kernel::getPackedSize(layout, op.getReductionSize(), outputs);
  Type element = op.getInputType().getElementType();
  if (auto winograd = dyn_cast<kernel::WinogradAttr>(layout); winograd && !winograd.isPaired())
    element = Float32Type::get(op.getContext());
  return RankedTensorType::get({elements}, element);
}

/// A function of the op's operands that computes the op. Constants that the epilogue reads
/// come along.
static void addEntry(OpBuilder &builder, Operation *op, const Variant &variant, StringRef name) {
  Attribute layout = layoutFor(op, variant);
  SmallVector<Type> types = llvm::to_vector(op->getOperandTypes());
  Type result = types.pop_back_val();
  if (auto conv = dyn_cast<kernel::ConvOp>(op); conv && layout && layout != layoutOf(op))
    types[1] = filterType(conv, layout);
  Location loc = builder.getUnknownLoc();
  auto function =
      func::FuncOp::create(builder, loc, name, builder.getFunctionType(types, {result}));
  run::setEntry(function, run::EntryAttr::get(function.getContext()));
  OpBuilder inner = OpBuilder::atBlockBegin(function.addEntryBlock());
  IRMapping mapping;
  for (auto [i, argument] : llvm::enumerate(function.getArguments()))
    mapping.map(op->getOperand(i), argument);
  auto shape = cast<RankedTensorType>(result);
  Value init = tensor::EmptyOp::create(inner, loc, shape.getShape(), shape.getElementType());
  op->walk([&](Operation *nested) {
    for (Value value : nested->getOperands())
      if (Operation *constant = value.getDefiningOp();
          nested != op && constant && constant->hasTrait<OpTrait::ConstantLike>() &&
          !mapping.contains(value))
        mapping.map(value, inner.clone(*constant)->getResult(0));
  });
  Operation *copy = inner.clone(*op, mapping);
  // The same value may be an operand twice: each has its own argument here.
  for (auto [i, argument] : llvm::enumerate(function.getArguments()))
    copy->setOperand(i, argument);
  copy->setOperand(copy->getNumOperands() - 1, init);
  if (layout)
    copy->setAttr("layout", layout);
  SmallVector<NamedAttribute> sizes;
  for (const auto &[key, size] : variant)
    if (key != "winograd" && key != "paired" && !(layout && key == "panel_width"))
      sizes.push_back(inner.getNamedAttr(key, inner.getI64IntegerAttr(size)));
  if (!sizes.empty())
    copy->setAttr(cpu::variantAttr, inner.getDictionaryAttr(sizes));
  func::ReturnOp::create(inner, loc, copy->getResults());
}

OwningOpRef<ModuleOp> optc::test::makeModule(const Layer &layer, ArrayRef<Variant> variants) {
  OpBuilder builder(layer.op->getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder, builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  for (auto [i, variant] : llvm::enumerate(variants))
    addEntry(builder, layer.op, variant, llvm::formatv("variant{0}", i).str());
  return module;
}

static std::string sizesOf(Type type) {
  std::string text;
  for (int64_t size : cast<ShapedType>(type).getShape())
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

/// Name and multiply-adds.
static void describeLayer(Layer &layer) {
  auto result = cast<RankedTensorType>(layer.op->getResult(0).getType());
  std::string input = sizesOf(layer.op->getOperand(0).getType()), output = sizesOf(result);
  auto conv = dyn_cast<kernel::ConvOp>(layer.op);
  if (!conv) {
    auto matmul = cast<kernel::MatmulOp>(layer.op);
    int64_t depth = matmul.getLhsType().getDimSize(matmul.getLhsMap().getNumResults() - 1);
    for (auto [i, expr] : llvm::enumerate(matmul.getLhsMap().getResults()))
      if (expr == getAffineDimExpr(matmul.getNumLeading() + 1, layer.op->getContext()))
        depth = matmul.getLhsType().getDimSize(i);
    layer.products = double(result.getNumElements()) * depth;
    layer.name = "matmul " + input + " -> " + output + (matmul.getLayout() ? "" : " by no weight");
    return;
  }
  layer.products = double(result.getNumElements()) * conv.getReductionSize();
  std::string window, strides;
  for (auto [size, stride] : llvm::zip_equal(conv.getWindow(), conv.getStrides())) {
    window += (window.empty() ? "" : "x") + std::to_string(size);
    strides += (strides.empty() ? "" : "x") + std::to_string(stride);
  }
  layer.name = "conv " + window + " step " + strides + " " + input + " -> " + output;
}

/// What tells layers apart that run at different speed: all but the values of constants.
static std::string codeOf(const Layer &layer) {
  OwningOpRef<ModuleOp> module = makeModule(layer, {Variant()});
  std::string text = layer.family;
  llvm::raw_string_ostream stream(text);
  module->walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::ConstantLike>())
      op->setAttr("value", OpBuilder(op).getUnitAttr());
  });
  module->print(stream, OpPrintingFlags().printGenericOpForm());
  return text;
}

static void addLayer(Operation *op, const std::string &family, const std::string &model,
                     std::vector<Layer> &layers, std::map<std::string, size_t> &known) {
  Layer layer{op, family, "", 0, {}};
  auto [place, isNew] = known.try_emplace(codeOf(layer), layers.size());
  if (isNew) {
    describeLayer(layer);
    layers.push_back(layer);
  }
  ++layers[place->second].models[model];
}

void optc::test::collectLayers(ModuleOp module, const std::string &model,
                               std::vector<Layer> &layers, std::map<std::string, size_t> &known) {
  module.walk([&](Operation *op) {
    if (!isSuitable(op))
      return;
    Attribute layout = layoutOf(op);
    if (auto conv = dyn_cast<kernel::ConvOp>(op); conv && layout && conv.suitsWinograd())
      addLayer(op, "winograd", model, layers, known);
    if (isa_and_present<kernel::TapsAttr>(layout))
      addLayer(op, "depthwise", model, layers, known);
    else if (!isa_and_present<kernel::WinogradAttr>(layout))
      addLayer(op, "contraction", model, layers, known);
  });
}

static std::vector<Variant> depthwiseVariants() {
  constexpr int64_t mostSums = 12;
  std::vector<Variant> variants = {{}, {{"lanes", 8}}, {{"lanes", 16}}};
  for (int64_t rows : {1, 2, 3, 4})
    for (int64_t places : {2, 3, 4, 5, 6, 8, 10, 12})
      if (rows * places <= mostSums)
        variants.push_back(
            {{"tile_rows", rows}, {"tile_places", places}, {"block_rows", rows == 3 ? 9 : 8}});
  return variants;
}

/// Widths of panels; with a packed rhs besides the chosen one.
static std::vector<int64_t> panelWidths(Operation *op) {
  int64_t columns = cast<ShapedType>(op->getResult(0).getType()).getShape().back();
  if (auto conv = dyn_cast<kernel::ConvOp>(op))
    columns /= conv.getGroups();
  auto panels = dyn_cast_or_null<kernel::PanelsAttr>(layoutOf(op));
  int64_t most = std::min<int64_t>(64, llvm::alignTo(columns, 8));
  std::vector<int64_t> widths;
  for (int64_t width : {16, 24, 32, 40, 48, 56, 64})
    if (width <= most && !(panels && width == panels.getWidth()))
      widths.push_back(width);
  return widths;
}

static std::vector<Variant> contractionVariants(Operation *op) {
  std::vector<Variant> variants = {{}};
  for (int64_t block : {24, 96, 192, 768})
    variants.push_back({{"block_rows", block}});
  for (int64_t rows : {4, 6, 8, 10, 12})
    variants.push_back({{"tile_rows", rows}});
  for (int64_t width : panelWidths(op)) {
    variants.push_back({{"panel_width", width}});
    variants.push_back({{"panel_width", width}, {"block_rows", 192}});
  }
  return variants;
}

/// The code of each entry after the kernels are emitted.
static std::vector<std::string> emittedCode(const Layer &layer, ArrayRef<Variant> variants,
                                            const CpuLevel &level) {
  OwningOpRef<ModuleOp> module = makeModule(layer, variants);
  PassManager pm(layer.op->getContext());
  place::addPlacePasses(pm);
  cpu::CpuEmitKernelsOptions options;
  options.level = std::string(level.name);
  pm.addNestedPass<func::FuncOp>(cpu::createCpuEmitKernels(options));
  std::vector<std::string> code;
  if (failed(pm.run(*module)))
    return code;
  for (size_t i = 0; i < variants.size(); ++i) {
    auto function = module->lookupSymbol<func::FuncOp>(llvm::formatv("variant{0}", i).str());
    llvm::raw_string_ostream stream(code.emplace_back());
    function.getBody().front().print(stream);
  }
  return code;
}

std::vector<Variant> optc::test::distinctVariants(const Layer &layer, const CpuLevel &level) {
  std::vector<Variant> all;
  if (layer.family == "winograd") {
    all = {{}, {{"winograd", 0}}, {{"winograd", 2}}, {{"winograd", 4}}};
    if (cast<kernel::ConvOp>(layer.op).getInputType().getElementType().isBF16())
      for (int64_t tile : {2, 4})
        all.push_back({{"winograd", tile}, {"paired", 1}});
  } else {
    all = layer.family == "depthwise" ? depthwiseVariants() : contractionVariants(layer.op);
  }
  std::vector<std::string> code = emittedCode(layer, all, level);
  std::set<std::string> seen;
  std::vector<Variant> distinct;
  for (auto [variant, text] : llvm::zip(all, code))
    if (seen.insert(text).second)
      distinct.push_back(variant);
  return distinct;
}
