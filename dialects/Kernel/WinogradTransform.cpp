//===- WinogradTransform.cpp - the transforms of Winograd convolution -----===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See WinogradTransform.h.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/WinogradTransform.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

using namespace optc::kernel;

/// Coefficients of the product of (y - a^2) over the points, but for number `without`.
static llvm::SmallVector<double> expand(llvm::ArrayRef<double> points, size_t without) {
  llvm::SmallVector<double> result = {1};
  for (size_t k = 0; k < points.size(); ++k) {
    if (k == without)
      continue;
    result.push_back(0);
    for (size_t i = result.size(); i-- > 0;)
      result[i] = (i > 0 ? result[i - 1] : 0) - points[k] * points[k] * result[i];
  }
  return result;
}

WinogradTransform::WinogradTransform(int64_t tile) : tile(tile) {
  assert(isKnown(tile));
  if (tile == 2)
    points = {1};
  else
    points = {0.625, 1.5};
  polynomial = expand(points, points.size());
  // The values of a filter are divided by the product of the distances of its point to the
  // others: Q(0) for the point 0, 2 a^2 Q_k(a^2) for a pair.
  filterRows.push_back({1 / polynomial.front(), 0, 0});
  for (size_t k = 0; k < points.size(); ++k) {
    quotients.push_back(expand(points, k));
    double a = points[k], distances = 0;
    for (double coefficient : llvm::reverse(quotients.back()))
      distances = distances * a * a + coefficient;
    distances *= 2 * a * a;
    filterRows.push_back({1 / distances, a / distances, a * a / distances});
    filterRows.push_back({1 / distances, -a / distances, a * a / distances});
  }
  filterRows.push_back({0, 0, 1});
}

std::array<WinogradTransform::Term, 2> WinogradTransform::getTap(int64_t tap) const {
  if (tap == 0)
    return {Term{0, 1 / filterRows[0][0]}, Term{0, 0}};
  if (tap == 2)
    return {Term{getSize() - 1, 1}, Term{0, 0}};
  // The two positions of a pair differ in the sign of the middle tap only.
  double half = 0.5 / filterRows[1][1];
  return {Term{1, half}, Term{2, -half}};
}
