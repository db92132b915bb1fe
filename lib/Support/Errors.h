//===- Errors.h - error values with stable ids -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ids of Errors.def as enumerators, and the error value the parts without MLIR
// return. A code that is not in the table does not compile.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_ERRORS_H
#define OPTC_SUPPORT_ERRORS_H

#include <cstddef>
#include <string>
#include <utility>

namespace optc {

enum ErrorCode : int {
  NoError = 0,
#define OPTC_ERROR(number, exitCode, meaning, action) E##number = (number),
#include "lib/Support/Errors.def"
};

/// One row of Errors.def.
struct ErrorInfo {
  int code;
  int exitCode;
  const char *meaning;
  const char *action;
};

/// The whole table, ascending.
const ErrorInfo *errorTable(size_t &count);
/// The row of a code, or null.
const ErrorInfo *findError(int code);

/// "OPTC-E0101"
std::string errorId(int code);

/// Success, or a code and a message of one or two lines: what was found, what was needed.
struct [[nodiscard]] Error {
  ErrorCode code = NoError;
  std::string message;

  Error() = default;
  Error(ErrorCode code, std::string message) : code(code), message(std::move(message)) {}
  explicit operator bool() const { return code != NoError; }
};

} // namespace optc

#endif // OPTC_SUPPORT_ERRORS_H
