//===- Link.h - the linker, in process -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects to a shared object without undefined symbols.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_LINK_H
#define OPTC_TARGET_HOST_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/LogicalResult.h"
#include <string>

namespace optc::host {

/// Links objects; `helpers` only if something in it is missing. Fails when a symbol stays
/// undefined, and names it. Calls from several threads take turns.
llvm::LogicalResult linkSharedObject(llvm::ArrayRef<std::string> objects,
                                     const std::string &helpers, std::string &linked,
                                     std::string &error);

} // namespace optc::host

#endif // OPTC_TARGET_HOST_LINK_H
