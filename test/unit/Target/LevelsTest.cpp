//===- LevelsTest.cpp - which levels code is generated for ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a build makes on machines of all levels, and how it refuses what does not fit.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/CpuLevel.h"

#include <gtest/gtest.h>

using namespace optc;

namespace {

/// The names of the levels, or the error.
std::string chosen(const LevelRequest &request) {
  std::vector<const CpuLevel *> levels;
  if (Error error = chooseLevels(request, levels))
    return std::to_string(error.code) + ": " + error.message;
  std::string names;
  for (const CpuLevel *level : levels)
    names += (names.empty() ? "" : " ") + std::string(level->name);
  return names;
}

LevelRequest on(const char *host, bool usesBf16 = false, std::string triple = "") {
  LevelRequest request;
  request.host = findCodeLevel(host);
  request.usesBf16 = usesBf16;
  request.triple = std::move(triple);
  return request;
}

TEST(ChooseLevels, ByDefaultTheBaselineAndThisMachines) {
  EXPECT_EQ(chosen(on("x86-64-v3")), "x86-64-v3");
  EXPECT_EQ(chosen(on("x86-64-v3", true)), "x86-64-v3");
  EXPECT_EQ(chosen(on("x86-64-v4")), "x86-64-v3 x86-64-v4");
  EXPECT_EQ(chosen(on("x86-64-v4", true)), "x86-64-v3 x86-64-v4");
  EXPECT_EQ(chosen(on("x86-64-v4-bf16")), "x86-64-v3 x86-64-v4");
  EXPECT_EQ(chosen(on("x86-64-v4-bf16", true)), "x86-64-v3 x86-64-v4-bf16");
  EXPECT_EQ(chosen(on("aarch64", true)), "aarch64");
  EXPECT_EQ(chosen(on("aarch64-bf16")), "aarch64");
  EXPECT_EQ(chosen(on("aarch64-bf16", true)), "aarch64 aarch64-bf16");
  EXPECT_EQ(chosen(on("x86-64")), "x86-64-v3") << "a machine that no code is for";
}

TEST(ChooseLevels, OfThisMachineOnly) {
  LevelRequest request = on("x86-64-v4-bf16", true);
  request.hostOnly = true;
  EXPECT_EQ(chosen(request), "x86-64-v4-bf16");
  request.usesBf16 = false;
  EXPECT_EQ(chosen(request), "x86-64-v4");
}

TEST(ChooseLevels, OfAnotherMachine) {
  EXPECT_EQ(chosen(on("x86-64-v4-bf16", false, "aarch64-linux-gnu")), "aarch64");
  EXPECT_EQ(chosen(on("x86-64-v3", true, "aarch64-unknown-linux-gnu")), "aarch64 aarch64-bf16");
  EXPECT_EQ(chosen(on("aarch64-bf16", false, "x86_64-linux-gnu")), "x86-64-v3");
  EXPECT_EQ(chosen(on("aarch64-bf16", true, "x86_64-linux-gnu")), "x86-64-v3 x86-64-v4-bf16");
  EXPECT_EQ(chosen(on("x86-64-v4", false, "x86_64-linux-gnu")), "x86-64-v3 x86-64-v4")
      << "the triple is this machine's";
}

TEST(ChooseLevels, ByName) {
  LevelRequest request = on("x86-64-v3");
  request.names = {"x86-64-v4", "aarch64"};
  EXPECT_EQ(chosen(request), "x86-64-v4 aarch64") << "one artifact for two kinds of machines";
  request.triple = "aarch64-linux-gnu";
  EXPECT_EQ(chosen(request),
            "102: code level 'x86-64-v4' is one of x86_64-unknown-linux-gnu; those of "
            "aarch64-unknown-linux-gnu are: aarch64, aarch64-bf16");
  request.names = {"x86-64-v2"};
  request.triple.clear();
  EXPECT_EQ(chosen(request), "102: unknown code level 'x86-64-v2'; the levels are: x86-64-v3, "
                             "x86-64-v4, x86-64-v4-bf16, aarch64, aarch64-bf16");
}

TEST(ChooseLevels, UnknownTriples) {
  for (const char *triple : {"riscv64-linux-gnu", "aarch64", "aarch64-apple-darwin", "x"})
    EXPECT_EQ(chosen(on("x86-64-v3", false, triple)),
              "102: unknown triple '" + std::string(triple) +
                  "'; the triples are: x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu");
}

/// What emitters rely on.
TEST(CodeLevels, HaveWholeVectors) {
  for (const CpuLevel *level : codeLevels()) {
    EXPECT_GE(level->f32Lanes(), 4u);
    EXPECT_EQ(level->f32Lanes() & (level->f32Lanes() - 1), 0u);
    EXPECT_GE(level->vectorRegisters, 16u);
    EXPECT_FALSE(level->llvmCpu.empty());
    EXPECT_EQ(findCodeLevel(level->name), level);
  }
  EXPECT_EQ(findCodeLevel("x86-64"), nullptr);
}

} // namespace
