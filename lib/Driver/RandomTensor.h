//===- RandomTensor.h - inputs to measure with ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes from --shape, and random values: floats in [-1, 1), integers and booleans 0 or 1,
// so that they are valid token ids, masks and indices.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_RANDOMTENSOR_H
#define OPTC_DRIVER_RANDOMTENSOR_H

#include "lib/Driver/Session.h"

#include <map>

namespace optc::driver {

class ShapePins {
public:
  /// "NAME=1x3x224x224" for an input, or "SYMBOL=224" for a symbol.
  Error add(const std::string &option);
  /// Fails for a name that is neither an input nor a symbol of the model.
  Error checkNames(const Session &session) const;
  /// Takes the sizes of symbols from an input that has a value.
  void learn(const optc_tensor_info &input, const std::vector<int64_t> &dims);
  /// The shape of an input. A dynamic first dimension without a pin is 1: a batch of one.
  Error resolve(const optc_tensor_info &input, std::vector<int64_t> &dims);

private:
  std::map<std::string, std::vector<int64_t>> shapes; ///< by input or symbol as given
  std::map<std::string, int64_t> symbols;
};

/// False when there is no memory.
bool randomTensor(int dtype, const std::vector<int64_t> &dims, uint64_t seed, Tensor &tensor);

} // namespace optc::driver

#endif // OPTC_DRIVER_RANDOMTENSOR_H
