//===- CpuLevel.h - the CPU levels code is generated for ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an emitter may ask about the CPU it generates for. One shared object is made per
// level; the runtime chooses among them at load. Adding a level is one entry in CpuLevel.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_CPULEVEL_H
#define OPTC_TARGET_HOST_CPULEVEL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace optc {

struct CpuLevel {
  /// Name in the artifact and on the command line, like "x86-64-v3".
  llvm::StringRef name;
  llvm::StringRef triple;
  /// LLVM's -mcpu and -mattr.
  llvm::StringRef cpu;
  llvm::StringRef features;
  /// Floats of one vector register, and how many vector registers there are.
  unsigned f32Lanes;
  unsigned vectorRegisters;
  /// Masked loads and stores cost about as much as plain ones (AVX-512).
  bool cheapMasks;
  /// vdpbf16ps: f32 += bf16 * bf16, two at a time.
  bool bf16DotProduct;
  /// vpdpbusd: i32 += u8 * s8, four at a time.
  bool int8DotProduct;

  unsigned vectorBytes() const { return f32Lanes * 4; }
};

/// All levels, the least demanding first.
llvm::ArrayRef<CpuLevel> cpuLevels();

/// The level of that name, or null.
const CpuLevel *findCpuLevel(llvm::StringRef name);

/// The most capable level this machine runs, or null.
const CpuLevel *hostCpuLevel();

/// The levels an artifact is made for by default: the portable baseline, and what gives this
/// machine more; with `hostOnly` only the best for this machine. Levels that differ from a lesser
/// one in bf16 instructions count only if the code has use for them.
std::vector<const CpuLevel *> defaultCpuLevels(bool usesBf16, bool hostOnly);

} // namespace optc

#endif // OPTC_TARGET_HOST_CPULEVEL_H
