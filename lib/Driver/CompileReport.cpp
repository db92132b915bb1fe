//===- CompileReport.cpp - what the compiler did --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CompileReport.h: first the facts, then the JSON.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/CompileReport.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/NN/NN.h"
#include "dialects/Run/Run.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Runtime/ArenaPlan.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <nlohmann/json.hpp>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

using Json = nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

static uint64_t bytesOfWeights(const onnximport::Graph &graph) {
  uint64_t bytes = 0;
  for (const onnximport::Initializer &initializer : graph.initializers)
    bytes += initializer.tensor.bytes;
  for (const onnximport::Node &node : graph.nodes)
    for (const onnximport::Attribute &attribute : node.attributes)
      if (attribute.graph)
        bytes += bytesOfWeights(*attribute.graph);
  return bytes;
}

void CompileReport::addModel(const onnximport::Model &model) {
  opset = model.originalOpset;
  irVersion = model.irVersion;
  opsets = model.opsets;
  producer = model.producer;
  modelWeights = bytesOfWeights(model.graph);
  onnximport::forEachNode(
      model.graph, [&](const onnximport::Node &node, const onnximport::Graph &) {
        ++onnxNodes[(node.domain.empty() ? "" : node.domain + ":") + node.opType];
      });
}

/// Ops of the model itself; constants and what ends a block are no work.
static OpCounts countOps(ModuleOp module) {
  OpCounts counts;
  module.walk([&](Operation *op) {
    bool isWork = isa<nn::NNDialect, scf::SCFDialect>(op->getDialect());
    if (isWork && !op->hasTrait<OpTrait::ConstantLike>() && !op->hasTrait<OpTrait::IsTerminator>())
      ++counts[op->getName().getStringRef().str()];
  });
  return counts;
}

void CompileReport::addImported(ModuleOp module) { imported = countOps(module); }
void CompileReport::addSimplified(ModuleOp module) { simplified = countOps(module); }

/// The operand a kernel op reads in a packed layout, or null.
static Value packedOperand(Operation *op) {
  if (auto matmul = dyn_cast<kernel::MatmulOp>(op))
    return matmul.getLayout() ? matmul.getRhs() : Value();
  if (auto conv = dyn_cast<kernel::ConvOp>(op))
    return conv.getLayout() ? conv.getFilter() : Value();
  return {};
}

void CompileReport::addKernels(ModuleOp module) {
  module.walk([&](Operation *op) {
    Attribute value;
    Value operand = packedOperand(op);
    if (!operand || !matchPattern(operand, m_Constant(&value)))
      return;
    packed.insert(value);
    if (auto conv = dyn_cast<kernel::ConvOp>(op);
        conv && isa<kernel::WinogradAttr>(*conv.getLayout()))
      winograd.insert(value);
  });
}

/// The bytes that the entry's function of sizes stores for each buffer; nothing if one of
/// them is no constant.
static std::optional<std::vector<int64_t>> constantSizes(func::FuncOp sizes, size_t count) {
  std::vector<int64_t> bytes(count, -1);
  sizes.walk([&](memref::StoreOp store) {
    APInt size, position;
    if (matchPattern(store.getValue(), m_ConstantInt(&size)) && store.getIndices().size() == 1 &&
        matchPattern(store.getIndices().front(), m_ConstantInt(&position)))
      bytes[position.getZExtValue()] = size.getSExtValue();
  });
  if (llvm::is_contained(bytes, -1))
    return std::nullopt;
  return bytes;
}

/// The function of sizes for the largest shapes, with everything computed that can be.
static OwningOpRef<ModuleOp> atBounds(func::FuncOp sizes, const artifact::EntryPoint &entry) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(sizes.getLoc());
  Operation *copy = sizes->clone();
  module->push_back(copy);
  copy->walk([&](memref::DimOp dim) {
    auto input = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!input || !index || input.getArgNumber() >= entry.inputs.size())
      return;
    const artifact::Dim &size = (*entry.inputs[input.getArgNumber()].shape)[*index];
    auto bound = llvm::find_if(
        entry.bounds, [&](const artifact::Bound &each) { return each.symbol == size.symbol; });
    if (bound == entry.bounds.end())
      return;
    OpBuilder b(dim);
    dim.replaceAllUsesWith(
        arith::ConstantIndexOp::create(b, dim.getLoc(), bound->most).getResult());
  });
  PassManager passes(module->getContext());
  passes.addPass(createCanonicalizerPass());
  if (failed(passes.run(*module)))
    return {};
  return module;
}

static ArenaFacts arenaOf(func::FuncOp entry, ModuleOp module,
                          const artifact::EntryPoint &declared) {
  run::EntryAttr placed = run::getEntry(entry);
  ArrayRef<int64_t> lifetimes = placed.getLifetimes().asArrayRef();
  ArenaFacts facts;
  facts.entry = entry.getSymName().str();
  facts.buffers = lifetimes.size() / 2;
  auto sizes = module.lookupSymbol<func::FuncOp>(placed.getSizes().getAttr());
  std::optional<std::vector<int64_t>> bytes = constantSizes(sizes, facts.buffers);
  if (!bytes && !declared.bounds.empty()) {
    facts.bounds = declared.bounds;
    if (OwningOpRef<ModuleOp> bounded = atBounds(sizes, declared))
      bytes = constantSizes(*bounded->getOps<func::FuncOp>().begin(), facts.buffers);
  }
  runtime::ArenaPlan plan;
  if (!bytes || !runtime::planArena(*bytes, lifetimes.data(), plan))
    return facts;
  facts.bytes = plan.size;
  facts.lowerBound = plan.lowerBound;
  return facts;
}

