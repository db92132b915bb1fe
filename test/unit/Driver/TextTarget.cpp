//===- TextTarget.cpp - a target for tests -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See TextTarget.h.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Driver/TextTarget.h"
#include "lib/Target/Target.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace optc;

namespace {

/// The ops that compute, of those that a fused module has.
bool computes(Operation *op) {
  return isa<linalg::LinalgDialect, kernel::KernelDialect>(op->getDialect()) && op->getNumResults();
}

class TextTarget : public Target {
public:
  StringRef getName() const override { return "text"; }

  std::string whyNot(Operation *op) const override {
    bool isTaken = !computes(op) || isa<kernel::MatmulOp, linalg::GenericOp>(op);
    return isTaken ? "" : "text knows matrix products and elementwise ops only";
  }
  void addSelectPasses(OpPassManager &pm) const override { pm.addPass(createCanonicalizerPass()); }
  std::optional<place::PlaceOptions> getPlaceOptions() const override { return std::nullopt; }

  LogicalResult generate(ModuleOp module, CodeSink &sink) const override {
    if (failed(sink.run("generate text", module,
                        [](OpPassManager &pm) { pm.addPass(createCSEPass()); })))
      return failure();
    sink.addCode({"code/text/main.txt", "text", "", "", textOf(module)});
    static const char numbers[] = "0123456789";
    sink.addWeights({{0, {numbers, 10}}, {64, {numbers, 2}}});
    return success();
  }

  LogicalResult emit(StringRef, ModuleOp module, CodeSink &, function_ref<void(ModuleOp)>,
                     raw_ostream &out) const override {
    out << textOf(module);
    return success();
  }

private:
  static std::string textOf(ModuleOp module) {
    std::string text;
    module.walk([&](Operation *op) {
      text += computes(op) ? op->getName().getStringRef().str() + "\n" : "";
    });
    return text;
  }
};

Error create(const CodeOptions &options, std::unique_ptr<Target> &target) {
  if (options.precision != Precision::F32)
    return {E102, "the target 'text' computes in f32 only"};
  target = std::make_unique<TextTarget>();
  return {};
}

} // namespace

void optc::registerTextTarget() {
  static const char *const emitted[] = {"words"};
  registerTarget({"text", "names of ops", emitted, create});
}
