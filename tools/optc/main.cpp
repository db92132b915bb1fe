//===- main.cpp - the optc command ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All of it is in lib/Driver, which tests call as well.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Verbs.h"

int main(int argc, char **argv) { return optc::driver::runCommand(argc, argv); }
