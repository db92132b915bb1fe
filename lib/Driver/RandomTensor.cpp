//===- RandomTensor.cpp - inputs to measure with --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing of --shape, and a small generator that gives the same values on every machine.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/RandomTensor.h"
#include "lib/Support/HalfFloat.h"

#include <cstring>

namespace optc::driver {

Error ShapePins::add(const std::string &option) {
  auto bad = [&] { return Error(E102, "--shape '" + option + "' is not NAME=1x3x224x224"); };
  size_t equal = option.rfind('=');
  if (equal == option.npos || equal == 0 || equal + 1 == option.size())
    return bad();
  std::vector<int64_t> dims{0};
  bool digit = false;
  for (char c : option.substr(equal + 1)) {
    if (c == 'x' && digit) {
      dims.push_back(0);
      digit = false;
    } else if (c >= '0' && c <= '9' && dims.back() < (int64_t(1) << 40)) {
      dims.back() = dims.back() * 10 + (c - '0');
      digit = true;
    } else {
      return bad();
    }
  }
  if (!digit)
    return bad();
  shapes[option.substr(0, equal)] = dims;
  return Error();
}

Error ShapePins::checkNames(const Session &session) const {
  for (const auto &[name, dims] : shapes) {
    bool known = false;
    for (size_t i = 0; i < session.inputCount(); ++i) {
      const optc_tensor_info &input = session.input(i);
      known |= name == input.name;
      for (int32_t d = 0; d < input.rank; ++d)
        known |= input.symbols[d] && name == input.symbols[d] && dims.size() == 1;
    }
    if (!known)
      return Error(E103, "--shape names '" + name + "', which is no input and no symbol");
  }
  return Error();
}

void ShapePins::learn(const optc_tensor_info &input, const std::vector<int64_t> &dims) {
  for (int32_t d = 0; d < input.rank && size_t(d) < dims.size(); ++d)
    if (input.symbols[d])
      symbols.emplace(input.symbols[d], dims[d]);
}

Error ShapePins::resolve(const optc_tensor_info &input, std::vector<int64_t> &dims) {
  if (auto whole = shapes.find(input.name); whole != shapes.end()) {
    dims = whole->second;
    learn(input, dims);
    return Error();
  }
  for (int32_t d = 0; d < input.rank; ++d) {
    std::string symbol = input.symbols[d] ? input.symbols[d] : "";
    auto pinned = shapes.find(symbol);
    auto learned = symbols.find(symbol);
    if (input.dims[d] >= 0)
      dims.push_back(input.dims[d]);
    else if (pinned != shapes.end() && pinned->second.size() == 1)
      dims.push_back(pinned->second[0]);
    else if (learned != symbols.end())
      dims.push_back(learned->second);
    else if (d == 0)
      dims.push_back(1);
    else
      return Error(E108, "dimension " + std::to_string(d) + " ('" + symbol + "') of input '" +
                             input.name + "' is dynamic; give --shape " + input.name + "=...");
  }
  learn(input, dims);
  return Error();
}

static void store(uint8_t *at, const DTypeInfo &info, uint64_t random) {
  float value = float(int32_t(random >> 32)) * 0x1p-31f;
  double wide = value;
  uint16_t half = info.number == 16 ? bfloat16OfFloat(value) : halfOfFloat(value);
  uint64_t bit = (random >> 40) & 1;
  if (info.kind != DTypeKind::Float && info.kind != DTypeKind::Complex)
    std::memcpy(at, &bit, info.storageSize);
  else if (info.number == 1 || info.number == 14)
    std::memcpy(at, &value, 4);
  else if (info.number == 11 || info.number == 15)
    std::memcpy(at, &wide, 8);
  else if (info.storageSize == 2)
    std::memcpy(at, &half, 2);
  else // below 16 bits: small positive numbers
    *at = (random >> 40) & (info.bits == 8 ? 0x3f : (1 << (info.bits - 1)) - 1);
}

bool randomTensor(int dtype, const std::vector<int64_t> &dims, uint64_t seed, Tensor &tensor) {
  if (!tensor.allocate(dtype, dims))
    return false;
  std::memset(tensor.data(), 0, tensor.bytes); // the imaginary parts
  const DTypeInfo &info = *findDType(dtype);
  uint64_t state = seed * 0x9e3779b97f4a7c15u;
  for (size_t at = 0; at < tensor.bytes; at += info.storageSize) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    store(tensor.data() + at, info, state);
  }
  return true;
}

} // namespace optc::driver
