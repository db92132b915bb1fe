//===- Link.cpp - the linker, in process ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Link.h. lld reads and writes files, so a folder of temporary files is used and
// removed. It resets all command line options of the process: nothing in optc keeps them
// there.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Link.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

static LogicalResult writeFile(StringRef path, StringRef bytes, std::string &error) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  stream << bytes;
  stream.close();
  if (code || stream.has_error()) {
    error = ("cannot write " + path + ": " + (code ? code : stream.error()).message()).str();
    stream.clear_error();
    return failure();
  }
  return success();
}

/// Runs lld, which has global state.
static LogicalResult runLinker(ArrayRef<std::string> arguments, std::string &error) {
  static std::mutex mutex;
  static bool usable = true;
  std::lock_guard<std::mutex> lock(mutex);
  if (!usable) {
    error = "the linker crashed before";
    return failure();
  }
  SmallVector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  raw_string_ostream messages(error);
  // The linker leaves its number of threads behind, which is that of all loops of LLVM.
  auto restore = make_scope_exit([threads = parallel::strategy] { parallel::strategy = threads; });
  lld::Result result = lld::lldMain(pointers, messages, messages, {{lld::Gnu, &lld::elf::link}});
  usable = result.canRunAgain;
  return success(result.retCode == 0);
}

LogicalResult optc::host::linkSharedObject(ArrayRef<std::string> objects,
                                           const std::string &helpers, std::string &linked,
                                           std::string &error) {
  SmallString<128> folder;
  if (std::error_code code = sys::fs::createUniqueDirectory("optc-link", folder)) {
    error = "cannot make a temporary folder: " + code.message();
    return failure();
  }
  auto removeFolder = make_scope_exit([&] { (void)sys::fs::remove_directories(folder); });
  auto fileIn = [&](const Twine &name) {
    SmallString<128> path(folder);
    sys::path::append(path, name);
    return path.str().str();
  };
  std::string output = fileIn("code.so");
  std::vector<std::string> arguments{
      "ld.lld",      "-shared",       "--build-id=none",  "-z",          "defs", "-z",
      "noexecstack", "--gc-sections", "--hash-style=gnu", "--threads=1", "-o",   output};
  for (auto [index, object] : enumerate(objects)) {
    arguments.push_back(fileIn(Twine(index) + ".o"));
    if (failed(writeFile(arguments.back(), object, error)))
      return failure();
  }
  std::string helperFile = fileIn("helpers.o");
  if (failed(writeFile(helperFile, helpers, error)))
    return failure();
  arguments.insert(arguments.end(), {"--start-lib", helperFile, "--end-lib"});
  if (failed(runLinker(arguments, error)))
    return failure();
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(output);
  if (!buffer) {
    error = "cannot read the linker's output: " + buffer.getError().message();
    return failure();
  }
  linked = (*buffer)->getBuffer().str();
  return success();
}
