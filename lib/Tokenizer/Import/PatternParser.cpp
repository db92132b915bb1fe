//===- PatternParser.cpp - a pattern as a tree ---------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recursive descent over the text of a pattern.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Pattern.h"
#include "lib/Tokenizer/Utf8.h"

namespace optc::tokenizer {

namespace {
class Parser {
public:
  Parser(std::string_view text, std::string &why) : text(text), why(why) {}

  bool whole(PatternNode &node) {
    if (validPrefix(text) != text.size())
      return fail("it is not valid UTF-8");
    return alternation(node, 0) && (at == text.size() || fail("')' without '('"));
  }

private:
  static constexpr unsigned maxDepth = 12;
  static constexpr uint32_t maxCount = 1000;

  std::string_view text;
  std::string &why;
  size_t at = 0;
  bool ignoreCase = false, dotAll = false;

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

  bool alternation(PatternNode &node, unsigned depth) {
    if (depth > maxDepth)
      return fail("groups are nested too deeply");
    node.kind = PatternNode::Alternation;
    do {
      node.children.emplace_back();
      if (!concatenation(node.children.back(), depth))
        return false;
    } while (eat("|"));
    if (node.children.size() == 1) {
      PatternNode only = std::move(node.children[0]);
      node = std::move(only);
    }
    return true;
  }

  bool concatenation(PatternNode &node, unsigned depth) {
    node.kind = PatternNode::Concatenation;
    char before = 0; // a letter in any case
    while (more() && text[at] != '|' && text[at] != ')') {
      PatternNode item;
      bool letter = ignoreCase && isLetter(text[at]);
      char current = letter ? char(text[at] | 0x20) : char(0);
      if (!atom(item, depth))
        return false;
      if (letter && joinsInFolding(before, current))
        return fail("letters that fold to one character, in any case");
      before = current;
      if (!quantifiers(item))
        return false;
      node.children.push_back(std::move(item));
    }
    return true;
  }

  static bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  /// In any case, "ss" also means U+00DF, "ff" U+FB00 and so on.
  static bool joinsInFolding(char a, char b) {
    return (a == 's' && (b == 's' || b == 't')) || (a == 'f' && (b == 'f' || b == 'i' || b == 'l'));
  }

  bool number(uint32_t &value) {
    size_t from = at;
    value = 0;
    while (more() && text[at] >= '0' && text[at] <= '9' && value <= maxCount)
      value = value * 10 + uint32_t(text[at++] - '0');
    return at > from;
  }

  /// {n}, {n,}, {n,m}, {,m}; what does not have this form is text.
  bool counts(PatternNode &repetition) {
    size_t from = at;
    if (!eat("{"))
      return false;
    bool hasLeast = number(repetition.least);
    repetition.most = repetition.least;
    bool good = hasLeast;
    if (eat(",")) {
      bool hasMost = number(repetition.most);
      if (!hasMost)
        repetition.most = absent;
      good = hasLeast || hasMost;
    }
    if (good && eat("}"))
      return true;
    at = from;
    return false;
  }

  bool quantifiers(PatternNode &item) {
    while (more()) {
      PatternNode repetition;
      repetition.kind = PatternNode::Repetition;
      bool braces = false;
      if (eat("*")) {
      } else if (eat("+")) {
        repetition.least = 1;
      } else if (eat("?")) {
        repetition.most = 1;
      } else if (counts(repetition)) {
        braces = true;
        if (repetition.least > maxCount ||
            (repetition.most != absent && repetition.most > maxCount) ||
            repetition.least > repetition.most)
          return fail("a number of repetitions");
      } else {
        return true;
      }
      if (braces && (text.substr(at, 1) == "+" ||
                     (repetition.least == repetition.most && text.substr(at, 1) == "?")))
        return fail("'" + std::string(text.substr(at, 1)) + "' after '}'");
      if (eat("?"))
        repetition.mode = Instruction::Lazy;
      else if (eat("+"))
        repetition.mode = Instruction::Possessive;
      bool repeatable = item.kind != PatternNode::Assertion && item.kind != PatternNode::Behind &&
                        (item.kind != PatternNode::Look || item.mode == Instruction::Atomic);
      if (!repeatable)
        return fail("a repeated assertion");
      repetition.children.push_back(std::move(item));
      item = std::move(repetition);
    }
    return true;
  }

  bool assertion(PatternNode &node, Instruction::Operation operation, uint8_t mode = 0) {
    node.kind = PatternNode::Assertion;
    node.operation = operation;
    node.mode = mode;
    if (operation == Instruction::WordEdge)
      node.set = rangesOf(PackageSet::WordOfPattern);
    return true;
  }

