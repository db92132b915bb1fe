//===- ErfTail.h - the polynomial of erf -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by erf itself and by epilogues that compute 1 + erf at once.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CPU_MATH_ERFTAIL_H
#define OPTC_TARGET_CPU_MATH_ERFTAIL_H

namespace optc::cpu {

/// log(erfc(t)) / t for t in [0, 4], a minimax fit, the lowest degree first: erfc(t) = exp(t p(t))
/// with an error of 1.2e-7.
inline constexpr double erfTail[] = {
    -1.128379171403967,    -0.6366193890571594,     -0.10277775675058365,
    0.019152753055095673,  0.00016103446250781417,  -0.0016677244566380978,
    0.0006332485354505479, -0.00011776494648074731, 9.271026101487223e-06};

/// The first coefficient as a float and what that lacks.
inline constexpr double erfTailHigh = -1.128379225730896, erfTailLow = 5.432672978145092e-08;

} // namespace optc::cpu

#endif // OPTC_TARGET_CPU_MATH_ERFTAIL_H
