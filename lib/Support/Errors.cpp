//===- Errors.cpp - error ids ------------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The printed form of an error id.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Errors.h"

#include <cstdio>

std::string optc::errorId(int code) {
  char text[24];
  std::snprintf(text, sizeof(text), "OPTC-E%04d", code);
  return text;
}
