//===- Parser.cpp - a chat template as a tree ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statements: text, output, and the tags that are known.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Parser.h"

#include "lib/Chat/ExpressionParser.h"

namespace optc::chat {

namespace {
class Parser : public ExpressionParser {
public:
  using ExpressionParser::ExpressionParser;

  bool whole(Node &root) {
    return body(root, {}) &&
           (current().kind == Token::End || fail("'" + ahead().text + "' without its beginning"));
  }

private:
  static constexpr unsigned maxBodies = 50;
  unsigned bodies = 0, loops = 0;

  /// At a tag that begins with this word.
  bool atTag(const char *word) const {
    return current().kind == Token::TagBegin && ahead().kind == Token::Name && ahead().text == word;
  }

  /// Statements up to a tag of `ends`, or the end.
  bool body(Node &node, std::initializer_list<const char *> ends) {
    node = make(Node::Body);
    if (++bodies > maxBodies)
      return fail("statements are nested too deeply");
    while (current().kind != Token::End) {
      for (const char *end : ends)
        if (atTag(end)) {
          --bodies;
          return true;
        }
      Node one = make(Node::Text);
      if (current().kind == Token::Text) {
        one.text = current().text;
        ++at;
      } else if (current().kind == Token::OutputBegin) {
        if (!output(one))
          return false;
      } else if (!statement(one)) {
        return false;
      }
      node.children.push_back(std::move(one));
    }
    --bodies;
    return ends.size() == 0 || fail("'" + std::string(*(ends.end() - 1)) + "' is missing");
  }

  bool output(Node &node) {
    node.kind = Node::Output;
    ++at;
    node.children.emplace_back();
    if (!tuple(node.children[0]))
      return false;
    if (current().kind != Token::OutputEnd)
      return expected("'}}'");
    ++at;
    return true;
  }

  bool endOfTag() {
    if (current().kind != Token::TagEnd)
      return expected("'%}'");
    ++at;
    return true;
  }
  /// {% word %}
  bool wholeTag(const char *word) {
    if (!atTag(word))
      return expected(word);
    at += 2;
    return endOfTag();
  }

  bool statement(Node &node) {
    ++at;
    if (current().kind != Token::Name)
      return expected("a statement");
    std::string word = current().text;
    node.line = current().line;
    if (word != "if" && word != "for" && word != "set" && word != "macro" && word != "break" &&
        word != "continue" && word != "generation")
      return fail("the statement '" + word + "' is not supported");
    ++at;
    if (word == "if")
      return conditional(node);
    if (word == "for")
      return loop(node);
    if (word == "set")
      return assignment(node);
    if (word == "macro")
      return macro(node);
    if (word == "generation") // marks what the assistant wrote, for training
      return endOfTag() && body(node, {"endgeneration"}) && wholeTag("endgeneration");
    node.kind = word == "break" ? Node::Break : Node::Continue;
    return loops ? endOfTag() : fail("'" + word + "' outside of a loop");
  }

  bool conditional(Node &node) {
    node.kind = Node::If;
    for (;;) {
      Node condition, then;
      if (!tuple(condition) || !endOfTag() || !body(then, {"elif", "else", "endif"}))
        return false;
      node.children.push_back(std::move(condition));
      node.children.push_back(std::move(then));
      if (!atTag("elif"))
        break;
      at += 2;
    }
    if (atTag("else")) {
      node.children.emplace_back();
      if (!wholeTag("else") || !body(node.children.back(), {"endif"}))
        return false;
    }
    return wholeTag("endif");
  }

  bool targets(Node &node) {
    bool bracket = eat("(");
    do {
      if (current().kind != Token::Name)
        return expected("a name");
      node.names.push_back(current().text);
      ++at;
    } while (eat(","));
    return !bracket || expect(")");
  }

  bool loop(Node &node) {
    node.kind = Node::For;
    node.children.resize(4);
    if (!targets(node) || !(eatName("in") || expected("'in'")) || !tuple(node.children[0], false))
      return false;
    if (eatName("if") && !expression(node.children[1]))
      return false;
    if (isName("recursive"))
      return fail("a recursive loop is not supported");
    ++loops;
    bool good = endOfTag() && body(node.children[2], {"else", "endfor"});
    --loops;
    if (good && atTag("else"))
      good = wholeTag("else") && body(node.children[3], {"endfor"});
    return good && wholeTag("endfor");
  }

  bool assignment(Node &node) {
    node.kind = Node::Set;
    node.children.emplace_back();
    if (ahead().text == "." && ahead().kind == Token::Operator) {
      node.kind = Node::SetMember;
      node.text = current().text;
      at += 2;
    }
    if (!targets(node))
      return false;
    if (eat("="))
      return tuple(node.children[0]) && endOfTag();
    if (node.names.size() != 1 || node.kind == Node::SetMember)
      return expected("'='");
    if (isOperator("|"))
      return fail("a filter of a block is not supported");
    node.kind = Node::SetBody;
    return endOfTag() && body(node.children[0], {"endset"}) && wholeTag("endset");
  }

  bool macro(Node &node) {
    node.kind = Node::Macro;
    node.text = current().text;
    if (current().kind != Token::Name)
      return expected("a name");
    ++at;
    if (!expect("("))
      return false;
    while (!eat(")")) {
      if (current().kind != Token::Name)
        return expected("a name");
      node.names.push_back(current().text);
      node.children.emplace_back();
      ++at;
      if (eat("=") && !expression(node.children.back()))
        return false;
      if (!eat(",") && !isOperator(")"))
        return expected("',' or ')'");
    }
    node.children.emplace_back();
    unsigned outer = loops;
    loops = 0;
    bool good = endOfTag() && body(node.children.back(), {"endmacro"});
    loops = outer;
    return good && wholeTag("endmacro");
  }
};
} // namespace

Error parseTokens(const std::vector<Token> &tokens, Node &root) {
  Parser parser(tokens);
  parser.whole(root);
  return parser.error;
}

} // namespace optc::chat
