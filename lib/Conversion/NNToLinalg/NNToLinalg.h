//===- NNToLinalg.h - nn to linalg and kernel ops ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers the nn dialect to destination-passing ops on tensors: kernel ops where a
// target has a kernel, linalg for the rest. Booleans become i8 0/1, unsigned integers
// signless, 4-bit integers i8.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CONVERSION_NNTOLINALG_NNTOLINALG_H
#define OPTC_CONVERSION_NNTOLINALG_NNTOLINALG_H

#include "mlir/Pass/Pass.h"

namespace optc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Conversion/NNToLinalg/Passes.h.inc"

} // namespace optc

#endif // OPTC_CONVERSION_NNTOLINALG_NNTOLINALG_H
