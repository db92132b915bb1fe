//===- Region.cpp - what regions of kernel ops need -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops of Region.td have no code of their own.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Kernel.h"
