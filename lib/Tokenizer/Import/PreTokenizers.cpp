//===- PreTokenizers.cpp - pre-tokenizers of tokenizer.json --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All of them but Metaspace and ByteLevel are cuts at a pattern.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Context.h"

namespace optc::tokenizer {

static const char gpt2Pattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {
struct SplitReader {
  Context &context;
  const Json &json;
  std::string what;

  bool add(SplitStep step) {
    context.out.description.splits.push_back(std::move(step));
    return true;
  }
  bool cut(uint32_t pattern, SplitStep::Behaviour behaviour, bool invert = false) {
    return add({SplitStep::Pattern,
                uint8_t(behaviour),
                uint8_t(invert ? SplitStep::Invert : 0),
                pattern,
                {}});
  }
  bool cutAt(const CharacterRanges &set, SplitStep::Behaviour behaviour) {
    uint32_t index;
    return context.pattern(set, index) && cut(index, behaviour);
  }

  bool behaviour(SplitStep::Behaviour &value) {
    std::string name;
    if (!context.text(json, "behavior", what, name))
      return false;
    static const std::pair<const char *, SplitStep::Behaviour> names[] = {
        {"Removed", SplitStep::Removed},
        {"Isolated", SplitStep::Isolated},
        {"MergedWithPrevious", SplitStep::MergedWithPrevious},
        {"MergedWithNext", SplitStep::MergedWithNext},
        {"Contiguous", SplitStep::Contiguous}};
    for (auto [known, behaviour] : names)
      if (name == known)
        return value = behaviour, true;
    return name.empty() || context.refuse("the behaviour '" + name + "' of " + what);
  }

  bool split() {
    uint32_t index;
    bool invert = false;
    SplitStep::Behaviour kind = SplitStep::Isolated;
    return context.onlyMembers(json, what, {"pattern", "behavior", "invert"}) &&
           context.patternMember(json, what, index) && behaviour(kind) &&
           context.flag(json, "invert", what, invert) && cut(index, kind, invert);
  }

  bool byteLevel() {
    bool inFront = true, usePattern = true, trim = true;
    if (!context.onlyMembers(json, what, {"add_prefix_space", "trim_offsets", "use_regex"}) ||
        !context.flag(json, "add_prefix_space", what, inFront) ||
        !context.flag(json, "trim_offsets", what, trim) ||
        !context.flag(json, "use_regex", what, usePattern))
      return false;
    uint8_t space = inFront ? SplitStep::InFront : 0;
    if (!usePattern)
      return add({SplitStep::Bytes, 0, uint8_t(space | SplitStep::Map), absent, {}});
    uint32_t index;
    if (inFront)
      add({SplitStep::Bytes, 0, space, absent, {}});
    return context.regex(gpt2Pattern, what, index) && cut(index, SplitStep::Isolated) &&
           add({SplitStep::Bytes, 0, SplitStep::Map, absent, {}});
  }

  bool metaspace() {
    std::string replacement, scheme = "always";
    bool space = true, cut = true;
    if (!context.onlyMembers(
            json, what,
            {"replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}) ||
        !context.text(json, "replacement", what, replacement) ||
        !context.text(json, "prepend_scheme", what, scheme) ||
        !context.flag(json, "add_prefix_space", what, space) ||
        !context.flag(json, "split", what, cut))
      return false;
    if (replacement.empty())
      return context.damaged(what + " has no replacement");
    if (!space && scheme != "never")
      return context.damaged("'add_prefix_space' and 'prepend_scheme' of " + what + " contradict");
    uint8_t flags = cut ? SplitStep::Cut : 0;
    if (scheme == "always")
      flags |= SplitStep::InFront;
    else if (scheme == "first")
      flags |= SplitStep::InFrontFirst;
    else if (scheme != "never")
      return context.refuse("'prepend_scheme' " + scheme + " of " + what);
    return add({SplitStep::Metaspace, 0, flags, absent, replacement});
  }

  bool digits() {
    bool single = false;
    return context.onlyMembers(json, what, {"individual_digits"}) &&
           context.flag(json, "individual_digits", what, single) &&
           cutAt(rangesOf(PackageSet::Numeric),
                 single ? SplitStep::Isolated : SplitStep::Contiguous);
  }

  bool punctuation() {
    SplitStep::Behaviour kind = SplitStep::Isolated;
    return context.onlyMembers(json, what, {"behavior"}) && behaviour(kind) &&
           cutAt(rangesOf(PackageSet::Punctuation), kind);
  }

  bool bert() {
    return context.onlyMembers(json, what, {}) &&
           cutAt(rangesOf(PackageSet::WhiteSpace), SplitStep::Removed) &&
           cutAt(rangesOf(PackageSet::Punctuation), SplitStep::Isolated);
  }

  bool whitespaceSplit() {
    return context.onlyMembers(json, what, {}) &&
           cutAt(rangesOf(PackageSet::WhiteSpace), SplitStep::Removed);
  }

  /// \w+|[^\w\s]+ as Rust's patterns read it.
  bool whitespace() {
    CharacterRanges word = rangesOf(PackageSet::WordOfWhitespace);
    CharacterRanges others = word;
    others.add(rangesOf(PackageSet::WhiteSpace));
    PatternNode node;
    node.kind = PatternNode::Alternation;
    for (const CharacterRanges &set : {word, others.negated()}) {
      PatternNode repetition;
      repetition.kind = PatternNode::Repetition;
      repetition.least = 1;
      repetition.children.push_back(setPattern(set));
      node.children.push_back(std::move(repetition));
    }
    uint32_t index;
    return context.onlyMembers(json, what, {}) && context.pattern(node, what, index) &&
           cut(index, SplitStep::Removed, true);
  }

  bool delimiter() {
    std::string text;
    uint32_t index;
    return context.onlyMembers(json, what, {"delimiter"}) &&
           context.text(json, "delimiter", what, text) &&
           context.pattern(literalPattern(text), what, index) && cut(index, SplitStep::Removed);
  }
};
} // namespace

bool importPreTokenizer(const Json &splitter, Context &context, unsigned depth) {
  std::string type;
  if (!context.typeOf(splitter, "pre_tokenizer", type))
    return false;
  SplitReader reader = {context, splitter, "pre_tokenizer '" + type + "'"};
  if (type == "Sequence") {
    const Json *list;
    if (!context.elements(splitter, "pretokenizers", reader.what, list))
      return false;
    if (depth >= maxSequenceDepth)
      return context.refuse("such a depth of sequences");
    for (const Json &one : *list)
      if (!importPreTokenizer(one, context, depth + 1))
        return false;
    return true;
  }
  static const std::pair<const char *, bool (SplitReader::*)()> known[] = {
      {"Split", &SplitReader::split},
      {"ByteLevel", &SplitReader::byteLevel},
      {"Metaspace", &SplitReader::metaspace},
      {"Digits", &SplitReader::digits},
      {"Punctuation", &SplitReader::punctuation},
      {"BertPreTokenizer", &SplitReader::bert},
      {"Whitespace", &SplitReader::whitespace},
      {"WhitespaceSplit", &SplitReader::whitespaceSplit},
      {"CharDelimiterSplit", &SplitReader::delimiter}};
  for (auto [name, read] : known)
    if (type == name)
      return (reader.*read)();
  return context.refuse(reader.what);
}

} // namespace optc::tokenizer
