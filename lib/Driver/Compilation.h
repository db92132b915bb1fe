//===- Compilation.h - one model on its way through the stages -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stages as methods, to be called in order, for what stops in between (--emit, compare).
// The module, its weights and the generated code live as long as the object. Compile.h has
// the whole of it in one call, without MLIR types.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_COMPILATION_H
#define OPTC_DRIVER_COMPILATION_H

#include "lib/Driver/Compile.h"
#include "lib/Driver/CompileReport.h"
#include "lib/Driver/DiagnosticCollector.h"
#include "lib/Import/Onnx/Importer.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/ThreadPool.h"

namespace optc::driver {

class Compilation {
public:
  Compilation(const CompileOptions &options, Progress &progress);
  ~Compilation();

  /// File -> nn.
  Error import(const std::string &path);
  /// The same of a model that was loaded already. `notJudged` is that of ImportOptions.
  Error import(const onnximport::Model &model, size_t *notJudged = nullptr);
  /// A module of nn, as text or bytecode, in place of a model.
  Error importProgram(llvm::StringRef program);
  /// What `optc check` runs: the import and the stages that judge, on the way of every build.
  Error judge(const onnximport::Model &model, size_t &notJudged);
  /// All that the stage that failed found; its error is about the first.
  const std::vector<DiagnosticCollector::Finding> &getFindings() const {
    return diagnostics.getTaken();
  }

  struct Stage {
    const char *name;
    const char *emitted; ///< what --emit also calls the module after it
    Error (Compilation::*run)();
    bool judges; ///< refuses models; the others fail for faults of optc only, and touch weights
  };
  /// Between the import and the code, in order.
  static llvm::ArrayRef<Stage> getStages();
  /// nn -> smaller nn.
  Error simplify();
  /// A decoder as a step that adds tokens to caches, if the options ask for that.
  Error state();
  /// Products in narrower types, as the model has them or the options ask for.
  Error compress();
  /// nn -> kernel and linalg ops on tensors, fused. The last that is the same for all targets,
  /// which have to take what comes out.
  Error fuse();
  /// For every target: the kernels it has get packed weights, the rest becomes linalg.
  Error select();
  /// Tensors -> memory, for the targets that have it done.
  Error place();
  /// Code and weights of all targets.
  Error generate();
  /// Prints what the first target calls so on its way to code ("generate": the last module); see
  /// Target::emit.
  Error emit(llvm::StringRef what, llvm::function_ref<void(mlir::ModuleOp)> print,
             llvm::raw_ostream &out);

  /// Of the first target, from `select` on.
  mlir::ModuleOp getModule();
  /// What the stages so far did.
  const CompileReport &getReport();
  /// Puts other bytes of the same number in the place of a constant of the weights image.
  using WeightsFilter = std::function<llvm::ArrayRef<char>(llvm::ArrayRef<char>)>;
  void setWeightsFilter(WeightsFilter filter) { weightsFilter = std::move(filter); }
  const artifact::Manifest &getManifest() const { return manifest; }
  /// Writes the artifact to a file, or into a memory file.
  Error write(const std::string &path);
  Error writeMemory(int &fd);

private:
  /// The compile from where it forks: what one target makes of it.
  struct Branch;
  class Sink;

  void begin(const std::string &stage);
  Error run(mlir::ModuleOp target, llvm::function_ref<void(mlir::OpPassManager &)> addPasses);
  Error createTargets();
  Error askTargets();
  Error fill(artifact::Writer &writer);

  CompileOptions options;
  Progress &progress;
  std::unique_ptr<llvm::DefaultThreadPool> pool; // outlives the context that uses it
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  DiagnosticCollector diagnostics;
  DecisionCollector decisions;
  mlir::OwningOpRef<mlir::ModuleOp> module; // owns the weights' attributes; null from `select` on
  std::vector<Branch> branches;
  artifact::Manifest manifest;
  std::vector<onnximport::Tensor> inputDefaults;
  std::vector<std::string> constantInputs;
  CompileReport report;
  WeightsFilter weightsFilter;
  int stage = 0; ///< number of the running one
  std::string stageName;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_COMPILATION_H
