//===- Value.cpp - values of chat templates ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How Python compares and writes values.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace optc::chat {

bool Value::truth() const {
  switch (kind) {
  case Undefined:
  case None:
    return false;
  case Bool:
    return boolean;
  case Int:
    return integer != 0;
  case Float:
    return real != 0;
  case String:
    return !text.empty();
  case ListKind:
  case TupleKind:
    return !list->empty();
  case DictKind:
    return !dict->empty();
  default:
    return true;
  }
}

const Value *Value::find(const std::string &key) const {
  if (dict)
    for (const auto &[name, value] : *dict)
      if (name == key)
        return &value;
  return nullptr;
}

std::string Value::kindName() const {
  static const char *const names[] = {"undefined", "None",      "bool",     "int",
                                      "float",     "str",       "list",     "tuple",
                                      "dict",      "namespace", "function", "macro"};
  return names[kind];
}

bool equal(const Value &a, const Value &b) {
  if (a.isNumber() && b.isNumber())
    return a.kind == Value::Float || b.kind == Value::Float ? a.number() == b.number()
                                                            : a.whole() == b.whole();
  if (a.kind != b.kind)
    return false;
  if (a.isList())
    return std::equal(a.list->begin(), a.list->end(), b.list->begin(), b.list->end(), equal);
  if (a.kind == Value::DictKind) {
    auto has = [&](const auto &pair) {
      const Value *other = b.find(pair.first);
      return other && equal(pair.second, *other);
    };
    return a.dict->size() == b.dict->size() && std::all_of(a.dict->begin(), a.dict->end(), has);
  }
  if (a.kind == Value::Namespace)
    return a.dict == b.dict;
  return a.text == b.text && a.macro == b.macro;
}

/// repr() of a float: the fewest digits that read back as it.
static std::string realText(double real) {
  if (std::isnan(real))
    return "nan";
  if (std::isinf(real))
    return real < 0 ? "-inf" : "inf";
  char buffer[400];
  double size = std::fabs(real);
  bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof(buffer), real, form).ptr);
  if (plain && text.find('.') == text.npos)
    text += ".0";
  return text;
}

static std::string quoted(const std::string &text) {
  bool useDouble = text.find('\'') != text.npos && text.find('"') == text.npos;
  char quote = useDouble ? '"' : '\'';
  std::string out(1, quote);
  for (char c : text) {
    if (c == quote || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      static const char digits[] = "0123456789abcdef";
      out += {'\\', 'x', digits[c >> 4], digits[c & 15]};
    } else {
      out += c;
    }
  }
  return out + quote;
}

std::string reprOf(const Value &value) {
  if (value.kind == Value::String)
    return quoted(value.text);
  if (value.isList()) {
    bool tuple = value.kind == Value::TupleKind;
    std::string out(1, tuple ? '(' : '[');
    for (const Value &item : *value.list)
      out += (out.size() > 1 ? ", " : "") + reprOf(item);
    if (tuple && value.list->size() == 1)
      out += ',';
    return out + (tuple ? ')' : ']');
  }
  if (value.kind == Value::DictKind) {
    std::string out = "{";
    for (const auto &[key, member] : *value.dict)
      out += (out.size() > 1 ? ", " : "") + quoted(key) + ": " + reprOf(member);
    return out + "}";
  }
  return value.kind == Value::Undefined ? "Undefined" : textOf(value);
}

std::string textOf(const Value &value) {
  switch (value.kind) {
  case Value::Undefined:
    return "";
  case Value::None:
    return "None";
  case Value::Bool:
    return value.boolean ? "True" : "False";
  case Value::Int:
    return std::to_string(value.integer);
  case Value::Float:
    return realText(value.real);
  case Value::String:
    return value.text;
  case Value::ListKind:
  case Value::TupleKind:
  case Value::DictKind:
    return reprOf(value);
  default:
    return "<" + value.kindName() + ">";
  }
}

/// A string as json.dumps writes it.
static std::string jsonString(const std::string &text) {
  std::string out = "\"";
  for (char c : text) {
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    size_t place = c ? std::string_view(from).find(c) : std::string_view::npos;
    if (place != std::string_view::npos)
      out += {'\\', to[place]};
    else if (static_cast<unsigned char>(c) < 0x20) {
      static const char digits[] = "0123456789abcdef";
      out += {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool toJson(const Value &value, int indent, bool sortKeys, std::string &out, int depth) {
  auto line = [&](int at) {
    if (indent >= 0)
      out += '\n' + std::string(size_t(indent) * size_t(at), ' ');
  };
  const char *comma = indent >= 0 ? "," : ", ";
  switch (value.kind) {
  case Value::None:
    out += "null";
    return true;
  case Value::Bool:
    out += value.boolean ? "true" : "false";
    return true;
  case Value::Int:
  case Value::Float:
    out += textOf(value);
    return true;
  case Value::String:
    out += jsonString(value.text);
    return true;
  case Value::ListKind:
  case Value::TupleKind: {
    out += '[';
    for (size_t i = 0; i < value.list->size(); ++i) {
      out += i ? comma : "";
      line(depth + 1);
      if (!toJson((*value.list)[i], indent, sortKeys, out, depth + 1))
        return false;
    }
    if (!value.list->empty())
      line(depth);
    out += ']';
    return true;
  }
  case Value::DictKind: {
    Dict members = *value.dict;
    if (sortKeys)
      std::sort(members.begin(), members.end(),
                [](const auto &a, const auto &b) { return a.first < b.first; });
    out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
      out += i ? comma : "";
      line(depth + 1);
      out += jsonString(members[i].first) + ": ";
      if (!toJson(members[i].second, indent, sortKeys, out, depth + 1))
        return false;
    }
    if (!members.empty())
      line(depth);
    out += '}';
    return true;
  }
  default:
    return false;
  }
}

Value fromJson(const json::Value &value) {
  switch (value.kind) {
  case json::Kind::Null:
    return Value::none();
  case json::Kind::Bool:
    return Value::of(value.boolean);
  case json::Kind::Int:
    return Value::of(value.integer);
  case json::Kind::Number:
    return Value::of(std::strtod(value.text.c_str(), nullptr));
  case json::Kind::String:
    return Value::of(value.text);
  case json::Kind::Array: {
    List items;
    for (const json::Value &item : value.items)
      items.push_back(fromJson(item));
    return Value::of(std::move(items));
  }
  default: {
    Dict members;
    for (size_t i = 0; i < value.items.size(); ++i)
      members.emplace_back(value.keys[i], fromJson(value.items[i]));
    return Value::of(std::move(members));
  }
  }
}

List charactersOf(const std::string &text) {
  List out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    while (end < text.size() && (text[end] & 0xc0) == 0x80)
      ++end;
    out.push_back(Value::of(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

} // namespace optc::chat
