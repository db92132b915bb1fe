//===- GateArguments.h - the options of how good, and how small, a quantization has to be ===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of optc build.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_GATEARGUMENTS_H
#define OPTC_DRIVER_GATEARGUMENTS_H

#include "lib/Driver/Quantizer.h"

namespace optc::driver {

/// `options` has to live as long as the verb.
void addGateOptions(CLI::App &verb, QuantizeOptions &options);
/// Whether any of them were given that say what to measure, or how small weights are to be.
bool asksOfGate(const QuantizeOptions &options);
/// Refuses what would be of no use together.
Error checkGateOptions(const QuantizeOptions &options);

} // namespace optc::driver

#endif // OPTC_DRIVER_GATEARGUMENTS_H
