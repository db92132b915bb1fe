//===- Lift.cpp - from the model's opset to the newest one --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A converter that never stops at an op without an adapter: it notes the node, so that
// the error can name it. All ops that lack an adapter are older than opset 7.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/Lift.h"

#include "lib/Import/Onnx/Loader/LiftAdapters.h"
#include "lib/Import/Onnx/Loader/LiftRewrites.h"
#include "lib/Import/Onnx/Loader/Names.h"
#include "lib/Import/Onnx/Loader/Normalize.h"
#include "lib/Import/Onnx/Loader/ProtoWalk.h"
#include "lib/Import/Onnx/Loader/Types.h"

#include "onnx/version_converter/convert.h"

namespace optc::onnximport {

namespace {

/// The text of one of ONNX's assertions without its place in ONNX's sources.
std::string reasonOf(const std::string &message) {
  static const std::string mark = "` failed: ";
  size_t at = message.find(mark);
  return at == std::string::npos ? message : message.substr(at + mark.size());
}

/// An adapter whose failure names the node.
class NamingAdapter final : public onnx::version_conversion::Adapter {
public:
  explicit NamingAdapter(std::unique_ptr<Adapter> wrapped)
      : Adapter(wrapped->name(), wrapped->initial_version(), wrapped->target_version()),
        inner(std::move(wrapped)) {}

  onnx::Node *adapt(std::shared_ptr<onnx::Graph> graph, onnx::Node *node) const override {
    std::string nodeName = node->name();
    try {
      return inner->adapt(std::move(graph), node);
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &error) {
      fail(E1041,
           name() + " node " + quote(nodeName) + " cannot be lifted from opset " +
               std::to_string(initial_version().version()) + " to " +
               std::to_string(target_version().version()) + ": " + reasonOf(error.what()),
           nodeName);
    }
  }

private:
  std::unique_ptr<Adapter> inner;
};

class Lifter : public onnx::version_conversion::DefaultVersionConverter {
public:
  Lifter() {
    registerAdapters(*this);
    for (auto &[name, domains] : all_schemas) {
      auto versions = domains.find("");
      if (versions == domains.end())
        continue;
      for (auto at = versions->second.begin(); at != versions->second.end(); ++at)
        if (at != versions->second.begin() && !hasAdapter(name, at->first))
          noteInstead(name, at->first);
    }
    for (auto &[name, sources] : adapters)
      for (auto &[from, targets] : sources)
        for (auto &[to, adapter] : targets)
          adapter = std::make_unique<NamingAdapter>(std::move(adapter));
  }

  /// What could not be lifted, as "<OpType> node '<name>', opset 5 to 6".
  const std::vector<std::pair<std::string, std::string>> &gaps() const { return gaps_; }

private:
  bool hasAdapter(const std::string &name, int64_t to) const {
    auto op = adapters.find(name);
    if (op == adapters.end())
      return false;
    auto from = op->second.find(onnx::OpSetID(to - 1).toString());
    return from != op->second.end() && from->second.count(onnx::OpSetID(to).toString());
  }

  void noteInstead(const std::string &name, int64_t to) {
    registerAdapter(name.c_str(), to - 1, to,
                    [=](const std::shared_ptr<onnx::Graph> &, onnx::Node *node) {
                      gaps_.emplace_back(node->name(), name + " node " + quote(node->name()) +
                                                           ", opset " + std::to_string(to - 1) +
                                                           " to " + std::to_string(to));
                      return node;
                    });
  }

  std::vector<std::pair<std::string, std::string>> gaps_;
};

/// False if every op of the model has the same definition in both opsets.
bool needsConverter(onnx::ModelProto &model, int64_t from, int64_t to) {
  bool differs = false;
  const auto *registry = onnx::OpSchemaRegistry::Instance();
  forEachGraph(*model.mutable_graph(), [&](onnx::GraphProto &graph) {
    for (const onnx::NodeProto &node : graph.node())
      if (node.domain().empty())
        differs |= registry->GetSchema(node.op_type(), static_cast<int>(from), "") !=
                   registry->GetSchema(node.op_type(), static_cast<int>(to), "");
  });
  return differs;
}

} // namespace

int64_t newestOpset() {
  static const int64_t newest =
      onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second;
  return newest;
}

int64_t opsetOf(const onnx::ModelProto &model, const std::string &domain) {
  for (const onnx::OperatorSetIdProto &import : model.opset_import())
    if (import.domain() == domain)
      return import.version();
  return 0;
}

void liftOpset(onnx::ModelProto &model, Names &names) {
  int64_t from = opsetOf(model, ""), to = newestOpset();
  if (from == 0 || from >= to)
    return;
  if (needsConverter(model, from, to)) {
    // The adapters ask for shapes.
    inferTypes(model);
    rewriteBeforeLifting(model, from, names);
    Lifter lifter;
    try {
      model = lifter.convert_version(model, onnx::OpSetID(from), onnx::OpSetID(to));
    } catch (const std::bad_alloc &) {
      throw;
    } catch (const std::exception &error) {
      fail(E1041, "cannot lift the model from opset " + std::to_string(from) + " to " +
                      std::to_string(to) + ": " + reasonOf(error.what()));
    }
    if (!lifter.gaps().empty())
      fail(E1042, lifter.gaps().front().second + ": the two definitions differ",
           lifter.gaps().front().first);
    names.nameUnnamed(*model.mutable_graph());
    // The rules for shapes differ between opsets as well (pools with ceil_mode).
    (void)takeClaimedTypes(*model.mutable_graph());
  }
  for (onnx::OperatorSetIdProto &import : *model.mutable_opset_import())
    if (import.domain().empty())
      import.set_version(to);
}

} // namespace optc::onnximport
