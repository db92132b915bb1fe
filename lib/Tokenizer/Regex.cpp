//===- Regex.cpp - patterns of tokenizers --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loop over instructions. Lookaheads and atomic groups run in a call of their own, as deep as
// the pattern nests them; everything else is in one loop.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Regex.h"

#include "lib/Tokenizer/Utf8.h"

#include <algorithm>

namespace optc::tokenizer {

static constexpr unsigned maxDepth = 16;
/// Of one search. Sound patterns take a few steps per character; the limit is for those that do
/// not.
static constexpr size_t maxSteps = 20'000'000, maxStepsPerByte = 64;
/// Places to come back to; loops of groups have one or two for each character.
static constexpr size_t maxChoices = 1 << 16, maxChoicesPerByte = 8;
/// In the place of `more`: a choice that is no repetition, but goes on at `pc`.
static constexpr uint32_t alternative = absent;

Regex::Regex(const Program &program, const std::vector<CharacterSet> &sets)
    : program(program), sets(sets) {
  const std::vector<Instruction> &code = program.code;
  if (code.size() == 2 && code[0].operation == Instruction::Set &&
      code[1].operation == Instruction::End)
    only = &sets[code[0].set];
  std::string text;
  for (const Instruction &it : code) {
    if (it.operation == Instruction::End) {
      literal = text;
      break;
    }
    if (it.operation != Instruction::Character)
      break;
    appendCharacter(text, it.a);
  }
}

Found Regex::findLiteral(std::string_view text, size_t from, Match &match) const {
  size_t at = text.find(literal, from);
  if (at == text.npos)
    return Found::No;
  match = {at, at + literal.size()};
  return Found::Yes;
}

/// The first place where a match can begin.
size_t Regex::skipToFirst(std::string_view text, size_t at) const {
  if (program.first == Instruction::noSet)
    return at;
  const CharacterSet &first = sets[program.first];
  while (at < text.size()) {
    uint32_t code;
    unsigned size = characterAt(text, at, code);
    if (first.has(code))
      break;
    at += size;
  }
  return at;
}

Found Regex::find(std::string_view text, size_t from, Match &match) const {
  if (!literal.empty())
    return findLiteral(text, from, match);
  Run run = {text, {}, maxSteps + maxStepsPerByte * (text.size() - from)};
  for (size_t at = skipToFirst(text, from); at < text.size(); at = skipToFirst(text, at)) {
    uint32_t code;
    unsigned size = characterAt(text, at, code);
    size_t end = at + size;
    Found found = only ? Found::Yes : matchAt(run, at, end);
    if (only && !only->has(code))
      found = Found::No;
    if (found == Found::Yes && end > at) {
      match = {at, end};
      return Found::Yes;
    }
    if (found == Found::TooManySteps)
      return found;
    at += size;
  }
  return Found::No;
}

Found Regex::matchAt(Run &run, size_t from, size_t &end) const {
  run.choices.clear();
  return execute(run, 0, from, end);
}

bool Regex::one(const Instruction &it, std::string_view text, size_t &at) const {
  if (at >= text.size())
    return false;
  uint32_t code;
  unsigned size = characterAt(text, at, code);
  if (it.operation == Instruction::Character ? code != it.a : !sets[it.set].has(code))
    return false;
  at += size;
  return true;
}

bool Regex::asserts(const Instruction &it, std::string_view text, size_t at) const {
  size_t size = text.size();
  auto within = [&](size_t begin) {
    uint32_t code;
    characterAt(text, begin, code);
    return sets[it.set].has(code);
  };
  bool before = it.set != Instruction::noSet && at > 0 && within(previousCharacter(text, at));
  switch (it.operation) {
  case Instruction::LineStart:
    return at == 0 || (at < size && text[at - 1] == '\n');
  case Instruction::LineEnd:
    return at == size ? size == 0 || text[at - 1] != '\n' : text[at] == '\n';
  case Instruction::TextStart:
    return at == 0;
  case Instruction::TextEnd:
    return at == size;
  case Instruction::TextEndLine:
    return at == size || (at + 1 == size && text[at] == '\n');
  case Instruction::Behind:
    return it.mode == 0 ? before : at == 0 || !before;
  default: // WordEdge
    return (before != (at < size && within(at))) == (it.mode == 0);
  }
}

/// Takes as many as the mode says, and notes the choice.
bool Regex::repeat(Run &run, const Instruction &it, uint32_t pc, size_t &at) const {
  const CharacterSet &set = sets[it.set];
  std::string_view text = run.text;
  uint32_t wanted = it.mode == Instruction::Lazy ? it.a : it.b;
  size_t low = at;
  uint32_t count = 0;
  for (; count < wanted && at < text.size(); ++count) {
    if (count == it.a)
      low = at;
    if (uint8_t byte = uint8_t(text[at]); byte < 0x80) {
      if (!set.hasAscii(byte))
        break;
      ++at;
      continue;
    }
    uint32_t code;
    unsigned size = characterAt(text, at, code);
    if (!set.has(code))
      break;
    at += size;
  }
  if (count < it.a)
    return false;
  if (count == it.a)
    low = at;
  if (it.mode == Instruction::Lazy && it.b > it.a)
    run.choices.push_back({pc, at, at, std::min(it.b - it.a, alternative - 1)});
  else if (it.mode == Instruction::Greedy && low < at)
    run.choices.push_back({pc, at, low, 0});
  return true;
}

/// Goes back to the last choice above `base`; false if there is none.
bool Regex::resume(Run &run, size_t base, uint32_t &pc, size_t &at) const {
  while (run.choices.size() > base) {
    Choice &choice = run.choices.back();
    pc = choice.pc;
    at = choice.at;
    const Instruction &it = program.code[pc];
    if (choice.more == alternative) {
      run.choices.pop_back();
      return true;
    }
    if (it.mode == Instruction::Greedy) {
      at = previousCharacter(run.text, at);
      at = std::max(at, choice.low);
      choice.at = at;
      if (at <= choice.low)
        run.choices.pop_back();
      ++pc;
      return true;
    }
    Instruction single = {Instruction::Set, 0, it.set, 0, 0};
    if (!one(single, run.text, at)) {
      run.choices.pop_back();
      continue;
    }
    choice.at = at;
    if (--choice.more == 0)
      run.choices.pop_back();
    ++pc;
    return true;
  }
  return false;
}

Found Regex::execute(Run &run, uint32_t pc, size_t at, size_t &end) const {
  if (++run.depth > maxDepth)
    return Found::TooManySteps;
  size_t base = run.choices.size();
  Found result = Found::No;
  for (bool good = true; good || resume(run, base, pc, at);) {
    if (run.steps-- == 0 || run.choices.size() > maxChoices + maxChoicesPerByte * run.text.size()) {
      run.steps = 1;
      return Found::TooManySteps;
    }
    const Instruction &it = program.code[pc];
    good = true;
    switch (it.operation) {
    case Instruction::End:
      end = at;
      run.choices.resize(base);
      --run.depth;
      return Found::Yes;
    case Instruction::Character:
    case Instruction::Set:
      good = one(it, run.text, at);
      ++pc;
      break;
    case Instruction::Repeat:
      good = repeat(run, it, pc, at);
      ++pc;
      break;
    case Instruction::Split: {
      size_t next = at;
      if (it.set != Instruction::noSet &&
          !one({Instruction::Set, 0, it.set, 0, 0}, run.text, next)) {
        pc = it.b;
        break;
      }
      run.choices.push_back({it.b, at, at, alternative});
      pc = it.a;
      break;
    }
    case Instruction::Jump:
      pc = it.a;
      break;
    case Instruction::Look: {
      size_t inner = at;
      result = execute(run, pc + 1, at, inner);
      if (result == Found::TooManySteps)
        return result;
      good = (result == Found::Yes) == (it.mode != Instruction::NotAhead);
      if (it.mode == Instruction::Atomic)
        at = inner;
      pc = it.a;
      break;
    }
    default:
      good = asserts(it, run.text, at);
      ++pc;
    }
  }
  --run.depth;
  return Found::No;
}

} // namespace optc::tokenizer
