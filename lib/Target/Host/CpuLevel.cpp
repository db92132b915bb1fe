//===- CpuLevel.cpp - the CPU levels code is generated for --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of levels. Tuning is for the cores that introduced a level's width; features
// beyond the psABI level are named, so the loader can check them by CPUID.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/CpuLevel.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace optc;

static const CpuLevel levels[] = {
    {"x86-64-v3", "x86_64-unknown-linux-gnu", "x86-64-v3", "", /*f32Lanes=*/8,
     /*vectorRegisters=*/16, /*cheapMasks=*/false, /*bf16DotProduct=*/false,
     /*int8DotProduct=*/false},
    {"x86-64-v4", "x86_64-unknown-linux-gnu", "x86-64-v4", "+avx512vnni,-prefer-256-bit",
     /*f32Lanes=*/16, /*vectorRegisters=*/32, /*cheapMasks=*/true, /*bf16DotProduct=*/false,
     /*int8DotProduct=*/true},
    {"x86-64-v4-bf16", "x86_64-unknown-linux-gnu", "x86-64-v4",
     "+avx512vnni,+avx512bf16,-prefer-256-bit", /*f32Lanes=*/16, /*vectorRegisters=*/32,
     /*cheapMasks=*/true, /*bf16DotProduct=*/true, /*int8DotProduct=*/true},
};

/// The CPUID features each level needs, in LLVM's names.
static ArrayRef<StringRef> requiredFeatures(const CpuLevel &level) {
  static const StringRef v3[] = {"avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"};
  static const StringRef v4[] = {"avx2",     "bmi",      "bmi2",       "f16c",      "fma",
                                 "lzcnt",    "movbe",    "avx512f",    "avx512bw",  "avx512cd",
                                 "avx512dq", "avx512vl", "avx512vnni", "avx512bf16"};
  if (level.f32Lanes == 8)
    return v3;
  return level.bf16DotProduct ? ArrayRef(v4) : ArrayRef(v4).drop_back();
}

ArrayRef<CpuLevel> optc::cpuLevels() { return levels; }

const CpuLevel *optc::findCpuLevel(StringRef name) {
  for (const CpuLevel &level : levels)
    if (level.name == name)
      return &level;
  return nullptr;
}

const CpuLevel *optc::hostCpuLevel() {
  StringMap<bool> host = sys::getHostCPUFeatures();
  const CpuLevel *best = nullptr;
  for (const CpuLevel &level : levels)
    if (llvm::all_of(requiredFeatures(level), [&](StringRef f) { return host.lookup(f); }))
      best = &level;
  return best;
}

std::vector<const CpuLevel *> optc::defaultCpuLevels(bool usesBf16, bool hostOnly) {
  const CpuLevel *host = hostCpuLevel();
  std::vector<const CpuLevel *> chosen;
  for (const CpuLevel &level : levels) {
    // One level of the widest vectors is enough: that with bf16 replaces that without.
    bool hasTwin = level.bf16DotProduct;
    if (hasTwin && !usesBf16)
      break;
    if (hasTwin)
      chosen.pop_back();
    chosen.push_back(&level);
    if (!host || &level == host)
      break;
  }
  if (hostOnly && host)
    return {chosen.back()};
  return chosen;
}
