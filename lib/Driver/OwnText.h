//===- OwnText.h - what a decoder says by itself -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Samples for --calib auto.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_OWNTEXT_H
#define OPTC_DRIVER_OWNTEXT_H

#include "lib/Driver/Compile.h"
#include "lib/Driver/Progress.h"

namespace optc::driver {

/// Writes samples into a folder, as `Samples` reads them: texts that the decoder draws by its own
/// probabilities, each from another first token (Z. Liu et al., LLM-QAT, 2023), with masks of all
/// tokens, their positions and empty caches. The same model gives the same texts on processors that
/// compute the same scores. Fails for what is no decoder.
Error writeOwnText(const std::string &model, const CompileOptions &options,
                   const std::string &folder, Progress &progress);

} // namespace optc::driver

#endif // OPTC_DRIVER_OWNTEXT_H
