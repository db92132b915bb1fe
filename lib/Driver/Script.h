//===- Script.h - a command that judges artifacts -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// --script: whatever the user measures, of files.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SCRIPT_H
#define OPTC_DRIVER_SCRIPT_H

#include "lib/Support/Errors.h"

namespace optc::driver {

/// Runs the words of `command`, which white space separates (no shell reads them), with `artifact`
/// as the last, and reads the number on the last line that it prints.
Error runScript(const std::string &command, const std::string &artifact, double &score);

/// A file that is removed again, if it came to be.
class TemporaryFile {
public:
  explicit TemporaryFile(std::string path) : path(std::move(path)) {}
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  const std::string &getPath() const { return path; }

private:
  std::string path;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_SCRIPT_H
