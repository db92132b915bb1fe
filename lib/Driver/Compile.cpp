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
#include "mlir/IR/AsmState.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace optc;
using namespace optc::driver;

CompiledModel::CompiledModel() = default;
CompiledModel::~CompiledModel() = default;
CompiledModel::CompiledModel(CompiledModel &&) = default;

const std::vector<std::string> &optc::driver::emitStages() {
  static const std::vector<std::string> names = {"nn", "nn-simplified", "kernel", "buffers", "llvm", "asm"};
  return names;
}

static Error emitText(const CompileOptions &options, function_ref<void(raw_ostream &)> print) {
  std::error_code code;
  llvm::raw_fd_ostream out(options.emitPath, code);
  if (code)
    return {E101, "cannot write '" + options.emitPath + "': " + code.message()};
  print(out);
  return {};
}

static Error emitModule(const CompileOptions &options, ModuleOp module) {
  // Weights are never printed.
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(16).elideLargeResourceString(0);
  if (options.emitLocations)
    flags.enableDebugInfo().useLocalScope();
  return emitText(options, [&](raw_ostream &out) { module->print(out, flags); });
}

/// Of the first level.
static Error emitCode(const CompileOptions &options, Compilation &compilation, Progress &progress) {
  if (options.emit == "asm") {
    std::string text;
    if (Error error = compilation.assemble(text))
      return error;
    progress.clear();
    return emitText(options, [&](raw_ostream &out) { out << text; });
  }
  OwningOpRef<ModuleOp> lowered;
  if (Error error = compilation.lower(*compilation.getLevels().front(), lowered))
    return error;
  progress.clear();
  return emitModule(options, *lowered);
}

Error optc::driver::compileModel(const std::string &path, const CompileOptions &options,
                                 Progress &progress, CompiledModel &result) {
  result.compilation = std::make_unique<Compilation>(options, progress);
  Compilation &compilation = *result.compilation;
  if (Error error = compilation.import(path))
    return error;
  for (const Compilation::Stage &stage : Compilation::getStages()) {
    if (!options.emit.empty() && options.emit == stage.emitted) {
      progress.clear();
      return emitModule(options, compilation.getModule());
    }
    if (Error error = (compilation.*stage.run)())
      return error;
  }
  if (options.emit.empty())
    return compilation.generate();
  if (options.emit != "buffers")
    return emitCode(options, compilation, progress);
  progress.clear();
  return emitModule(options, compilation.getModule());
}

Error CompiledModel::write(const std::string &path) { return compilation->write(path); }
Error CompiledModel::writeMemory(int &fd) { return compilation->writeMemory(fd); }

WeightBytes CompiledModel::weightBytes() { return compilation->getReport().weightBytes(); }

std::string CompiledModel::reportJson() {
  return compilation->getReport().toJson(std::numeric_limits<size_t>::max());
}
