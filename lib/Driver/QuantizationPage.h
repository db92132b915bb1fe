//===- QuantizationPage.h - a quantization as a page to read ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One HTML file without references to others: summary, layers, what stayed float and why.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_QUANTIZATIONPAGE_H
#define OPTC_DRIVER_QUANTIZATIONPAGE_H

#include "lib/Compress/Plan.h"
#include "lib/Support/Errors.h"

namespace optc::driver {

/// The page; layers are listed by their signal to noise ratio, the worst first.
std::string quantizationPage(const std::string &model, const compress::Plan &plan);

/// Writes a text under a temporary name and renames it.
Error writeWhole(const std::string &path, const std::string &text);

} // namespace optc::driver

#endif // OPTC_DRIVER_QUANTIZATIONPAGE_H
