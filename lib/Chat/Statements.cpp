//===- Statements.cpp - running a chat template: statements --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Text, output, conditions, loops, assignments, macros.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Evaluator.h"
#include "lib/Chat/Lexer.h"

namespace optc::chat {

static constexpr size_t maxSteps = 5'000'000, maxOutput = size_t(256) << 20;
static constexpr unsigned maxDepth = 60;

Evaluator::Evaluator(const Value &variables, std::time_t now, std::string &out)
    : now(now), out(&out) {
  scopes.emplace_back();
  for (auto &[name, value] : *variables.dict)
    scopes[0][name] = value;
  scopes.emplace_back();
}

Value Evaluator::fail(const std::string &what) {
  if (!error)
    error = templateError(E7016, line, what);
  return {};
}

void Evaluator::statement(const Node &node) {
  if (error || flow != Flow::Normal)
    return;
  line = node.line;
  if (++steps > maxSteps || out->size() > maxOutput || depth > maxDepth) {
    fail("it runs for too long, or writes too much");
    return;
  }
  switch (node.kind) {
  case Node::Body:
    for (const Node &child : node.children)
      statement(child);
    break;
  case Node::Text:
    *out += node.text;
    break;
  case Node::Output:
    *out += textOf(evaluate(node.children[0]));
    break;
  case Node::If:
    conditional(node);
    break;
  case Node::For:
    loop(node);
    break;
  case Node::Set:
    assign(node.names, evaluate(node.children[0]));
    break;
  case Node::SetMember:
    setMember(node);
    break;
  case Node::SetBody:
    assign(node.names, Value::of(bodyText(node.children[0])));
    break;
  case Node::Macro: {
    Value macro = Value::of(Value::Macro);
    macro.macro = &node;
    assign({node.text}, macro);
    break;
  }
  case Node::Break:
    flow = Flow::Break;
    break;
  case Node::Continue:
    flow = Flow::Continue;
    break;
  default:
    break;
  }
}

void Evaluator::conditional(const Node &node) {
  size_t i = 0;
  for (; i + 1 < node.children.size(); i += 2)
    if (evaluate(node.children[i]).truth())
      return statement(node.children[i + 1]);
  if (i < node.children.size())
    statement(node.children[i]);
}

void Evaluator::loop(const Node &node) {
  List all, list;
  if (!items(evaluate(node.children[0]), all))
    return;
  if (node.children[1].kind == Node::Absent) {
    list = std::move(all);
  } else {
    scopes.emplace_back();
    for (const Value &item : all) {
      assign(node.names, item);
      if (evaluate(node.children[1]).truth())
        list.push_back(item);
    }
    scopes.pop_back();
  }
  if (!iterate(node, list) && node.children[3].kind != Node::Absent)
    statement(node.children[3]);
}

/// Whether a round came to its end: if none does, not even for `continue`, Jinja runs the loop's
/// else.
bool Evaluator::iterate(const Node &node, const List &list) {
  bool ended = false;
  for (size_t i = 0; i < list.size() && !error; ++i) {
    // What a round sets is forgotten after it.
    scopes.emplace_back();
    assign(node.names, list[i]);
    scopes.back()["loop"] = loopVariable(list, i);
    ++depth;
    statement(node.children[2]);
    --depth;
    scopes.pop_back();
    bool last = flow == Flow::Break;
    ended |= flow == Flow::Normal;
    flow = Flow::Normal;
    if (last)
      break;
  }
  return ended;
}

Value Evaluator::loopVariable(const List &list, size_t index) const {
  auto number = [](size_t value) { return Value::of(int64_t(value)); };
  size_t size = list.size();
  Dict members = {{"index", number(index + 1)},
                  {"index0", number(index)},
                  {"revindex", number(size - index)},
                  {"revindex0", number(size - index - 1)},
                  {"first", Value::of(index == 0)},
                  {"last", Value::of(index + 1 == size)},
                  {"length", number(size)}};
  if (index > 0)
    members.emplace_back("previtem", list[index - 1]);
  if (index + 1 < size)
    members.emplace_back("nextitem", list[index + 1]);
  return Value::of(std::move(members), Value::Namespace);
}

void Evaluator::assign(const std::vector<std::string> &names, const Value &value) {
  if (error)
    return;
  if (names.size() == 1) {
    scopes.back()[names[0]] = value;
    return;
  }
  List list;
  if (!items(value, list))
    return;
  if (list.size() != names.size()) {
    fail("there are " + std::to_string(list.size()) + " values for " +
         std::to_string(names.size()) + " names");
    return;
  }
  for (size_t i = 0; i < names.size(); ++i)
    scopes.back()[names[i]] = list[i];
}

void Evaluator::setMember(const Node &node) {
  Value object = name(node.text), value = evaluate(node.children[0]);
  if (error)
    return;
  if (object.kind != Value::Namespace) {
    fail("'" + node.text + "' is no namespace");
    return;
  }
  for (auto &[key, member] : *object.dict)
    if (key == node.names[0]) {
      member = value;
      return;
    }
  object.dict->emplace_back(node.names[0], value);
}

std::string Evaluator::bodyText(const Node &body) {
  std::string text;
  std::string *before = out;
  out = &text;
  statement(body);
  out = before;
  return text;
}

Value Evaluator::callMacro(const Node &macro, const Arguments &arguments) {
  if (++depth > maxDepth)
    return fail("macros call each other too deeply");
  size_t count = macro.names.size();
  if (arguments.places.size() > count)
    return fail("the macro '" + macro.text + "' takes " + std::to_string(count) + " arguments");
  Scope scope;
  for (size_t i = 0; i < count; ++i) {
    const Value *given = arguments.find(i, macro.names[i].c_str());
    const Node &other = macro.children[i];
    scope[macro.names[i]] = given ? *given : other.kind == Node::Absent ? Value() : evaluate(other);
  }
  // A macro sees what the template itself has set, and nothing of where it is called.
  std::vector<Scope> outer(std::make_move_iterator(scopes.begin() + 2),
                           std::make_move_iterator(scopes.end()));
  scopes.resize(2);
  scopes.push_back(std::move(scope));
  std::string text = bodyText(macro.children.back());
  scopes.resize(2);
  scopes.insert(scopes.end(), std::make_move_iterator(outer.begin()),
                std::make_move_iterator(outer.end()));
  --depth;
  return Value::of(std::move(text));
}

} // namespace optc::chat
