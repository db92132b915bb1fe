//===- ChatServer.cpp - chat templates for Python tests ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Answers requests from stdin, a JSON object a line, by one each: {"template": TEXT, "variables":
// OBJECT} by
// {"text"} or {"error"}. The time of strftime_now is 2024-07-26 12:00 UTC.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Template.h"

#include <iostream>
#include <string>

using namespace optc;

static std::string answer(const std::string &line) {
  json::Value request;
  std::string why, text;
  if (!json::parse(line, request, why))
    return "{\"error\": " + json::quote(why) + "}";
  const json::Value *source = request.find("template"), *variables = request.find("variables");
  if (!source || !variables)
    return "{\"error\": \"no template or no variables\"}";
  chat::Template parsed;
  Error error = parsed.parse(source->text);
  if (!error)
    error = parsed.render(*variables, 1721995200, text);
  if (error)
    return "{\"error\": " + json::quote(errorId(error.code) + ": " + error.message) + "}";
  return "{\"text\": " + json::quote(text) + "}";
}

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(line) << '\n' << std::flush;
  return 0;
}
