//===- Manifest.h - manifest.json of an artifact --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an artifact says about itself: entry points with typed inputs and outputs, code per
// processor level, weights, and the digest of every other entry. docs/Artifact.md
// describes the JSON.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_ARTIFACT_MANIFEST_H
#define OPTC_ARTIFACT_MANIFEST_H

#include "lib/Support/Errors.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace optc::artifact {

constexpr int formatVersion = 1;
constexpr size_t maxRank = 64;
constexpr const char *manifestName = "manifest.json";
constexpr const char *weightsName = "weights/main.bin"; ///< of the code that the runtime loads
/// The entry of a target's own weights image: "weights/<target>.bin", of "cpu" weightsName.
std::string weightsNameOf(const std::string &target);
constexpr const char *defaultsName = "defaults.bin";
constexpr const char *reportName = "report.json";

/// The archive comment: "optc-1 sha256:" and the digest of manifest.json, which holds the
/// digests of all else.
constexpr size_t commentLength = 14 + 64;
std::string commentFor(std::string_view manifest);

/// A dimension: a size, or a symbol (equal symbols are equal sizes within one entry point), or
/// neither: any size.
struct Dim {
  int64_t size = -1; ///< -1 when dynamic
  std::string symbol;

  static Dim fixed(int64_t size) { return {size, ""}; }
  static Dim dynamic(std::string symbol = "") { return {-1, std::move(symbol)}; }
};

/// What an input is when a run does not set it.
struct Default {
  int64_t offset = 0; ///< in defaults.bin
  std::vector<int64_t> shape;
};

struct TensorInfo {
  std::string name;
  int dtype = 0; ///< number of lib/Support/DType.h
  /// No value: the rank is not known before the run (outputs only).
  std::optional<std::vector<Dim>> shape;
  std::optional<Default> defaultValue = {}; ///< inputs only; runtimes before 0.2 do not know it
  /// Of inputs that are caches, which runs write to: the dim along which they grow.
  std::optional<int64_t> cacheAxis = {};
};

/// The largest size a symbol of the inputs may stand for.
struct Bound {
  std::string symbol;
  int64_t most = 0;
};

struct EntryPoint {
  std::string name;
  std::vector<TensorInfo> inputs, outputs;
  std::vector<Bound> bounds = {}; ///< not written if empty; runtimes before 0.2 do not know them
  /// Inputs of the model that are constants of the artifact, so that messages can say so.
  std::vector<std::string> constants = {};
};

/// What the caches of an entry take for each token of a sequence; 0: it has none.
uint64_t cacheBytesPerToken(const EntryPoint &entry);

struct Code {
  std::string path;   ///< "code/<triple>/<level>.so"
  std::string triple; ///< "x86_64-linux-gnu"
  std::string level;  ///< "x86-64-v3"
  /// A shared object, or else what a target calls it: not written for "elf"; runtimes before 0.2
  /// see a triple they do not know.
  std::string kind = "elf";
};

/// The weights of a target that has an image of its own.
struct TargetWeights {
  std::string target, path;
  uint64_t size = 0;
};

struct Digest {
  std::string path;
  uint64_t size = 0;
  std::string sha256; ///< 64 lower-case hexadecimal digits
};

struct Manifest {
  std::string producer; ///< "optc 0.1.0"
  std::vector<EntryPoint> entries;
  std::vector<Code> code;
  std::string weightsPath; ///< empty: the model has none
  uint64_t weightsSize = 0;
  std::vector<TargetWeights> targetWeights =
      {};                      ///< of other targets; not written if there are none
  std::vector<Digest> digests; ///< of all entries but manifest.json, ascending
};

/// The text of manifest.json; equal manifests give equal bytes.
std::string toJson(const Manifest &manifest);

/// Parses and checks a manifest that may be hostile. Members it does not know are ignored, so
/// that later versions can add some; a higher format_version is refused.
Error parseManifest(std::string_view json, Manifest &manifest);

} // namespace optc::artifact

#endif // OPTC_ARTIFACT_MANIFEST_H
