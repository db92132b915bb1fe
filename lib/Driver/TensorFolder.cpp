//===- TensorFolder.cpp - tensors in a folder with a manifest.json --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads what may be damaged, and writes.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/TensorFolder.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Support/Json.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sys/stat.h>

namespace optc::driver {

using json::Kind;
using json::Value;

static std::string text(const Value &entry, const char *key) {
  const Value *value = entry.find(key);
  return value && value->kind == Kind::String ? value->text : std::string();
}

/// The shape of an entry; false when it is no list of sizes.
static bool readShape(const Value &entry, std::vector<int64_t> &dims) {
  const Value *shape = entry.find("shape");
  if (!shape || shape->kind != Kind::Array)
    return false;
  for (const Value &dim : shape->items) {
    if (dim.kind != Kind::Int || dim.integer < 0)
      return false;
    dims.push_back(dim.integer);
  }
  return true;
}

static Error readEntry(const std::string &folder, const Value &entry, NamedTensor &out) {
  auto bad = [&](const std::string &what) {
    return Error(E105, "entry '" + out.name + "' of '" + folder + "/manifest.json': " + what);
  };
  out.name = text(entry, "name");
  std::string kind = text(entry, "kind"), file = text(entry, "file");
  const DTypeInfo *type = findDType(std::string_view(text(entry, "dtype")));
  bool isTensor = kind.empty() || kind == "tensor";
  if (!isTensor || (type && type->kind == DTypeKind::String))
    return Error(E106, "input '" + out.name + "' is a " +
                           (isTensor         ? "string tensor"
                            : kind == "none" ? "missing optional"
                                             : kind) +
                           ", which optc cannot run");
  std::vector<int64_t> dims;
  if (!type)
    return bad("unknown dtype '" + text(entry, "dtype") + "'");
  if (!readShape(entry, dims))
    return bad("no shape");
  if (file.empty() || file.find('/') != file.npos || file == "..")
    return bad("'file' must be the name of a file in the folder");
  std::vector<NamedTensor> tensors;
  if (Error error = readTensorFile(folder + "/" + file, tensors))
    return error;
  if (tensors.size() != 1)
    return bad("'" + file + "' is not one tensor");
  out.tensor = std::move(tensors[0].tensor);
  reinterpretAs(out.tensor, type->number);
  if (out.tensor.dtype != type->number || out.tensor.dims != dims)
    return bad("'" + file + "' holds " + typeText(out.tensor.dtype, out.tensor.dims) + ", not " +
               typeText(type->number, dims));
  return Error();
}

Error readTensorFolder(const std::string &folder, std::vector<NamedTensor> &tensors) {
  std::string bytes, why, path = folder + "/manifest.json";
  if (Error error = readFile(path, bytes))
    return error;
  Value root;
  if (!json::parse(bytes, root, why))
    return Error(E105, "'" + path + "' is damaged: " + why);
  if (root.kind != Kind::Array)
    return Error(E105, "'" + path + "' is not a list");
  std::set<std::string> names;
  for (const Value &entry : root.items) {
    tensors.emplace_back();
    if (Error error = readEntry(folder, entry, tensors.back()))
      return error;
    if (!names.insert(tensors.back().name).second)
      return Error(E105, "'" + path + "' names '" + tensors.back().name + "' twice");
  }
  return Error();
}

/// A file name for an output, not used before.
static std::string fileName(const std::string &name, std::set<std::string> &used) {
  constexpr size_t limit = 200;
  std::string base = name.substr(0, limit);
  for (char &c : base)
    if (!std::isalnum(static_cast<unsigned char>(c)) && !(c == '.' || c == '_' || c == '-'))
      c = '_';
  if (base.empty() || base[0] == '.')
    base.insert(0, "_");
  std::string unique = base;
  for (int i = 2; !used.insert(unique).second; ++i)
    unique = base + "_" + std::to_string(i);
  return unique;
}

/// mkdir -p
static bool makeFolders(const std::string &folder) {
  for (size_t at = 0; at != folder.npos;) {
    at = folder.find('/', at + 1);
    mkdir(folder.substr(0, at).c_str(), 0777);
  }
  struct stat info;
  return stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Error writeTensorFolder(const std::string &folder, const std::vector<OutputView> &outputs,
                        bool byName) {
  if (!makeFolders(folder))
    return Error(E101, "cannot make the folder '" + folder + "'");
  std::set<std::string> used;
  std::string manifest = "[";
  for (size_t i = 0; i < outputs.size(); ++i) {
    const OutputView &output = outputs[i];
    std::string file = (byName ? fileName(output.name, used) : std::to_string(i)) + ".npy";
    if (Error error = writeNpy(folder + "/" + file, output.dtype, output.dims, output.data))
      return error;
    std::string shape;
    for (int64_t dim : output.dims)
      shape += (shape.empty() ? "" : ", ") + std::to_string(dim);
    manifest += std::string(i ? "," : "") + "\n  {\"name\": " + json::quote(output.name) +
                ", \"kind\": \"tensor\", \"dtype\": " + json::quote(findDType(output.dtype)->name) +
                ", \"shape\": [" + shape + "], \"file\": " + json::quote(file) + "}";
  }
  std::ofstream stream(folder + "/manifest.json", std::ios::trunc);
  stream << manifest << "\n]\n";
  stream.close();
  return stream ? Error() : Error(E101, "cannot write '" + folder + "/manifest.json'");
}

} // namespace optc::driver
