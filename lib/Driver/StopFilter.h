//===- StopFilter.h - texts that end a text ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Holds back what may be the beginning of a stop.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_STOPFILTER_H
#define OPTC_DRIVER_STOPFILTER_H

#include <string>
#include <vector>

namespace optc::driver {

class StopFilter {
public:
  explicit StopFilter(std::vector<std::string> stops);

  /// What of the text so far is no part of a stop, nor may become one. After a stop nothing.
  std::string push(const std::string &text);
  /// What was held back, if no stop came.
  std::string finish();
  bool isStopped() const { return stopped; }

private:
  std::vector<std::string> stops;
  std::string held;
  bool stopped = false;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_STOPFILTER_H
