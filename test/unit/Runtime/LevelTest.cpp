//===- LevelTest.cpp - processors and the code they get -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What other processors than this one would get: old ones an error, never code they cannot run.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/CodeLoader.h"
#include "lib/Support/X86Cpu.h"

#include <gtest/gtest.h>

using namespace optc;
using namespace optc::runtime;

namespace {

/// A Zen 4, in the words of CPUID; the numbers are those of Intel's and AMD's manuals.
X86Features everything() {
  X86Features cpu;
  cpu.ecx1 = 1u << 0 | 1u << 9 | 1u << 12 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 22 | 1u << 23 |
             1u << 27 | 1u << 28 |
             1u << 29; // SSE3 SSSE3 FMA CX16 SSE4 MOVBE POPCNT OSXSAVE AVX F16C
  cpu.ebx7 = 1u << 3 | 1u << 5 | 1u << 8 | 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  cpu.ecx7 = 1u << 11;
  cpu.eax7Sub1 = 1u << 5;
  cpu.ecxExtended = 1u << 0 | 1u << 5;
  cpu.saved = 0xe7;
  return cpu;
}

TEST(X86Level, FollowsFromFeatures) {
  EXPECT_EQ(x86LevelOf(everything()), 5);
  EXPECT_EQ(x86LevelOf({}), 1);
  X86Features cpu = everything();
  cpu.eax7Sub1 = 0;
  EXPECT_EQ(x86LevelOf(cpu), 4) << "no AVX512-BF16";
  cpu.ecx7 = 0;
  EXPECT_EQ(x86LevelOf(cpu), 3) << "no VNNI";
  cpu = everything();
  cpu.ebx7 &= ~(1u << 30);
  EXPECT_EQ(x86LevelOf(cpu), 3) << "no AVX512BW";
  cpu.ebx7 &= ~(1u << 5);
  EXPECT_EQ(x86LevelOf(cpu), 2) << "no AVX2";
  cpu = everything();
  cpu.ecx1 &= ~(1u << 12);
  EXPECT_EQ(x86LevelOf(cpu), 2) << "no FMA";
  cpu.ecx1 &= ~(1u << 20);
  EXPECT_EQ(x86LevelOf(cpu), 1) << "no SSE4.2";
}

TEST(X86Level, NeedsTheSystem) {
  X86Features cpu = everything();
  cpu.saved = 0x7;
  EXPECT_EQ(x86LevelOf(cpu), 3) << "AVX-512 registers are not saved";
  cpu.saved = 0x3;
  EXPECT_EQ(x86LevelOf(cpu), 2) << "AVX registers are not saved";
}

artifact::Manifest withLevels(std::initializer_list<const char *> levels) {
  artifact::Manifest manifest;
  for (const char *level : levels) {
    artifact::Code code;
    code.triple = "x86_64-unknown-linux-gnu";
    code.level = level;
    manifest.code.push_back(code);
  }
  return manifest;
}

std::string levelFor(int machine, const artifact::Manifest &manifest,
                     const std::string &level = "") {
  artifact::Code code;
  Error error = chooseCode(manifest, level, machine, code);
  return error ? std::to_string(error.code) + ": " + error.message : code.level;
}

TEST(ChooseCode, TheBestTheMachineRuns) {
  artifact::Manifest manifest = withLevels({"x86-64-v3", "x86-64-v4", "x86-64-v4-bf16"});
  EXPECT_EQ(levelFor(5, manifest), "x86-64-v4-bf16");
  EXPECT_EQ(levelFor(4, manifest), "x86-64-v4");
  EXPECT_EQ(levelFor(3, manifest), "x86-64-v3");
  EXPECT_EQ(levelFor(5, manifest, "x86-64-v3"), "x86-64-v3");
}

/// A model with --precision bf16, on a CPU without these instructions.
TEST(ChooseCode, WithoutBFloatInstructions) {
  EXPECT_EQ(levelFor(4, withLevels({"x86-64-v3", "x86-64-v4-bf16"})), "x86-64-v3");
}

TEST(ChooseCode, NothingForAnOldProcessor) {
  artifact::Manifest manifest = withLevels({"x86-64-v3", "x86-64-v4"});
  EXPECT_EQ(levelFor(2, manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is x86-64-v2");
  EXPECT_EQ(levelFor(1, manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is x86-64");
  EXPECT_EQ(levelFor(0, manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is not x86-64");
  EXPECT_EQ(levelFor(3, manifest, "x86-64-v4"),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; 'x86-64-v4' was asked for; this "
            "processor is x86-64-v3");
}

} // namespace
