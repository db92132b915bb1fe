//===- Profile.cpp - time of every kernel of a context --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Profile.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Profile.h"

namespace optc::runtime {

Profile::Profile(const optc_module_work *work) {
  if (!work || !work->kernels)
    return;
  for (uint32_t i = 0; i < work->num_kernels; ++i)
    rows.push_back({work->kernels[i].names, work->kernels[i].family, 0, 0, 0, 0, 0});
}

void Profile::end(int64_t kernel, double multiplyAdds, double operations, double bytes) {
  std::chrono::duration<double> taken = Clock::now() - start;
  if (kernel < 0 || size_t(kernel) >= rows.size())
    return;
  optc_kernel_profile &row = rows[kernel];
  ++row.calls;
  row.seconds += taken.count();
  row.multiply_adds += multiplyAdds;
  row.operations += operations;
  row.bytes += bytes;
}

void Profile::reset() {
  for (optc_kernel_profile &row : rows)
    row = {row.nodes, row.family, 0, 0, 0, 0, 0};
}

} // namespace optc::runtime
