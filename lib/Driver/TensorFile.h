//===- TensorFile.h - tensor files ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads .npy, .npz and ONNX .pb files and writes .npy. The files may be damaged: every
// size is checked against what is there before memory is taken.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_TENSORFILE_H
#define OPTC_DRIVER_TENSORFILE_H

#include "lib/Driver/Tensor.h"

#include <string_view>

namespace optc::driver {

/// The whole file.
Error readFile(const std::string &path, std::string &bytes);

/// All tensors of a file, by its suffix. A .npy has one, nameless; a .pb one with its name.
Error readTensorFile(const std::string &path, std::vector<NamedTensor> &tensors);

/// Writes a .npy; types numpy does not have bit for bit.
Error writeNpy(const std::string &path, int dtype, const std::vector<int64_t> &dims,
               const void *data);

/// The formats, from bytes in memory; `why` says what is wrong.
bool parseNpy(std::string_view bytes, Tensor &tensor, std::string &why);
bool parseNpz(std::string_view bytes, std::vector<NamedTensor> &tensors, std::string &why);
bool parseTensorProto(std::string_view bytes, NamedTensor &tensor, std::string &why);

} // namespace optc::driver

#endif // OPTC_DRIVER_TENSORFILE_H
