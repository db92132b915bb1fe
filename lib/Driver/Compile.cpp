//===- Compile.cpp - from a model file to an artifact --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Compile.h: all stages in a row, and --emit between them.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compilation.h"
#include "lib/Driver/Registry.h"
#include "lib/Target/Target.h"
#include "mlir/IR/AsmState.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace optc;
using namespace optc::driver;

CompiledModel::CompiledModel() = default;
CompiledModel::~CompiledModel() = default;
CompiledModel::CompiledModel(CompiledModel &&) noexcept = default;

/// The module after the import is no stage of Compilation::getStages.
static const char *const imported[] = {"import", "nn"};

std::vector<std::string> optc::driver::emitStages() {
  std::vector<std::string> names(std::begin(imported), std::end(imported));
  for (const Compilation::Stage &stage : Compilation::getStages())
    names.insert(names.end(), {stage.name, stage.emitted});
  names.push_back("generate");
  registerAllTargets();
  for (const TargetInfo &info : getTargets())
    names.insert(names.end(), info.emitted.begin(), info.emitted.end());
  return names;
}

/// Weights are never printed.
static void printModule(const CompileOptions &options, ModuleOp module, raw_ostream &out) {
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(16).elideLargeResourceString(0);
  if (options.emitLocations)
    flags.enableDebugInfo().useLocalScope();
  module->print(out, flags);
}

static Error emitText(const CompileOptions &options, Progress &progress,
                      function_ref<Error(raw_ostream &)> print) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (Error error = print(stream))
    return error;
  progress.clear();
  std::error_code code;
  llvm::raw_fd_ostream out(options.emitPath, code);
  if (code)
    return {E101, "cannot write '" + options.emitPath + "': " + code.message()};
  out << text;
  return {};
}

static Error emitModule(const CompileOptions &options, Progress &progress, ModuleOp module) {
  return emitText(options, progress, [&](raw_ostream &out) {
    printModule(options, module, out);
    return Error();
  });
}

Error optc::driver::compileModel(const std::string &path, const CompileOptions &options,
                                 Progress &progress, CompiledModel &result) {
  result.compilation = std::make_unique<Compilation>(options, progress);
  Compilation &compilation = *result.compilation;
  if (Error error = compilation.import(path))
    return error;
  if (llvm::is_contained(imported, options.emit))
    return emitModule(options, progress, compilation.getModule());
  for (const Compilation::Stage &stage : Compilation::getStages()) {
    if (Error error = (compilation.*stage.run)())
      return error;
    if (options.emit == stage.name || options.emit == stage.emitted)
      return emitModule(options, progress, compilation.getModule());
  }
  if (options.emit.empty())
    return compilation.generate();
  return emitText(options, progress, [&](raw_ostream &out) {
    auto print = [&](ModuleOp module) { printModule(options, module, out); };
    return compilation.emit(options.emit, print, out);
  });
}

Error CompiledModel::write(const std::string &path) { return compilation->write(path); }
Error CompiledModel::writeMemory(int &fd) { return compilation->writeMemory(fd); }

uint64_t CompiledModel::cacheBytesPerToken() {
  uint64_t sum = 0;
  for (const artifact::EntryPoint &entry : compilation->getManifest().entries)
    sum += artifact::cacheBytesPerToken(entry);
  return sum;
}

WeightBytes CompiledModel::weightBytes() { return compilation->getReport().weightBytes(); }

std::string CompiledModel::reportJson() {
  return compilation->getReport().toJson(std::numeric_limits<size_t>::max());
}
