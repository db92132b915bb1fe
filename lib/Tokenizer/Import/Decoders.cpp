//===- Decoders.cpp - decoders of tokenizer.json -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each decoder is one step of lib/Tokenizer/Decoder.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/Context.h"

namespace optc::tokenizer {

namespace {
struct DecoderReader {
  Context &context;
  const Json &json;
  std::string what;

  bool add(DecoderStep step) {
    context.out.description.decoder.push_back(std::move(step));
    return true;
  }
  bool add(DecoderStep::Kind kind, std::string text = {}, bool flag = false) {
    DecoderStep step;
    step.kind = kind;
    step.flags = flag;
    step.text = std::move(text);
    return add(std::move(step));
  }

  bool bytes() {
    return context.onlyMembers(json, what, {"add_prefix_space", "trim_offsets", "use_regex"}) &&
           add(DecoderStep::Bytes);
  }
  bool byteFallback() {
    return context.onlyMembers(json, what, {}) && add(DecoderStep::ByteFallback);
  }
  bool fuse() { return context.onlyMembers(json, what, {}) && add(DecoderStep::Fuse); }

  bool wordPiece() {
    std::string prefix = "##";
    bool cleanup = true;
    return context.onlyMembers(json, what, {"prefix", "cleanup"}) &&
           context.text(json, "prefix", what, prefix) &&
           context.flag(json, "cleanup", what, cleanup) &&
           add(DecoderStep::WordPiece, prefix, cleanup);
  }

  bool metaspace() {
    std::string replacement, scheme = "always";
    bool space = true;
    if (!context.onlyMembers(
            json, what,
            {"replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}) ||
        !context.text(json, "replacement", what, replacement) ||
        !context.text(json, "prepend_scheme", what, scheme) ||
        !context.flag(json, "add_prefix_space", what, space))
      return false;
    if (!space && scheme != "never")
      return context.damaged("'add_prefix_space' and 'prepend_scheme' of " + what + " contradict");
    if (replacement.empty())
      return context.damaged(what + " has no replacement");
    return add(DecoderStep::Metaspace, replacement, scheme != "never");
  }

  bool replace() {
    DecoderStep step;
    step.kind = DecoderStep::Replace;
    return context.onlyMembers(json, what, {"pattern", "content"}) &&
           context.patternMember(json, what, step.pattern) &&
           context.text(json, "content", what, step.text) && add(std::move(step));
  }

  bool strip() {
    DecoderStep step;
    step.kind = DecoderStep::Strip;
    return context.onlyMembers(json, what, {"content", "start", "stop"}) &&
           context.text(json, "content", what, step.text) &&
           context.number(json, "start", what, step.start) &&
           context.number(json, "stop", what, step.stop) && add(std::move(step));
  }

  bool spaceSuffix() {
    std::string suffix = "</w>";
    return context.onlyMembers(json, what, {"suffix"}) &&
           context.text(json, "suffix", what, suffix) && add(DecoderStep::SpaceSuffix, suffix);
  }
};
} // namespace

bool importDecoder(const Json &decoder, Context &context, unsigned depth) {
  std::string type;
  if (!context.typeOf(decoder, "decoder", type))
    return false;
  context.out.description.hasDecoder = true;
  DecoderReader reader = {context, decoder, "decoder '" + type + "'"};
  if (type == "Sequence") {
    const Json *list;
    if (!context.elements(decoder, "decoders", reader.what, list))
      return false;
    if (depth >= maxSequenceDepth)
      return context.refuse("such a depth of sequences");
    for (const Json &one : *list)
      if (!importDecoder(one, context, depth + 1))
        return false;
    return true;
  }
  static const std::pair<const char *, bool (DecoderReader::*)()> known[] = {
      {"ByteLevel", &DecoderReader::bytes},     {"WordPiece", &DecoderReader::wordPiece},
      {"Metaspace", &DecoderReader::metaspace}, {"ByteFallback", &DecoderReader::byteFallback},
      {"Fuse", &DecoderReader::fuse},           {"Replace", &DecoderReader::replace},
      {"Strip", &DecoderReader::strip},         {"BPEDecoder", &DecoderReader::spaceSuffix}};
  for (auto [name, read] : known)
    if (type == name)
      return (reader.*read)();
  return context.refuse(reader.what);
}

} // namespace optc::tokenizer
