//===- KernelFixture.h - a kernel against its decomposition ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every kernel is compared with the loops that kernel-decompose makes of the same op.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_TARGET_KERNELFIXTURE_H
#define OPTC_TEST_UNIT_TARGET_KERNELFIXTURE_H

#include "test/unit/Target/CompiledModel.h"
#include "test/unit/Target/KernelSource.h"
#include <gtest/gtest.h>
#include <random>

namespace optc::test {

/// Values between -1 and 1.
Array randomArray(const Sizes &shape, std::mt19937 &generator);

class KernelFixture : public testing::TestWithParam<std::string> {
protected:
  /// All cases are entries of one module, compiled as kernels and as plain loops.
  void compare(const std::vector<KernelCase> &cases);
  /// Sums are made in another order: equal up to rounding on the scale of the result, or both
  /// NaN.
  static void compareValues(const std::vector<float> &have, const std::vector<float> &want);
};

} // namespace optc::test

#endif // OPTC_TEST_UNIT_TARGET_KERNELFIXTURE_H
