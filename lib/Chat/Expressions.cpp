//===- Expressions.cpp - running a chat template: expressions ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators, members, slices and calls as in Python.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Evaluator.h"

#include <algorithm>
#include <cmath>

namespace optc::chat {

static constexpr size_t maxText = size_t(64) << 20;

Value Evaluator::name(const std::string &name) {
  for (size_t i = scopes.size(); i-- > 0;) {
    auto found = scopes[i].find(name);
    if (found != scopes[i].end())
      return found->second;
  }
  for (const char *function : {"range", "namespace", "dict", "raise_exception", "strftime_now"})
    if (name == function)
      return Value::of(name, Value::Function);
  return Value::of(name, Value::Undefined);
}

Value Evaluator::evaluate(const Node &node) {
  if (error)
    return {};
  line = node.line;
  ++steps;
  switch (node.kind) {
  case Node::Literal:
    return node.value;
  case Node::Name:
    return name(node.text);
  case Node::ListOf:
  case Node::TupleOf: {
    List list;
    for (const Node &child : node.children)
      list.push_back(evaluate(child));
    return Value::of(std::move(list),
                     node.kind == Node::ListOf ? Value::ListKind : Value::TupleKind);
  }
  case Node::DictOf:
    return literalDict(node);
  case Node::Attribute:
    return attribute(evaluate(node.children[0]), node.text);
  case Node::Subscript: {
    Value object = evaluate(node.children[0]);
    return subscript(object, evaluate(node.children[1]));
  }
  case Node::Slice:
    return slice(node);
  case Node::Call:
    return call(node);
  case Node::Filter: {
    Value value = evaluate(node.children[0]);
    Arguments arguments = argumentsOf(node);
    return error ? Value() : callFilter(node.text, value, arguments);
  }
  case Node::Test: {
    Value value = evaluate(node.children[0]);
    Arguments arguments = argumentsOf(node);
    return error ? Value() : Value::of(callTest(node.text, value, arguments));
  }
  case Node::Unary:
    return unary(node);
  case Node::Binary: {
    Value left = evaluate(node.children[0]);
    if (node.text == "and" || node.text == "or")
      return left.truth() == (node.text == "or") ? left : evaluate(node.children[1]);
    Value right = evaluate(node.children[1]);
    line = node.line;
    return error ? Value() : binary(node.text, left, right);
  }
  case Node::Compare:
    return compare(node);
  case Node::Condition:
    return condition(node);
  default:
    return {};
  }
}

Value Evaluator::condition(const Node &node) {
  if (evaluate(node.children[0]).truth())
    return evaluate(node.children[1]);
  return node.children[2].kind == Node::Absent ? Value() : evaluate(node.children[2]);
}

Value Evaluator::literalDict(const Node &node) {
  Dict members;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    Value key = evaluate(node.children[i]), value = evaluate(node.children[i + 1]);
    if (key.kind != Value::String)
      return fail("a key that is no string is not supported");
    auto same = std::find_if(members.begin(), members.end(),
                             [&](const auto &one) { return one.first == key.text; });
    if (same == members.end())
      members.emplace_back(key.text, value);
    else
      same->second = value;
  }
  return Value::of(std::move(members));
}

Value Evaluator::unary(const Node &node) {
  Value value = evaluate(node.children[0]);
  if (node.text == "not")
    return Value::of(!value.truth());
  if (!value.isNumber())
    return fail("'" + node.text + "' of " + value.kindName());
  if (value.kind == Value::Float)
    return Value::of(node.text == "-" ? -value.real : value.real);
  return Value::of(node.text == "-" ? int64_t(0 - uint64_t(value.whole())) : value.whole());
}

bool Evaluator::contains(const Value &container, const Value &value) {
  if (container.kind == Value::String && value.kind == Value::String)
    return container.text.find(value.text) != std::string::npos;
  if (container.kind == Value::DictKind)
    return value.kind == Value::String && container.find(value.text);
  if (container.isList())
    return std::any_of(container.list->begin(), container.list->end(),
                       [&](const Value &item) { return equal(item, value); });
  if (container.kind != Value::Undefined)
    fail("'in' " + container.kindName());
  else if (!container.text.empty() || value.kind != Value::Undefined)
    return false;
  return false;
}