void CompileReport::addPlaced(ModuleOp module, ArrayRef<artifact::EntryPoint> entries) {
  if (auto weights = module->getAttrOfType<run::WeightsAttr>(run::weightsAttr))
    for (Attribute value : weights.getValues())
      if (auto bytes = constantBytes(cast<ElementsAttr>(value))) {
        (packed.contains(value) ? packedWeights : plainWeights) += bytes->size();
        winogradWeights += winograd.contains(value) ? bytes->size() : 0;
      }
  for (func::FuncOp function : run::getEntries<func::FuncOp>(module))
    for (const artifact::EntryPoint &entry : entries)
      if (function.getSymName() == entry.name)
        arenas.push_back(arenaOf(function, module, entry));
}

/// The names in "builtin.module(canonicalize{max-iterations=10},func.func(nn-raise-norms))":
/// those of the ops that nest passes have a parenthesis behind them.
static std::vector<std::string> passNames(const OpPassManager &passes) {
  std::string text, name;
  llvm::raw_string_ostream stream(text);
  passes.printAsTextualPipeline(stream);
  std::vector<std::string> names;
  int braces = 0;
  for (char c : text + ",") {
    if (c == '{')
      ++braces;
    bool ends = StringRef("(),").contains(c);
    if (braces == 0 && !ends)
      name += c;
    if (braces == 0 && ends) {
      if (c != '(' && !name.empty())
        names.push_back(name);
      name.clear();
    }
    if (c == '}')
      --braces;
  }
  return names;
}

void CompileReport::addStage(StringRef name, const OpPassManager &passes) {
  stages.push_back({name.str(), passNames(passes)});
}

void CompileReport::addCode(StringRef level, StringRef triple, uint64_t bytes) {
  codes.push_back({level.str(), triple.str(), bytes});
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// The stage that generates the code of a level, as the driver names it.
static std::string stageOf(const std::string &level) { return "generate " + level; }

/// How many ops each emitter took for a level.
static OpCounts kernelsOf(const std::string &level, const std::vector<Decision> &decisions) {
  OpCounts kernels;
  for (const Decision &decision : decisions)
    if (decision.isMade && decision.stage == stageOf(level))
      kernels[decision.what] += decision.nodes.size();
  return kernels;
}

static Json toJson(const Decision &decision, size_t maxNodes) {
  Json json = {{"stage", decision.stage},
               {"pass", decision.pass},
               {"result", decision.isMade ? "made" : "refused"},
               {"what", decision.what},
               {"op", decision.op}};
  if (!decision.with.empty())
    json["with"] = decision.with;
  if (!decision.reason.empty())
    json["reason"] = decision.reason;
  json["count"] = decision.nodes.size();
  json["nodes"] = std::vector<std::string>(
      decision.nodes.begin(), decision.nodes.begin() + std::min(maxNodes, decision.nodes.size()));
  return json;
}

static Json toJson(const ArenaFacts &facts) {
  Json json = {{"entry", facts.entry}, {"buffers", facts.buffers}};
  if (facts.bytes) {
    json["bytes"] = *facts.bytes;
    json["lower_bound_bytes"] = *facts.lowerBound;
  }
  for (const artifact::Bound &bound : facts.bounds)
    json["bounds"].push_back({{"symbol", bound.symbol}, {"max", bound.most}});
  return json;
}

std::string CompileReport::toJson(size_t maxNodes) const {
  Json json;
  json["report_version"] = 1;
  json["compiler"] = {{"optc", OPTC_VERSION}, {"llvm", LLVM_VERSION_STRING}};
  CodeOptions own = options;
  own.levels.clear();
  for (const Code &code : codes)
    own.levels.push_back(code.level);
  // As the artifact spells it: equal options give equal artifacts.
  if (!own.triple.empty() && !codes.empty())
    own.triple = codes.front().triple;
  json["options"] = own.toJson();
  json["model"] = {{"producer", producer},
                   {"ir_version", irVersion},
                   {"opset", opset},
                   {"lifted_opsets", Json::object()},
                   {"onnx_nodes", onnxNodes},
                   {"imported_ops", imported},
                   {"simplified_ops", simplified}};
  for (const auto &[domain, version] : opsets)
    json["model"]["lifted_opsets"][domain.empty() ? "ai.onnx" : domain] = version;
  if (!plan.sites.empty())
    json["quantization"] = plan.toJson();
  json["stages"] = Json::array();
  for (const Stage &stage : stages)
    json["stages"].push_back({{"name", stage.name}, {"passes", stage.passes}});
  json["weights"] = {{"model_bytes", modelWeights},
                     {"packed_bytes", packedWeights},
                     {"plain_bytes", plainWeights},
                     {"winograd_bytes", winogradWeights}};
  json["arena"] = Json::array();
  for (const ArenaFacts &facts : arenas)
    json["arena"].push_back(::toJson(facts));
  json["code"] = Json::array();
  for (const Code &code : codes)
    json["code"].push_back({{"level", code.level},
                            {"triple", code.triple},
                            {"bytes", code.bytes},
                            {"kernels", kernelsOf(code.level, decisions)}});
  json["decisions"] = Json::array();
  for (const Decision &decision : decisions)
    json["decisions"].push_back(::toJson(decision, maxNodes));
  // The strings are the model's: bad UTF-8 must not throw.
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}
