//===- DecoderFiles.h - what lies beside a language model ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tokenizer, ends of texts and the chat template, from the files that exporters write beside a
// model.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_DECODERFILES_H
#define OPTC_DRIVER_DECODERFILES_H

#include "lib/Artifact/Reader.h"
#include "lib/Support/Errors.h"

#include <string>
#include <utility>
#include <vector>

namespace optc::driver {

/// What `optc generate` needs beside the code.
struct DecoderFiles {
  std::string tokenizer;      ///< image of lib/Tokenizer; empty: there is none
  std::vector<uint32_t> ends; ///< tokens that end a text
  uint64_t context = 0;       ///< the most tokens that the model was made for; 0: not known
  std::string chatTemplate;   ///< of lib/Chat; empty: there is none
  std::string begin, end;     ///< bos_token and eos_token, for the template

  /// From the folder of a model: tokenizer.json, tokenizer_config.json, chat_template.jinja,
  /// config.json, generation_config.json, genai_config.json, as far as they are there.
  static Error read(const std::string &folder, DecoderFiles &files);
  /// As files of an artifact, and back from them.
  std::vector<std::pair<std::string, std::string>> toEntries() const;
  static Error fromArtifact(const artifact::Reader &reader, DecoderFiles &files);
};

} // namespace optc::driver

#endif // OPTC_DRIVER_DECODERFILES_H
