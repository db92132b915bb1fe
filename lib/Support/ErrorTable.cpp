//===- ErrorTable.cpp - what every error means ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The texts of Errors.def. Apart from Errors.cpp so that the runtime, which only needs
// the ids, does not carry them.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Errors.h"

#include <algorithm>

namespace optc {

static const ErrorInfo table[] = {
#define OPTC_ERROR(number, exitCode, meaning, action) {number, exitCode, meaning, action},
#include "lib/Support/Errors.def"
};

const ErrorInfo *errorTable(size_t &count) {
  count = sizeof(table) / sizeof(table[0]);
  return table;
}

const ErrorInfo *findError(int code) {
  const ErrorInfo *end = std::end(table);
  const ErrorInfo *row = std::find_if(table, end, [&](auto &info) { return info.code == code; });
  return row == end ? nullptr : row;
}

} // namespace optc
