//===- ReportText.cpp - the compiler's report for people -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ReportText.h. One function per section.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/ReportText.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace optc::driver {

using json::Kind;
using json::Value;

static const Value none;

static const Value &member(const Value &value, const char *key) {
  const Value *found = value.find(key);
  return found ? *found : none;
}

static std::string text(const Value &value, const char *key) { return member(value, key).text; }
static int64_t number(const Value &value, const char *key) { return member(value, key).integer; }

std::string bytesText(int64_t bytes) {
  char text[32];
  if (bytes < 1000)
    std::snprintf(text, sizeof(text), "%lld B", (long long)bytes);
  else if (bytes < 1000000)
    std::snprintf(text, sizeof(text), "%.1f KB", bytes / 1e3);
  else
    std::snprintf(text, sizeof(text), "%.1f MB", bytes / 1e6);
  return text;
}

/// "53 Conv, 49 Relu": the most frequent ones first.
static std::string countsText(const Value &counts, size_t most) {
  std::vector<std::pair<int64_t, std::string>> sorted;
  int64_t sum = 0;
  for (size_t i = 0; i < counts.keys.size(); ++i) {
    sorted.push_back({counts.items[i].integer, counts.keys[i]});
    sum += counts.items[i].integer;
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  std::string line = std::to_string(sum);
  for (size_t i = 0; i < std::min(most, sorted.size()); ++i)
    line += (i ? ", " : ": ") + std::to_string(sorted[i].first) + " " + sorted[i].second;
  return sorted.size() > most ? line + ", ..." : line;
}

static std::string modelText(const Value &report) {
  const Value &model = member(report, "model");
  if (model.kind != Kind::Object)
    return "";
  std::string line = "model       opset " + std::to_string(number(model, "opset"));
  if (int64_t lifted = number(member(model, "lifted_opsets"), "ai.onnx"))
    line += ", read as " + std::to_string(lifted);
  if (std::string producer = text(model, "producer"); !producer.empty())
    line += ", by " + producer;
  constexpr size_t most = 8;
  return line + "\nnodes       " + countsText(member(model, "onnx_nodes"), most) +
         "\nimported    " + countsText(member(model, "imported_ops"), most) + "\nsimplified  " +
         countsText(member(model, "simplified_ops"), most) + "\n";
}

static std::string weightsText(const Value &report) {
  const Value &weights = member(report, "weights");
  if (weights.kind != Kind::Object)
    return "";
  std::string winograd;
  if (int64_t bytes = number(weights, "winograd_bytes"))
    winograd = " (" + bytesText(bytes) + " of them for Winograd convolutions)";
  return "weights     " + bytesText(number(weights, "model_bytes")) + " in the model; " +
         bytesText(number(weights, "packed_bytes")) + " packed" + winograd + " and " +
         bytesText(number(weights, "plain_bytes")) + " plain in the artifact\n";
}

static std::string memoryText(const Value &report) {
  std::string lines;
  for (const Value &arena : member(report, "arena").items) {
    lines += "memory      '" + text(arena, "entry") +
             "': " + std::to_string(number(arena, "buffers")) + " buffers in one arena";
    bool isKnown = arena.find("bytes");
    if (isKnown)
      lines += " of " + bytesText(number(arena, "bytes")) + ", at least " +
               bytesText(number(arena, "lower_bound_bytes")) + " alive at once";
    else
      lines += ", its size follows from the inputs' shapes";
    std::string separator = isKnown ? ", with " : "; bounded: ";
    for (const Value &bound : member(arena, "bounds").items) {
      lines += separator + text(bound, "symbol") + " = " + std::to_string(number(bound, "max"));
      separator = ", ";
    }
    lines += "\n";
  }
  return lines;
}

static std::string codeText(const Value &report) {
  std::string lines;
  for (const Value &code : member(report, "code").items)
    lines += "target      " + text(code, "level") + " (" + text(code, "triple") +
             "): " + bytesText(number(code, "bytes")) + " for " +
             countsText(member(code, "kernels"), 99) + "\n";
  return lines;
}

static std::string stagesText(const Value &report) {
  std::string lines;
  for (const Value &stage : member(report, "stages").items) {
    lines += "passes      " + text(stage, "name") + ":";
    for (const Value &pass : member(stage, "passes").items)
      lines += " " + pass.text;
    lines += "\n";
  }
  return lines;
}

static std::string decisionText(const Value &decision, bool withNodes) {
  std::string with = text(decision, "with"), reason = text(decision, "reason");
  int64_t count = number(decision, "count");
  std::string line = "  " + text(decision, "result") + " " + std::to_string(count) + " x " +
                     text(decision, "what") + " of " + text(decision, "op");
  line += with.empty() ? "" : " and " + with;
  line += reason.empty() ? "" : ": " + reason;
  line += "\n";
  if (!withNodes)
    return line;
  const std::vector<Value> &nodes = member(decision, "nodes").items;
  for (const Value &node : nodes)
    line += "      " + (node.text.empty() ? "(no node)" : node.text) + "\n";
  if (int64_t left = count - int64_t(nodes.size()); left > 0)
    line += "      and " + std::to_string(left) + " more\n";
  return line;
}

static std::string decisionsText(const Value &report, bool withNodes) {
  std::string lines, last;
  for (const Value &decision : member(report, "decisions").items) {
    // What was made of code is in the lines of the targets, as numbers.
    bool isCode = text(decision, "stage").compare(0, 8, "generate") == 0;
    if (isCode && !withNodes && text(decision, "result") == "made")
      continue;
    std::string place = text(decision, "stage") + ", " + text(decision, "pass");
    if (place != last)
      lines += place + "\n";
    last = place;
    lines += decisionText(decision, withNodes);
  }
  return lines;
}

std::string reportText(const Value &report, bool withNodes) {
  const Value &compiler = member(report, "compiler"), &options = member(report, "options");
  std::string line = "compiler    optc " + text(compiler, "optc") + ", LLVM " +
                     text(compiler, "llvm") + ", -O" + std::to_string(number(options, "optimize"));
  if (std::string precision = text(options, "precision"); !precision.empty() && precision != "f32")
    line += ", precision " + precision;
  line += member(options, "exact").boolean ? ", exact" : "";
  if (std::string purpose = text(options, "optimize_for"); !purpose.empty())
    line += ", for " + purpose;
  line += member(options, "profile").boolean ? ", measures its kernels\n" : "\n";
  return line + modelText(report) + weightsText(report) + memoryText(report) + codeText(report) +
         stagesText(report) + decisionsText(report, withNodes);
}

} // namespace optc::driver
