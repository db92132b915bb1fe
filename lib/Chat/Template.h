//===- Template.h - chat templates of language models --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of Jinja that the chat templates of tokenizer_config.json use, as `transformers` runs
// it: with trim_blocks and lstrip_blocks, `tojson` without escapes, `raise_exception`, loop
// controls. What is not known is refused when the template is read, by its name and line.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_CHAT_TEMPLATE_H
#define OPTC_CHAT_TEMPLATE_H

#include "lib/Support/Errors.h"
#include "lib/Support/Json.h"

#include <ctime>
#include <memory>
#include <string>
#include <string_view>

namespace optc::chat {

struct Node;

class Template {
public:
  Template();
  ~Template();
  Template(Template &&) noexcept;
  Template &operator=(Template &&) noexcept;

  /// Reads a template.
  Error parse(std::string_view text);

  /// Appends the text for these variables: an object with `messages`, `add_generation_prompt`,
  /// `tools`, `bos_token` and so on. `now`: what strftime_now tells, in local time.
  Error render(const json::Value &variables, std::time_t now, std::string &out) const;

private:
  std::unique_ptr<Node> root;
};

} // namespace optc::chat

#endif // OPTC_CHAT_TEMPLATE_H
