//===- PatternClasses.h - classes of characters in patterns --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the parser of patterns that reads what stands for one character: escapes, properties,
// and what is between brackets.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_PATTERNCLASSES_H
#define OPTC_TOKENIZER_IMPORT_PATTERNCLASSES_H

#include "lib/Tokenizer/Import/Pattern.h"
#include "lib/Tokenizer/Utf8.h"

namespace optc::tokenizer {

/// Functions return false once `why` is set.
class ClassParser {
protected:
  ClassParser(std::string_view text, std::string &why) : text(text), why(why) {}

  static constexpr unsigned maxDepth = 12;

  std::string_view text;
  std::string &why;
  size_t at = 0;
  bool ignoreCase = false;

  bool fail(const std::string &what) {
    why = what + " (at byte " + std::to_string(at) + " of the pattern)";
    return false;
  }

  bool more() const { return at < text.size(); }

  bool eat(std::string_view wanted) {
    if (text.substr(at, wanted.size()) != wanted)
      return false;
    at += wanted.size();
    return true;
  }

  static bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  /// Letters of ASCII with their other case, and the two characters that fold to one of them.
  static CharacterRanges bothCases(CharacterRanges set) {
    for (uint32_t lower = 'a'; lower <= 'z'; ++lower)
      if (set.has(lower) || set.has(lower - 32)) {
        set.add(lower, lower);
        set.add(lower - 32, lower - 32);
        if (lower == 's')
          set.add(0x17f, 0x17f);
        if (lower == 'k')
          set.add(0x212a, 0x212a);
      }
    return set;
  }

  bool hex(uint32_t &code) {
    bool braces = eat("{");
    size_t most = braces ? 6 : text[at - 1] == 'x' ? 2 : 4, count = 0;
    code = 0;
    for (; count < most && more(); ++count, ++at) {
      char c = text[at], lower = char(c | 0x20);
      if (c >= '0' && c <= '9')
        code = code * 16 + uint32_t(c - '0');
      else if (lower >= 'a' && lower <= 'f')
        code = code * 16 + uint32_t(lower - 'a' + 10);
      else
        break;
    }
    bool good = count > 0 && (!braces || eat("}")) && code <= 0x10ffff && (braces || count == most);
    return good || fail("a number of a character");
  }

  /// What stands for one character behind a backslash.
  bool single(uint32_t &code, bool &found) {
    found = true;
    static const char from[] = "tnrfvae", to[] = "\t\n\r\f\v\a\x1b";
    size_t place = std::string_view(from).find(text[at]);
    if (place != std::string_view::npos) {
      code = uint8_t(to[place]);
      ++at;
      return true;
    }
    if (text[at] == 'x' || text[at] == 'u') {
      ++at;
      return hex(code);
    }
    bool isWordCharacter = isLetter(text[at]) || (text[at] >= '0' && text[at] <= '9');
    found = !isWordCharacter;
    if (found)
      at += characterAt(text, at, code);
    return true;
  }

  /// A class behind a backslash: \s \S \d \D \w \W \h \H \p{..} \P{..}
  /// Oniguruma's \w has six more characters of Latin-1 outside of brackets than within.
  bool escapedClass(CharacterRanges &set, bool &found, bool brackets) {
    char letter = text[at];
    char lower = char(letter | 0x20);
    found = true;
    CharacterRanges ranges;
    if (lower == 's')
      ranges = rangesOf(PackageSet::WhiteSpace);
    else if (lower == 'd')
      namedRanges("Nd", ranges);
    else if (lower == 'w')
      ranges = brackets ? wordInBrackets() : rangesOf(PackageSet::WordOfPattern);
    else if (lower == 'h')
      for (auto [first, last] : {std::pair('0', '9'), std::pair('a', 'f'), std::pair('A', 'F')})
        ranges.add(uint32_t(first), uint32_t(last));
    else if (lower != 'p')
      return found = false, true;
    ++at;
    bool negative = letter != lower;
    if (lower == 'p' && !property(ranges, negative))
      return false;
    set = negative ? ranges.negated() : ranges;
    return true;
  }

  static CharacterRanges wordInBrackets() {
    CharacterRanges others = rangesOf(PackageSet::WordOfPattern).negated();
    for (uint32_t code : {0xb2, 0xb3, 0xb9, 0xbc, 0xbd, 0xbe})
      others.add(code, code);
    return others.negated();
  }

  bool property(CharacterRanges &ranges, bool &negative) {
    if (!eat("{"))
      return fail("a property without '{'");
    if (eat("^"))
      negative = !negative;
    size_t end = text.find('}', at);
    if (end == text.npos)
      return fail("'{' without '}'");
    std::string name(text.substr(at, end - at));
    if (!namedRanges(name, ranges))
      return fail("the property '" + name + "'");
    if (ignoreCase && name.size() == 2 && name[0] == 'L' && name != "Lm" && name != "Lo")
      return fail("the property '" + name + "' in any case");
    at = end + 1;
    return true;
  }

  /// Behind '[': elements, ranges, classes, '&&'.
  bool characterClass(CharacterRanges &out, unsigned depth) {
    if (depth > maxDepth)
      return fail("classes are nested too deeply");
    bool negative = eat("^"), intersects = false;
    CharacterRanges all, current;
    for (bool first = true; !eat("]") || first; first = false) {
      if (!more())
        return fail("'[' without ']'");
      if (first && text[at - 1] == ']') {
        return fail("an empty class");
      }
      if (eat("&&")) {
        if (ignoreCase)
          current = bothCases(current);
        all = intersects ? all.intersected(current) : current;
        intersects = true;
        current = {};
        continue;
      }
      if (!classElement(current, depth))
        return false;
    }
    if (ignoreCase)
      current = bothCases(current);
    out = intersects ? all.intersected(current) : current;
    if (negative)
      out = out.negated();
    return true;
  }

  bool classElement(CharacterRanges &set, unsigned depth) {
    if (eat("[:"))
      return fail("a POSIX bracket");
    CharacterRanges inner;
    if (eat("[")) {
      if (!characterClass(inner, depth + 1))
        return false;
      set.add(inner);
      return true;
    }
    uint32_t first, last;
    bool isClass;
    if (!classCharacter(first, inner, isClass))
      return false;
    if (isClass) {
      set.add(inner);
      return true;
    }
    last = first;
    bool range = text.substr(at, 1) == "-" && text.substr(at + 1, 1) != "]" && at + 1 < text.size();
    if (range) {
      ++at;
      if (text[at] == '[')
        return fail("a range up to a class");
      if (!classCharacter(last, inner, isClass))
        return false;
      if (isClass || last < first)
        return fail("a range");
    }
    if (ignoreCase && last >= 0x80)
      return fail("a character outside of ASCII, in any case");
    set.add(first, last);
    return true;
  }

  bool classCharacter(uint32_t &code, CharacterRanges &set, bool &isClass) {
    isClass = false;
    if (!eat("\\")) {
      at += characterAt(text, at, code);
      return true;
    }
    if (!more())
      return fail("a backslash at the end");
    if (!escapedClass(set, isClass, true))
      return false;
    if (isClass)
      return true;
    char letter = text[at];
    bool found;
    if (!single(code, found))
      return false;
    return found || fail("'\\" + std::string(1, letter) + "' in a class");
  }
};

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_PATTERNCLASSES_H
