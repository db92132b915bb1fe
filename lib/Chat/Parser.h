//===- Parser.h - a chat template as a tree ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads the words of a template into a tree.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_PARSER_H
#define OPTC_CHAT_PARSER_H

#include "lib/Chat/Lexer.h"
#include "lib/Chat/Node.h"

namespace optc::chat {

Error parseTokens(const std::vector<Token> &tokens, Node &root);

} // namespace optc::chat

#endif // OPTC_CHAT_PARSER_H
