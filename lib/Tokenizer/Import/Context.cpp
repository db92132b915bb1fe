//===- Context.cpp - what the parts of the importer share ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Members of JSON objects with the error they deserve.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Context.h"

#include <algorithm>

namespace optc::tokenizer {

bool Context::refuse(const std::string &what) {
  error = Error(E1202, "tokenizer.json: " + what + " is not supported");
  return false;
}

bool Context::damaged(const std::string &what) {
  error = Error(E1201, "tokenizer.json: " + what);
  return false;
}

const Json *Context::member(const Json &object, const char *name) {
  auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

bool Context::typeOf(const Json &component, const std::string &part, std::string &type) {
  if (!component.is_object())
    return damaged("the " + part + " is not an object");
  type.clear();
  if (!text(component, "type", "the " + part, type))
    return false;
  return !type.empty() || damaged("the " + part + " has no type");
}

bool Context::onlyMembers(const Json &object, const std::string &what,
                          std::initializer_list<const char *> names) {
  for (auto it = object.begin(); it != object.end(); ++it) {
    auto isIt = [&](const char *name) { return it.key() == name; };
    if (it.key() != "type" && std::none_of(names.begin(), names.end(), isIt))
      return refuse("the member '" + it.key() + "' of " + what);
  }
  return true;
}

bool Context::text(const Json &object, const char *name, const std::string &what,
                   std::string &value) {
  const Json *found = member(object, name);
  if (found && !found->is_string())
    return damaged("'" + std::string(name) + "' of " + what + " is not a text");
  if (found)
    value = found->get_ref<const std::string &>();
  return true;
}

bool Context::flag(const Json &object, const char *name, const std::string &what, bool &value) {
  const Json *found = member(object, name);
  if (found && !found->is_boolean())
    return damaged("'" + std::string(name) + "' of " + what + " is neither true nor false");
  if (found)
    value = found->get<bool>();
  return true;
}

bool Context::number(const Json &object, const char *name, const std::string &what,
                     uint32_t &value) {
  const Json *found = member(object, name);
  if (found && (!found->is_number_unsigned() || found->get<uint64_t>() > 0x7fffffff))
    return damaged("'" + std::string(name) + "' of " + what +
                   " is not a number from 0 to 2^31 - 1");
  if (found)
    value = uint32_t(found->get<uint64_t>());
  return true;
}

bool Context::elements(const Json &object, const char *name, const std::string &what,
                       const Json *&list) {
  list = member(object, name);
  if (!list || !list->is_array())
    return damaged(what + " has no list '" + name + "'");
  return onlyMembers(object, what, {name});
}

bool Context::pattern(const PatternNode &node, const std::string &what, uint32_t &index) {
  Program program;
  std::string why;
  if (!compilePattern(node, out.description.sets, program, why))
    return refuse("the pattern of " + what + ", " + why + ",");
  index = uint32_t(out.description.patterns.size());
  out.description.patterns.push_back(std::move(program));
  return true;
}

bool Context::pattern(const CharacterRanges &set, uint32_t &index) {
  return pattern(setPattern(set), "characters", index);
}

bool Context::regex(std::string_view text, const std::string &what, uint32_t &index) {
  PatternNode node;
  std::string why;
  if (!parsePattern(text, node, why))
    return refuse("in the pattern of " + what + ": " + why);
  return pattern(node, what, index);
}

bool Context::patternMember(const Json &object, const std::string &what, uint32_t &index) {
  const Json *found = member(object, "pattern");
  if (!found || !found->is_object() || found->size() != 1 || !found->begin()->is_string())
    return damaged("'pattern' of " + what + " is neither a String nor a Regex");
  const std::string &text = found->begin()->get_ref<const std::string &>();
  if (found->begin().key() == "String")
    return pattern(literalPattern(text), what, index);
  if (found->begin().key() == "Regex")
    return regex(text, what, index);
  return refuse("the pattern '" + found->begin().key() + "' of " + what);
}

} // namespace optc::tokenizer
