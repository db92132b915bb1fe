//===- Compile.h - from a model file to an artifact ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs all stages in memory. Verbs (Build, Run, Check) are thin layers over this.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_COMPILE_H
#define OPTC_DRIVER_COMPILE_H

#include "lib/Artifact/Writer.h"
#include "lib/Artifact/Manifest.h"
#include "lib/Driver/Progress.h"
#include "lib/Support/Errors.h"

#include <memory>
#include <string>
#include <vector>

namespace optc::driver {

class Compilation;

struct CompileOptions {
  /// 0: every node on its own, through general loops; 1: the graph is simplified and fused;
  /// 2: with kernels of our own.
  unsigned optimize = 2;
  /// Code levels to generate, for example "x86-64-v3"; empty: all up to this machine's.
  std::vector<std::string> levels;
  /// Only this machine's level, when `levels` is empty.
  bool hostOnly = false;
  /// What matrix products and convolutions multiply: "f32", or "bf16" (sums stay f32).
  std::string precision = "f32";
  /// Threads for code generation; 0: one per CPU. Does not change the output.
  unsigned jobs = 0;
  /// Follow symbolic links to external data.
  bool allowSymlinks = false;
  /// Inputs with a default in the model that stay inputs, which a run may leave out.
  std::vector<std::string> overridable;
  /// No algorithm whose rounding errors are larger than those of the definition (Winograd).
  bool exact = false;
  /// Largest sizes of symbols of the inputs: memory has a ceiling, and runs beyond are refused.
  std::vector<artifact::Bound> bounds;
  /// Values that become further outputs, by name.
  std::vector<std::string> taps;
  /// Print the module after this stage to `emitPath` ("-": stdout) and stop.
  std::string emit;
  std::string emitPath = "-";
  /// With the ONNX node of each operation.
  bool emitLocations = false;
  /// The code measures every kernel (`optc bench --profile`).
  bool profile = false;
  /// Text of MLIR's pass timing on stderr.
  bool timing = false;
};

/// The names --emit takes.
const std::vector<std::string> &emitStages();

/// Bytes of weights: of the model, of the artifact, and those among them that are transformed for
/// Winograd convolutions.
struct WeightBytes {
  uint64_t model = 0, artifact = 0, winograd = 0;
};

/// A compiled model before it is written. Weights stay views into the model's mapping.
class CompiledModel {
public:
  CompiledModel();
  ~CompiledModel();
  CompiledModel(CompiledModel &&);

  Error write(const std::string &path);
  /// Into a memory file; returns its descriptor in `fd`.
  Error writeMemory(int &fd);
  WeightBytes weightBytes();
  /// The report with the names of all nodes; that in the artifact is shorter.
  std::string reportJson();

private:
  friend Error compileModel(const std::string &, const CompileOptions &, Progress &, CompiledModel &);
  std::unique_ptr<Compilation> compilation;
};

/// Compiles an ONNX file. With `options.emit` the result is empty.
Error compileModel(const std::string &path, const CompileOptions &options, Progress &progress,
                   CompiledModel &result);

/// What code can be generated for.
const std::vector<std::string> &knownTargets();

/// Something that stands in the way of a model.
struct CheckFinding {
  std::string node, op; ///< of ONNX; empty if no node is to blame
  ErrorCode code;
  std::string reason;
};
struct CheckResult {
  std::vector<CheckFinding> findings;
  /// What was taken to mean something although the format does not say so.
  std::vector<CheckFinding> notes;
  /// Nodes nothing can be said of, because they depend on those of the findings.
  size_t notJudged = 0;
};
/// All of it, or an error if the model can not be read at all.
Error checkModel(const std::string &path, bool allowSymlinks, CheckResult &result);

} // namespace optc::driver

#endif // OPTC_DRIVER_COMPILE_H
