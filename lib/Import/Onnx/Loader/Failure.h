//===- Failure.h - how the loader's parts report a bad model ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inside the loader problems travel as this exception, because ONNX throws as well;
// load() turns both into a Diagnostic. Nothing outside this folder sees it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_IMPORT_ONNX_LOADER_FAILURE_H
#define OPTC_IMPORT_ONNX_LOADER_FAILURE_H

#include "lib/Support/Errors.h"

#include <string>

namespace optc::onnximport {

struct LoadFailure {
  ErrorCode code;
  std::string message;
  std::string node;
};

[[noreturn]] inline void fail(ErrorCode code, std::string message, std::string node = {}) {
  throw LoadFailure{code, std::move(message), std::move(node)};
}

/// Text from the file on one line of valid UTF-8, without control characters, cut to about
/// `maxBytes`: it may be anything, and megabytes long.
std::string printable(const std::string &text, size_t maxBytes);

/// A name from the file as messages show it.
std::string quote(const std::string &name);

bool isUtf8(const std::string &text);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_FAILURE_H
