//===- Description.h - what a tokenizer does, step by step ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The small part of a tokenizer image: everything but its large tables. The importer fills it in,
// the runtime reads it; both by the same function `transfer`, so that they cannot disagree about
// the order of the bytes.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_DESCRIPTION_H
#define OPTC_TOKENIZER_DESCRIPTION_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace optc::tokenizer {

/// "none" where an id or an index stands.
constexpr uint32_t absent = 0xffffffff;

/// One step of a pattern; lib/Tokenizer/Regex.h says what each does.
struct Instruction {
  enum Operation : uint8_t {
    Character,   ///< a: the code point
    Set,         ///< set
    Repeat,      ///< set, between a and b times; mode: Greedy, Lazy, Possessive
    Split,       ///< goes on at a, and if that fails at b; set: what can stand at a, or no set
    Jump,        ///< a
    Look,        ///< what is up to its End must (mode: Ahead), or must not (NotAhead) follow, or is
                 ///< taken as it first fits (Atomic); goes on at a
    Behind,      ///< the character before is (mode 0) or is not (mode 1) in the set
    LineStart,   ///< ^
    LineEnd,     ///< $
    TextStart,   ///< \A
    TextEnd,     ///< \z
    TextEndLine, ///< \Z
    WordEdge,    ///< \b (mode 0), \B (mode 1); set: the word characters
    End,
    Count
  };
  enum Mode : uint8_t { Greedy, Lazy, Possessive };
  enum LookMode : uint8_t { Ahead, NotAhead, Atomic };

  uint8_t operation = End;
  uint8_t mode = 0;
  uint16_t set = noSet;
  uint32_t a = 0, b = 0;

  static constexpr uint16_t noSet = 0xffff;
};

/// A pattern: its instructions, the last of which is End, and what a match can begin with.
struct Program {
  std::vector<Instruction> code;
  uint16_t first = Instruction::noSet;
};

struct NormalizerStep {
  enum Kind : uint8_t {
    CanonicalDecomposed, ///< NFD
    CanonicalComposed,   ///< NFC
    CompatibleDecomposed,
    CompatibleComposed,
    LowerCase,
    StripSpace, ///< flags: 1 left, 2 right
    Replace,    ///< pattern -> text
    Surround,   ///< spaces around what the pattern matches
    Prepend,    ///< text, unless the text is empty
    Charsmap,   ///< SentencePiece's table
    Bytes,      ///< bytes to their printable characters
    Count
  };
  uint8_t kind = Count;
  uint8_t flags = 0;
  uint32_t pattern = absent;
  std::string text;
};

struct SplitStep {
  enum Kind : uint8_t {
    Pattern,   ///< cut at what the pattern matches
    Metaspace, ///< text for spaces, perhaps one in front, cut before each
    Bytes, ///< InFront: a space in front of each piece; Map: bytes to their printable characters
    Count
  };
  enum Behaviour : uint8_t {
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
    BehaviourCount
  };
  enum Flag : uint8_t {
    Invert = 1,       ///< Pattern: what lies between is what matches
    InFront = 1,      ///< Bytes, Metaspace: in front of every piece
    InFrontFirst = 2, ///< Metaspace: in front of the piece that begins the text
    Cut = 4,          ///< Metaspace
    Map = 8           ///< Bytes
  };
  uint8_t kind = Count;
  uint8_t behaviour = Removed;
  uint8_t flags = 0;
  uint32_t pattern = absent;
  std::string text;
};

struct DecoderStep {
  enum Kind : uint8_t {
    Bytes,        ///< printable characters to bytes
    WordPiece,    ///< text: the prefix; flags 1: clean up
    Metaspace,    ///< text to spaces; flags 1: none for the first token's
    ByteFallback, ///< <0x41> to bytes
    Fuse,
    Replace,     ///< pattern -> text
    Strip,       ///< text: one character, up to `start` and `stop` of them
    SpaceSuffix, ///< BPEDecoder: text at the end of a word to a space
    Count
  };
  uint8_t kind = Count;
  uint8_t flags = 0;
  uint32_t pattern = absent;
  uint32_t start = 0, stop = 0;
  std::string text;
};

