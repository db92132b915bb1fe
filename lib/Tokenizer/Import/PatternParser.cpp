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
#include "lib/Tokenizer/Import/PatternClasses.h"

namespace optc::tokenizer {

namespace {
class Parser : private ClassParser {
public:
  Parser(std::string_view text, std::string &why) : ClassParser(text, why) {}

  bool whole(PatternNode &node) {
    if (validPrefix(text) != text.size())
      return fail("it is not valid UTF-8");
    return alternation(node, 0) && (at == text.size() || fail("')' without '('"));
  }

private:
  static constexpr uint32_t maxCount = 1000;

  bool dotAll = false;

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
