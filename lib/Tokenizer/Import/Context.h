//===- Context.h - what the parts of the importer share ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The image in the making, and the look at JSON members that says what is wrong with one. Functions
// return false once `error` is set.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TOKENIZER_IMPORT_CONTEXT_H
#define OPTC_TOKENIZER_IMPORT_CONTEXT_H

#include "lib/Support/Errors.h"
#include "lib/Tokenizer/Import/ImageWriter.h"
#include "lib/Tokenizer/Import/Pattern.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace optc::tokenizer {

using Json = nlohmann::json;

struct Context {
  ImageContents out;
  Error error;

  /// tokenizer.json is as it should be, but has something that is not known.
  bool refuse(const std::string &what);
  /// tokenizer.json is not as it should be.
  bool damaged(const std::string &what);

  /// The member of an object, or null where there is none or it is null.
  static const Json *member(const Json &object, const char *name);
  /// The "type" of a component, which is an object; `part`: "normalizer" and so on.
  bool typeOf(const Json &component, const std::string &part, std::string &type);
  /// Refuses members that are not listed ("type" always is).
  bool onlyMembers(const Json &object, const std::string &what,
                   std::initializer_list<const char *> names);
  /// The value of a member; where it is missing, `value` stays as it is.
  bool text(const Json &object, const char *name, const std::string &what, std::string &value);
  bool flag(const Json &object, const char *name, const std::string &what, bool &value);
  bool number(const Json &object, const char *name, const std::string &what, uint32_t &value);
  /// The elements of a "Sequence", under one of the names it has had.
  bool elements(const Json &object, const char *name, const std::string &what, const Json *&list);

  bool pattern(const PatternNode &node, const std::string &what, uint32_t &index);
  bool pattern(const CharacterRanges &set, uint32_t &index);
  bool regex(std::string_view text, const std::string &what, uint32_t &index);
  /// The member "pattern": {"String": ..} or {"Regex": ..}.
  bool patternMember(const Json &object, const std::string &what, uint32_t &index);
};

bool importModel(const Json &model, Context &context);
bool importNormalizer(const Json &normalizer, Context &context, unsigned depth = 0);
bool importPreTokenizer(const Json &splitter, Context &context, unsigned depth = 0);
bool importPostProcessor(const Json &processor, Context &context, unsigned depth = 0);
bool importDecoder(const Json &decoder, Context &context, unsigned depth = 0);
bool importAddedTokens(const Json &tokens, Context &context);

/// Sequences in sequences, at most.
constexpr unsigned maxSequenceDepth = 8;

} // namespace optc::tokenizer

#endif // OPTC_TOKENIZER_IMPORT_CONTEXT_H
