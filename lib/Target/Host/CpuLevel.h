//===- CpuLevel.h - the CPU levels code is generated for ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which levels of lib/Support/CpuLevels.def are compiled for: one shared object is made per level,
// and the runtime chooses among them at load. All that an emitter may ask about the CPU is in
// CpuLevel.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_HOST_CPULEVEL_H
#define OPTC_TARGET_HOST_CPULEVEL_H

#include "lib/Support/Cpu.h"
#include "lib/Support/Errors.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace optc {

/// The levels that code is generated for, the least demanding of an architecture first.
std::vector<const CpuLevel *> codeLevels();

/// The level of that name if code is generated for it, or null.
const CpuLevel *findCodeLevel(llvm::StringRef name);

/// The most capable level this machine runs, or null.
const CpuLevel *hostCodeLevel();

/// "x86_64-unknown-linux-gnu, ..."; "x86-64-v3, ..." of all triples or of one; for people.
std::string knownTriples();
std::string knownLevels(std::string_view triple = {});

/// What decides for which levels code is generated.
struct LevelRequest {
  /// In any spelling; empty: those of `names`, or this machine's.
  std::string triple;
  std::vector<std::string> names;
  /// Whether the code has use for products of bf16 pairs.
  bool usesBf16 = false;
  /// Only the best level for this machine, where no names are given.
  bool hostOnly = false;
  /// The level of this machine, or null.
  const CpuLevel *host = hostCodeLevel();
};

/// The levels of these names; without names those an artifact has by default. For this machine's
/// triple: the portable baseline, and what gives this machine more; for another one the portable
/// baseline, and that with products of bf16 pairs if there is use for it.
Error chooseLevels(const LevelRequest &request, std::vector<const CpuLevel *> &levels);

} // namespace optc

#endif // OPTC_TARGET_HOST_CPULEVEL_H