  bool atom(PatternNode &node, unsigned depth) {
    switch (text[at]) {
    case '(':
      ++at;
      return group(node, depth);
    case '[':
      ++at;
      node.kind = PatternNode::Set;
      return characterClass(node.set, 0);
    case '.':
      ++at;
      node.kind = PatternNode::Set;
      node.set = dotAll ? CharacterRanges(0, 0x10ffff) : CharacterRanges('\n', '\n').negated();
      return true;
    case '^':
      ++at;
      return assertion(node, Instruction::LineStart);
    case '$':
      ++at;
      return assertion(node, Instruction::LineEnd);
    case '\\':
      ++at;
      return escape(node);
    case '*':
    case '+':
    case '?':
      return fail("nothing to repeat");
    default: {
      uint32_t code;
      at += characterAt(text, at, code);
      return character(node, code);
    }
    }
  }

  bool character(PatternNode &node, uint32_t code) {
    node.kind = PatternNode::Character;
    node.code = code;
    if (!ignoreCase)
      return true;
    if (code >= 0x80)
      return fail("a character outside of ASCII, in any case");
    if (!isLetter(char(code)))
      return true;
    node.kind = PatternNode::Set;
    node.set = bothCases(CharacterRanges(code, code));
    return true;
  }

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

  bool group(PatternNode &node, unsigned depth) {
    bool caseBefore = ignoreCase, dotBefore = dotAll;
    if (eat("?=") || eat("?!") || eat("?>")) {
      static const char kinds[] = "=!>";
      node.mode = uint8_t(std::string_view(kinds).find(text[at - 1]));
      node.kind = PatternNode::Look;
      node.children.emplace_back();
      return alternation(node.children[0], depth + 1) && close();
    }
    if (eat("?<=") || eat("?<!"))
      return behind(node, text[at - 1] == '!', depth);
    if (eat("?") && !eat(":")) {
      bool on = true;
      for (; more() && text[at] != ':' && text[at] != ')'; ++at) {
        if (text[at] == '-')
          on = false;
        else if (text[at] == 'i')
          ignoreCase = on;
        else if (text[at] == 'm')
          dotAll = on;
        else
          return fail("a group '(?" + std::string(1, text[at]) + "'");
      }
      if (eat(")")) // for the rest of the group around it
        return alternation(node, depth + 1);
      if (!eat(":"))
        return fail("'(' without ')'");
    }
    bool good = alternation(node, depth + 1) && close();
    ignoreCase = caseBefore;
    dotAll = dotBefore;
    return good;
  }
  bool close() { return eat(")") || fail("'(' without ')'"); }

  bool behind(PatternNode &node, bool negative, unsigned depth) {
    PatternNode inner;
    if (!alternation(inner, depth + 1) || !close())
      return false;
    if (inner.kind == PatternNode::Concatenation && inner.children.size() == 1) {
      PatternNode only = std::move(inner.children[0]);
      inner = std::move(only);
    }
    if (inner.kind == PatternNode::Character)
      inner.set = CharacterRanges(inner.code, inner.code);
    else if (inner.kind != PatternNode::Set)
      return fail("a lookbehind of more than one character");
    node.kind = PatternNode::Behind;
    node.mode = negative;
    node.set = inner.set;
    return true;
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

  bool escape(PatternNode &node) {
    if (!more())
      return fail("a backslash at the end");
    bool found;
    if (!escapedClass(node.set, found, false))
      return false;
    if (found) {
      node.kind = PatternNode::Set;
      return true;
    }
    char letter = text[at];
    switch (letter) {
    case 'A':
      return ++at, assertion(node, Instruction::TextStart);
    case 'z':
      return ++at, assertion(node, Instruction::TextEnd);
    case 'Z':
      return ++at, assertion(node, Instruction::TextEndLine);
    case 'b':
    case 'B':
      return ++at, assertion(node, Instruction::WordEdge, letter == 'B');
    default:
      break;
    }
    uint32_t code = 0;
    if (!single(code, found))
      return false;
    return found ? character(node, code) : fail("'\\" + std::string(1, letter) + "'");
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
} // namespace

bool parsePattern(std::string_view text, PatternNode &node, std::string &why) {
  node = PatternNode();
  return Parser(text, why).whole(node);
}

PatternNode literalPattern(std::string_view text) {
  PatternNode node;
  for (size_t at = 0; at < text.size();) {
    PatternNode one;
    one.kind = PatternNode::Character;
    at += characterAt(text, at, one.code);
    node.children.push_back(std::move(one));
  }
  return node;
}

PatternNode setPattern(CharacterRanges set) {
  PatternNode node;
  node.kind = PatternNode::Set;
  node.set = std::move(set);
  return node;
}

} // namespace optc::tokenizer
