//===- CodeOptions.h - options that shape the code -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What decides, beside the model and the version of optc, which code an artifact has. The command
// line fills it in, the artifact's report holds it, and `optc compare` reads it from there to
// compile the model once more as the artifact was.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TARGET_CODEOPTIONS_H
#define OPTC_TARGET_CODEOPTIONS_H

#include "lib/Artifact/Manifest.h"
#include "lib/Support/Json.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace optc {

/// What matrix products and convolutions multiply; sums are f32.
enum class Precision : uint8_t { F32, BF16 };

/// "f32" or "bf16".
const char *nameOf(Precision precision);

/// How what a decoder keeps between calls lies in memory: it keeps nothing, past and present are
/// inputs and outputs; or with room for all tokens of a sequence behind each other.
enum class CacheLayout : uint8_t { None, Contiguous };

/// "none" or "contiguous".
const char *nameOf(CacheLayout layout);

struct CodeOptions {
  /// 0: every node on its own, through general loops; 1: the graph is simplified and fused;
  /// 2: with kernels of our own.
  unsigned optimize = 2;
  Precision precision = Precision::F32;
  CacheLayout caches = CacheLayout::None;
  /// No algorithm whose rounding errors are larger than those of the definition (Winograd).
  bool exact = false;
  /// No packed weights that are larger than the weights (Winograd).
  bool forSize = false;
  /// The code measures every kernel (`optc bench --profile`).
  bool profile = false;
  /// The machines to generate code for, for example "aarch64-linux-gnu"; empty: those of `levels`,
  /// or of this kind.
  std::string triple;
  /// Code levels to generate, for example "x86-64-v3"; empty: all up to this machine's.
  std::vector<std::string> levels;
  /// Only this machine's level, when `levels` is empty. Not in the report, which has the levels.
  bool hostOnly = false;
  /// Largest sizes of symbols of the inputs: memory has a ceiling, and runs beyond are refused.
  std::vector<artifact::Bound> bounds;

  nlohmann::ordered_json toJson() const;
  /// What is missing or makes no sense has its default.
  static CodeOptions fromJson(const json::Value &json);
};

} // namespace optc

#endif // OPTC_TARGET_CODEOPTIONS_H
