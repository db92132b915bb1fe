//===- Inspect.cpp - optc inspect -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shows what is in an artifact: entry points, code, weights, digests, and the report of
// the compiler; as text or as JSON.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Reader.h"
#include "lib/Driver/ReportText.h"
#include "lib/Driver/Verbs.h"
#include "lib/Support/DType.h"
#include "lib/Support/Json.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace optc::driver {

using namespace artifact;

namespace {
struct InspectOptions {
  std::string path;
  bool json = false, verify = false;
};
} // namespace

static std::string contents(const Reader &reader, const char *name) {
  bool found;
  Span span = reader.entry(name, found);
  return std::string(reinterpret_cast<const char *>(span.data), span.size);
}

static std::string shapeText(const TensorInfo &tensor) {
  if (!tensor.shape)
    return "[...]";
  std::string text;
  for (const Dim &dim : *tensor.shape)
    text += (text.empty() ? "" : ",") + (dim.size >= 0        ? std::to_string(dim.size)
                                         : dim.symbol.empty() ? "?"
                                                              : dim.symbol);
  return "[" + text + "]";
}

static void printTensors(const char *what, const std::vector<TensorInfo> &tensors) {
  for (const TensorInfo &tensor : tensors)
    std::printf("  %-6s  %s: %s%s%s%s\n", what, tensor.name.c_str(), findDType(tensor.dtype)->name,
                shapeText(tensor).c_str(), tensor.defaultValue ? " (has a default)" : "",
                tensor.cacheAxis ? " (a cache)" : "");
}

static void printText(const Reader &reader) {
  const Manifest &manifest = reader.manifest();
  std::printf("made by %s\n", manifest.producer.c_str());
  for (const EntryPoint &entry : manifest.entries) {
    std::printf("entry point '%s'\n", entry.name.c_str());
    printTensors("input", entry.inputs);
    if (uint64_t bytes = cacheBytesPerToken(entry))
      std::printf("  caches  %llu bytes per token\n", static_cast<unsigned long long>(bytes));
    printTensors("output", entry.outputs);
    for (const Bound &bound : entry.bounds)
      std::printf("  bound   %s: at most %lld\n", bound.symbol.c_str(), (long long)bound.most);
  }
  std::printf("entries (offset, size, SHA-256)\n");
  for (const ZipEntry &entry : reader.entries()) {
    std::string digest(64, '-');
    for (const Digest &one : manifest.digests)
      if (one.path == entry.name)
        digest = one.sha256;
    std::printf("  %12llu  %12llu  %.16s  %s\n", (unsigned long long)entry.dataOffset,
                (unsigned long long)entry.size, digest.c_str(), entry.name.c_str());
  }
  json::Value report;
  std::string why;
  if (json::parse(contents(reader, reportName), report, why))
    std::printf("what the compiler did\n%s",
                printable(reportText(report, /*withNodes=*/false)).c_str());
}

/// {"manifest": ..., "sections": [{name, offset, size, crc32}], "report": ...}
static void printJson(const Reader &reader) {
  std::string report = contents(reader, reportName), why;
  json::Value parsed;
  std::string out = "{\"manifest\": " + toJson(reader.manifest()) + ",\n\"sections\": [";
  for (const ZipEntry &entry : reader.entries()) {
    char crc[16];
    std::snprintf(crc, sizeof(crc), "%08x", entry.crc);
    out += std::string(out.back() == '[' ? "" : ",") + "\n  {\"name\": " + json::quote(entry.name) +
           ", \"offset\": " + std::to_string(entry.dataOffset) +
           ", \"size\": " + std::to_string(entry.size) + ", \"crc32\": \"" + crc + "\"}";
  }
  out += "],\n\"report\": " + (json::parse(report, parsed, why) ? report : "null") + "}\n";
  std::fwrite(out.data(), 1, out.size(), stdout);
}

static Error inspect(const InspectOptions &options) {
  std::unique_ptr<Reader> reader;
  if (Error error = Reader::open(options.path, {options.verify}, reader))
    return error;
  if (options.json)
    printJson(*reader);
  else
    printText(*reader);
  if (options.verify && !options.json)
    std::printf("all digests are right\n");
  return Error();
}

void addInspect(CLI::App &app, Action &action) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App *verb = app.add_subcommand("inspect", "show what is in an artifact");
  verb->footer(
      "Examples:\n"
      "  optc inspect model.optc             inputs, outputs, entries, and what the compiler did\n"
      "  optc inspect model.optc --json      manifest, sections and report for programs");
  verb->add_option("artifact", options->path, "artifact (.optc)")->required();
  verb->add_flag("--json", options->json, "as JSON");
  verb->add_flag("--verify", options->verify, "check the digest of the weights, too");
  verb->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

} // namespace optc::driver
