//===- ReportText.h - the compiler's report for people ---------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints report.json (CompileReport.h writes it), fresh from a compilation or out of an
// artifact, which may be older or hostile: what is missing or of another type is left out.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_REPORTTEXT_H
#define OPTC_DRIVER_REPORTTEXT_H

#include "lib/Support/Json.h"

namespace optc::driver {

/// The report as lines of text. With `withNodes`, every decision names the ONNX nodes the
/// report has for it.
std::string reportText(const json::Value &report, bool withNodes);

/// "1.4 MB"
std::string bytesText(int64_t bytes);

} // namespace optc::driver

#endif // OPTC_DRIVER_REPORTTEXT_H
