//===- Profile.h - what entries tell of their work ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass that counts; KernelWork.h says what is counted.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_PROFILE_PROFILE_H
#define OPTC_PROFILE_PROFILE_H

#include "mlir/Pass/Pass.h"

namespace optc::profile {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Profile/Passes.h.inc"

} // namespace optc::profile

#endif // OPTC_PROFILE_PROFILE_H
