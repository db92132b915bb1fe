//===- Filters.cpp - running a chat template: filters and tests ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The filters and tests of Jinja that are known, by name.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Evaluator.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace optc::chat {

static bool isIn(const std::string &name, std::initializer_list<const char *> names) {
  return std::any_of(names.begin(), names.end(), [&](const char *one) { return name == one; });
}

bool isFilter(const std::string &name) {
  return isIn(name, {"trim",  "tojson",  "length",  "count",      "default",    "d",
                     "upper", "lower",   "title",   "capitalize", "first",      "last",
                     "join",  "items",   "list",    "string",     "int",        "float",
                     "abs",   "replace", "reverse", "unique",     "safe",       "indent",
                     "map",   "select",  "reject",  "selectattr", "rejectattr", "dictsort"});
}

bool isTest(const std::string &name) {
  return isIn(name,
              {"defined", "undefined",   "none",  "string",   "mapping", "iterable", "sequence",
               "number",  "integer",     "float", "boolean",  "true",    "false",    "odd",
               "even",    "divisibleby", "in",    "eq",       "equalto", "ne",       "lt",
               "le",      "gt",          "ge",    "callable", "sameas"});
}

bool Evaluator::callTest(const std::string &name, const Value &value, const Arguments &arguments) {
  Value::Kind kind = value.kind;
  if (name == "defined" || name == "undefined")
    return (kind != Value::Undefined) == (name == "defined");
  if (name == "none")
    return kind == Value::None;
  if (name == "string")
    return kind == Value::String;
  if (name == "mapping")
    return kind == Value::DictKind;
  if (name == "iterable")
    return value.isList() || kind == Value::String || kind == Value::DictKind ||
           kind == Value::Undefined;
  if (name == "sequence")
    return value.isList() || kind == Value::String || kind == Value::DictKind ||
           kind == Value::Undefined;
  if (name == "number")
    return value.isNumber();
  if (name == "integer" || name == "float")
    return kind == (name == "integer" ? Value::Int : Value::Float);
  if (name == "boolean")
    return kind == Value::Bool;
  if (name == "true" || name == "false")
    return kind == Value::Bool && value.boolean == (name == "true");
  if (name == "callable")
    return kind == Value::Function || kind == Value::Macro;
  if (name == "odd" || name == "even") {
    if (kind != Value::Int && kind != Value::Bool)
      fail("the test '" + name + "' of " + value.kindName());
    return (value.whole() & 1) == (name == "odd");
  }
  const Value *other = arguments.find(0, "other");
  if (!other) {
    fail("the test '" + name + "' without a value");
    return false;
  }
  if (name == "divisibleby")
    return other->whole() != 0 && other->whole() != -1 && value.whole() % other->whole() == 0;
  if (name == "in")
    return contains(*other, value);
  if (name == "ne")
    return !equal(value, *other);
  if (name == "lt" || name == "ge")
    return less(value, *other) == (name == "lt");
  if (name == "gt" || name == "le")
    return less(*other, value) == (name == "gt");
  bool same = equal(value, *other); // eq, equalto, sameas
  return name == "sameas" ? same && kind == other->kind : same;
}

namespace {
/// One filter's call.
struct FilterCall {
  Evaluator &evaluator;
  const std::string &name;
  const Value &value;
  const Arguments &arguments;

  Value length() {
    List list;
    if (value.kind == Value::DictKind)
      return Value::of(int64_t(value.dict->size()));
    if (!evaluator.items(value, list))
      return {};
    return Value::of(int64_t(list.size()));
  }

  Value otherwise() {
    const Value *other = arguments.find(0, "default_value"), *empty = arguments.find(1, "boolean");
    bool missing = value.kind == Value::Undefined || (empty && empty->truth() && !value.truth());
    return !missing ? value : other ? *other : Value::of(std::string());
  }

  Value json() {
    const Value *indent = arguments.find(1, "indent"), *sort = arguments.find(3, "sort_keys");
    auto named = arguments.names.find("indent");
    if (named != arguments.names.end())
      indent = &named->second;
    if (arguments.find(2, "separators") || (!arguments.places.empty()) ||
        arguments.find(9, "ensure_ascii"))
      return evaluator.fail(
          "arguments of 'tojson' other than indent and sort_keys are not supported");
    std::string text;
    int spaces = indent && indent->kind == Value::Int
                     ? int(std::clamp<int64_t>(indent->integer, 0, 40))
                     : -1;
    if (!toJson(value, spaces, sort && sort->truth(), text))
      return evaluator.fail("'tojson' of a value that is undefined or a function");
    return Value::of(std::move(text));
  }

  Value ends(const List &list) {
    if (list.empty())
      return Value::of(name, Value::Undefined);
    return name == "first" ? list.front() : list.back();
  }

  Value join(const List &list) {
    const Value *separator = arguments.find(0, "d"), *attribute = arguments.find(1, "attribute");
    std::string text;
    for (size_t i = 0; i < list.size(); ++i) {
      text += i && separator ? textOf(*separator) : "";
      text += textOf(attribute ? evaluator.attribute(list[i], textOf(*attribute)) : list[i]);
    }
    return Value::of(std::move(text));
  }

