//===- Cpu.cpp - levels of processors, and what this one can do ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table is filled in at compile time. An x86-64 is asked by CPUID, and by XGETBV for the
// registers that the system saves; on aarch64 these instructions are the system's, which tells by
// the auxiliary vector what both can do.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Cpu.h"

#include <initializer_list>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace optc {

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {

struct ArchitectureInfo {
  std::string_view id, name, triple;
};
constexpr ArchitectureInfo architectures[] = {
#define OPTC_CPU_ARCHITECTURE(id, name, triple) {#id, name, triple},
#include "lib/Support/CpuLevels.def"
};

struct FeatureInfo {
  CpuWord word;
  uint64_t bits;
};
constexpr FeatureInfo featureInfos[] = {
#define OPTC_CPU_FEATURE(id, word, bits) {CpuWord::word, bits},
#include "lib/Support/CpuLevels.def"
};
constexpr size_t featureCount = std::size(featureInfos);
static_assert(featureCount <= 64, "levels hold a bit per feature");

/// A level as the table has it, without the features of its base.
struct LevelEntry {
  CpuLevel level;
  std::string_view base;
};

constexpr uint64_t bitsOf(std::initializer_list<CpuFeature> list) {
  uint64_t bits = 0;
  for (CpuFeature feature : list)
    bits |= uint64_t(1) << feature;
  return bits;
}

constexpr std::array<CpuLevel, cpuLevelCount> makeLevels() {
  using namespace features;
  const LevelEntry entries[] = {
#define OPTC_CPU_LEVEL(name, architecture, base, bits, registers, cpu, attributes, capabilities,   \
                       ...)                                                                        \
  {{name, CpuArchitecture::architecture,                                                           \
    architectures[size_t(CpuArchitecture::architecture)].triple, cpu, attributes, bits, registers, \
    capabilities, bitsOf({__VA_ARGS__})},                                                          \
   base},
#include "lib/Support/CpuLevels.def"
  };
  std::array<CpuLevel, cpuLevelCount> levels{};
  for (size_t i = 0; i < cpuLevelCount; ++i) {
    levels[i] = entries[i].level;
    for (size_t j = 0; j < i; ++j)
      if (levels[j].name == entries[i].base)
        levels[i].features |= levels[j].features;
  }
  return levels;
}

} // namespace

extern constexpr std::array<CpuLevel, cpuLevelCount> cpuLevels = makeLevels();

const CpuLevel *findCpuLevel(std::string_view name) {
  for (const CpuLevel &level : cpuLevels)
    if (level.name == name)
      return &level;
  return nullptr;
}

CpuArchitecture architectureOf(std::string_view triple) {
  size_t first = triple.find('-');
  if (first != triple.npos && triple.find("linux", first) != triple.npos)
    for (const ArchitectureInfo &info : architectures)
      if (triple.substr(0, first) == info.id)
        return CpuArchitecture(&info - architectures);
  return CpuArchitecture::Other;
}

//===----------------------------------------------------------------------===//
// Processors
//===----------------------------------------------------------------------===//

Cpu::Cpu(CpuArchitecture architecture, const Words &words) : kind(architecture) {
  for (size_t i = 0; i < featureCount; ++i)
    if ((words[size_t(featureInfos[i].word)] & featureInfos[i].bits) == featureInfos[i].bits)
      features |= uint64_t(1) << i;
}

bool Cpu::runs(const CpuLevel &level) const {
  return level.architecture == kind && (level.features & ~features) == 0;
}

const CpuLevel *Cpu::level() const {
  const CpuLevel *best = nullptr;
  for (const CpuLevel &level : cpuLevels)
    if (runs(level))
      best = &level;
  return best;
}

std::string Cpu::description() const {
  if (const CpuLevel *best = level())
    return std::string(best->name);
  if (kind != CpuArchitecture::Other)
    return "less than any level of " + std::string(architectures[size_t(kind)].name);
  std::string text;
  for (const ArchitectureInfo &info : architectures)
    text += (text.empty() ? "neither " : " nor ") + std::string(info.name);
  return text;
}

#if defined(__x86_64__)
namespace {
struct Leaf {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
} // namespace

static Leaf cpuid(unsigned leaf, unsigned subleaf = 0) {
  Leaf out;
  if (!__get_cpuid_count(leaf, subleaf, &out.a, &out.b, &out.c, &out.d))
    return Leaf();
  return out;
}

/// Which register files the system saves.
static uint64_t savedState(const Leaf &one) {
  if (!(one.c & bit_OSXSAVE))
    return 0;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t(high) << 32) | low;
}
#endif

static Cpu ask() {
  Cpu::Words words{};
  [[maybe_unused]] auto set = [&](CpuWord word, uint64_t value) { words[size_t(word)] = value; };
#if defined(__x86_64__)
  Leaf one = cpuid(1), seven = cpuid(7);
  set(CpuWord::Leaf1Ecx, one.c);
  set(CpuWord::LeafExtended1Ecx, cpuid(0x80000001).c);
  set(CpuWord::Leaf7Ebx, seven.b);
  set(CpuWord::Leaf7Ecx, seven.c);
  set(CpuWord::Leaf7Subleaf1Eax, cpuid(7, 1).a);
  set(CpuWord::Xcr0, savedState(one));
  return Cpu(CpuArchitecture::x86_64, words);
#elif defined(__aarch64__)
  set(CpuWord::Hwcap, getauxval(AT_HWCAP));
  set(CpuWord::Hwcap2, getauxval(AT_HWCAP2));
  return Cpu(CpuArchitecture::aarch64, words);
#else
  return Cpu(CpuArchitecture::Other, words);
#endif
}

const Cpu &Cpu::here() {
  static const Cpu cpu = ask();
  return cpu;
}

} // namespace optc
