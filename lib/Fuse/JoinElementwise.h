//===- JoinElementwise.h - one op for a group of elementwise ops -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites the groups of ElementwiseGroups.h. Every body is copied once, whatever the group.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_FUSE_JOINELEMENTWISE_H
#define OPTC_FUSE_JOINELEMENTWISE_H

#include "lib/Fuse/ElementwiseGroups.h"

namespace optc::fuse {

/// Puts one op in the place of each group that has producers; whether there is any.
bool joinElementwise(const ElementwiseGroups &groups);

} // namespace optc::fuse

#endif // OPTC_FUSE_JOINELEMENTWISE_H
