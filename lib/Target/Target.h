//===- Target.h - what code is generated for -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The seam between the stages that are the same for all targets and those of each. The driver
// compiles a model as far as fused kernel and linalg ops on tensors. Then it forks, once per
// target:
//
//   clone -> select (this target's kernels and packed weights) -> place (memory) -> generate
//
// A target is one class here, its passes in a folder of its own, and one line in
// lib/Driver/Registry.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_TARGET_H
#define OPTC_TARGET_TARGET_H

#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Support/Errors.h"
#include "lib/Target/CodeOptions.h"
#include "mlir/Pass/PassManager.h"

#include <limits>
#include <memory>
#include <optional>

namespace optc {

/// One piece of code, as the manifest describes it.
struct GeneratedCode {
  /// Entry of the artifact, "code/...".
  std::string path;
  /// What kind of code: "elf" is a shared object that the runtime loads, others are a target's own.
  std::string kind;
  std::string triple, level;
  std::string bytes;
};

/// Takes what a target generates, and runs passes for it.
class CodeSink {
public:
  virtual ~CodeSink() = default;
  /// Runs passes over a module as a stage of this name: counted, timed and reported as the driver's
  /// are.
  virtual mlir::LogicalResult run(llvm::StringRef stage, mlir::ModuleOp module,
                                  llvm::function_ref<void(mlir::OpPassManager &)> addPasses) = 0;
  virtual void addCode(GeneratedCode code) = 0;
  /// Constants at their offsets in the target's weights image. Their bytes have to stay as long as
  /// the module's context.
  virtual void addWeights(std::vector<place::WeightsRange> weights) = 0;
};

/// What a target would like of ops before the fork, where one form has to serve all targets: the
/// first target of a compilation is asked.
struct Preferences {
  /// Of narrow types, depthwise windows of so many taps are summed in pairs; others stay in f32.
  int64_t leastPairedTaps = 0, mostPairedTaps = std::numeric_limits<int64_t>::max();
  /// Transposed convolutions store their results in place from so many channels per group on and up
  /// to so many taps along a dimension; of others phases are channels that a transpose interleaves.
  int64_t leastPhaseChannels = 0, mostPhaseTaps = std::numeric_limits<int64_t>::max();
  /// Products of bytes are of data without a sign, and summed so many at a time.
  bool unsignedBytes = false;
  int64_t bytesTogether = 1;
};

class Target {
public:
  virtual ~Target() = default;
  /// As on the command line: "cpu".
  virtual llvm::StringRef getName() const = 0;
  virtual Preferences getPreferences() const { return {}; }
  /// Why there can be no code for an op of a fused module; empty if there can be.
  virtual std::string whyNot(mlir::Operation *) const { return {}; }
  /// Fused tensors -> this target's kernels and packed weights. The module is a copy of its own.
  virtual void addSelectPasses(mlir::OpPassManager &pm) const = 0;
  /// How tensors become memory; nothing: it does that itself, in `generate`.
  virtual std::optional<place::PlaceOptions> getPlaceOptions() const = 0;
  /// How many stages `generate` runs.
  virtual unsigned countStages() const { return 1; }
  /// Code and weights of the selected and placed module. Fails with a diagnostic.
  virtual mlir::LogicalResult generate(mlir::ModuleOp module, CodeSink &sink) const = 0;
  /// Prints one of what TargetInfo says that `--emit` can print of the way through `generate`. A
  /// module is printed by the caller, who knows how: `print`.
  virtual mlir::LogicalResult emit(llvm::StringRef, mlir::ModuleOp, CodeSink &,
                                   llvm::function_ref<void(mlir::ModuleOp)>,
                                   llvm::raw_ostream &) const {
    return mlir::failure();
  }
};

struct TargetInfo {
  const char *name;
  const char *summary;                  ///< for people: "x86-64 and aarch64 CPUs"
  llvm::ArrayRef<const char *> emitted; ///< the first is the module behind all passes
  /// Fails for options that the target cannot serve.
  Error (*create)(const CodeOptions &options, std::unique_ptr<Target> &target);
};

/// The targets that the program was built with, in the order of registration.
llvm::ArrayRef<TargetInfo> getTargets();
void registerTarget(const TargetInfo &info);
/// Null if there is none of that name.
const TargetInfo *findTarget(llvm::StringRef name);
/// "unknown target 'x'; the targets are: cpu"
Error unknownTarget(llvm::StringRef name);

} // namespace optc

#endif // OPTC_TARGET_TARGET_H
