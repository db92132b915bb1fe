//===- Lexer.h - words of a chat template --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts a template into text, and the words within its tags. White space around tags goes here, as
// trim_blocks, lstrip_blocks and the signs - and + say.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_LEXER_H
#define OPTC_CHAT_LEXER_H

#include "lib/Support/Errors.h"

#include <string>
#include <string_view>
#include <vector>

namespace optc::chat {

struct Token {
  enum Kind {
    Text,
    OutputBegin,
    OutputEnd,
    TagBegin,
    TagEnd,
    Name,
    String,
    Int,
    Float,
    Operator,
    End
  };
  Kind kind;
  std::string text;
  int line;
};

/// "line N of the chat template: what"
Error templateError(ErrorCode code, int line, const std::string &what);

Error readTokens(std::string_view text, std::vector<Token> &tokens);

} // namespace optc::chat

#endif // OPTC_CHAT_LEXER_H
