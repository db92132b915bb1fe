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

#include <cmath>
#include <nlohmann/json.hpp>

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

size_t Plan::countQuantized() const {
  return llvm::count_if(choices, [](const SiteChoice &choice) { return choice.quantized; });
}

nlohmann::ordered_json Plan::toJson() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (auto [site, choice] : llvm::zip_equal(sites, choices)) {
    nlohmann::ordered_json json = {{"node", site.node},
                                   {"op", site.op},
                                   {"bits", choice.quantized ? 8 : 32},
                                   {"weight_bytes", site.weightBytes}};
    if (choice.quantized) {
      json["scale"] = values[site.value].scale;
      json["zero_point"] = values[site.value].zeroPoint;
      json["value"] = site.value;
      if (values[site.value].isBalanced)
        json["balanced"] = true;
    } else {
      json["reason"] = choice.reason;
    }
    if (choice.sqnr != 0 && std::isfinite(choice.sqnr))
      json["sqnr_db"] = std::round(choice.sqnr * 100) / 100;
    list.push_back(json);
  }
  nlohmann::ordered_json json = {
      {"scheme", scheme}, {"range", range}, {"bias_correction", correctsBias}, {"sites", list}};
  if (!evaluation.metric.empty())
    json["evaluation"] = {{"metric", evaluation.metric},
                          {"calibration_samples", evaluation.calibrated},
                          {"samples", evaluation.samples},
                          {"drop", evaluation.drop},
                          {"drop_at_most", evaluation.upperBound},
                          {"confidence", evaluation.confidence},
                          {"cosine", evaluation.cosine}};
  if (!evaluation.metric.empty() && std::isfinite(evaluation.sqnr))
    json["evaluation"]["sqnr_db"] = evaluation.sqnr;
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
  for (const json::Value &entry : sites ? sites->items : std::vector<json::Value>()) {
    Site site;
    SiteChoice choice;
    const json::Value *scale = entry.find("scale"), *zero = entry.find("zero_point"),
                      *value = entry.find("value");
    choice.quantized = scale && zero && value;
    if (choice.quantized) {
      constexpr int64_t most = 1 << 20;
      site.value = static_cast<size_t>(std::clamp<int64_t>(value->integer, 0, most));
      plan.values.resize(std::max(plan.values.size(), site.value + 1));
      ValueScale &known = plan.values[site.value];
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
