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
#include "lib/Driver/Progress.h"
#include "lib/Support/Errors.h"
#include "lib/Target/CodeOptions.h"

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}
namespace optc::compress {
struct Request;
}

namespace optc::driver {

class Compilation;

struct CompileOptions {
  CodeOptions code;
  /// What to generate code for, by name.
  std::vector<std::string> targets = {"cpu"};
  /// Threads for code generation; 0: one per CPU. Does not change the output.
  unsigned jobs = 0;
  /// Follow symbolic links to external data.
  bool allowSymlinks = false;
  /// Inputs with a default in the model that stay inputs, which a run may leave out.
  std::vector<std::string> overridable;
  /// Values that become further outputs, by name.
  std::vector<std::string> taps;
  /// What the stage compress does to the model, if anything.
  std::shared_ptr<const compress::Request> request;
  /// Further files of the artifact, by name.
  std::vector<std::pair<std::string, std::string>> files;
  /// Print the module after this stage to `emitPath` ("-": stdout) and stop.
  std::string emit;
  std::string emitPath = "-";
  /// With the ONNX node of each operation.
  bool emitLocations = false;
  /// Text of MLIR's pass timing on stderr.
  bool timing = false;
};

/// The names --emit takes: those of stages, and what the module is called after them.
std::vector<std::string> emitStages();

/// Bytes of weights: of the model, of the artifact, and those among them that are transformed for
/// Winograd convolutions.
struct WeightBytes {
  uint64_t model = 0, artifact = 0, winograd = 0;
};

/// --target, for the verbs that compile.
void addTargetOption(CLI::App &verb, CompileOptions &options);

/// A compiled model before it is written. Weights stay views into the model's mapping.
class CompiledModel {
public:
  CompiledModel();
  ~CompiledModel();
  CompiledModel(CompiledModel &&) noexcept;

  Error write(const std::string &path);
  /// Into a memory file; returns its descriptor in `fd`.
  Error writeMemory(int &fd);
  WeightBytes weightBytes();
  /// What caches of a decoder take for each token; 0: there are none.
  uint64_t cacheBytesPerToken();
  /// The report with the names of all nodes; that in the artifact is shorter.
  std::string reportJson();

private:
  friend Error compileModel(const std::string &, const CompileOptions &, Progress &,
                            CompiledModel &);
  std::unique_ptr<Compilation> compilation;
};

/// Compiles an ONNX file. With `options.emit` the result is empty.
Error compileModel(const std::string &path, const CompileOptions &options, Progress &progress,
                   CompiledModel &result);

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
/// All of it, or an error if the model can not be read at all. Of the options those of code and
/// external data count.
Error checkModel(const std::string &path, const CompileOptions &options, CheckResult &result);

} // namespace optc::driver

#endif // OPTC_DRIVER_COMPILE_H
