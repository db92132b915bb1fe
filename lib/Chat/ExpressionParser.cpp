//===- ExpressionParser.cpp - expressions of chat templates --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recursive descent of bounded depth.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/ExpressionParser.h"

#include <cstdlib>

namespace optc::chat {

static constexpr unsigned maxDepth = 100;

bool ExpressionParser::fail(const std::string &what) {
  if (!error)
    error = templateError(E1211, current().line, what);
  return false;
}

bool ExpressionParser::expected(const std::string &what) {
  std::string found = current().kind == Token::End ? "the end" : "'" + current().text + "'";
  return fail("expected " + what + ", found " + found);
}

/// Puts what was read so far under a new node.
static void wrap(Node &node, Node outer) {
  outer.line = node.line;
  outer.children.insert(outer.children.begin(), std::move(node));
  node = std::move(outer);
}

bool ExpressionParser::expression(Node &node) {
  if (++depth > maxDepth)
    return fail("expressions are nested too deeply");
  bool good = anyOf(node);
  while (good && eatName("if")) {
    Node condition = make(Node::Condition);
    condition.children.resize(3);
    condition.children[1] = std::move(node);
    good = anyOf(condition.children[0]);
    if (good && eatName("else"))
      good = expression(condition.children[2]);
    node = std::move(condition);
  }
  --depth;
  return good;
}

bool ExpressionParser::tuple(Node &node, bool condition) {
  auto one = [&](Node &item) { return condition ? expression(item) : anyOf(item); };
  if (!one(node))
    return false;
  if (!isOperator(","))
    return true;
  Node list = make(Node::TupleOf);
  wrap(node, std::move(list));
  while (eat(",")) {
    if (current().kind == Token::TagEnd || current().kind == Token::OutputEnd || isOperator(")"))
      break;
    node.children.emplace_back();
    if (!one(node.children.back()))
      return false;
  }
  return true;
}

bool ExpressionParser::binary(Node &node, std::initializer_list<const char *> operators,
                              bool (ExpressionParser::*next)(Node &)) {
  if (!(this->*next)(node))
    return false;
  for (;;) {
    const char *found = nullptr;
    for (const char *one : operators)
      if (isOperator(one) || isName(one))
        found = one;
    if (!found)
      return true;
    ++at;
    Node outer = make(Node::Binary);
    outer.text = found;
    wrap(node, std::move(outer));
    node.children.emplace_back();
    if (!(this->*next)(node.children.back()))
      return false;
  }
}

bool ExpressionParser::anyOf(Node &node) { return binary(node, {"or"}, &ExpressionParser::allOf); }
bool ExpressionParser::allOf(Node &node) {
  return binary(node, {"and"}, &ExpressionParser::negation);
}

bool ExpressionParser::negation(Node &node) {
  if (!isName("not"))
    return comparison(node);
  node = make(Node::Unary);
  node.text = "not";
  node.children.emplace_back();
  ++at;
  if (++depth > maxDepth)
    return fail("expressions are nested too deeply");
  bool good = negation(node.children[0]);
  --depth;
  return good;
}

bool ExpressionParser::comparison(Node &node) {
  if (!sum(node))
    return false;
  Node outer = make(Node::Compare);
  for (;;) {
    std::string found;
    for (const char *one : {"==", "!=", "<", ">", "<=", ">="})
      if (isOperator(one))
        found = one;
    if (isName("in"))
      found = "in";
    bool isNotIn = isName("not") && ahead().kind == Token::Name && ahead().text == "in";
    if (isNotIn) {
      found = "not in";
      ++at;
    }
    if (found.empty())
      break;
    ++at;
    outer.names.push_back(found);
    outer.children.emplace_back();
    if (!sum(outer.children.back()))
      return false;
  }
  if (!outer.names.empty())
    wrap(node, std::move(outer));
  return true;
}

bool ExpressionParser::sum(Node &node) {
  return binary(node, {"+", "-"}, &ExpressionParser::joined);
}
bool ExpressionParser::joined(Node &node) {
  return binary(node, {"~"}, &ExpressionParser::product);
}
bool ExpressionParser::product(Node &node) {
  return binary(node, {"*", "/", "//", "%"}, &ExpressionParser::power);
}
bool ExpressionParser::power(Node &node) { return binary(node, {"**"}, &ExpressionParser::unary); }

bool ExpressionParser::unaryWith(Node &node, bool filters) {
  if (isOperator("-") || isOperator("+")) {
    node = make(Node::Unary);
    node.text = current().text;
    node.children.emplace_back();
    ++at;
    if (++depth > maxDepth)
      return fail("expressions are nested too deeply");
    if (!unaryWith(node.children[0], false))
      return false;
    --depth;
  } else if (!primary(node)) {
    return false;
  }
  return postfix(node) && (!filters || filtersAndTests(node));
}

bool ExpressionParser::primary(Node &node) {
  node = make(Node::Literal);
  const Token &token = current();
  switch (token.kind) {
  case Token::Name: {
    const std::string &name = token.text;
    ++at;
    if (name == "true" || name == "True" || name == "false" || name == "False") {
      node.value = Value::of(name == "true" || name == "True");
    } else if (name == "none" || name == "None") {
      node.value = Value::none();
    } else {
      node.kind = Node::Name;
      node.text = name;
    }
    return true;
  }
  case Token::String: // neighbours are one
    node.value = Value::of(std::string());
    for (; current().kind == Token::String; ++at)
      node.value.text += current().text;
    return true;
  case Token::Int:
    if (token.text.size() > 18)
      return fail("a number that is too large");
    node.value = Value::of(int64_t(std::strtoll(token.text.c_str(), nullptr, 10)));
    ++at;
    return true;
  case Token::Float:
    node.value = Value::of(std::strtod(token.text.c_str(), nullptr));
    ++at;
    return true;
  default:
    break;
  }
  if (eat("("))
    return bracketed(node, Node::TupleOf, ")");
  if (eat("["))
    return bracketed(node, Node::ListOf, "]");
  return eat("{") ? dictionary(node) : expected("an expression");
}

/// Behind '(' or '['.
bool ExpressionParser::bracketed(Node &node, Node::Kind kind, const char *end) {
  node.kind = kind;
  bool comma = false;
  while (!eat(end)) {
    node.children.emplace_back();
    if (!expression(node.children.back()))
      return false;
    comma = eat(",");
    if (!comma && !isOperator(end))
      return expected("',' or '" + std::string(end) + "'");
  }
  if (kind == Node::TupleOf && node.children.size() == 1 && !comma) {
    Node only = std::move(node.children[0]);
    node = std::move(only);
  }
  return true;
}

bool ExpressionParser::dictionary(Node &node) {
  node.kind = Node::DictOf;
  while (!eat("}")) {
    Node key, value;
    if (!expression(key) || !expect(":") || !expression(value))
      return false;
    node.children.push_back(std::move(key));
    node.children.push_back(std::move(value));
    if (!eat(",") && !isOperator("}"))
      return expected("',' or '}'");
  }
  return true;
}

bool ExpressionParser::postfix(Node &node) {
  for (;;) {
    if (eat(".")) {
      Node outer = make(Node::Attribute);
      outer.text = current().text;
      bool isIndex = current().kind == Token::Int;
      if (!isIndex && current().kind != Token::Name)
        return expected("a name");
      wrap(node, std::move(outer));
      if (isIndex) {
        node.kind = Node::Subscript;
        Node index = make(Node::Literal);
        index.value = Value::of(int64_t(std::strtoll(node.text.c_str(), nullptr, 10)));
        node.children.push_back(std::move(index));
      }
      ++at;
    } else if (eat("[")) {
      if (!subscript(node))
        return false;
    } else if (isOperator("(")) {
      wrap(node, make(Node::Call));
      if (!arguments(node))
        return false;
    } else {
      return true;
    }
  }
}

/// Behind '[': an index, or start:stop:step.
bool ExpressionParser::subscript(Node &node) {
  Node outer = make(Node::Subscript);
  outer.children.resize(3);
  int colons = 0;
  while (!eat("]")) {
    if (eat(":")) {
      if (++colons > 2)
        return expected("']'");
      continue;
    }
    if (outer.children[size_t(colons)].kind != Node::Absent)
      return expected("']'");
    if (!expression(outer.children[size_t(colons)]))
      return false;
  }
  if (colons)
    outer.kind = Node::Slice;
  else if (outer.children[0].kind == Node::Absent)
    return expected("an index");
  else
    outer.children.resize(1);
  wrap(node, std::move(outer));
  return true;
}

/// From '(' on; appends to the children, and to the names.
bool ExpressionParser::arguments(Node &node) {
  ++at;
  while (!eat(")")) {
    if (isOperator("*") || isOperator("**"))
      return fail("'*' in arguments is not supported");
    bool named =
        current().kind == Token::Name && ahead().kind == Token::Operator && ahead().text == "=";
    node.names.push_back(named ? current().text : std::string());
    at += named ? 2 : 0;
    node.children.emplace_back();
    if (!expression(node.children.back()))
      return false;
    if (!eat(",") && !isOperator(")"))
      return expected("',' or ')'");
  }
  return true;
}

bool ExpressionParser::filtersAndTests(Node &node) {
  for (;;) {
    if (eat("|")) {
      Node outer = make(Node::Filter);
      outer.text = current().text;
      if (current().kind != Token::Name)
        return expected("the name of a filter");
      if (!isFilter(outer.text))
        return fail("the filter '" + outer.text + "' is not supported");
      ++at;
      wrap(node, std::move(outer));
      if (isOperator("(") && !arguments(node))
        return false;
    } else if (eatName("is")) {
      if (!test(node))
        return false;
    } else if (isOperator("(")) {
      wrap(node, make(Node::Call));
      if (!arguments(node))
        return false;
    } else {
      return true;
    }
  }
}

/// Behind "is".
bool ExpressionParser::test(Node &node) {
  bool negative = eatName("not");
  Node outer = make(Node::Test);
  outer.text = current().text;
  if (current().kind != Token::Name)
    return expected("the name of a test");
  if (!isTest(outer.text))
    return fail("the test '" + outer.text + "' is not supported");
  ++at;
  wrap(node, std::move(outer));
  bool word = current().kind == Token::Name && !isName("else") && !isName("or") && !isName("and") &&
              !isName("is") && !isName("if") && !isName("not") && !isName("in");
  bool literal = current().kind == Token::String || current().kind == Token::Int ||
                 current().kind == Token::Float || isOperator("[") || isOperator("{");
  if (isOperator("(")) {
    if (!arguments(node))
      return false;
  } else if (word || literal) {
    node.children.emplace_back();
    if (!primary(node.children.back()) || !postfix(node.children.back()))
      return false;
  }
  if (negative) {
    Node inverse = make(Node::Unary);
    inverse.text = "not";
    wrap(node, std::move(inverse));
  }
  return true;
}

} // namespace optc::chat
