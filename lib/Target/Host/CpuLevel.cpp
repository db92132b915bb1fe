//===- CpuLevel.cpp - the CPU levels code is generated for --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CpuLevel.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/CpuLevel.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace optc;

std::vector<const CpuLevel *> optc::codeLevels() {
  std::vector<const CpuLevel *> levels;
  for (const CpuLevel &level : cpuLevels)
    if (level.hasCode())
      levels.push_back(&level);
  return levels;
}

const CpuLevel *optc::findCodeLevel(StringRef name) {
  const CpuLevel *level = findCpuLevel(name);
  return level && level->hasCode() ? level : nullptr;
}

const CpuLevel *optc::hostCodeLevel() {
  const CpuLevel *level = Cpu::here().level();
  return level && level->hasCode() ? level : nullptr;
}

static void append(std::string &list, std::string_view one) {
  list.append(list.empty() ? "" : ", ").append(one);
}

std::string optc::knownTriples() {
  std::string list;
  std::string_view last;
  for (const CpuLevel *level : codeLevels())
    if (level->triple != last)
      append(list, last = level->triple);
  return list;
}

std::string optc::knownLevels(std::string_view triple) {
  std::string list;
  for (const CpuLevel *level : codeLevels())
    if (triple.empty() || level->triple == triple)
      append(list, level->name);
  return list;
}

/// The levels of a triple by default; `host` is this machine's best, or null.
static std::vector<const CpuLevel *> defaultLevels(std::string_view triple, const CpuLevel *host,
                                                   bool usesBf16) {
  std::vector<const CpuLevel *> chosen;
  bool isForeign = !host || triple != host->triple;
  for (const CpuLevel *level : codeLevels()) {
    bool hasPairs = level->can(MultipliesBf16Pairs);
    if (level->triple != triple || (hasPairs && !usesBf16))
      continue;
    // The widest vectors need one level: that with bf16 replaces that without.
    if (hasPairs && !isForeign && chosen.size() > 1)
      chosen.pop_back();
    if (!isForeign || chosen.empty() || hasPairs)
      chosen.push_back(level);
    if (level == host)
      break;
  }
  return chosen;
}

/// Its spelling in the table; empty if it is not there.
static std::string_view knownTriple(const std::string &triple) {
  std::string normal = Triple::normalize(triple);
  for (const CpuLevel *level : codeLevels())
    if (level->triple == normal)
      return level->triple;
  return {};
}

optc::Error optc::chooseLevels(const LevelRequest &request, std::vector<const CpuLevel *> &levels) {
  std::string_view triple = knownTriple(request.triple);
  if (!request.triple.empty() && triple.empty())
    return {E102, "unknown triple '" + request.triple + "'; the triples are: " + knownTriples()};
  for (const std::string &name : request.names) {
    const CpuLevel *level = findCodeLevel(name);
    if (!level)
      return {E102, "unknown code level '" + name + "'; the levels are: " + knownLevels(triple)};
    if (!triple.empty() && level->triple != triple)
      return {E102, "code level '" + name + "' is one of " + std::string(level->triple) +
                        "; those of " + std::string(triple) + " are: " + knownLevels(triple)};
    levels.push_back(level);
  }
  if (!levels.empty())
    return {};
  const CpuLevel *host = request.host;
  if (triple.empty())
    triple = host ? host->triple : codeLevels().front()->triple;
  levels = defaultLevels(triple, host, request.usesBf16);
  if (request.hostOnly && host && triple == host->triple)
    levels = {levels.back()};
  return {};
}
