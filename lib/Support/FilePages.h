//===- FilePages.h - memory of mapped files -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which addresses are read-only mappings of files. Stages that have read a weight for the
// last time give its pages back, wherever the weight comes from: those of a file can be read
// again, other memory is left alone. So a compile needs little more memory than the weights
// it makes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_SUPPORT_FILEPAGES_H
#define OPTC_SUPPORT_FILEPAGES_H

#include <cstddef>

namespace optc {

/// Tells that these bytes are a read-only mapping of a file, until `forgetFilePages`.
void noteFilePages(const void *data, size_t size);
void forgetFilePages(const void *data);

/// Gives back the memory of all whole pages within these bytes, if they belong to one mapping
/// that was noted. Reading them again reads the file again. Safe from any thread.
void releaseFilePages(const void *data, size_t size);

} // namespace optc

#endif // OPTC_SUPPORT_FILEPAGES_H
