//===- Lexer.cpp - words of a chat template ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two loops: over text up to the next tag, and over the words of a tag.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Lexer.h"

#include <algorithm>

namespace optc::chat {

Error templateError(ErrorCode code, int line, const std::string &what) {
  return Error(code, "line " + std::to_string(line) + " of the chat template: " + what);
}

static bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool isNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

namespace {
class Lexer {
public:
  Lexer(std::string_view text, std::vector<Token> &tokens) : text(text), tokens(tokens) {}

  Error run() {
    while (at < text.size()) {
      size_t tag = nextTag();
      if (tag == text.npos) {
        add(Token::Text, text.substr(at));
        break;
      }
      if (Error error = oneTag(tag))
        return error;
    }
    tokens.push_back({Token::End, "", line});
    return Error();
  }

private:
  std::string_view text;
  std::vector<Token> &tokens;
  size_t at = 0;
  int line = 1;
  bool lineStarts = true; ///< the text at `at` begins a line

  void add(Token::Kind kind, std::string_view value) {
    if (kind != Token::Text || !value.empty())
      tokens.push_back({kind, std::string(value), line});
  }
  void moveTo(size_t place) {
    line += int(
        std::count(text.begin() + std::ptrdiff_t(at), text.begin() + std::ptrdiff_t(place), '\n'));
    lineStarts = place > 0 && text[place - 1] == '\n';
    at = place;
  }
  Error fail(const std::string &what) { return templateError(E1211, line, what); }

  size_t nextTag() const {
    for (size_t place = text.find('{', at); place != text.npos; place = text.find('{', place + 1))
      if (place + 1 < text.size() && std::string_view("{%#").find(text[place + 1]) != text.npos)
        return place;
    return text.npos;
  }

  /// The text before a tag, less what the tag takes of it.
  std::string_view textBefore(size_t tag) const {
    std::string_view before = text.substr(at, tag - at);
    char sign = tag + 2 < text.size() ? text[tag + 2] : '\0';
    if (sign == '-') {
      while (!before.empty() && isSpace(before.back()))
        before.remove_suffix(1);
      return before;
    }
    if (sign == '+' || text[tag + 1] == '{')
      return before;
    size_t newline = before.rfind('\n');
    size_t start = newline == before.npos ? 0 : newline + 1;
    bool starts = start > 0 || lineStarts;
    bool blank = std::all_of(before.begin() + std::ptrdiff_t(start), before.end(), isSpace);
    return starts && blank ? before.substr(0, start) : before;
  }

  /// Moves behind the end of a tag, of two characters at `place`; a sign stands before it.
  void leaveTag(size_t place, char sign) {
    size_t next = place + 2;
    if (sign == '-')
      while (next < text.size() && isSpace(text[next]))
        ++next;
    else if (sign != '+' && text[place] != '}' && next < text.size() && text[next] == '\n')
      ++next;
    moveTo(next);
  }

  Error oneTag(size_t tag) {
    add(Token::Text, textBefore(tag));
    char kind = text[tag + 1];
    moveTo(tag);
    if (kind == '#') {
      size_t end = text.find("#}", tag + 2);
      if (end == text.npos)
        return fail("a comment without end");
      leaveTag(end, end > tag + 2 ? text[end - 1] : '\0');
      return Error();
    }
    bool output = kind == '{';
    add(output ? Token::OutputBegin : Token::TagBegin, "");
    size_t begin = tag + 2;
    if (begin < text.size() && (text[begin] == '-' || text[begin] == '+'))
      ++begin;
    moveTo(begin);
    return words(output);
  }

  Error words(bool output) {
    std::string_view end = output ? "}}" : "%}";
    int depth = 0; // of brackets: "}}" may end two dictionaries
    while (at < text.size()) {
      char c = text[at];
      if (isSpace(c)) {
        moveTo(at + 1);
        continue;
      }
      bool sign = c == '-' || c == '+';
      if (depth == 0 && text.substr(at + sign, 2) == end) {
        add(output ? Token::OutputEnd : Token::TagEnd, "");
        leaveTag(at + sign, sign ? c : '\0');
        return Error();
      }
      if (Error error = word(depth))
        return error;
    }
    return fail("a tag without end");
  }

