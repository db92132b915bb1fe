//===- Calls.cpp - running a chat template: functions and methods --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Global functions, and the methods of strings, dictionaries and lists.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Evaluator.h"

#include <algorithm>

namespace optc::chat {

static constexpr int64_t maxRange = 100000;

Value Evaluator::call(const Node &node) {
  Value function = evaluate(node.children[0]);
  Arguments arguments = argumentsOf(node);
  if (error)
    return {};
  if (function.kind == Value::Macro)
    return callMacro(*function.macro, arguments);
  if (function.kind != Value::Function)
    return fail(function.kind == Value::Undefined
                    ? "the function '" + function.text + "' is not known"
                    : function.kindName() + " is no function");
  return function.list ? callMethod(function.list->front(), function.text, arguments)
                       : callFunction(function.text, arguments);
}

Value Evaluator::callFunction(const std::string &name, const Arguments &arguments) {
  if (name == "range")
    return range(arguments);
  if (name == "raise_exception") {
    const Value *message = arguments.find(0, "message");
    return fail(message ? textOf(*message) : "the template refuses these messages");
  }
  if (name == "strftime_now") {
    const Value *format = arguments.find(0, "format");
    char text[512];
    std::tm local = {};
    localtime_r(&now, &local);
    size_t size = format ? std::strftime(text, sizeof(text), textOf(*format).c_str(), &local) : 0;
    return Value::of(std::string(text, size));
  }
  Dict members; // namespace, dict
  if (!arguments.places.empty() && arguments.places[0].kind == Value::DictKind)
    members = *arguments.places[0].dict;
  for (const auto &[key, value] : arguments.names)
    members.emplace_back(key, value);
  return Value::of(std::move(members), name == "dict" ? Value::DictKind : Value::Namespace);
}

Value Evaluator::range(const Arguments &arguments) {
  int64_t bounds[3] = {0, 0, 1};
  size_t count = arguments.places.size();
  for (size_t i = 0; i < count; ++i) {
    if (count > 3 ||
        (arguments.places[i].kind != Value::Int && arguments.places[i].kind != Value::Bool))
      return fail("arguments of range");
    bounds[count == 1 ? 1 : i] = arguments.places[i].whole();
  }
  auto [begin, end, step] = bounds;
  if (count == 0 || step == 0 || std::max(begin, end) > maxRange ||
      std::min(begin, end) < -maxRange || step > maxRange || step < -maxRange)
    return fail("arguments of range");
  List list;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step)
    list.push_back(Value::of(i));
  return Value::of(std::move(list));
}

Value Evaluator::callMethod(const Value &object, const std::string &name,
                            const Arguments &arguments) {
  if (object.kind == Value::String)
    return stringMethod(object.text, name, arguments);
  if (object.kind == Value::DictKind)
    return dictMethod(object, name, arguments);
  if (object.kind == Value::Namespace) { // loop.cycle
    const Value *index = object.find("index0");
    if (!index || arguments.places.empty())
      return fail("'cycle' of what is no loop");
    return arguments.places[size_t(index->integer) % arguments.places.size()];
  }
  const Value *wanted = arguments.find(0, "value");
  if (!wanted)
    return fail("'" + name + "' without a value");
  auto same = [&](const Value &item) { return equal(item, *wanted); };
  if (name == "count")
    return Value::of(int64_t(std::count_if(object.list->begin(), object.list->end(), same)));
  auto found = std::find_if(object.list->begin(), object.list->end(), same);
  return found == object.list->end() ? fail("the value is not in the list")
                                     : Value::of(int64_t(found - object.list->begin()));
}

Value Evaluator::dictMethod(const Value &object, const std::string &name,
                            const Arguments &arguments) {
  if (name == "get") {
    const Value *key = arguments.find(0, "key"), *otherwise = arguments.find(1, "default");
    const Value *found = key && key->kind == Value::String ? object.find(key->text) : nullptr;
    return found ? *found : otherwise ? *otherwise : Value::none();
  }
  List list;
  for (const auto &[key, value] : *object.dict)
    list.push_back(name == "items"  ? Value::of(List{Value::of(key), value}, Value::TupleKind)
                   : name == "keys" ? Value::of(key)
                                    : value);
  return Value::of(std::move(list));
}

static bool isSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/// str.strip: white space of ASCII, or the characters given.
static std::string stripped(const std::string &text, const Value *characters, bool left,
                            bool right) {
  List own = charactersOf(text);
  List wanted =
      characters && characters->kind == Value::String ? charactersOf(characters->text) : List();
  auto strips = [&](const Value &one) {
    if (!characters || characters->kind != Value::String)
      return (one.text.size() == 1 && isSpace(one.text[0])) || one.text == "\xc2\xa0" ||
             one.text == "\xe3\x80\x80";
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const Value &other) { return other.text == one.text; });
  };
  size_t begin = 0, end = own.size();
  while (left && begin < end && strips(own[begin]))
    ++begin;
  while (right && end > begin && strips(own[end - 1]))
    --end;
  std::string out;
  for (size_t i = begin; i < end; ++i)
    out += own[i].text;
  return out;
}

