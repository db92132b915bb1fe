//===- EvaluationText.h - what was found of a quantization, in words ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the summary, the page and errors.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_EVALUATIONTEXT_H
#define OPTC_DRIVER_EVALUATIONTEXT_H

#include "lib/Compress/Plan.h"

namespace optc::driver {

/// "0.5 %"
std::string percentText(double share);
/// "top1 drop", "perplexity rise"
std::string dropName(const compress::Evaluation &evaluation);
/// "0.5 % of 200 samples, at most 1.8 % with 95 % confidence"
std::string dropText(const compress::Evaluation &evaluation);
/// "accuracy 71.2 %, of the model 71.9 %"; "" where there are no such figures.
std::string figuresText(const compress::Evaluation &evaluation);

} // namespace optc::driver

#endif // OPTC_DRIVER_EVALUATIONTEXT_H
