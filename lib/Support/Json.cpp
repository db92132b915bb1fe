//===- Json.cpp - strict JSON ---------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recursive descent over the text; the depth is bounded, so the stack is, too.
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Json.h"

#include <algorithm>
#include <cstdio>

namespace optc::json {

bool Value::operator==(const Value &other) const {
  return kind == other.kind && boolean == other.boolean && integer == other.integer &&
         text == other.text && keys == other.keys && items == other.items;
}

const Value *Value::find(std::string_view key) const {
  auto found = std::find(keys.begin(), keys.end(), key);
  return kind == Kind::Object && found != keys.end() ? &items[found - keys.begin()] : nullptr;
}

namespace {
class Parser {
public:
  Parser(std::string_view text, std::string &why) : text(text), why(why) {}

  bool document(Value &value) {
    if (!element(value, 0))
      return false;
    return at == text.size() || fail("text after the value");
  }

private:
  static constexpr unsigned maxDepth = 32;
  static constexpr size_t maxValues = size_t(1) << 20;

  std::string_view text;
  std::string &why;
  size_t at = 0, values = 0;

  bool fail(const char *what) {
    why = std::string(what) + " at byte " + std::to_string(at);
    return false;
  }
  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool eat(char c) {
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void space() {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
      ++at;
  }
  bool word(std::string_view expected) {
    if (text.substr(at, expected.size()) != expected)
      return fail("unknown word");
    at += expected.size();
    return true;
  }

  bool element(Value &value, unsigned depth) {
    if (depth > maxDepth || ++values > maxValues)
      return fail("too deep or too large a value");
    space();
    bool ok = scalarOrContainer(value, depth);
    space();
    return ok;
  }

  bool scalarOrContainer(Value &value, unsigned depth) {
    switch (peek()) {
    case '{':
      value.kind = Kind::Object;
      return object(value, depth);
    case '[':
      value.kind = Kind::Array;
      return array(value, depth);
    case '"':
      value.kind = Kind::String;
      return string(value.text);
    case 't':
    case 'f':
      value.kind = Kind::Bool;
      value.boolean = peek() == 't';
      return word(value.boolean ? "true" : "false");
    case 'n':
      return word("null");
    default:
      return number(value);
    }
  }

  bool array(Value &value, unsigned depth) {
    ++at;
    space();
    if (eat(']'))
      return true;
    do {
      value.items.emplace_back();
      if (!element(value.items.back(), depth + 1))
        return false;
    } while (eat(','));
    return eat(']') || fail("expected ',' or ']'");
  }

  bool object(Value &value, unsigned depth) {
    ++at;
    space();
    if (eat('}'))
      return true;
    do {
      space();
      std::string key;
      if (!string(key))
        return false;
      value.keys.push_back(std::move(key));
      space();
      if (!eat(':'))
        return fail("expected ':'");
      value.items.emplace_back();
      if (!element(value.items.back(), depth + 1))
        return false;
    } while (eat(','));
    return (eat('}') || fail("expected ',' or '}'")) && uniqueKeys(value);
  }

  bool uniqueKeys(const Value &value) {
    std::vector<std::string_view> sorted(value.keys.begin(), value.keys.end());
    std::sort(sorted.begin(), sorted.end());
    return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ||
           fail("duplicate key in the object that ends");
  }

  bool digits() {
    size_t from = at;
    while (peek() >= '0' && peek() <= '9')
      ++at;
    return at > from;
  }

  bool number(Value &value) {
    size_t from = at;
    eat('-');
    if (!eat('0') && !digits())
      return fail("expected a value");
    bool whole = true;
    if (eat('.')) {
      whole = false;
      if (!digits())
        return fail("expected a digit");
    }
    if (eat('e') || eat('E')) {
      whole = false;
      if (!eat('+'))
        eat('-');
      if (!digits())
        return fail("expected a digit");
    }
    std::string_view written = text.substr(from, at - from);
    value.kind = whole && toInteger(written, value.integer) ? Kind::Int : Kind::Number;
    if (value.kind == Kind::Number)
      value.text = written;
    return true;
  }

  static bool toInteger(std::string_view written, int64_t &result) {
    bool negative = written[0] == '-';
    result = 0;
    for (char c : written.substr(negative)) {
      int digit = negative ? -(c - '0') : c - '0';
      if (__builtin_mul_overflow(result, 10, &result) ||
          __builtin_add_overflow(result, digit, &result))
        return false;
    }
    return true;
  }

  bool string(std::string &out) {
    if (!eat('"'))
      return fail("expected '\"'");
    while (at < text.size() && text[at] != '"') {
      unsigned char c = text[at];
      if (c < 0x20)
        return fail("control character in a string");
      if (c == '\\') {
        if (!escape(out))
          return false;
      } else if (c < 0x80) {
        out += text[at++];
      } else if (!utf8(out)) {
        return false;
      }
    }
    return eat('"') || fail("string without end");
  }

  bool escape(std::string &out) {
    ++at;
    char c = peek();
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    for (int i = 0; from[i]; ++i)
      if (c == from[i]) {
        out += to[i];
        ++at;
        return true;
      }
    uint32_t code = 0, low = 0;
    if (c != 'u' || !hex4(code))
      return fail("bad escape");
    if (code >= 0xd800 && code < 0xdc00) {
      if (!eat('\\') || peek() != 'u' || !hex4(low) || low < 0xdc00 || low > 0xdfff)
        return fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      return fail("half a surrogate pair");
    }
    append(out, code);
    return true;
  }

  /// At the 'u' of an escape.
  bool hex4(uint32_t &code) {
    if (text.size() - at < 5)
      return false;
    for (char c : text.substr(at + 1, 4)) {
      char lower = c | 0x20;
      if (c >= '0' && c <= '9')
        code = code * 16 + (c - '0');
      else if (lower >= 'a' && lower <= 'f')
        code = code * 16 + (lower - 'a' + 10);
      else
        return false;
    }
    at += 5;
    return true;
  }

  static void append(std::string &out, uint32_t code) {
    if (code < 0x80) {
      out += char(code);
      return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    out += char(lead[more] | (code >> (6 * more)));
    while (more--)
      out += char(0x80 | ((code >> (6 * more)) & 0x3f));
  }

  /// One character of two to four bytes: shortest form, no surrogate, at most U+10FFFF.
  bool utf8(std::string &out) {
    unsigned char first = text[at];
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + more >= text.size())
      return fail("invalid UTF-8");
    uint32_t code = first & (0x3f >> more);
    for (int i = 1; i <= more; ++i) {
      unsigned char next = text[at + i];
      if ((next & 0xc0) != 0x80)
        return fail("invalid UTF-8");
      code = code << 6 | (next & 0x3f);
    }
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      return fail("invalid UTF-8");
    out.append(text, at, more + 1);
    at += more + 1;
    return true;
  }
};
} // namespace

bool parse(std::string_view text, Value &value, std::string &why) {
  value = Value();
  return Parser(text, why).document(value);
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof(code), "\\u%04x", c);
      out += code;
    } else {
      out += c;
    }
  }
  return out + '"';
}

} // namespace optc::json
