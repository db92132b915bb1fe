//===- Fuse.h - the fuse stage -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes that join ops before memory is planned.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_FUSE_FUSE_H
#define OPTC_FUSE_FUSE_H

#include "mlir/Pass/Pass.h"

namespace optc::fuse {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Fuse/Passes.h.inc"

} // namespace optc::fuse

#endif // OPTC_FUSE_FUSE_H
