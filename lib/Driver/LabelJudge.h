//===- LabelJudge.h - right and wrong by labels ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file of --labels, and how many rows of both models are as it says.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_LABELJUDGE_H
#define OPTC_DRIVER_LABELJUDGE_H

#include "lib/Driver/Judge.h"

namespace optc::driver {

/// The largest element of a row is the class that the model sees. Labels are one for each sample,
/// or for each row of the output.
class LabelJudge : public Judge {
public:
  /// An array of integers of an .npy, .npz or .pb file.
  Error open(const std::string &path);

  Drop::Kind getKind() const override { return Drop::Kind::Paired; }
  const char *getFigureName() const override { return "accuracy"; }
  Error look(const Session &session, const Outputs &expected) override;
  Error check() const override;
  SampleLoss judge(size_t sample, const Outputs &expected, const Outputs &actual) const override;

private:
  Error fail(const std::string &what) const;

  std::string path;
  std::vector<int64_t> labels;
  std::vector<size_t> firstRows; ///< of each sample, and behind the last
  size_t classes = 0;            ///< the fewest of any sample
};

/// All numbers of a tensor of integers; nothing if it is of another type.
std::optional<std::vector<int64_t>> integersOf(int dtype, const void *data, size_t count);

} // namespace optc::driver

#endif // OPTC_DRIVER_LABELJUDGE_H
