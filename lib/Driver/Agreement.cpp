//===- Agreement.cpp - two models on the same samples -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Agreement.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Agreement.h"
#include "lib/Support/DType.h"

#include <algorithm>
#include <cmath>

namespace optc::driver {

size_t Output::getRowLength() const {
  return dims.empty() ? 1 : static_cast<size_t>(std::max<int64_t>(dims.back(), 1));
}

size_t Output::countRows() const { return getRowLength() > 1 ? values.size() / getRowLength() : 0; }

/// Whether an output is an input's successor.
static bool isState(const Session &session, const optc_tensor_info &output) {
  constexpr int32_t leastRank = 3;
  for (size_t i = 0; output.rank >= leastRank && i < session.inputCount(); ++i) {
    const optc_tensor_info &input = session.input(i);
    int grown = 0, others = input.rank != output.rank || input.dtype != output.dtype;
    for (int32_t d = 0; d < output.rank && !others; ++d) {
      bool isKnown = input.dims[d] >= 0 || output.dims[d] >= 0;
      std::string_view from = input.symbols[d] ? input.symbols[d] : "",
                       to = output.symbols[d] ? output.symbols[d] : "";
      if (isKnown)
        others += input.dims[d] != output.dims[d];
      else
        grown += from != to;
    }
    if (others == 0 && grown == 1)
      return true;
  }
  return false;
}

Outputs readOutputs(Session &session) {
  Outputs outputs;
  auto isOwn = [&](size_t i) {
    return std::string_view(session.output(i).name).rfind("optc.", 0) != 0 &&
           session.output(i).dtype == OPTC_FLOAT;
  };
  bool hasOthers = false;
  for (size_t i = 0; i < session.outputCount(); ++i)
    hasOthers |= isOwn(i) && !isState(session, session.output(i));
  for (size_t i = 0; i < session.outputCount(); ++i) {
    optc_tensor tensor;
    if (!isOwn(i) || (hasOthers && isState(session, session.output(i))) ||
        session.context().output(i, tensor) || tensor.dtype != OPTC_FLOAT)
      continue;
    size_t count = countElements(tensor);
    const auto *data = static_cast<const float *>(tensor.data);
    outputs.push_back(
        {session.output(i).name, {tensor.dims, tensor.dims + tensor.rank}, {data, data + count}});
  }
  return outputs;
}

namespace {
/// Sums over the numbers of two runs.
struct Products {
  double dot = 0, ours = 0, theirs = 0, noise = 0;

  Products(const Outputs &expected, const Outputs &actual);
  double getCosine() const;
};
} // namespace

Products::Products(const Outputs &expected, const Outputs &actual) {
  for (size_t o = 0; o < expected.size() && o < actual.size(); ++o) {
    const std::vector<float> &a = expected[o].values, &b = actual[o].values;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      double x = a[i], y = b[i];
      dot += x * y, ours += x * x, theirs += y * y;
      noise += (x - y) * (x - y);
    }
  }
}

double Products::getCosine() const {
  bool isZero = ours == 0 || theirs == 0;
  return isZero ? double(ours == theirs) : dot / std::sqrt(ours * theirs);
}

double cosineOf(const Outputs &expected, const Outputs &actual) {
  return Products(expected, actual).getCosine();
}

void Agreement::add(const Outputs &expected, const Outputs &actual) {
  Products products(expected, actual);
  signal += products.ours;
  noise += products.noise;
  cosines += products.getCosine();
  ++samples;
}

double Agreement::getSqnr() const {
  return noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
}

} // namespace optc::driver
