//===- ExpressionParser.h - expressions of chat templates ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The levels of Jinja's expressions, from conditions down to names. The parser of statements is
// built on it.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_EXPRESSIONPARSER_H
#define OPTC_CHAT_EXPRESSIONPARSER_H

#include "lib/Chat/Lexer.h"
#include "lib/Chat/Node.h"

#include <initializer_list>

namespace optc::chat {

/// Functions return false once `error` is set.
class ExpressionParser {
public:
  explicit ExpressionParser(const std::vector<Token> &tokens) : tokens(tokens) {}

  Error error;

protected:
  const Token &current() const { return tokens[at]; }
  const Token &ahead() const { return tokens[at + 1 < tokens.size() ? at + 1 : at]; }
  bool is(Token::Kind kind, const char *text) const {
    return current().kind == kind && current().text == text;
  }
  bool isOperator(const char *text) const { return is(Token::Operator, text); }
  bool isName(const char *text) const { return is(Token::Name, text); }
  bool eat(const char *text) {
    if (!isOperator(text))
      return false;
    ++at;
    return true;
  }
  bool eatName(const char *text) {
    if (!isName(text))
      return false;
    ++at;
    return true;
  }
  bool fail(const std::string &what);
  bool expected(const std::string &what);
  bool expect(const char *text) { return eat(text) || expected("'" + std::string(text) + "'"); }
  Node make(Node::Kind kind) const {
    Node node;
    node.kind = kind;
    node.line = current().line;
    return node;
  }

  bool expression(Node &node);
  /// An expression, or several with commas between: a tuple. `condition`: with `if`.
  bool tuple(Node &node, bool condition = true);
  bool anyOf(Node &node);

  size_t at = 0;
  unsigned depth = 0;

private:
  bool binary(Node &node, std::initializer_list<const char *> operators,
              bool (ExpressionParser::*next)(Node &));
  bool allOf(Node &node);
  bool negation(Node &node);
  bool comparison(Node &node);
  bool sum(Node &node);
  bool joined(Node &node);
  bool product(Node &node);
  bool power(Node &node);
  bool unary(Node &node) { return unaryWith(node, true); }
  bool unaryWith(Node &node, bool filters);
  bool primary(Node &node);
  bool bracketed(Node &node, Node::Kind kind, const char *end);
  bool dictionary(Node &node);
  bool postfix(Node &node);
  bool subscript(Node &node);
  bool filtersAndTests(Node &node);
  bool test(Node &node);
  bool arguments(Node &node);

  const std::vector<Token> &tokens;
};

} // namespace optc::chat

#endif // OPTC_CHAT_EXPRESSIONPARSER_H
