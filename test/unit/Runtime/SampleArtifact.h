//===- SampleArtifact.h - an artifact for the runtime's tests -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packs the shared object of SampleModule.c.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_RUNTIME_SAMPLEARTIFACT_H
#define OPTC_TEST_UNIT_RUNTIME_SAMPLEARTIFACT_H

#include "lib/Artifact/Writer.h"
#include "lib/Support/Cpu.h"

#include <fstream>
#include <iterator>

namespace optc::test {

inline artifact::Manifest sampleModuleManifest() {
  using artifact::Dim;
  artifact::Manifest manifest;
  manifest.producer = "test";
  std::vector<Dim> vector{Dim::dynamic("n")}, scalar;
  manifest.entries = {{"axpy", {{"x", 1, vector}, {"y", 1, vector}}, {{"z", 1, vector}}},
                      {"check", {{"v", 7, scalar}}, {{"w", 7, scalar}}},
                      {"grow", {{"v", 7, scalar}}, {{"w", 2, std::nullopt}}}};
  return manifest;
}

/// The least demanding level of machines like this one.
inline const CpuLevel &leastLevel() {
  for (const CpuLevel &level : cpuLevels)
    if (Cpu::here().runs(level))
      return level;
  return cpuLevels.front();
}

/// Where code for `level` is in an artifact for machines like this one.
inline std::string codePath(const std::string &level) {
  return "code/" + std::string(leastLevel().triple) + "/" + level + ".so";
}

/// Adds code for `level`, and weights: one float, 0.5.
inline void addSampleModule(artifact::Writer &writer,
                            const std::string &level = std::string(leastLevel().name),
                            const char *module = OPTC_SAMPLE_MODULE) {
  std::ifstream file(module, std::ios::binary);
  std::string code{std::istreambuf_iterator<char>(file), {}};
  writer.add(codePath(level), code);
  writer.add(artifact::weightsName, std::string("\0\0\0\x3f", 4));
}

} // namespace optc::test

#endif // OPTC_TEST_UNIT_RUNTIME_SAMPLEARTIFACT_H
