//===- PatternCompiler.cpp - a pattern as instructions -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates the tree. Repeated single characters are one instruction; other repetitions are loops,
// or copies where they are counted. An alternative has the set of characters it can begin with, so
// that most are passed by without being tried.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Pattern.h"

#include <algorithm>

namespace optc::tokenizer {

uint16_t indexOfSet(const CharacterRanges &set, std::vector<std::vector<uint32_t>> &sets) {
  std::vector<uint32_t> bounds = set.bounds();
  auto found = std::find(sets.begin(), sets.end(), bounds);
  if (found == sets.end())
    found = sets.insert(sets.end(), std::move(bounds));
  return uint16_t(found - sets.begin());
}

namespace {
/// What can come first in a match, and whether the match can be empty.
struct First {
  CharacterRanges set;
  bool empty = false;
};

class Compiler {
public:
  Compiler(std::vector<std::vector<uint32_t>> &sets, Program &program, std::string &why)
      : sets(sets), code(program.code), why(why) {}

  bool whole(const PatternNode &node, Program &program) {
    First first = firstOf(node);
    if (first.empty) {
      why = "it can match nothing";
      return false;
    }
    if (!emit(node))
      return false;
    add({});
    program.first = setOf(first);
    return true;
  }

private:
  static constexpr size_t maxCode = 10000;

  std::vector<std::vector<uint32_t>> &sets;
  std::vector<Instruction> &code;
  std::string &why;

  uint32_t here() const { return uint32_t(code.size()); }
  uint32_t add(Instruction it) {
    code.push_back(it);
    return here() - 1;
  }
  uint16_t setOf(const First &first) {
    return first.empty ? Instruction::noSet : indexOfSet(first.set, sets);
  }

  static First firstOf(const PatternNode &node) {
    First first;
    switch (node.kind) {
    case PatternNode::Character:
      first.set = CharacterRanges(node.code, node.code);
      break;
    case PatternNode::Set:
      first.set = node.set;
      break;
    case PatternNode::Concatenation:
      first.empty = true;
      for (const PatternNode &child : node.children) {
        First next = firstOf(child);
        first.set.add(next.set);
        first.empty = next.empty;
        if (!next.empty)
          break;
      }
      break;
    case PatternNode::Alternation:
      for (const PatternNode &child : node.children) {
        First next = firstOf(child);
        first.set.add(next.set);
        first.empty |= next.empty;
      }
      break;
    case PatternNode::Repetition:
      first = firstOf(node.children[0]);
      first.empty |= node.least == 0;
      break;
    case PatternNode::Look:
      if (node.mode == Instruction::Atomic)
        return firstOf(node.children[0]);
      [[fallthrough]];
    default: // assertions take nothing
      first.empty = true;
    }
    return first;
  }

  bool emit(const PatternNode &node) {
    if (code.size() > maxCode) {
      why = "it is too large";
      return false;
    }
    switch (node.kind) {
    case PatternNode::Character:
      add({Instruction::Character, 0, Instruction::noSet, node.code, 0});
      return true;
    case PatternNode::Set:
      add({Instruction::Set, 0, indexOfSet(node.set, sets), 0, 0});
      return true;
    case PatternNode::Concatenation:
      return std::all_of(node.children.begin(), node.children.end(),
                         [&](const PatternNode &child) { return emit(child); });
    case PatternNode::Alternation:
      return alternation(node);
    case PatternNode::Repetition:
      return repetition(node);
    case PatternNode::Look:
      return look(node.children[0], node.mode);
    case PatternNode::Behind:
      add({Instruction::Behind, node.mode, indexOfSet(node.set, sets), 0, 0});
      return true;
    default:
      add({uint8_t(node.operation), node.mode,
           node.set.empty() ? Instruction::noSet : indexOfSet(node.set, sets), 0, 0});
      return true;
    }
  }

  bool alternation(const PatternNode &node) {
    std::vector<uint32_t> jumps;
    for (size_t i = 0; i < node.children.size(); ++i) {
      bool last = i + 1 == node.children.size();
      uint32_t split = here();
      if (!last)
        add({Instruction::Split, 0, setOf(firstOf(node.children[i])), split + 1, 0});
      if (!emit(node.children[i]))
        return false;
      if (last)
        break;
      jumps.push_back(add({Instruction::Jump, 0, Instruction::noSet, 0, 0}));
      code[split].b = here();
    }
    for (uint32_t jump : jumps)
      code[jump].a = here();
    return true;
  }

  bool look(const PatternNode &child, uint8_t mode) {
    uint32_t look = add({Instruction::Look, mode, Instruction::noSet, 0, 0});
    if (!emit(child))
      return false;
    add({});
    code[look].a = here();
    return true;
  }

  bool repetition(const PatternNode &node) {
    PatternNode child = node.children[0];
    while (child.kind == PatternNode::Concatenation && child.children.size() == 1) {
      PatternNode only = std::move(child.children[0]);
      child = std::move(only);
    }
    if (child.kind == PatternNode::Character)
      child.set = CharacterRanges(child.code, child.code);
    if (child.kind == PatternNode::Character || child.kind == PatternNode::Set) {
      add({Instruction::Repeat, node.mode, indexOfSet(child.set, sets), node.least, node.most});
      return true;
    }
    if (node.mode == Instruction::Possessive) {
      PatternNode greedy = node;
      greedy.mode = Instruction::Greedy;
      return look(greedy, Instruction::Atomic);
    }
    return loop(child, node);
  }

  /// A choice between the next instruction and a place that is set later.
  uint32_t choice(const PatternNode &child, bool lazy) {
    uint32_t split = here();
    if (lazy)
      return add({Instruction::Split, 0, Instruction::noSet, 0, split + 1});
    return add({Instruction::Split, 0, setOf(firstOf(child)), split + 1, 0});
  }

  bool loop(const PatternNode &child, const PatternNode &node) {
    bool lazy = node.mode == Instruction::Lazy;
    for (uint32_t i = 0; i < node.least; ++i)
      if (!emit(child))
        return false;
    std::vector<uint32_t> choices;
    if (node.most == absent) {
      if (firstOf(child).empty) {
        why = "it repeats what can match nothing";
        return false;
      }
      choices.push_back(choice(child, lazy));
      if (!emit(child))
        return false;
      add({Instruction::Jump, 0, Instruction::noSet, choices[0], 0});
    } else {
      for (uint32_t i = node.least; i < node.most; ++i) {
        choices.push_back(choice(child, lazy));
        if (!emit(child))
          return false;
      }
    }
    for (uint32_t at : choices)
      (lazy ? code[at].a : code[at].b) = here();
    return true;
  }
};
} // namespace

bool compilePattern(const PatternNode &node, std::vector<std::vector<uint32_t>> &sets,
                    Program &program, std::string &why) {
  return Compiler(sets, program, why).whole(node, program);
}

} // namespace optc::tokenizer
