//===- ConfigFile.cpp - configuration files -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns JSON into the items CLI11 knows from TOML. Wrong files become CLI11's own errors.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/ConfigFile.h"
#include "lib/Support/Json.h"

#include <sstream>

namespace optc::driver {

using json::Kind;
using json::Value;

static std::string scalarText(const Value &value) {
  switch (value.kind) {
  case Kind::Bool:
    return value.boolean ? "true" : "false";
  case Kind::Int:
    return std::to_string(value.integer);
  case Kind::Number:
  case Kind::String:
    return value.text;
  default:
    throw CLI::ConversionError("the configuration has a null or nested value of an option");
  }
}

static void addItems(const Value &object, const std::vector<std::string> &parents,
                     std::vector<CLI::ConfigItem> &items) {
  for (size_t i = 0; i < object.items.size(); ++i) {
    const Value &value = object.items[i];
    if (value.kind == Kind::Object) {
      std::vector<std::string> inner = parents;
      inner.push_back(object.keys[i]);
      addItems(value, inner, items);
      continue;
    }
    CLI::ConfigItem item;
    item.parents = parents;
    item.name = object.keys[i];
    if (value.kind == Kind::Array)
      for (const Value &one : value.items)
        item.inputs.push_back(scalarText(one));
    else
      item.inputs.push_back(scalarText(value));
    items.push_back(std::move(item));
  }
}

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream &input) const {
  std::stringstream all;
  all << input.rdbuf();
  std::string text = all.str(), why;
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] != '{')
    return CLI::ConfigTOML::from_config(all);
  Value root;
  if (!json::parse(text, root, why))
    throw CLI::ConversionError("the configuration is not JSON: " + why);
  std::vector<CLI::ConfigItem> items;
  addItems(root, {}, items);
  return items;
}

} // namespace optc::driver
