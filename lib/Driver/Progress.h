//===- Progress.h - progress of long work --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One line on stderr that shows the stage, its share and the elapsed time; silent with
// --quiet and where stderr is no terminal.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_PROGRESS_H
#define OPTC_DRIVER_PROGRESS_H

#include <chrono>
#include <string>

namespace optc::driver {

class Progress {
public:
  explicit Progress(bool quiet);
  ~Progress();
  /// What the stages from now on are for, where there are several compilations.
  void task(const std::string &name) { taskName = name + ": "; }
  /// Stage `index` of `count` begins.
  void stage(int index, int count, const std::string &name);
  /// A line that stays, for people who wait.
  void note(const std::string &text);
  /// Clears the line, before other output.
  void clear();
  double elapsedSeconds() const;

private:
  bool visible;
  std::string taskName;
  std::chrono::steady_clock::time_point start;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_PROGRESS_H
