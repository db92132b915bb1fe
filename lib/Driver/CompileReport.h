//===- CompileReport.h - what the compiler did ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The facts of one compilation, collected stage by stage, and their form as the artifact's
// report.json: no times, no paths, so that equal inputs give equal bytes. ReportText.h
// prints that form.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_COMPILEREPORT_H
#define OPTC_DRIVER_COMPILEREPORT_H

#include "lib/Artifact/Manifest.h"
#include "lib/Compress/Plan.h"
#include "lib/Driver/Compile.h"
#include "lib/Driver/Decisions.h"
#include "lib/Import/Onnx/Model.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <optional>

namespace optc::driver {

/// How often each op occurs.
using OpCounts = std::map<std::string, uint64_t>;

/// The planned memory of an entry point.
struct ArenaFacts {
  std::string entry;
  uint64_t buffers = 0;
  /// Bytes of the arena, and the most that is alive at once; where shapes are bounded, of the
  /// largest ones. Nothing where sizes follow from the shapes of a run.
  std::optional<int64_t> bytes, lowerBound;
  std::vector<artifact::Bound> bounds;
};

class CompileReport {
public:
  /// Of the loaded model: opsets, nodes, bytes of weights.
  void addModel(const onnximport::Model &model);
  /// Of the module as imported, and as simplified.
  void addImported(mlir::ModuleOp module);
  void addSimplified(mlir::ModuleOp module);
  /// Of the module with its kernels chosen: which constants kernels read in packed form.
  void addKernels(mlir::ModuleOp module);
  /// What the stage compress was asked for.
  void addPlan(const compress::Plan &added) { plan = added; }
  /// Of the placed module: the weights image and the arenas.
  void addPlaced(mlir::ModuleOp module, llvm::ArrayRef<artifact::EntryPoint> entries);
  /// The passes of a stage, in order.
  void addStage(llvm::StringRef name, const mlir::OpPassManager &passes);
  void addCode(llvm::StringRef level, llvm::StringRef triple, uint64_t bytes);

  CodeOptions options; ///< its levels are those of the code
  /// What the passes decided, of all stages.
  std::vector<Decision> decisions;

  WeightBytes weightBytes() const {
    return {modelWeights, packedWeights + plainWeights, winogradWeights};
  }

  /// report.json. A decision names at most `maxNodes` of the ONNX nodes it was taken for;
  /// its count is of all.
  std::string toJson(size_t maxNodes) const;

private:
  struct Stage {
    std::string name;
    std::vector<std::string> passes;
  };
  struct Code {
    std::string level, triple;
    uint64_t bytes;
  };

  int64_t opset = 0, irVersion = 0;
  std::map<std::string, int64_t> opsets;
  std::string producer;
  OpCounts onnxNodes, imported, simplified;
  uint64_t modelWeights = 0, packedWeights = 0, plainWeights = 0, winogradWeights = 0;
  llvm::DenseSet<mlir::Attribute> packed, winograd; ///< constants, unique in the context
  std::vector<ArenaFacts> arenas;
  std::vector<Stage> stages;
  std::vector<Code> codes;
  compress::Plan plan;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_COMPILEREPORT_H
