//===- Balance.h - channels of unlike sizes -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where some channels of a value are much larger than others, these have few of the 256 steps.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_COMPRESS_BALANCE_H
#define OPTC_COMPRESS_BALANCE_H

#include "lib/Compress/Observer.h"
#include "lib/Compress/Plan.h"
#include "mlir/IR/BuiltinOps.h"

namespace optc::compress {

/// Gives values factors where these make the errors of all products that read them smaller: channel
/// c is divided by max |x_c|^a / max |w_c|^(1 - a) for that one of a few exponents a whose rounding
/// errors, of data and of weights, are least by what was observed. `module` is simplified.
void balanceChannels(mlir::ModuleOp module, llvm::ArrayRef<Observer> observers, RangeMethod method,
                     Plan &plan);

} // namespace optc::compress

#endif // OPTC_COMPRESS_BALANCE_H
