//===- Manifest.cpp - manifest.json of an artifact ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the manifest, and reads one that nobody vouches for.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Manifest.h"
#include "lib/Support/DType.h"
#include "lib/Support/Json.h"
#include "lib/Support/Sha256.h"

#include <cstdlib>

namespace optc::artifact {

using json::Kind;
using json::quote;
using json::Value;

static constexpr int64_t maxDim = int64_t(1) << 47;

std::string commentFor(std::string_view manifest) {
  return "optc-1 sha256:" + hexOf(sha256(manifest.data(), manifest.size()));
}

std::string weightsNameOf(const std::string &target) {
  return target == "cpu" ? weightsName : "weights/" + target + ".bin";
}

uint64_t cacheBytesPerToken(const EntryPoint &entry) {
  uint64_t sum = 0;
  for (const TensorInfo &input : entry.inputs) {
    if (!input.cacheAxis)
      continue;
    uint64_t bytes = uint64_t(findDType(input.dtype)->storageSize);
    for (const Dim &dim : *input.shape)
      bytes *= dim.size >= 0 ? uint64_t(dim.size) : 1;
    sum += bytes;
  }
  return sum;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// `[a,b]` with `one(item)` for each item, one per line when `lines`.
template <typename T, typename F>
static std::string list(const std::vector<T> &items, const char *indent, F one) {
  std::string out = "[";
  for (const T &item : items)
    out += (out.size() > 1 ? "," : "") + std::string(indent) + one(item);
  return out + "]";
}

static std::string dimJson(const Dim &dim) {
  if (dim.size >= 0)
    return std::to_string(dim.size);
  return quote(dim.symbol.empty() ? "?" : dim.symbol);
}

static std::string defaultJson(const Default &value) {
  auto sizeJson = [](int64_t size) { return std::to_string(size); };
  return ", \"default\": {\"offset\": " + std::to_string(value.offset) +
         ", \"shape\": " + list(value.shape, "", sizeJson) + "}";
}

static std::string tensorJson(const TensorInfo &tensor) {
  const DTypeInfo *type = findDType(tensor.dtype);
  return "{\"name\": " + quote(tensor.name) + ", \"dtype\": " + quote(type ? type->name : "?") +
         ", \"shape\": " + (tensor.shape ? list(*tensor.shape, "", dimJson) : "null") +
         (tensor.defaultValue ? defaultJson(*tensor.defaultValue) : "") +
         (tensor.cacheAxis ? ", \"cache\": {\"axis\": " + std::to_string(*tensor.cacheAxis) + "}"
                           : "") +
         "}";
}

static std::string boundJson(const Bound &bound) {
  return "{\"symbol\": " + quote(bound.symbol) + ", \"max\": " + std::to_string(bound.most) + "}";
}

static std::string entryJson(const EntryPoint &entry) {
  std::string bounds;
  if (!entry.bounds.empty())
    bounds = ",\n    \"bounds\": " + list(entry.bounds, "", boundJson);
  if (!entry.constants.empty())
    bounds += ",\n    \"constants\": " + list(entry.constants, "", quote);
  return "{\"name\": " + quote(entry.name) +
         ",\n    \"inputs\": " + list(entry.inputs, "\n      ", tensorJson) +
         ",\n    \"outputs\": " + list(entry.outputs, "\n      ", tensorJson) + bounds + "}";
}

static std::string codeJson(const Code &code) {
  return "{\"path\": " + quote(code.path) + ", \"triple\": " + quote(code.triple) +
         ", \"level\": " + quote(code.level) +
         (code.kind == "elf" ? "" : ", \"kind\": " + quote(code.kind)) + "}";
}

static std::string targetWeightsJson(const TargetWeights &weights) {
  return "{\"target\": " + quote(weights.target) + ", \"path\": " + quote(weights.path) +
         ", \"size\": " + std::to_string(weights.size) + "}";
}

static std::string digestJson(const Digest &digest) {
  return "{\"path\": " + quote(digest.path) + ", \"size\": " + std::to_string(digest.size) +
         ", \"sha256\": " + quote(digest.sha256) + "}";
}

std::string toJson(const Manifest &manifest) {
  std::string out = "{\n  \"format_version\": " + std::to_string(formatVersion);
  out += ",\n  \"producer\": " + quote(manifest.producer);
  out += ",\n  \"entries\": " + list(manifest.entries, "\n    ", entryJson);
  out += ",\n  \"code\": " + list(manifest.code, "\n    ", codeJson);
  if (!manifest.weightsPath.empty())
    out += ",\n  \"weights\": {\"path\": " + quote(manifest.weightsPath) +
           ", \"size\": " + std::to_string(manifest.weightsSize) + "}";
  if (!manifest.targetWeights.empty())
    out += ",\n  \"target_weights\": " + list(manifest.targetWeights, "\n    ", targetWeightsJson);
  out += ",\n  \"digests\": " + list(manifest.digests, "\n    ", digestJson);
  return out + "\n}\n";
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads members with checks; the first fault is kept and later reads do nothing.
class ManifestReader {
public:
  explicit ManifestReader(Error &error) : error(error) {}

  void manifest(const Value &root, Manifest &out) {
    int64_t version = integer(root, "format_version", 1, INT64_MAX);
    if (!error && version > formatVersion)
      error = Error(E6006, "the artifact has format " + std::to_string(version) +
                               ", this runtime reads up to " + std::to_string(formatVersion));
    out.producer = string(root, "producer");
    for (const Value &item : array(root, "entries"))
      out.entries.push_back(entryPoint(item));
    for (const Value &item : array(root, "code"))
      out.code.push_back({string(item, "path"), string(item, "triple"), string(item, "level"),
                          item.find("kind") ? string(item, "kind") : "elf"});
    if (const Value *weights = root.find("weights")) {
      out.weightsPath = string(*weights, "path");
      out.weightsSize = integer(*weights, "size", 0, INT64_MAX);
    }
    if (root.find("target_weights"))
      for (const Value &item : array(root, "target_weights"))
        out.targetWeights.push_back({string(item, "target"), string(item, "path"),
                                     static_cast<uint64_t>(integer(item, "size", 0, INT64_MAX))});
    for (const Value &item : array(root, "digests"))
      out.digests.push_back(digest(item, out));
    if (!error && out.entries.empty())
      bad("there is no entry point");
  }

private:
  Error &error;

  void bad(const std::string &what) {
    if (!error)
      error = Error(E6005, "the manifest of the artifact is damaged: " + what);
  }

  const Value *member(const Value &object, const char *key, Kind kind) {
    const Value *value = error ? nullptr : object.find(key);
    if (value && value->kind == kind)
      return value;
    bad("'" + std::string(key) + "' is missing or of the wrong type");
    return nullptr;
  }
  std::string string(const Value &object, const char *key) {
    const Value *value = member(object, key, Kind::String);
    return value ? value->text : "";
  }
  int64_t integer(const Value &object, const char *key, int64_t least, int64_t most) {
    const Value *value = member(object, key, Kind::Int);
    if (value && (value->integer < least || value->integer > most))
      bad("'" + std::string(key) + "' is out of range");
    return value && !error ? value->integer : least;
  }
  const std::vector<Value> &array(const Value &object, const char *key) {
    static const std::vector<Value> none;
    const Value *value = member(object, key, Kind::Array);
    return value ? value->items : none;
  }

  EntryPoint entryPoint(const Value &item) {
    EntryPoint entry;
    entry.name = string(item, "name");
    for (const Value &input : array(item, "inputs"))
      entry.inputs.push_back(tensor(input, /*mayLackRank=*/false));
    for (const Value &output : array(item, "outputs"))
      entry.outputs.push_back(tensor(output, /*mayLackRank=*/true));
    if (item.find("bounds"))
      for (const Value &bound : array(item, "bounds"))
        entry.bounds.push_back({string(bound, "symbol"), integer(bound, "max", 0, maxDim)});
    if (item.find("constants"))
      for (const Value &constant : array(item, "constants"))
        entry.constants.push_back(constant.text);
    return entry;
  }

  TensorInfo tensor(const Value &item, bool mayLackRank) {
    TensorInfo tensor;
    tensor.name = string(item, "name");
    const DTypeInfo *type = findDType(std::string_view(string(item, "dtype")));
    if (!type || !type->storageSize)
      bad("tensor '" + tensor.name + "' has an unknown dtype");
    else
      tensor.dtype = type->number;
    const Value *shape = item.find("shape");
    if (mayLackRank && shape && shape->kind == Kind::Null)
      return tensor;
    tensor.shape.emplace();
    for (const Value &dim : array(item, "shape"))
      tensor.shape->push_back(dimension(dim));
    if (tensor.shape->size() > maxRank)
      bad("tensor '" + tensor.name + "' has too many dimensions");
    if (const Value *value = item.find("default"))
      tensor.defaultValue = defaultOf(*value, tensor);
    if (const Value *cache = item.find("cache"))
      tensor.cacheAxis = cacheAxisOf(*cache, tensor);
    return tensor;
  }

  int64_t cacheAxisOf(const Value &item, const TensorInfo &tensor) {
    int64_t axis = integer(item, "axis", 0, INT64_MAX);
    if (axis >= int64_t(tensor.shape->size()) || (*tensor.shape)[axis].size >= 0)
      bad("the cache '" + tensor.name + "' has no such dimension to grow along");
    return axis;
  }

  /// Its sizes are those of the input. Whether the bytes are there is for who has the entries.
  Default defaultOf(const Value &item, const TensorInfo &tensor) {
    Default result;
    result.offset = integer(item, "offset", 0, INT64_MAX);
    for (const Value &size : array(item, "shape"))
      result.shape.push_back(dimension(size).size);
    bool fits = result.shape.size() == tensor.shape->size();
    for (size_t i = 0; fits && i < result.shape.size(); ++i) {
      int64_t declared = (*tensor.shape)[i].size;
      fits = result.shape[i] >= 0 && (declared < 0 || declared == result.shape[i]);
    }
    if (!fits)
      bad("the default of '" + tensor.name + "' has another shape than the input");
    return result;
  }

  Dim dimension(const Value &dim) {
    if (dim.kind == Kind::String)
      return Dim::dynamic(dim.text == "?" ? "" : dim.text);
    if (dim.kind != Kind::Int || dim.integer < 0 || dim.integer > maxDim)
      bad("a dimension is out of range");
    return Dim::fixed(dim.integer);
  }

  Digest digest(const Value &item, const Manifest &out) {
    Digest digest;
    digest.path = string(item, "path");
    digest.size = integer(item, "size", 0, INT64_MAX);
    digest.sha256 = string(item, "sha256");
    if (digest.sha256.size() != 64 ||
        digest.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
      bad("a digest is not 64 hexadecimal digits");
    if (!out.digests.empty() && digest.path <= out.digests.back().path)
      bad("the digests are not in ascending order");
    return digest;
  }
};
} // namespace

Error parseManifest(std::string_view text, Manifest &manifest) {
  Value root;
  std::string why;
  if (!json::parse(text, root, why))
    return Error(E6005, "the manifest of the artifact is damaged: " + why);
  Error error;
  ManifestReader(error).manifest(root, manifest);
  return error;
}

} // namespace optc::artifact
