//===- TensorFolder.h - tensors in a folder with a manifest.json ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The protocol of "optc run --inputs DIR --output-dir DIR": manifest.json is a list of
// {name, kind, dtype, shape, file}, one per input or output; the files are .npy, in them
// the types numpy does not have bit for bit.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_TENSORFOLDER_H
#define OPTC_DRIVER_TENSORFOLDER_H

#include "lib/Driver/Tensor.h"

namespace optc::driver {

/// Reads the tensors of a folder; other kinds of values are refused by name.
Error readTensorFolder(const std::string &folder, std::vector<NamedTensor> &tensors);

struct OutputView {
  std::string name;
  int dtype;
  std::vector<int64_t> dims;
  const void *data;
};

/// Makes the folder if need be and writes NUMBER.npy files and the manifest; with `byName`,
/// NAME.npy files, with all but letters, digits and "._-" of the name replaced by "_".
Error writeTensorFolder(const std::string &folder, const std::vector<OutputView> &outputs,
                        bool byName);

} // namespace optc::driver

#endif // OPTC_DRIVER_TENSORFOLDER_H
