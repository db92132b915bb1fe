//===- TextTarget.h - a target for tests -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The smallest target: it takes matrix products and elementwise ops, places nothing and emits the
// names of its ops. It stands for what a second target needs: a class like this and one
// registration.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_DRIVER_TEXTTARGET_H
#define OPTC_TEST_UNIT_DRIVER_TEXTTARGET_H

namespace optc {

void registerTextTarget();

} // namespace optc

#endif // OPTC_TEST_UNIT_DRIVER_TEXTTARGET_H
