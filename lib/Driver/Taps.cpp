//===- Taps.cpp - which values of a model to look at ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Taps.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Taps.h"
#include "dialects/Kernel/Kernel.h"
#include "lib/IR/NodeNames.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace optc;
using namespace optc::driver;
using onnximport::ElemType;

std::vector<Tap> optc::driver::allTaps(const onnximport::Model &model) {
  const onnximport::Graph &graph = model.graph;
  std::set<onnximport::ValueId> outputs(graph.outputs.begin(), graph.outputs.end());
  std::vector<Tap> taps;
  for (auto [order, node] : llvm::enumerate(graph.nodes))
    for (onnximport::ValueId id : node.outputs) {
      if (id == onnximport::noValue || outputs.count(id))
        continue;
      // The import knows better where the loader knows nothing.
      constexpr ElemType floats[] = {ElemType::F32, ElemType::F64, ElemType::F16, ElemType::BF16,
                                     ElemType::Undefined};
      if (llvm::is_contained(floats, model.value(id).type.elem))
        taps.push_back({order, model.value(id).name, node.name, node.opType});
    }
  return taps;
}

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

/// Whether an op is work of its own: not a copy, a fill, or a change of layout.
static bool computes(Operation *op) {
  if (isa<kernel::KernelDialect>(op->getDialect()))
    return op->getNumResults() && !isa<kernel::PackOp>(op);
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return generic.getBody()->getOperations().size() > 1;
  return isa<linalg::LinalgOp>(op) &&
         !isa<linalg::FillOp, linalg::CopyOp, linalg::TransposeOp, linalg::BroadcastOp>(op);
}

static FusedOps fusedOps(ModuleOp module) {
  FusedOps ops;
  module.walk([&](Operation *op) {
    if (!computes(op))
      return;
    std::vector<std::string> nodes;
    for (StringRef node : nodeNames(op->getLoc()))
      nodes.push_back(node.str());
    llvm::sort(nodes);
    nodes.insert(nodes.begin(), op->getName().getStringRef().str());
    ops.insert(std::move(nodes));
  });
  return ops;
}

/// For each op that computes or branches, the one of its nodes that is last in the model.
static llvm::StringSet<> lastNodes(ModuleOp module, const onnximport::Graph &graph) {
  llvm::StringMap<size_t> orderOf;
  for (auto [order, node] : llvm::enumerate(graph.nodes))
    orderOf[node.name] = order;
  llvm::StringSet<> last;
  module.walk([&](Operation *op) {
    if (!computes(op) && !isa<scf::IfOp, scf::WhileOp, scf::ForOp>(op))
      return;
    std::optional<size_t> most;
    for (StringRef node : nodeNames(op->getLoc()))
      if (auto found = orderOf.find(node); found != orderOf.end())
        most = std::max(most.value_or(0), found->second);
    if (most)
      last.insert(graph.nodes[*most].name);
  });
  return last;
}

/// The nodes of the ops that are in one of two sets only.
static std::set<std::string> nodesOfDifference(const FusedOps &a, const FusedOps &b) {
  std::vector<std::vector<std::string>> different;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(),
                                std::back_inserter(different));
  std::set<std::string> nodes;
  for (const std::vector<std::string> &op : different)
    nodes.insert(op.begin() + 1, op.end());
  return nodes;
}

std::vector<std::string> optc::driver::namesOf(const std::vector<Tap> &taps) {
  std::vector<std::string> names;
  for (const Tap &tap : taps)
    names.push_back(tap.value);
  return names;
}

Error optc::driver::chooseTaps(const onnximport::Model &model, CompileOptions options,
                               Progress &progress, Compilation &untapped,
                               const std::vector<Tap> &candidates, TapChoice &choice) {
  llvm::StringSet<> last = lastNodes(untapped.getModule(), model.graph);
  for (const Tap &tap : candidates)
    if (last.contains(tap.node))
      choice.taps.push_back(tap);
  FusedOps wanted = fusedOps(untapped.getModule());
  constexpr int mostTries = 4; // one finds nearly all
  for (int i = 0; i < mostTries && !choice.taps.empty(); ++i) {
    options.taps = namesOf(choice.taps);
    Compilation tapped(options, progress);
    if (Error error = tapped.import(model))
      return error;
    for (auto stage : {&Compilation::simplify, &Compilation::compress, &Compilation::fuse})
      if (Error error = (tapped.*stage)())
        return error;
    std::set<std::string> changed = nodesOfDifference(wanted, fusedOps(tapped.getModule()));
    choice.changed.assign(changed.begin(), changed.end());
    size_t before = choice.taps.size();
    llvm::erase_if(choice.taps, [&](const Tap &tap) { return changed.count(tap.node); });
    if (choice.taps.size() == before)
      return {}; // nothing changes, or no tap is to blame
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Bytes of a value; a size that only the data decides counts as 64.
static int64_t bytesOf(RankedTensorType type) {
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t size : type.getShape())
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, ShapedType::isDynamic(size) ? 64 : size);
  return bytes;
}

/// The bytes of each value that is tapped, for inputs of these shapes.
static llvm::StringMap<int64_t>
bytesOfTaps(onnximport::Model model, const std::map<std::string, std::vector<int64_t>> &inputShapes,
            const std::vector<Tap> &taps) {
  for (onnximport::ValueId id : model.graph.inputs) {
    onnximport::ValueInfo &input = model.values[id];
    auto shape = inputShapes.find(input.name);
    if (shape != inputShapes.end() && shape->second.size() == input.type.dims.size())
      for (auto [dim, size] : llvm::zip(input.type.dims, shape->second))
        dim = {size, ""};
  }
  MLIRContext context(MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context); // shapes that do not fit show when the model runs
  onnximport::ImportOptions options;
  options.taps = namesOf(taps);
  llvm::StringMap<int64_t> bytes;
  if (auto module = onnximport::importModel(model, &context, options))
    for (auto function : module->getOps<func::FuncOp>())
      for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
        if (auto name = function.getResultAttrOfType<StringAttr>(i, "nn.name"))
          bytes[name.getValue()] = bytesOf(cast<RankedTensorType>(type));
  return bytes;
}

std::vector<std::vector<Tap>>
optc::driver::splitTaps(const onnximport::Model &model,
                        const std::map<std::string, std::vector<int64_t>> &inputShapes,
                        const std::vector<Tap> &taps, int64_t limit) {
  llvm::StringMap<int64_t> bytes = bytesOfTaps(model, inputShapes, taps);
  std::vector<std::vector<Tap>> parts;
  int64_t sum = 0;
  for (const Tap &tap : taps) {
    int64_t size = bytes.lookup(tap.value);
    if (parts.empty() || sum + size > limit) {
      parts.emplace_back();
      sum = 0;
    }
    sum += size;
    parts.back().push_back(tap);
  }
  return parts;
}
