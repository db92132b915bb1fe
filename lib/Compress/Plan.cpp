//===- Plan.cpp - what each product is quantized to ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Plan.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Compress/Plan.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

using namespace optc;
using namespace optc::compress;

ValueScale ValueScale::of(const Range &range) {
  constexpr double steps = 255;
  double low = std::min(range.low, 0.0), high = std::max(range.high, 0.0);
  // Of zeros alone any scale will do.
  double scale = std::max((high - low) / steps, double(std::numeric_limits<float>::min()));
  scale = static_cast<float>(scale);
  ValueScale result;
  result.scale = scale;
  result.zeroPoint = static_cast<int64_t>(std::clamp(std::nearbyint(-low / scale), 0.0, steps));
  return result;
}

namespace {
struct SchemeEntry {
  Scheme scheme;
  const char *name;
  Storage storage;
  BlockFormat blocks;
};
} // namespace

static constexpr SchemeEntry schemes[] = {
    {Scheme::Int8, "int8", Storage::Integers, {8, 0, false, true}},
    {Scheme::Int8Dynamic, "int8-dynamic", Storage::Blocks, {8, 32, false, true}},
    {Scheme::Int8Weights, "int8-weights", Storage::Blocks, {8, 32, false, false}},
    {Scheme::Int4Weights, "int4-weights", Storage::Blocks, {4, 32, false, true}},
    {Scheme::Bf16, "bf16", Storage::Floats, {16, 0, false, false}},
    {Scheme::F16, "f16", Storage::Floats, {16, 0, false, false}},
};

static const SchemeEntry &entryOf(Scheme scheme) {
  return *llvm::find_if(schemes, [&](const SchemeEntry &entry) { return entry.scheme == scheme; });
}

const char *optc::compress::nameOf(Scheme scheme) { return entryOf(scheme).name; }

std::optional<Scheme> optc::compress::schemeOf(std::string_view name) {
  for (const SchemeEntry &entry : schemes)
    if (name == entry.name)
      return entry.scheme;
  return std::nullopt;
}

std::vector<std::string> optc::compress::listSchemes() {
  std::vector<std::string> names;
  for (const SchemeEntry &entry : schemes)
    names.emplace_back(entry.name);
  return names;
}

Storage optc::compress::storageOf(Scheme scheme) { return entryOf(scheme).storage; }

BlockFormat optc::compress::blockFormatOf(Scheme scheme) { return entryOf(scheme).blocks; }

BlockFormat Plan::formatOf(size_t site) const {
  BlockFormat format = blocks;
  if (site < choices.size() && choices[site].bits > 0)
    format.bits = choices[site].bits;
  if (format.bits != blocks.bits)
    format.codebook = Codebook::None;
  return format;
}

int64_t Plan::getBits(size_t site) const {
  constexpr int64_t unchanged = 32;
  if (!choices[site].quantized)
    return unchanged;
  return usesBlocks(scheme) ? formatOf(site).bits : entryOf(scheme).blocks.bits;
}

uint64_t Plan::getWeightBytes(size_t site) const {
  uint64_t bytes = sites[site].weightBytes;
  if (!choices[site].quantized)
    return bytes;
  uint64_t count = bytes / sizeof(float);
  uint64_t codes = count * static_cast<uint64_t>(getBits(site)) / 8;
  Storage storage = storageOf(scheme);
  if (storage == Storage::Floats)
    return codes;
  if (storage == Storage::Integers) // and a scale per output
    return codes + count / std::max<uint64_t>(sites[site].depth, 1) * sizeof(float);
  return codes + count / static_cast<uint64_t>(blocks.block) * (blocks.hasZeros ? 4 : 2);
}

std::pair<uint64_t, uint64_t> Plan::countBytes() const {
  std::pair<uint64_t, uint64_t> bytes;
  std::set<size_t> seen;
  std::set<std::pair<size_t, int64_t>> stored; // in so many bits
  for (size_t i = 0; i < sites.size(); ++i) {
    if (seen.insert(sites[i].weight).second)
      bytes.first += sites[i].weightBytes;
    if (stored.insert({sites[i].weight, getBits(i)}).second)
      bytes.second += getWeightBytes(i);
  }
  return bytes;
}

size_t Plan::countQuantized() const {
  return llvm::count_if(choices, [](const SiteChoice &choice) { return choice.quantized; });
}

size_t Plan::countOfBits(int64_t bits) const {
  return llvm::count_if(llvm::seq<size_t>(0, sites.size()),
                        [&](size_t i) { return getBits(i) == bits; });
}

size_t Plan::countValues() const {
  size_t count = 0;
  for (const Site &site : sites)
    count = std::max(count, site.value ? *site.value + 1 : 0);
  return count;
}

