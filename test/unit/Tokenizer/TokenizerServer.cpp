//===- TokenizerServer.cpp - a tokenizer for Python tests ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Answers requests from stdin, a JSON object a line, by a JSON object a line:
//
//   {"load": FILE.json}            imports and opens it: {"bytes", "import_seconds",
//   "open_seconds"}
//   {"encode": TEXT}               {"ids"}; also "hex": the text's bytes; "special", "find":
//   EncodeOptions
//   {"decode": IDS, "skip": bool}  {"text"}
//   {"stream": IDS, "skip": bool}  {"parts"}: what each id gave, and the end
//   {"token": ID}                  {"text", "hex", "special"}: textOf, bytesOf
//   {"id": TEXT}                   {"id"}
//   {"time": FILE, "rounds": N}    {"seconds", "ids"} of encoding a file, the fastest of N
//
// A request that fails has {"error"} for an answer.
//
//===----------------------------------------------------------------------===//
#include "lib/Tokenizer/Import/TokenizerJson.h"
#include "lib/Tokenizer/Tokenizer.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

using Json = nlohmann::json;
using namespace optc::tokenizer;

static double now() {
  auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

static std::string contentsOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

static std::string fromHex(const std::string &hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += char(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16));
  return bytes;
}

static std::string toHex(const std::string &bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : bytes)
    hex += {digits[byte >> 4], digits[byte & 15]};
  return hex;
}

namespace {
struct Server {
  std::string image;
  Tokenizer tokenizer;

  static Json failure(const optc::Error &error) {
    return {{"error", optc::errorId(error.code) + ": " + error.message}};
  }

  Json load(const std::string &path) {
    std::string text = contentsOf(path);
    double start = now();
    std::string made;
    if (optc::Error error = importTokenizer(text, made))
      return failure(error);
    double imported = now();
    Tokenizer opened;
    if (optc::Error error = opened.open(made.data(), made.size()))
      return failure(error);
    double end = now();
    tokenizer = std::move(opened);
    image = std::move(made); // larger than a short string: the bytes stay where they are
    return {{"bytes", image.size()},
            {"import_seconds", imported - start},
            {"open_seconds", end - imported},
            {"size", tokenizer.vocabularySize()}};
  }

  Json encode(const std::string &text, const Json &request) {
    EncodeOptions options = {request.value("special", false), request.value("find", true)};
    std::vector<uint32_t> ids;
    if (optc::Error error = tokenizer.encode(text, options, ids))
      return failure(error);
    return {{"ids", ids}};
  }

  Json stream(const std::vector<uint32_t> &ids, bool skip) {
    TextStream stream = tokenizer.stream(skip);
    std::vector<std::string> parts;
    for (uint32_t id : ids)
      parts.push_back(stream.push(id));
    parts.push_back(stream.finish());
    return {{"parts", parts}};
  }

  Json time(const std::string &path, int rounds) {
    std::string text = contentsOf(path);
    double best = 1e9;
    std::vector<uint32_t> ids;
    for (int i = 0; i < rounds; ++i) {
      ids.clear();
      double start = now();
      if (optc::Error error = tokenizer.encode(text, {false, true}, ids))
        return failure(error);
      best = std::min(best, now() - start);
    }
    return {{"seconds", best}, {"ids", ids.size()}};
  }

  Json answer(const Json &request) {
    if (request.contains("load"))
      return load(request["load"]);
    if (request.contains("encode"))
      return encode(request["encode"], request);
    if (request.contains("hex"))
      return encode(fromHex(request["hex"]), request);
    if (request.contains("decode"))
      return {{"text", tokenizer.decode(request["decode"].get<std::vector<uint32_t>>(),
                                        request.value("skip", false))}};
    if (request.contains("stream"))
      return stream(request["stream"], request.value("skip", false));
    if (request.contains("token")) {
      uint32_t id = request["token"];
      return {{"text", tokenizer.textOf(id)},
              {"hex", toHex(tokenizer.bytesOf(id))},
              {"special", tokenizer.isSpecial(id)}};
    }
    if (request.contains("id")) {
      auto id = tokenizer.idOf(request["id"].get<std::string>());
      return {{"id", id ? Json(*id) : Json()}};
    }
    if (request.contains("time"))
      return time(request["time"], request.value("rounds", 3));
    return {{"error", "unknown request"}};
  }
};
} // namespace

int main() {
  Server server;
  for (std::string line; std::getline(std::cin, line);) {
    Json answer = server.answer(Json::parse(line));
    std::cout << answer.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  }
  return 0;
}
