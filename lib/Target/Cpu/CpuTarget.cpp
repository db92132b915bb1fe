//===- CpuTarget.cpp - the CPU among the targets ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One weights image and one placed module for all levels; one shared object per level.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "lib/Fuse/Fuse.h"
#include "lib/IR/ErrorId.h"
#include "lib/Target/Cpu/Cpu.h"
#include "lib/Target/Host/Codegen.h"
#include "lib/Target/Target.h"
#include "mlir/Transforms/Passes.h"

#include <malloc.h>

using namespace mlir;
using namespace optc;
using namespace optc::cpu;
using namespace optc::host;

namespace {
class CpuTarget : public Target {
public:
  CpuTarget(const CodeOptions &options, std::vector<const CpuLevel *> levels)
      : options(options), levels(std::move(levels)) {}

  StringRef getName() const override { return "cpu"; }
  Preferences getPreferences() const override { return getCpuPreferences(); }
  void addSelectPasses(OpPassManager &pm) const override;
  std::optional<place::PlaceOptions> getPlaceOptions() const override {
    return getCpuPlaceOptions(options.optimize);
  }
  unsigned countStages() const override { return static_cast<unsigned>(levels.size()); }
  LogicalResult generate(ModuleOp module, CodeSink &sink) const override;
  LogicalResult emit(StringRef what, ModuleOp module, CodeSink &sink,
                     function_ref<void(ModuleOp)> print, raw_ostream &out) const override;

private:
  /// The LLVM dialect for a level; leaves the module as it is.
  OwningOpRef<ModuleOp> lower(ModuleOp module, const CpuLevel &level, CodeSink &sink) const;

  CodeOptions options;
  std::vector<const CpuLevel *> levels;
};
} // namespace

void CpuTarget::addSelectPasses(OpPassManager &pm) const {
  if (options.optimize < 2) {
    pm.addPass(kernel::createKernelDecompose());
  } else {
    // After fusion, which does not change weights; before memory is planned for them.
    CpuChooseWinogradOptions winograd;
    winograd.forbidden = options.exact ? "--exact" : options.forSize ? "--optimize-for size" : "";
    pm.addPass(createCpuChooseWinograd(winograd));
    if (!options.exact)
      pm.addPass(createCpuSimplifyEpilogues());
    pm.addPass(createCpuPackWeights());
    // Before packs are values of their own.
    pm.addPass(kernel::createKernelShareWeights());
    pm.addPass(kernel::createKernelEvaluatePacks());
    pm.addPass(createCpuDeclineKernels());
  }
  // What there is no kernel for has joined the linalg ops, and chains may form again.
  if (options.optimize >= 1)
    pm.addPass(fuse::createFuseElementwise());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

OwningOpRef<ModuleOp> CpuTarget::lower(ModuleOp module, const CpuLevel &level,
                                       CodeSink &sink) const {
  OwningOpRef<ModuleOp> lowered = module.clone();
  auto addPasses = [&](OpPassManager &pm) { addCpuPasses(pm, level); };
  if (failed(sink.run(("generate " + Twine(level.name)).str(), *lowered, addPasses)))
    return {};
  return lowered;
}

LogicalResult CpuTarget::generate(ModuleOp module, CodeSink &sink) const {
  for (const CpuLevel *level : levels) {
    OwningOpRef<ModuleOp> lowered = lower(module, *level, sink);
    if (!lowered)
      return failure();
    FailureOr<std::string> object = generateSharedObject(*lowered, *level);
    if (failed(object))
      return failure();
    std::string path = ("code/" + Twine(level->triple) + "/" + Twine(level->name) + ".so").str();
    sink.addCode(
        {path, "elf", std::string(level->triple), std::string(level->name), std::move(*object)});
    lowered = {};
    malloc_trim(0); // what one level left behind, the next would find in pieces
  }
  FailureOr<std::vector<place::WeightsRange>> weights = place::weightsImage(module);
  if (failed(weights))
    return withId(module.emitError(), E9001) << "the weights could not be collected";
  sink.addWeights(std::move(*weights));
  return success();
}

/// Of the first level.
LogicalResult CpuTarget::emit(StringRef what, ModuleOp module, CodeSink &sink,
                              function_ref<void(ModuleOp)> print, raw_ostream &out) const {
  OwningOpRef<ModuleOp> lowered = lower(module, *levels.front(), sink);
  if (!lowered)
    return failure();
  if (what == "llvm") {
    print(*lowered);
    return success();
  }
  FailureOr<std::string> assembly = generateAssembly(*lowered, *levels.front());
  if (failed(assembly))
    return failure();
  out << *assembly;
  return success();
}

static Error create(const CodeOptions &options, std::unique_ptr<Target> &target) {
  std::vector<const CpuLevel *> levels;
  LevelRequest request;
  request.triple = options.triple;
  request.names = options.levels;
  request.usesBf16 = options.precision == Precision::BF16;
  request.hostOnly = options.hostOnly;
  if (Error error = chooseLevels(request, levels))
    return error;
  target = std::make_unique<CpuTarget>(options, std::move(levels));
  return {};
}

void optc::cpu::registerCpuTarget() {
  static const char *const emitted[] = {"llvm", "asm"};
  registerTarget({"cpu", "x86-64 and aarch64 CPUs", emitted, create});
}
