//===- PostProcessors.cpp - post-processors of tokenizer.json ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What they put around one text. Templates for pairs of texts are of no use here and not looked at.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Context.h"

namespace optc::tokenizer {

namespace {
struct ProcessorReader {
  Context &context;
  const Json &json;
  std::string what;

  /// Later processors put their tokens around those of earlier ones.
  bool add(std::vector<uint32_t> before, std::vector<uint32_t> after) {
    Description &it = context.out.description;
    before.insert(before.end(), it.before.begin(), it.before.end());
    it.before = std::move(before);
    it.after.insert(it.after.end(), after.begin(), after.end());
    return true;
  }

  /// "sep": [token, id]
  bool pair(const char *name, uint32_t &id) {
    const Json *found = Context::member(json, name);
    if (!found || !found->is_array() || found->size() != 2 || !(*found)[1].is_number_unsigned())
      return context.damaged("'" + std::string(name) + "' of " + what +
                             " is not a token and its id");
    id = (*found)[1].get<uint32_t>();
    return true;
  }

  bool pairs() {
    uint32_t cls, sep;
    return context.onlyMembers(json, what, {"sep", "cls", "trim_offsets", "add_prefix_space"}) &&
           pair("cls", cls) && pair("sep", sep) && add({cls}, {sep});
  }

  bool specialIds(const Json &piece, std::vector<uint32_t> &ids) {
    std::string name;
    const Json *tokens = Context::member(json, "special_tokens");
    if (!piece.is_object() || !context.text(piece, "id", what, name))
      return context.damaged("a piece of " + what);
    const Json *token =
        tokens && tokens->is_object() ? Context::member(*tokens, name.c_str()) : nullptr;
    const Json *list = token && token->is_object() ? Context::member(*token, "ids") : nullptr;
    if (!list || !list->is_array())
      return context.damaged("the special token '" + name + "' of " + what + " has no ids");
    for (const Json &id : *list) {
      if (!id.is_number_unsigned())
        return context.damaged("an id of the special token '" + name + "'");
      ids.push_back(id.get<uint32_t>());
    }
    return true;
  }

  bool processTemplate() {
    const Json *single = Context::member(json, "single");
    if (!single || !single->is_array())
      return context.damaged(what + " has no list 'single'");
    std::vector<uint32_t> around[2];
    int texts = 0;
    for (const Json &piece : *single) {
      if (!piece.is_object() || piece.size() != 1)
        return context.damaged("a piece of " + what);
      if (piece.begin().key() == "Sequence")
        texts += 1;
      else if (piece.begin().key() != "SpecialToken")
        return context.refuse("'" + piece.begin().key() + "' in " + what);
      else if (!specialIds(*piece.begin(), around[texts > 0]))
        return false;
    }
    if (texts != 1)
      return context.refuse("a template with " + std::to_string(texts) + " texts in " + what);
    return context.onlyMembers(json, what, {"single", "pair", "special_tokens"}) &&
           add(around[0], around[1]);
  }
};
} // namespace

bool importPostProcessor(const Json &processor, Context &context, unsigned depth) {
  std::string type;
  if (!context.typeOf(processor, "post_processor", type))
    return false;
  ProcessorReader reader = {context, processor, "post_processor '" + type + "'"};
  if (type == "Sequence") {
    const Json *list;
    if (!context.elements(processor, "processors", reader.what, list))
      return false;
    if (depth >= maxSequenceDepth)
      return context.refuse("such a depth of sequences");
    for (const Json &one : *list)
      if (!importPostProcessor(one, context, depth + 1))
        return false;
    return true;
  }
  if (type == "ByteLevel") // only about offsets
    return context.onlyMembers(processor, reader.what,
                               {"add_prefix_space", "trim_offsets", "use_regex"});
  if (type == "BertProcessing" || type == "RobertaProcessing")
    return reader.pairs();
  if (type == "TemplateProcessing")
    return reader.processTemplate();
  return context.refuse(reader.what);
}

} // namespace optc::tokenizer