  Error word(int &depth) {
    char c = text[at];
    size_t end = at;
    if (isNameStart(c)) {
      while (end < text.size() && (isNameStart(text[end]) || isDigit(text[end])))
        ++end;
      add(Token::Name, text.substr(at, end - at));
    } else if (isDigit(c)) {
      end = numberEnd();
    } else if (c == '"' || c == '\'') {
      return stringWord(c);
    } else {
      static const char *const operators[] = {"**", "//", "==", "!=", "<=", ">=", "+", "-", "*",
                                              "/",  "%",  "~",  "<",  ">",  "=",  ".", ",", ":",
                                              "|",  "(",  ")",  "[",  "]",  "{",  "}"};
      auto fits = [&](std::string_view one) { return text.substr(at, one.size()) == one; };
      auto found = std::find_if(std::begin(operators), std::end(operators), fits);
      if (found == std::end(operators))
        return fail("the character '" + std::string(1, c) + "' is not known in a tag");
      std::string_view one = *found;
      depth += one == "(" || one == "[" || one == "{";
      depth -= one == ")" || one == "]" || one == "}";
      end = at + one.size();
      add(Token::Operator, one);
    }
    moveTo(end);
    return Error();
  }

  size_t numberEnd() {
    size_t end = at;
    while (end < text.size() && isDigit(text[end]))
      ++end;
    bool real = end + 1 < text.size() && text[end] == '.' && isDigit(text[end + 1]);
    if (real)
      for (++end; end < text.size() && isDigit(text[end]);)
        ++end;
    size_t digits =
        end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? end + 2 : end + 1;
    if (digits < text.size() && (text[end] | 0x20) == 'e' && isDigit(text[digits])) {
      real = true;
      for (end = digits; end < text.size() && isDigit(text[end]);)
        ++end;
    }
    add(real ? Token::Float : Token::Int, text.substr(at, end - at));
    return end;
  }

  static void appendUtf8(std::string &out, uint32_t code) {
    if (code < 0x80) {
      out += char(code);
    } else if (code < 0x800) {
      out += {char(0xc0 | code >> 6), char(0x80 | (code & 0x3f))};
    } else {
      out += {char(0xe0 | code >> 12), char(0x80 | (code >> 6 & 0x3f)), char(0x80 | (code & 0x3f))};
    }
  }

  Error stringWord(char quote) {
    std::string value;
    size_t place = at + 1;
    for (; place < text.size() && text[place] != quote; ++place) {
      if (text[place] != '\\' || place + 1 >= text.size()) {
        value += text[place];
        continue;
      }
      char c = text[++place];
      static const char from[] = "nrtabfv\\'\"", to[] = "\n\r\t\a\b\f\v\\'\"";
      size_t known = std::string_view(from).find(c);
      size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
      if (known != std::string_view::npos) {
        value += to[known];
      } else if (digits) {
        std::string hex(text.substr(place + 1, digits));
        bool good =
            hex.size() == digits && hex.find_first_not_of("0123456789abcdefABCDEF") == hex.npos;
        uint32_t code = good ? uint32_t(std::stoul(hex, nullptr, 16)) : 0;
        if (!good || (code >= 0xd800 && code < 0xe000))
          return fail("an escape in a string");
        appendUtf8(value, code);
        place += digits;
      } else if (c == '\n') {
        continue;
      } else if (isDigit(c) || c == 'N' || c == 'U') {
        return fail("the escape '\\" + std::string(1, c) + "' is not supported");
      } else {
        value += {'\\', c};
      }
    }
    if (place >= text.size())
      return fail("a string without end");
    add(Token::String, value);
    moveTo(place + 1);
    return Error();
  }
};
} // namespace

Error readTokens(std::string_view source, std::vector<Token> &tokens) {
  // As Jinja does: one kind of line end, and none at the very end.
  std::string text;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      text += '\n';
      i += i + 1 < source.size() && source[i + 1] == '\n';
    } else {
      text += source[i];
    }
  }
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  return Lexer(text, tokens).run();
}

} // namespace optc::chat
