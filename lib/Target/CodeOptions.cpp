//===- CodeOptions.cpp - options that shape the code -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CodeOptions.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/CodeOptions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace optc;

const char *optc::nameOf(Precision precision) {
  return precision == Precision::BF16 ? "bf16" : "f32";
}

const char *optc::nameOf(CacheLayout layout) {
  return layout == CacheLayout::Contiguous ? "contiguous" : "none";
}

nlohmann::ordered_json CodeOptions::toJson() const {
  nlohmann::ordered_json json = {{"optimize", optimize},
                                 {"precision", nameOf(precision)},
                                 {"exact", exact},
                                 {"profile", profile},
                                 {"levels", levels}};
  if (forSize)
    json["optimize_for"] = "size";
  if (caches != CacheLayout::None)
    json["kv"] = nameOf(caches);
  if (!triple.empty())
    json["triple"] = triple;
  for (const artifact::Bound &bound : bounds)
    json["bounds"].push_back({{"symbol", bound.symbol}, {"max", bound.most}});
  return json;
}

CodeOptions CodeOptions::fromJson(const json::Value &json) {
  CodeOptions options;
  auto isSet = [&](const char *key) {
    const json::Value *flag = json.find(key);
    return flag && flag->boolean;
  };
  if (const json::Value *optimize = json.find("optimize"))
    options.optimize = static_cast<unsigned>(std::clamp<int64_t>(optimize->integer, 0, 2));
  if (const json::Value *precision = json.find("precision");
      precision && precision->text == nameOf(Precision::BF16))
    options.precision = Precision::BF16;
  if (const json::Value *layout = json.find("kv");
      layout && layout->text == nameOf(CacheLayout::Contiguous))
    options.caches = CacheLayout::Contiguous;
  options.exact = isSet("exact");
  options.profile = isSet("profile");
  const json::Value *purpose = json.find("optimize_for");
  options.forSize = purpose && purpose->text == "size";
  if (const json::Value *triple = json.find("triple"))
    options.triple = triple->text;
  if (const json::Value *levels = json.find("levels"))
    for (const json::Value &level : levels->items)
      options.levels.push_back(level.text);
  if (const json::Value *bounds = json.find("bounds"))
    for (const json::Value &bound : bounds->items) {
      const json::Value *symbol = bound.find("symbol"), *most = bound.find("max");
      if (symbol && most && most->integer > 0)
        options.bounds.push_back({symbol->text, most->integer});
    }
  return options;
}