static nlohmann::ordered_json toJson(const Evaluation &evaluation) {
  nlohmann::ordered_json json = {{"metric", evaluation.metric},
                                 {"calibration_samples", evaluation.calibrated},
                                 {"samples", evaluation.samples},
                                 {"drop", evaluation.drop}};
  if (evaluation.bound) {
    if (std::isfinite(evaluation.bound->most)) // else one sample shows nothing of others
      json["drop_at_most"] = evaluation.bound->most;
    json["confidence"] = evaluation.bound->confidence;
  }
  if (evaluation.figures)
    json[evaluation.figures->name] = {{"model", evaluation.figures->model},
                                      {"quantized", evaluation.figures->made}};
  if (evaluation.samples > 0) {
    json["cosine"] = evaluation.cosine;
    if (std::isfinite(evaluation.sqnr))
      json["sqnr_db"] = evaluation.sqnr;
  }
  return json;
}

nlohmann::ordered_json Plan::toJson() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (auto [i, site, choice] : llvm::enumerate(sites, choices)) {
    nlohmann::ordered_json json = {{"node", site.node},
                                   {"op", site.op},
                                   {"bits", getBits(i)},
                                   {"weight_bytes", site.weightBytes},
                                   {"bytes", getWeightBytes(i)}};
    if (choice.quantized && storageOf(scheme) == Storage::Integers) {
      const ValueScale &value = values[*site.value];
      json["scale"] = value.scale;
      json["zero_point"] = value.zeroPoint;
      json["value"] = *site.value;
      if (value.isBalanced)
        json["balanced"] = true;
    }
    if (!choice.reason.empty()) {
      json["reason"] = choice.reason;
    }
    if (choice.sqnr != 0 && std::isfinite(choice.sqnr))
      json["sqnr_db"] = std::round(choice.sqnr * 100) / 100;
    list.push_back(json);
  }
  nlohmann::ordered_json json = {{"scheme", nameOf(scheme)}};
  if (!range.empty())
    json["range"] = range;
  if (usesBlocks(scheme))
    json["blocks"] = {{"bits", blocks.bits},
                      {"size", blocks.block},
                      {"zeros", blocks.hasZeros},
                      {"codebook", nameOf(blocks.codebook)},
                      {"rounds_data", blocks.roundsData}};
  if (storageOf(scheme) == Storage::Integers)
    json["bias_correction"] = correctsBias;
  json["sites"] = list;
  if (targetBytes > 0) {
    json["bytes"] = countBytes().second;
    json["target_bytes"] = targetBytes;
  }
  if (!evaluation.metric.empty())
    json["evaluation"] = ::toJson(evaluation);
  return json;
}

Plan Plan::fromJson(const json::Value &json) {
  Plan plan;
  auto number = [](const json::Value &value) {
    return value.kind == json::Kind::Int ? static_cast<double>(value.integer)
                                         : std::strtod(value.text.c_str(), nullptr);
  };
  const json::Value *sites = json.find("sites"), *corrects = json.find("bias_correction");
  plan.correctsBias = corrects && corrects->boolean;
  if (const json::Value *scheme = json.find("scheme"))
    plan.scheme = schemeOf(scheme->text).value_or(Scheme::Int8);
  if (const json::Value *blocks = json.find("blocks")) {
    const json::Value *bits = blocks->find("bits"), *size = blocks->find("size"),
                      *zeros = blocks->find("zeros"), *rounds = blocks->find("rounds_data");
    const json::Value *codebook = blocks->find("codebook");
    if (bits && size && zeros && rounds && codebook)
      plan.blocks = {bits->integer == 4 ? 4 : 8, size->integer, zeros->boolean, rounds->boolean,
                     codebookOf(codebook->text).value_or(Codebook::None)};
  }
  for (const json::Value &entry : sites ? sites->items : std::vector<json::Value>()) {
    Site site;
    SiteChoice choice;
    const json::Value *scale = entry.find("scale"), *zero = entry.find("zero_point"),
                      *value = entry.find("value");
    bool hasScale = scale && zero && value;
    const json::Value *bits = entry.find("bits");
    constexpr int64_t unchanged = 32;
    bool isByte = bits && bits->integer == 8;
    choice.quantized =
        storageOf(plan.scheme) == Storage::Integers ? hasScale : bits && bits->integer != unchanged;
    if (isByte)
      choice.bits = 8;
    if (hasScale) {
      constexpr int64_t most = 1 << 20;
      site.value = static_cast<size_t>(std::clamp<int64_t>(value->integer, 0, most));
      plan.values.resize(std::max(plan.values.size(), *site.value + 1));
      ValueScale &known = plan.values[*site.value];
      known.scale = number(*scale);
      known.zeroPoint = zero->integer;
      const json::Value *balanced = entry.find("balanced");
      known.isBalanced = balanced && balanced->boolean;
    }
    plan.sites.push_back(std::move(site));
    plan.choices.push_back(std::move(choice));
  }
  return plan;
}

std::string optc::compress::observedName(size_t value) {
  return "optc.observed." + std::to_string(value);
}

std::string optc::compress::measuredName(size_t site, bool isError) {
  return (isError ? "optc.error." : "optc.signal.") + std::to_string(site);
}