/// str.split by a text; `most` < 0 without limit.
static List splitAt(const std::string &text, const std::string &separator, int64_t most,
                    bool fromEnd) {
  std::vector<size_t> places;
  if (fromEnd) {
    for (size_t at = text.size();
         most-- != 0 &&
         (at = at < separator.size() ? text.npos : text.rfind(separator, at - separator.size())) !=
             text.npos;)
      places.insert(places.begin(), at);
  } else {
    for (size_t at = 0; most-- != 0 && (at = text.find(separator, at)) != text.npos;
         at += separator.size())
      places.push_back(at);
  }
  List list;
  size_t from = 0;
  for (size_t at : places) {
    list.push_back(Value::of(text.substr(from, at - from)));
    from = at + separator.size();
  }
  list.push_back(Value::of(text.substr(from)));
  return list;
}

static List words(const std::string &text, int64_t most) {
  List list;
  for (size_t at = 0; at < text.size();) {
    while (at < text.size() && isSpace(text[at]))
      ++at;
    size_t end = at;
    while (end < text.size() && !isSpace(text[end]))
      ++end;
    if (most >= 0 && int64_t(list.size()) == most) {
      end = text.size();
      if (end > at)
        list.push_back(Value::of(text.substr(at)));
    } else if (end > at) {
      list.push_back(Value::of(text.substr(at, end - at)));
    }
    at = end;
  }
  return list;
}

static std::string changedCase(std::string text, const std::string &name) {
  bool start = true; // of a word, or of the text
  for (char &c : text) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool up = name == "upper" || (name != "lower" && start);
    if (letter)
      c = char(up ? c & ~0x20 : c | 0x20);
    start = name == "title" ? !letter && (c & 0x80) == 0 : false;
  }
  return text;
}

static bool matchesEnd(const std::string &text, const std::string &part, bool atStart) {
  return text.size() >= part.size() &&
         text.compare(atStart ? 0 : text.size() - part.size(), part.size(), part) == 0;
}

static std::string replaced(const std::string &text, const std::string &from, const std::string &to,
                            int64_t most) {
  std::string out;
  size_t done = 0;
  for (size_t at = 0; !from.empty() && most-- != 0 && (at = text.find(from, done)) != text.npos;
       done = at + from.size())
    out += text.substr(done, at - done) + to;
  return out + text.substr(done);
}

Value Evaluator::stringMethod(const std::string &text, const std::string &name,
                              const Arguments &arguments) {
  const Value *first = arguments.find(0, "sep"), *second = arguments.find(1, "maxsplit");
  auto given = [&](const Value *value) { return value && value->kind == Value::String; };
  if (name == "strip" || name == "lstrip" || name == "rstrip")
    return Value::of(stripped(text, first, name != "rstrip", name != "lstrip"));
  if (name == "upper" || name == "lower" || name == "title" || name == "capitalize")
    return Value::of(changedCase(text, name));
  if (name == "isdigit" || name == "isspace") {
    auto is = [&](char c) { return name == "isdigit" ? c >= '0' && c <= '9' : isSpace(c); };
    return Value::of(!text.empty() && std::all_of(text.begin(), text.end(), is));
  }
  int64_t most = second && second->kind == Value::Int ? second->integer : -1;
  if (name == "split" || name == "rsplit") {
    if (!given(first))
      return name == "split" ? Value::of(words(text, most))
                             : fail("'rsplit' without a separator is not supported");
    return first->text.empty() ? fail("an empty separator")
                               : Value::of(splitAt(text, first->text, most, name == "rsplit"));
  }
  if (name == "splitlines") {
    List list = splitAt(text, "\n", -1, false);
    if (list.back().text.empty())
      list.pop_back();
    return Value::of(std::move(list));
  }
  if (name == "join") {
    List list;
    std::string out;
    if (!first || !items(*first, list))
      return fail("'join' of no list");
    for (size_t i = 0; i < list.size(); ++i)
      out += (i ? text : "") + textOf(list[i]);
    return Value::of(std::move(out));
  }
  if (first && first->kind == Value::TupleKind && (name == "startswith" || name == "endswith"))
    return Value::of(std::any_of(first->list->begin(), first->list->end(), [&](const Value &one) {
      return matchesEnd(text, one.text, name == "startswith");
    }));
  if (!given(first))
    return fail("'" + name + "' without a text");
  if (name == "startswith" || name == "endswith")
    return Value::of(matchesEnd(text, first->text, name == "startswith"));
  if (name == "removeprefix")
    return Value::of(matchesEnd(text, first->text, true) ? text.substr(first->text.size()) : text);
  if (name == "removesuffix")
    return Value::of(matchesEnd(text, first->text, false)
                         ? text.substr(0, text.size() - first->text.size())
                         : text);
  if (name == "find") {
    size_t at = text.find(first->text);
    return Value::of(at == text.npos ? int64_t(-1)
                                     : int64_t(charactersOf(text.substr(0, at)).size()));
  }
  if (name == "count")
    return first->text.empty()
               ? fail("'count' of nothing is not supported")
               : Value::of(int64_t(splitAt(text, first->text, -1, false).size()) - 1);
  const Value *limit = arguments.find(2, "count"); // replace
  if (!second || second->kind != Value::String || first->text.empty())
    return fail("arguments of 'replace'");
  return Value::of(replaced(text, first->text, second->text,
                            limit && limit->kind == Value::Int ? limit->integer : -1));
}

} // namespace optc::chat
