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

/// A name from the file as messages show it: quoted, control characters replaced, and
/// shortened, because names are the file author's and may be megabytes long.
std::string quote(const std::string &name);

} // namespace optc::onnximport

#endif // OPTC_IMPORT_ONNX_LOADER_FAILURE_H
