//===- Candidates.cpp - what becomes of a model, compiled to be run here --===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Candidates.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Candidates.h"
#include "lib/Driver/LoadModel.h"

#include <unistd.h>

namespace optc::driver {

using compress::Request;

CompileOptions Candidates::optionsForHere(CompileOptions options) {
  options.code.hostOnly = true;
  options.code.levels.clear();
  options.code.triple.clear();
  options.code.profile = false;
  options.code.caches = CacheLayout::None; // samples have the inputs of the model
  return options;
}

Candidates::Candidates(const CompileOptions &compile, Progress &progress)
    : options(optionsForHere(compile)), progress(progress) {}

Error Candidates::load(const std::string &path) {
  return loadModel(path, {options.allowSymlinks, options.overridable}, model);
}

/// All stages behind the import.
static Error finish(Compilation &compilation) {
  for (const Compilation::Stage &stage : Compilation::getStages())
    if (Error error = (compilation.*stage.run)())
      return error;
  return compilation.generate();
}

Error Candidates::compile(Request request, llvm::function_ref<Error(Compilation &)> write) {
  CompileOptions own = options;
  own.request = std::make_shared<const Request>(std::move(request));
  Compilation compilation(own, progress);
  if (Error error = compilation.import(*model))
    return error;
  if (Error error = finish(compilation))
    return error;
  return write(compilation);
}

static Error openFile(const std::string &path, Session &session) {
  SessionOptions options;
  options.verifyWeights = false;
  return session.open(path, options);
}

Error openMemory(Session &session, llvm::function_ref<Error(int &fd)> write) {
  int fd = -1;
  if (Error error = write(fd))
    return error;
  Error error = openFile("/proc/self/fd/" + std::to_string(fd), session);
  close(fd);
  return error;
}

Error Candidates::open(Request request, Session &session) {
  return openMemory(session, [&](int &fd) {
    return compile(std::move(request),
                   [&](Compilation &compilation) { return compilation.writeMemory(fd); });
  });
}

Error openProgram(const std::string &program, const CompileOptions &options, Progress &progress,
                  Session &session) {
  return openMemory(session, [&](int &fd) -> Error {
    Compilation compilation(options, progress);
    if (Error error = compilation.importProgram(program))
      return error;
    if (Error error = finish(compilation))
      return error;
    return compilation.writeMemory(fd);
  });
}

Error Candidates::open(Request request, Session &session, const std::string &path) {
  if (Error error = compile(std::move(request),
                            [&](Compilation &compilation) { return compilation.write(path); }))
    return error;
  return openFile(path, session);
}

Error Candidates::runAll(Samples &samples, Session &session, const char *what,
                         llvm::function_ref<Error(size_t, bool &)> look) {
  auto count = static_cast<int>(samples.size());
  bool isEnough = false;
  for (int i = 0; i < count && !isEnough; ++i) {
    progress.stage(i + 1, count, what);
    if (Error error = samples.load(size_t(i), session))
      return error;
    if (Error error = session.run())
      return error;
    if (Error error = look(size_t(i), isEnough))
      return error;
  }
  return {};
}

} // namespace optc::driver
