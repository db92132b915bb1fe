//===- StopFilter.cpp - texts that end a text ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See StopFilter.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/StopFilter.h"

#include <algorithm>

namespace optc::driver {

StopFilter::StopFilter(std::vector<std::string> given) : stops(std::move(given)) {
  stops.erase(std::remove(stops.begin(), stops.end(), std::string()), stops.end());
}

std::string StopFilter::push(const std::string &text) {
  if (stopped)
    return {};
  held += text;
  size_t first = std::string::npos;
  for (const std::string &stop : stops)
    first = std::min(first, held.find(stop));
  if (first != std::string::npos) {
    stopped = true;
    std::string before = held.substr(0, first);
    held.clear();
    return before;
  }
  // The longest end of it that a stop begins with stays.
  size_t kept = 0;
  for (const std::string &stop : stops)
    for (size_t size = std::min(stop.size() - 1, held.size()); size > kept; --size)
      if (held.compare(held.size() - size, size, stop, 0, size) == 0)
        kept = size;
  std::string certain = held.substr(0, held.size() - kept);
  held.erase(0, certain.size());
  return certain;
}

std::string StopFilter::finish() {
  std::string rest = stopped ? std::string() : held;
  held.clear();
  return rest;
}

} // namespace optc::driver
