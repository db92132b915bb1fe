//===- Samples.h - inputs for many runs ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The samples of --calib and --eval: a file or a folder.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_SAMPLES_H
#define OPTC_DRIVER_SAMPLES_H

#include "lib/Driver/Session.h"

namespace optc::driver {

/// Finds samples and reads them one by one:
/// - an .npz with one array per input, an .npy or ONNX .pb for a model of one input;
/// - a folder of such files, in the order of their names, or of folders `test_data_set_*` with
/// `input_N.pb`, or with
///   the manifest.json of `optc run`;
/// - arrays that have one dim more than the input, or more rows than an input of one or of any
/// number of rows takes,
///   are that many samples; one that lacks that dim is one.
class Samples {
public:
  /// `option` is what the command line calls it; `model` tells what inputs there are.
  Error open(const std::string &option, const std::string &path, const Session &model);

  size_t size() const { return samples.size(); }
  /// Gives the session the inputs of sample `index`.
  Error load(size_t index, Session &session);

private:
  /// A row of what a file or folder holds, or (-1) all of it.
  struct Sample {
    std::string path;
    int64_t row;
  };

  Error read(const std::string &path);
  Error addSource(const std::string &path, const Session &model);
  Error check(const NamedTensor &tensor, const std::string &path) const;
  Error fail(const std::string &path, const std::string &what) const;

  std::string option;
  std::vector<Sample> samples;
  /// What was read last, under the names of inputs.
  std::string cachedPath;
  std::vector<NamedTensor> cached;
  std::vector<std::string> inputNames;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_SAMPLES_H