  Value number() {
    const Value *other = arguments.find(0, "default");
    Value missing = other ? *other : name == "int" ? Value::of(int64_t(0)) : Value::of(0.0);
    double real = value.number();
    if (value.kind == Value::String) {
      char *end = nullptr;
      real = std::strtod(value.text.c_str(), &end);
      if (value.text.empty() || *end)
        return missing;
    } else if (!value.isNumber()) {
      return missing;
    } else if (name == "int" && value.kind != Value::Float) {
      return Value::of(value.whole());
    }
    if (name == "float")
      return Value::of(real);
    return std::fabs(real) < 9e18 ? Value::of(int64_t(real)) : missing;
  }

  Value indented() {
    const Value *width = arguments.find(0, "width"), *first = arguments.find(1, "first"),
                *blank = arguments.find(2, "blank");
    std::string pad =
        width && width->kind == Value::String
            ? width->text
            : std::string(size_t(std::clamp<int64_t>(width ? width->whole() : 4, 0, 100)), ' ');
    std::string out, text = textOf(value);
    bool start = first && first->truth();
    for (size_t at = 0; at <= text.size();) {
      size_t end = std::min(text.find('\n', at), text.size());
      bool empty = end == at && !(blank && blank->truth());
      out += (at ? "\n" : "") + std::string((at || start) && !empty ? pad : "") +
             text.substr(at, end - at);
      at = end + 1;
    }
    return Value::of(std::move(out));
  }

  /// select, reject, selectattr, rejectattr: by a test, or by truth.
  Value chosen(const List &list) {
    bool byMember = name == "selectattr" || name == "rejectattr", keep = name[0] == 's';
    size_t place = byMember ? 1 : 0;
    if (byMember && arguments.places.empty())
      return evaluator.fail("'" + name + "' without the name of a member");
    bool tests = arguments.places.size() > place;
    std::string test = tests ? textOf(arguments.places[place]) : "";
    if (test == "==")
      test = "eq";
    if (tests && !isTest(test))
      return evaluator.fail("the test '" + test + "' is not supported");
    Arguments rest;
    for (size_t i = place + 1; i < arguments.places.size(); ++i)
      rest.places.push_back(arguments.places[i]);
    List out;
    for (const Value &item : list) {
      Value one = byMember ? evaluator.attribute(item, textOf(arguments.places[0])) : item;
      if ((tests ? evaluator.callTest(test, one, rest) : one.truth()) == keep)
        out.push_back(item);
    }
    return Value::of(std::move(out));
  }

  Value mapped(const List &list) {
    auto member = arguments.names.find("attribute");
    auto otherwise = arguments.names.find("default");
    Arguments rest;
    for (size_t i = 1; i < arguments.places.size(); ++i)
      rest.places.push_back(arguments.places[i]);
    List out;
    for (const Value &item : list) {
      if (member != arguments.names.end()) {
        Value one = evaluator.attribute(item, textOf(member->second));
        out.push_back(one.kind == Value::Undefined && otherwise != arguments.names.end()
                          ? otherwise->second
                          : one);
        continue;
      }
      std::string filter = arguments.places.empty() ? "" : textOf(arguments.places[0]);
      if (!isFilter(filter))
        return evaluator.fail("the filter '" + filter + "' is not supported");
      out.push_back(evaluator.callFilter(filter, item, rest));
    }
    return Value::of(std::move(out));
  }

  Value pairs(bool sorted) {
    if (value.kind == Value::Undefined)
      return Value::of(List());
    if (value.kind != Value::DictKind)
      return evaluator.fail("'" + name + "' of " + value.kindName());
    Dict members = *value.dict;
    if (sorted)
      std::sort(members.begin(), members.end(),
                [](const auto &a, const auto &b) { return a.first < b.first; });
    List list;
    for (auto &[key, member] : members)
      list.push_back(Value::of(List{Value::of(key), member}, Value::TupleKind));
    return Value::of(std::move(list));
  }

  Value ofList() {
    List list;
    if (!evaluator.items(value, list))
      return {};
    if (name == "first" || name == "last")
      return ends(list);
    if (name == "join")
      return join(list);
    if (name == "map")
      return mapped(list);
    if (isIn(name, {"select", "reject", "selectattr", "rejectattr"}))
      return chosen(list);
    if (name == "reverse")
      std::reverse(list.begin(), list.end());
    if (name == "unique") {
      List out;
      for (const Value &item : list)
        if (std::none_of(out.begin(), out.end(),
                         [&](const Value &other) { return equal(other, item); }))
          out.push_back(item);
      list = std::move(out);
    }
    if (name != "reverse" || value.kind != Value::String)
      return Value::of(std::move(list));
    std::string text;
    for (const Value &one : list)
      text += one.text;
    return Value::of(std::move(text));
  }
};
} // namespace

Value Evaluator::callFilter(const std::string &name, const Value &value,
                            const Arguments &arguments) {
  FilterCall call = {*this, name, value, arguments};
  if (isIn(name, {"trim", "upper", "lower", "title", "capitalize", "replace"}))
    return stringMethod(textOf(value), name == "trim" ? "strip" : name, arguments);
  if (name == "length" || name == "count")
    return call.length();
  if (name == "default" || name == "d")
    return call.otherwise();
  if (name == "tojson")
    return call.json();
  if (name == "string" || name == "safe")
    return Value::of(textOf(value));
  if (name == "int" || name == "float")
    return call.number();
  if (name == "abs")
    return value.kind == Value::Float ? Value::of(std::fabs(value.real))
                                      : Value::of(std::abs(value.whole()));
  if (name == "indent")
    return call.indented();
  if (name == "items" || name == "dictsort")
    return call.pairs(name == "dictsort");
  return call.ofList();
}

} // namespace optc::chat
