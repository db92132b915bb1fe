//===- Candidates.h - what becomes of a model, compiled to be run here ----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The code that ships, of this machine's level.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_CANDIDATES_H
#define OPTC_DRIVER_CANDIDATES_H

#include "lib/Compress/Plan.h"
#include "lib/Driver/Compilation.h"
#include "lib/Driver/Samples.h"

namespace optc::driver {

class Candidates {
public:
  /// Those of an artifact for this machine alone.
  static CompileOptions optionsForHere(CompileOptions options);
  /// `options` are those of the artifact that will be written.
  Candidates(const CompileOptions &options, Progress &progress);

  Error load(const std::string &path);
  const onnximport::Model &getModel() const { return *model; }
  /// Compiles the model into memory and opens it.
  Error open(compress::Request request, Session &session);
  /// The same through a file.
  Error open(compress::Request request, Session &session, const std::string &path);
  /// Runs the samples one after the other until one `isEnough`; `look` is told which one it was.
  Error runAll(Samples &samples, Session &session, const char *what,
               llvm::function_ref<Error(size_t sample, bool &isEnough)> look);

private:
  /// Compiles, and has the artifact written.
  Error compile(compress::Request request, llvm::function_ref<Error(Compilation &)> write);

  CompileOptions options;
  Progress &progress;
  std::unique_ptr<onnximport::Model> model;
};

/// Opens, without checking its weights, the artifact that is written into a memory file.
Error openMemory(Session &session, llvm::function_ref<Error(int &fd)> write);
/// Compiles a module of nn, as text or bytecode, with one function, into memory and opens it.
Error openProgram(const std::string &program, const CompileOptions &options, Progress &progress,
                  Session &session);

} // namespace optc::driver

#endif // OPTC_DRIVER_CANDIDATES_H
