//===- KernelSource.h - MLIR of single kernel ops -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes entries of one matmul, conv or pool each, for the tests and the benchmark of the CPU's
// kernels. Inputs of an entry: x, weight, bias, residual (pool: x, residual); its result is
// max(op + bias, 0) + residual, all in the op's epilogue.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_TARGET_KERNELSOURCE_H
#define OPTC_TEST_UNIT_TARGET_KERNELSOURCE_H

#include <cstdint>
#include <string>
#include <vector>

namespace optc::test {

using Sizes = std::vector<int64_t>;

/// An entry, and the shapes to call it with.
struct KernelCase {
  std::string name, source;
  std::vector<Sizes> inputs;
  Sizes result;
  /// Floating-point operations of one run.
  double work = 0;
};

/// Letters are iteration dims; `dims` names them all, the last two are n and k. With
/// `panels` > 0 rhs is packed (by the entry, or if `alreadyPacked` its weight input is).
struct MatmulSpec {
  std::string dims;
  Sizes sizes;
  std::string lhs, rhs, result;
  std::string dynamic; ///< dims of unknown size
  int64_t panels = 0;
  bool alreadyPacked = false;
};
KernelCase matmulCase(const std::string &name, const MatmulSpec &spec);

/// With `panels` = 0 the layout is taps, with `winograd` > 0 that for tiles of this size.
struct ConvSpec {
  int64_t batch = 1;
  Sizes input; ///< spatial sizes
  int64_t channels = 1, outputs = 1;
  Sizes window, strides, dilations;
  int64_t groups = 1;
  int64_t panels = 0;
  bool dynamic = false;
  bool alreadyPacked = false;
  int64_t winograd = 0;
  Sizes phases = {};
};
KernelCase convCase(const std::string &name, const ConvSpec &spec);

struct PoolSpec {
  std::string kind;
  int64_t batch = 1;
  Sizes input;
  int64_t channels = 1;
  Sizes window, strides, dilations, begin, end;
  bool countPads = false, ceil = false, dynamic = false;
};
KernelCase poolCase(const std::string &name, const PoolSpec &spec);

/// Letters are the dims b, n, r, s, t, d, e of kernel.attention.
struct AttentionSpec {
  Sizes sizes;
  std::string query, key, value, result;
  std::string mask;      ///< dims of the extra operand, if there is one
  bool hasHoles = false; ///< the mask excludes two of three keys, else it is added
  std::string dynamic;   ///< dims of unknown size
  std::string bounds;    ///< attributes, like "after = 0"
  Sizes offset, lengths; ///< one per batch, or none
};
KernelCase attentionCase(const std::string &name, const AttentionSpec &spec);

} // namespace optc::test

#endif // OPTC_TEST_UNIT_TARGET_KERNELSOURCE_H
