//===- WinogradTransform.h - the transforms of Winograd convolution -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The numbers of the layout `winograd`: packs apply them to filters at compile time, emitters
// to inputs and sums at run time, and both must agree.
//
// The idea, in one dimension. A filter g of 3 taps over m + 2 inputs d gives m outputs y. Read d
// and g as polynomials: a product of polynomials is known when its values at m + 1 points and
// its leading coefficient ("the point infinity") are. So the m + 2 inputs become m + 2 numbers,
// the filter becomes m + 2 numbers, these are multiplied one by one, and the outputs are sums
// of the products: m + 2 multiplications instead of 3 m. Applied along both sides of an image
// it is y = A^T [(G g G^T) * (B^T d B)] A: (m + 2)^2 products instead of 9 m^2, and as sums over
// channels commute with A, each of the (m + 2)^2 positions is a small matmul over channels.
//
// By hand for m = 2, points 0, 1, -1, infinity:
//   from d: d2 - d0, d2 + d1, d2 - d1, d3 - d1        from g: -g0, (g0+g1+g2)/2, (g0-g1+g2)/2, g2
//   their products m0..m3 give  y0 = m0 + m1 + m2,  y1 = m1 - m2 + m3,
// and indeed (d0-d2)g0 + (d2+d1)(g0+g1+g2)/2 + (d2-d1)(g0-g1+g2)/2 = d0 g0 + d1 g1 + d2 g2.
//
// The points are 0, pairs +a, -a, and infinity, in this order of positions. With
//   Q(y) = product over k of (y - a_k^2),   Q_k(y) = Q(y) / (y - a_k^2),
// the position of the point 0 takes Q(x^2) of the inputs (x^i standing for d_i), that of +-a_k
// takes x^2 Q_k(x^2) +- a_k x Q_k(x^2), that of infinity x Q(x^2). A pair shares all its work.
//
// The points for m = 4 are 0, +-5/8, +-3/2: by experiment, of all pairs of eighths, they give the
// smallest error, a quarter of that of the usual 0, +-1, +-2 (max 2e-6 of the largest output);
// being dyadic, all numbers of A and B are exact.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DIALECTS_KERNEL_WINOGRADTRANSFORM_H
#define OPTC_DIALECTS_KERNEL_WINOGRADTRANSFORM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <cstdint>

namespace optc::kernel {

class WinogradTransform {
public:
  /// Elements of the filter's window.
  static constexpr int64_t window = 9;

  static bool isKnown(int64_t tile) { return tile == 2 || tile == 4; }
  explicit WinogradTransform(int64_t tile);

  /// Outputs along one side of a tile, and inputs that they need.
  int64_t getTile() const { return tile; }
  int64_t getSize() const { return tile + 2; }

  /// The a_k, and coefficients (of y^0, y^1, ..) of Q and Q_k.
  llvm::ArrayRef<double> getPoints() const { return points; }
  llvm::ArrayRef<double> getPolynomial() const { return polynomial; }
  llvm::ArrayRef<double> getQuotient(unsigned k) const { return quotients[k]; }

  /// G: `size` rows, what each position takes of the 3 taps.
  llvm::ArrayRef<std::array<double, 3>> getFilterRows() const { return filterRows; }

  /// A number of the transformed filter, with what it counts.
  struct Term {
    int64_t position;
    double factor;
  };
  /// G's inverse: the tap as a sum of two positions (the second may have factor 0).
  std::array<Term, 2> getTap(int64_t tap) const;

private:
  int64_t tile;
  llvm::SmallVector<double> points, polynomial;
  llvm::SmallVector<llvm::SmallVector<double>> quotients;
  llvm::SmallVector<std::array<double, 3>> filterRows;
};

} // namespace optc::kernel

#endif // OPTC_DIALECTS_KERNEL_WINOGRADTRANSFORM_H