bool Evaluator::less(const Value &a, const Value &b) {
  if (a.isNumber() && b.isNumber())
    return a.kind == Value::Float || b.kind == Value::Float ? a.number() < b.number()
                                                            : a.whole() < b.whole();
  if (a.kind == Value::String && b.kind == Value::String)
    return a.text < b.text;
  if (a.isList() && a.kind == b.kind)
    return std::lexicographical_compare(a.list->begin(), a.list->end(), b.list->begin(),
                                        b.list->end(),
                                        [&](const Value &x, const Value &y) { return less(x, y); });
  fail("'<' of " + a.kindName() + " and " + b.kindName());
  return false;
}

Value Evaluator::compare(const Node &node) {
  Value left = evaluate(node.children[0]);
  for (size_t i = 0; i < node.names.size(); ++i) {
    const std::string &name = node.names[i];
    Value right = evaluate(node.children[i + 1]);
    if (error)
      return {};
    bool good = name == "=="       ? equal(left, right)
                : name == "!="     ? !equal(left, right)
                : name == "in"     ? contains(right, left)
                : name == "not in" ? !contains(right, left)
                : name == "<"      ? less(left, right)
                : name == ">"      ? less(right, left)
                : name == "<="     ? !less(right, left)
                                   : !less(left, right);
    if (!good)
      return Value::of(false);
    left = std::move(right);
  }
  return Value::of(true);
}

