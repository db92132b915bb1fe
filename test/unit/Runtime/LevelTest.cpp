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
#include "lib/Support/Cpu.h"

#include <gtest/gtest.h>

using namespace optc;
using namespace optc::runtime;

namespace {

/// What a processor tells, by word.
struct Facts {
  Cpu::Words words{};
  uint64_t &operator[](CpuWord word) { return words[size_t(word)]; }
};

/// A Zen 4, in the words of CPUID; the numbers are those of Intel's and AMD's manuals.
Facts everything() {
  Facts cpu;
  cpu[CpuWord::Leaf1Ecx] = 1u << 0 | 1u << 9 | 1u << 12 | 1u << 13 | 1u << 19 | 1u << 20 |
                           1u << 22 | 1u << 23 | 1u << 27 | 1u << 28 |
                           1u << 29; // SSE3 SSSE3 FMA CX16 SSE4 MOVBE POPCNT OSXSAVE AVX F16C
  cpu[CpuWord::Leaf7Ebx] =
      1u << 3 | 1u << 5 | 1u << 8 | 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  cpu[CpuWord::Leaf7Ecx] = 1u << 11;
  cpu[CpuWord::Leaf7Subleaf1Eax] = 1u << 5;
  cpu[CpuWord::LeafExtended1Ecx] = 1u << 0 | 1u << 5;
  cpu[CpuWord::Xcr0] = 0xe7;
  return cpu;
}

Cpu x86(const Facts &facts) { return Cpu(CpuArchitecture::x86_64, facts.words); }
std::string levelOf(const Facts &facts) { return x86(facts).description(); }

TEST(CpuLevel, FollowsFromCpuid) {
  EXPECT_EQ(levelOf(everything()), "x86-64-v4-bf16");
  EXPECT_EQ(levelOf({}), "x86-64");
  Facts cpu = everything();
  cpu[CpuWord::Leaf7Subleaf1Eax] = 0;
  EXPECT_EQ(levelOf(cpu), "x86-64-v4") << "no AVX512-BF16";
  cpu[CpuWord::Leaf7Ecx] = 0;
  EXPECT_EQ(levelOf(cpu), "x86-64-v3") << "no VNNI";
  cpu = everything();
  cpu[CpuWord::Leaf7Ebx] &= ~(1u << 30);
  EXPECT_EQ(levelOf(cpu), "x86-64-v3") << "no AVX512BW";
  cpu[CpuWord::Leaf7Ebx] &= ~(1u << 5);
  EXPECT_EQ(levelOf(cpu), "x86-64-v2") << "no AVX2";
  cpu = everything();
  cpu[CpuWord::Leaf1Ecx] &= ~(1u << 12);
  EXPECT_EQ(levelOf(cpu), "x86-64-v2") << "no FMA";
  cpu[CpuWord::Leaf1Ecx] &= ~(1u << 20);
  EXPECT_EQ(levelOf(cpu), "x86-64") << "no SSE4.2";
  cpu = everything();
  cpu[CpuWord::LeafExtended1Ecx] = 1u << 0;
  EXPECT_EQ(levelOf(cpu), "x86-64-v2") << "no LZCNT";
}

TEST(CpuLevel, NeedsTheSystem) {
  Facts cpu = everything();
  cpu[CpuWord::Xcr0] = 0x7;
  EXPECT_EQ(levelOf(cpu), "x86-64-v3") << "AVX-512 registers are not saved";
  cpu[CpuWord::Xcr0] = 0x3;
  EXPECT_EQ(levelOf(cpu), "x86-64-v2") << "AVX registers are not saved";
}

/// The numbers are those of Linux's asm/hwcap.h.
Cpu arm(bool hasDotProducts, bool hasBf16, bool hasVectors = true) {
  Facts facts;
  facts[CpuWord::Hwcap] = (hasVectors ? 0x3u : 0u) | (hasDotProducts ? 1u << 20 : 0u);
  facts[CpuWord::Hwcap2] = hasBf16 ? 1u << 14 : 0u;
  return Cpu(CpuArchitecture::aarch64, facts.words);
}

TEST(CpuLevel, FollowsFromHwcaps) {
  EXPECT_EQ(arm(true, true).description(), "aarch64-bf16");
  EXPECT_EQ(arm(true, false).description(), "aarch64");
  EXPECT_EQ(arm(false, true).description(), "aarch64") << "the code may use dot products, too";
  EXPECT_EQ(arm(false, false).description(), "aarch64");
  EXPECT_EQ(arm(false, false, false).description(), "less than any level of aarch64");
  EXPECT_EQ(Cpu(CpuArchitecture::Other, {}).description(), "neither x86-64 nor aarch64");
}

/// Bits that mean one thing on one architecture mean nothing on another.
TEST(CpuLevel, IsOfOneArchitecture) {
  for (const CpuLevel &level : cpuLevels) {
    EXPECT_EQ(x86(everything()).runs(level), level.architecture == CpuArchitecture::x86_64);
    EXPECT_EQ(arm(true, true).runs(level), level.architecture == CpuArchitecture::aarch64);
    EXPECT_EQ(architectureOf(level.triple), level.architecture);
    EXPECT_EQ(findCpuLevel(level.name), &level);
  }
  EXPECT_EQ(findCpuLevel("aarch64-sve"), nullptr);
}

TEST(CpuLevel, TriplesAreOfLinux) {
  EXPECT_EQ(architectureOf("x86_64-linux-gnu"), CpuArchitecture::x86_64);
  EXPECT_EQ(architectureOf("aarch64-linux-gnu"), CpuArchitecture::aarch64);
  for (const char *other : {"", "aarch64", "aarch64-apple-darwin", "aarch64_be-unknown-linux-gnu",
                            "riscv64-unknown-linux-gnu", "x86_64-pc-windows-msvc"})
    EXPECT_EQ(architectureOf(other), CpuArchitecture::Other) << other;
}

TEST(CpuLevel, ThisMachineHasOne) {
#if defined(__x86_64__) || defined(__aarch64__)
  ASSERT_NE(Cpu::here().level(), nullptr);
  EXPECT_TRUE(Cpu::here().runs(*Cpu::here().level()));
#else
  EXPECT_EQ(Cpu::here().level(), nullptr);
#endif
}

artifact::Manifest withLevels(std::initializer_list<const char *> levels) {
  artifact::Manifest manifest;
  for (const char *level : levels) {
    artifact::Code code;
    code.triple = findCpuLevel(level)->triple;
    code.level = level;
    manifest.code.push_back(code);
  }
  return manifest;
}

std::string levelFor(const Cpu &cpu, const artifact::Manifest &manifest,
                     const std::string &level = "") {
  artifact::Code code;
  Error error = chooseCode(manifest, level, cpu, code);
  return error ? std::to_string(error.code) + ": " + error.message : code.level;
}

/// An x86-64 of that level and no more.
Cpu machine(const char *level) {
  Facts cpu = everything();
  const std::string name = level;
  if (name != "x86-64-v4-bf16")
    cpu[CpuWord::Leaf7Subleaf1Eax] = 0;
  if (name < "x86-64-v4")
    cpu[CpuWord::Leaf7Ecx] = 0;
  if (name < "x86-64-v3")
    cpu[CpuWord::Leaf7Ebx] = 0;
  if (name < "x86-64-v2")
    cpu[CpuWord::Leaf1Ecx] = 0;
  EXPECT_EQ(levelOf(cpu), name);
  return x86(cpu);
}

TEST(ChooseCode, TheBestTheMachineRuns) {
  for (auto levels :
       {std::initializer_list<const char *>{"x86-64-v3", "x86-64-v4", "x86-64-v4-bf16"},
        {"x86-64-v4-bf16", "x86-64-v4", "x86-64-v3"}}) {
    artifact::Manifest manifest = withLevels(levels);
    EXPECT_EQ(levelFor(machine("x86-64-v4-bf16"), manifest), "x86-64-v4-bf16");
    EXPECT_EQ(levelFor(machine("x86-64-v4"), manifest), "x86-64-v4");
    EXPECT_EQ(levelFor(machine("x86-64-v3"), manifest), "x86-64-v3");
    EXPECT_EQ(levelFor(machine("x86-64-v4-bf16"), manifest, "x86-64-v3"), "x86-64-v3");
  }
}

/// One artifact may have code for several architectures.
TEST(ChooseCode, OfItsArchitecture) {
  artifact::Manifest manifest = withLevels({"x86-64-v3", "aarch64", "x86-64-v4", "aarch64-bf16"});
  EXPECT_EQ(levelFor(machine("x86-64-v4-bf16"), manifest), "x86-64-v4");
  EXPECT_EQ(levelFor(arm(true, true), manifest), "aarch64-bf16");
  EXPECT_EQ(levelFor(arm(false, false), manifest), "aarch64");
  // A triple of another system, or one that does not fit its level.
  manifest.code[1].triple = "aarch64-apple-darwin";
  manifest.code[3].triple = "x86_64-unknown-linux-gnu";
  EXPECT_EQ(levelFor(arm(true, true), manifest).substr(0, 5), "7001:");
  EXPECT_EQ(levelFor(machine("x86-64-v4"), manifest), "x86-64-v4");
}

/// A model with --precision bf16, on a CPU without these instructions.
TEST(ChooseCode, WithoutBFloatInstructions) {
  EXPECT_EQ(levelFor(machine("x86-64-v4"), withLevels({"x86-64-v3", "x86-64-v4-bf16"})),
            "x86-64-v3");
  EXPECT_EQ(levelFor(arm(true, false), withLevels({"aarch64", "aarch64-bf16"})), "aarch64");
}

TEST(ChooseCode, NothingForAnOldProcessor) {
  artifact::Manifest manifest = withLevels({"x86-64-v3", "x86-64-v4"});
  EXPECT_EQ(levelFor(machine("x86-64-v2"), manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is x86-64-v2");
  EXPECT_EQ(levelFor(machine("x86-64"), manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is x86-64");
  EXPECT_EQ(levelFor(Cpu(CpuArchitecture::Other, {}), manifest),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is neither "
            "x86-64 nor aarch64");
  EXPECT_EQ(levelFor(machine("x86-64-v3"), manifest, "x86-64-v4"),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; 'x86-64-v4' was asked for; this "
            "processor is x86-64-v3");
}

TEST(ChooseCode, NothingForAnotherArchitecture) {
  EXPECT_EQ(levelFor(arm(true, true), withLevels({"x86-64-v3", "x86-64-v4"})),
            "7001: the artifact has code for x86-64-v3, x86-64-v4; this processor is aarch64-bf16");
  EXPECT_EQ(levelFor(machine("x86-64-v4"), withLevels({"aarch64"})),
            "7001: the artifact has code for aarch64; this processor is x86-64-v4");
}

} // namespace
