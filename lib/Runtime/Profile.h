//===- Profile.h - time of every kernel of a context ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What code that was built to be profiled tells the runtime at the borders of its kernels.
// Other code has no such calls, and its contexts an empty profile.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_PROFILE_H
#define OPTC_RUNTIME_PROFILE_H

#include "lib/Runtime/ModuleAbi.h"
#include "optc/runtime.h"

#include <chrono>
#include <vector>

namespace optc::runtime {

class Profile {
public:
  /// `work` may be null.
  explicit Profile(const optc_module_work *work);

  void begin() { start = Clock::now(); }
  void end(int64_t kernel, double multiplyAdds, double operations, double bytes);
  void reset();
  const std::vector<optc_kernel_profile> &kernels() const { return rows; }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start;
  std::vector<optc_kernel_profile> rows;
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_PROFILE_H