static int64_t floorDivision(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

/// Operators of whole numbers; false where the result does not fit.
static bool wholeBinary(char name, int64_t a, int64_t b, int64_t &result) {
  switch (name) {
  case '+':
    return !__builtin_add_overflow(a, b, &result);
  case '-':
    return !__builtin_sub_overflow(a, b, &result);
  case '*':
    return !__builtin_mul_overflow(a, b, &result);
  case '/':
    return b != 0 && b != -1 && (result = floorDivision(a, b), true);
  default:
    return b != 0 && b != -1 && (result = a - floorDivision(a, b) * b, true);
  }
}

Value Evaluator::binary(const std::string &name, const Value &a, const Value &b) {
  if (name == "~")
    return Value::of(textOf(a) + textOf(b));
  if (name == "+" && a.kind == Value::String && b.kind == Value::String)
    return Value::of(a.text + b.text);
  if (name == "+" && a.isList() && a.kind == b.kind) {
    List list = *a.list;
    list.insert(list.end(), b.list->begin(), b.list->end());
    return Value::of(std::move(list), a.kind);
  }
  if (name == "*" && a.kind == Value::String && b.kind == Value::Int) {
    if (b.integer > 0 && a.text.size() > maxText / size_t(b.integer))
      return fail("a text that is too long");
    std::string text;
    for (int64_t i = 0; i < b.integer; ++i)
      text += a.text;
    return Value::of(std::move(text));
  }
  if (!a.isNumber() || !b.isNumber())
    return fail("'" + name + "' of " + a.kindName() +
                (a.kind == Value::Undefined ? " '" + a.text + "'" : "") + " and " + b.kindName() +
                (b.kind == Value::Undefined ? " '" + b.text + "'" : ""));
  bool real = a.kind == Value::Float || b.kind == Value::Float || name == "/";
  int64_t result = 0;
  if (!real && name != "**") {
    if (!wholeBinary(name[0], a.whole(), b.whole(), result))
      return fail("'" + name + "' of these numbers");
    return Value::of(result);
  }
  if (b.number() == 0 && (name[0] == '/' || name == "%"))
    return fail("a division by zero");
  double x = a.number(), y = b.number();
  if (name == "**") {
    double value = std::pow(x, y);
    bool whole =
        a.kind != Value::Float && b.kind != Value::Float && y >= 0 && std::fabs(value) < 9e15;
    return whole ? Value::of(int64_t(value)) : Value::of(value);
  }
  return Value::of(name == "+"    ? x + y
                   : name == "-"  ? x - y
                   : name == "*"  ? x * y
                   : name == "/"  ? x / y
                   : name == "//" ? std::floor(x / y)
                                  : x - std::floor(x / y) * y);
}

static bool isIn(const std::string &name, std::initializer_list<const char *> names) {
  return std::any_of(names.begin(), names.end(), [&](const char *one) { return name == one; });
}

Value Evaluator::attribute(const Value &object, const std::string &name) {
  bool method = false;
  switch (object.kind) {
  case Value::Undefined:
    return fail("'" + object.text + "' is undefined, and has no '" + name + "'");
  case Value::DictKind:
    method = isIn(name, {"items", "keys", "values", "get"});
    break;
  case Value::Namespace:
    method = name == "cycle";
    break;
  case Value::String:
    method = isIn(name, {"strip",      "lstrip",       "rstrip",       "split",    "rsplit",
                         "splitlines", "replace",      "startswith",   "endswith", "upper",
                         "lower",      "title",        "capitalize",   "find",     "count",
                         "join",       "removeprefix", "removesuffix", "isdigit",  "isspace"});
    break;
  case Value::ListKind:
  case Value::TupleKind:
    method = isIn(name, {"index", "count"});
    break;
  default:
    break;
  }
  if (method) {
    Value value = Value::of(name, Value::Function);
    value.list = std::make_shared<List>(List{object});
    return value;
  }
  const Value *found = object.find(name);
  if (!found && object.kind == Value::String &&
      isIn(name, {"format", "encode", "zfill", "center", "ljust", "rjust"}))
    return fail("the method '" + name + "' is not supported");
  return found ? *found : Value::of(name, Value::Undefined);
}

Value Evaluator::subscript(const Value &object, const Value &index) {
  if (index.kind == Value::String &&
      (object.kind == Value::DictKind || object.kind == Value::Namespace)) {
    const Value *found = object.find(index.text);
    return found ? *found : Value::of(index.text, Value::Undefined);
  }
  if (object.kind == Value::Undefined)
    return fail("'" + object.text + "' is undefined, and has no '" + textOf(index) + "'");
  if (index.kind == Value::String)
    return attribute(object, index.text);
  List list;
  if (index.kind != Value::Int || (!object.isList() && object.kind != Value::String) ||
      !items(object, list))
    return error ? Value() : Value::of(textOf(index), Value::Undefined);
  int64_t at = index.integer < 0 ? index.integer + int64_t(list.size()) : index.integer;
  if (at < 0 || at >= int64_t(list.size()))
    return Value::of(textOf(index), Value::Undefined);
  return list[size_t(at)];
}

Value Evaluator::slice(const Node &node) {
  Value object = evaluate(node.children[0]);
  List list;
  if (!object.isList() && object.kind != Value::String)
    return fail("a slice of " + object.kindName());
  if (!items(object, list))
    return {};
  int64_t size = int64_t(list.size());
  Value bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    bounds[i] =
        node.children[i + 1].kind == Node::Absent ? Value::none() : evaluate(node.children[i + 1]);
    if (bounds[i].kind != Value::Int && bounds[i].kind != Value::None)
      return fail("a bound of a slice that is " + bounds[i].kindName());
  }
  int64_t step = bounds[2].kind == Value::Int ? bounds[2].integer : 1;
  if (step == 0)
    return fail("a slice with step 0");
  int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
  auto bound = [&](const Value &value, int64_t otherwise) {
    if (value.kind == Value::None)
      return otherwise;
    int64_t at = value.integer < 0 ? value.integer + size : value.integer;
    return std::clamp(at, lowest, highest);
  };
  int64_t begin = bound(bounds[0], step > 0 ? 0 : size - 1),
          end = bound(bounds[1], step > 0 ? size : -1);
  List out;
  for (int64_t at = begin; step > 0 ? at < end : at > end; at += step) {
    out.push_back(list[size_t(at)]);
    if (step > size || step < -size)
      break;
  }
  if (object.kind != Value::String)
    return Value::of(std::move(out), object.kind);
  std::string text;
  for (const Value &one : out)
    text += one.text;
  return Value::of(std::move(text));
}

Arguments Evaluator::argumentsOf(const Node &node) {
  Arguments arguments;
  for (size_t i = 1; i < node.children.size(); ++i) {
    Value value = evaluate(node.children[i]);
    std::string name = i - 1 < node.names.size() ? node.names[i - 1] : "";
    if (name.empty())
      arguments.places.push_back(std::move(value));
    else
      arguments.names[name] = std::move(value);
  }
  line = node.line;
  return arguments;
}

bool Evaluator::items(const Value &value, List &out) {
  if (value.isList())
    out = *value.list;
  else if (value.kind == Value::String)
    out = charactersOf(value.text);
  else if (value.kind == Value::DictKind)
    for (const auto &[key, member] : *value.dict)
      out.push_back(Value::of(key));
  else if (value.kind != Value::Undefined)
    fail(value.kindName() + " has no items");
  return !error;
}

} // namespace optc::chat
