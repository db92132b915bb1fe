//===- MemoryLimit.h - an end to what compiling may take --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiling is meant to take memory by what a model holds. Where a model defeats that, the
// machine and its other users must not pay: past a limit the program ends with an error.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_MEMORYLIMIT_H
#define OPTC_DRIVER_MEMORYLIMIT_H

#include <cstdint>
#include <memory>
#include <string>

namespace optc::driver {

/// Three quarters of the memory that the machine, or the control group of the process, has.
uint64_t defaultMemoryLimit();

/// While it lives, the program ends with OPTC-E5002 once its own memory exceeds the limit, and with
/// OPTC-E1091 when an allocation fails: both exit code 7, and no file is written. Pages of
/// mapped files, as the weights of a model are, do not count. The memory is looked at often rather
/// than denied: LLVM ends by a signal where memory is denied, and address space is not memory. At
/// most one exists at a time.
class MemoryLimit {
public:
  /// 0 bytes: the default. `task` is for messages: "compiling 'x.onnx'".
  MemoryLimit(uint64_t bytes, const std::string &task);
  ~MemoryLimit();

private:
  struct Watch;
  std::unique_ptr<Watch> watch;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_MEMORYLIMIT_H
