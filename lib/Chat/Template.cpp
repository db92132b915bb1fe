//===- Template.cpp - chat templates of language models ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Words, tree, and a run for each prompt.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Template.h"

#include "lib/Chat/Evaluator.h"
#include "lib/Chat/Parser.h"

namespace optc::chat {

Template::Template() = default;
Template::~Template() = default;
Template::Template(Template &&) noexcept = default;
Template &Template::operator=(Template &&) noexcept = default;

Error Template::parse(std::string_view text) {
  std::vector<Token> tokens;
  if (Error error = readTokens(text, tokens))
    return error;
  auto tree = std::make_unique<Node>();
  if (Error error = parseTokens(tokens, *tree))
    return error;
  root = std::move(tree);
  return Error();
}

Error Template::render(const json::Value &variables, std::time_t now, std::string &out) const {
  Value given = fromJson(variables);
  if (!root || given.kind != Value::DictKind)
    return templateError(E7016, 0, "it needs an object of variables");
  std::string text;
  Evaluator evaluator(given, now, text);
  evaluator.run(*root);
  if (!evaluator.error)
    out += text;
  return evaluator.error;
}

} // namespace optc::chat
