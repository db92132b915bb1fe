//===- ChatTest.cpp - chat templates -------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the C++ interface promises, refusals and bounds; that templates give what Jinja gives is
// test/e2e/chat_template.py.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Template.h"

#include <gtest/gtest.h>
#include <random>

using namespace optc;
using namespace optc::chat;

static Error run(const std::string &text, const std::string &variables, std::string &out) {
  json::Value value;
  std::string why;
  EXPECT_TRUE(json::parse(variables, value, why)) << why;
  Template parsed;
  if (Error error = parsed.parse(text))
    return error;
  return parsed.render(value, 0, out);
}

static std::string rendered(const std::string &text, const std::string &variables = "{}") {
  std::string out;
  Error error = run(text, variables, out);
  return error ? errorId(error.code) + " " + error.message : out;
}

TEST(Chat, messages) {
  const char *variables =
      R"({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": " Yes "}], "add_generation_prompt": true})";
  EXPECT_EQ(rendered("{% for m in messages %}\n<{{ m.role }}>{{ m['content'] | trim }}\n{% endfor "
                     "%}\n{%- if add_generation_prompt %}<assistant>{% endif %}",
                     variables),
            "<user>Hi\n<assistant>Yes\n<assistant>");
}

TEST(Chat, refusalsNameWhatAndWhere) {
  EXPECT_EQ(rendered("a\n{{ x | wordwrap }}"),
            "OPTC-E1211 line 2 of the chat template: the filter 'wordwrap' is not supported");
  EXPECT_EQ(rendered("{% include 'x' %}"),
            "OPTC-E1211 line 1 of the chat template: the statement 'include' is not supported");
  EXPECT_EQ(rendered("\n\n{{ x is prime }}"),
            "OPTC-E1211 line 3 of the chat template: the test 'prime' is not supported");
  EXPECT_EQ(rendered("{% if x %}"), "OPTC-E1211 line 1 of the chat template: 'endif' is missing");
  EXPECT_EQ(rendered("{{ raise_exception('roles!') }}"),
            "OPTC-E7016 line 1 of the chat template: roles!");
  EXPECT_EQ(rendered("{{ a.b.c }}"),
            "OPTC-E7016 line 1 of the chat template: 'a' is undefined, and has no 'b'");
  EXPECT_EQ(rendered("{{ f(1) }}"),
            "OPTC-E7016 line 1 of the chat template: the function 'f' is not known");
}

TEST(Chat, bounds) {
  EXPECT_NE(
      rendered("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}")
          .find("too long"),
      std::string::npos);
  EXPECT_NE(rendered("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}").find("OPTC-E7016"),
            std::string::npos);
  EXPECT_NE(rendered("{{ " + std::string(5000, '(') + "1" + std::string(5000, ')') + " }}")
                .find("too deeply"),
            std::string::npos);
  EXPECT_NE(rendered("{{ " + std::string(5000, '-') + "1 }}").find("too deeply"),
            std::string::npos);
  EXPECT_NE(rendered("{{ 'a' * 99999999999 }}").find("OPTC-E7016"), std::string::npos);
}

/// Whatever a template is: an error or a text.
TEST(Chat, damagedTemplates) {
  const std::string sample =
      "{%- set ns = namespace(x=1) %}{% for m in messages if m.role != 'system' %}{{ loop.index0 ~ "
      "m.content[1:-1] | trim }}"
      "{% set ns.x = ns.x + 1 %}{% else %}none{% endfor %}{% macro f(a, b='c') %}{{ a ~ b }}{% "
      "endmacro %}{{ f(1) if ns.x is odd else {'a': [1, 2.5]} | tojson(indent=2) }}";
  std::mt19937 random(5);
  const std::string signs = "{}%()[]'\"|.,:-+*/~=<> \nabif0";
  for (int i = 0; i < 20000; ++i) {
    std::string text = sample;
    for (auto count = 1 + random() % 4; count; --count) {
      size_t at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1 + random() % 5);
      else if (random() % 2)
        text[at] = signs[random() % signs.size()];
      else
        text.insert(at, text.substr(random() % text.size(), random() % 20));
    }
    std::string out;
    (void)bool(run(text, R"({"messages": [{"role": "user", "content": "abc"}]})", out));
  }
}