struct AddedToken {
  enum Flag : uint8_t {
    SingleWord = 1,
    LeftStrip = 2,
    RightStrip = 4,
    Normalized = 8,
    Special = 16,
    All = 31
  };
  uint32_t id = 0;
  uint8_t flags = 0;
  std::string content;
};

struct ModelDescription {
  enum Kind : uint8_t { Bpe, WordPiece, Unigram, WordLevel, Count };
  enum Flag : uint8_t { ByteFallback = 1, FuseUnknown = 2, IgnoreMerges = 4, All = 7 };
  uint8_t kind = Count;
  uint8_t flags = 0;
  uint32_t unknown = absent;     ///< id of the token for what is not in the vocabulary
  uint32_t maxCharacters = 0;    ///< WordPiece: longer words are unknown
  std::string prefix, suffix;    ///< of tokens that continue, and that end a word
  std::vector<uint32_t> byteIds; ///< ByteFallback: of each byte, or absent
};

struct Description {
  uint32_t vocabularySize = 0; ///< one more than the largest id, added tokens included
  ModelDescription model;
  std::vector<std::vector<uint32_t>> sets; ///< first, last, ascending
  std::vector<Program> patterns;
  uint32_t wordSet = absent; ///< word characters, for added tokens that are single words
  std::vector<NormalizerStep> normalizer;
  std::vector<SplitStep> splits;
  std::vector<DecoderStep> decoder;
  bool hasDecoder = false;             ///< without one, spaces join the tokens
  std::vector<uint32_t> before, after; ///< ids of the post-processor
  std::vector<AddedToken> added;
};

// One order for both directions. An archive has `number(integer &)`, `text(string &)` and
// `list(vector &, function of an element)`.

template <class Archive> void transfer(Archive &archive, Instruction &it) {
  archive.number(it.operation);
  archive.number(it.mode);
  archive.number(it.set);
  archive.number(it.a);
  archive.number(it.b);
}

template <class Archive> void transfer(Archive &archive, Program &it) {
  archive.number(it.first);
  archive.list(it.code, [&](Instruction &one) { transfer(archive, one); });
}

template <class Archive> void transfer(Archive &archive, NormalizerStep &it) {
  archive.number(it.kind);
  archive.number(it.flags);
  archive.number(it.pattern);
  archive.text(it.text);
}

template <class Archive> void transfer(Archive &archive, SplitStep &it) {
  archive.number(it.kind);
  archive.number(it.behaviour);
  archive.number(it.flags);
  archive.number(it.pattern);
  archive.text(it.text);
}

template <class Archive> void transfer(Archive &archive, DecoderStep &it) {
  archive.number(it.kind);
  archive.number(it.flags);
  archive.number(it.pattern);
  archive.number(it.start);
  archive.number(it.stop);
  archive.text(it.text);
}

template <class Archive> void transfer(Archive &archive, AddedToken &it) {
  archive.number(it.id);
  archive.number(it.flags);
  archive.text(it.content);
}

template <class Archive> void transfer(Archive &archive, ModelDescription &it) {
  archive.number(it.kind);
  archive.number(it.flags);
  archive.number(it.unknown);
  archive.number(it.maxCharacters);
  archive.text(it.prefix);
  archive.text(it.suffix);
  archive.list(it.byteIds, [&](uint32_t &id) { archive.number(id); });
}

template <class Archive> void transfer(Archive &archive, Description &it) {
  auto one = [&](auto &element) { transfer(archive, element); };
  auto number = [&](uint32_t &id) { archive.number(id); };
  archive.number(it.vocabularySize);
  transfer(archive, it.model);
  archive.list(it.sets, [&](std::vector<uint32_t> &set) { archive.list(set, number); });
  archive.list(it.patterns, one);
  archive.number(it.wordSet);
  archive.list(it.normalizer, one);
  archive.list(it.splits, one);
  archive.list(it.decoder, one);
  uint8_t hasDecoder = it.hasDecoder;
  archive.number(hasDecoder);
  it.hasDecoder = hasDecoder != 0;
  archive.list(it.before, number);
  archive.list(it.after, number);
  archive.list(it.added, one);
}

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_DESCRIPTION_H
