//===- Generate.cpp - optc generate --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Continues a text, token by token.
//
//===----------------------------------------------------------------------===//
#include "lib/Chat/Template.h"
#include "lib/Driver/DecoderFiles.h"
#include "lib/Driver/Sampler.h"
#include "lib/Driver/Sequence.h"
#include "lib/Driver/StopFilter.h"
#include "lib/Driver/Verbs.h"
#include "lib/Tokenizer/Tokenizer.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace optc::driver {

namespace {

struct GenerateOptions {
  std::string model, prompt, system;
  std::vector<uint32_t> ids;
  bool isChat = false, asJson = false, ignoresEnds = false;
  uint64_t maxTokens = 128, context = 0;
  SamplerOptions sampler;
  std::vector<std::string> stops;
  SessionOptions session;
};

class Generator {
public:
  explicit Generator(const GenerateOptions &options)
      : options(options), sequence(session), sampler(options.sampler), filter(options.stops) {}

  Error run();

private:
  using Clock = std::chrono::steady_clock;

  Error open();
  Error readPrompt(std::vector<uint32_t> &ids) const;
  Error fillTemplate(std::string &text) const;
  Error generate(std::vector<uint32_t> next);
  void emit(const std::string &piece);
  bool isEnd(uint32_t token) const;
  void print() const;

  const GenerateOptions &options;
  Session session;
  Sequence sequence;
  Sampler sampler;
  StopFilter filter;
  DecoderFiles files;
  std::optional<tokenizer::Tokenizer> tokens;
  std::vector<uint32_t> made;
  std::string text;
  const char *why = "length"; ///< of the end
  size_t promptTokens = 0;
  double firstSeconds = 0, restSeconds = 0;
};

} // namespace

Error Generator::open() {
  if (std::string_view(options.model).substr(options.model.rfind('.') + 1) == "onnx")
    return {E102, "'" + options.model + "' is a model: build it first, optc build " +
                      options.model + " --kv contiguous"};
  if (Error error = session.open(options.model, options.session))
    return error;
  std::unique_ptr<artifact::Reader> reader;
  if (Error error = artifact::Reader::open(options.model, {}, reader))
    return error;
  if (Error error = DecoderFiles::fromArtifact(*reader, files))
    return error;
  if (!files.tokenizer.empty()) {
    tokens.emplace();
    if (Error error = tokens->open(files.tokenizer.data(), files.tokenizer.size()))
      return error;
  }
  constexpr uint64_t usualContext = 4096;
  return sequence.open(options.context ? options.context
                       : files.context ? files.context
                                       : usualContext);
}

Error Generator::fillTemplate(std::string &filled) const {
  if (files.chatTemplate.empty())
    return {E102, "--chat: there was no chat template beside the model (chat_template.jinja or "
                  "tokenizer_config.json)"};
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  if (!options.system.empty())
    messages.push_back({{"role", "system"}, {"content", options.system}});
  messages.push_back({{"role", "user"}, {"content", options.prompt}});
  nlohmann::ordered_json variables = {{"messages", messages},
                                      {"add_generation_prompt", true},
                                      {"bos_token", files.begin},
                                      {"eos_token", files.end}};
  std::string why;
  json::Value values;
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  if (!json::parse(variables.dump(-1, ' ', false, replace), values, why))
    return {E9001, "the messages cannot be read back: " + why};
  chat::Template pattern;
  if (Error error = pattern.parse(files.chatTemplate))
    return error;
  return pattern.render(values, std::time(nullptr), filled);
}

Error Generator::readPrompt(std::vector<uint32_t> &ids) const {
  ids = options.ids;
  if (!ids.empty())
    return {};
  if (!tokens)
    return {E102, "there was no tokenizer.json beside the model when the artifact was built: give "
                  "tokens as --ids"};
  std::string prompt = options.prompt;
  if (options.isChat) {
    prompt.clear();
    if (Error error = fillTemplate(prompt))
      return error;
  }
  // A template writes the tokens around a text itself.
  tokenizer::EncodeOptions encode{!options.isChat, options.isChat};
  if (Error error = tokens->encode(prompt, encode, ids))
    return error;
  if (ids.empty())
    return {E102, "the prompt is empty: there is no token to continue"};
  return {};
}

bool Generator::isEnd(uint32_t token) const {
  return !options.ignoresEnds &&
         std::find(files.ends.begin(), files.ends.end(), token) != files.ends.end();
}

void Generator::emit(const std::string &piece) {
  text += piece;
  if (options.asJson)
    return;
  std::fwrite(piece.data(), 1, piece.size(), stdout);
  std::fflush(stdout);
}

Error Generator::generate(std::vector<uint32_t> next) {
  auto stream = tokens ? std::optional(tokens->stream(/*skipSpecial=*/true)) : std::nullopt;
  auto seconds = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  Clock::time_point begin = Clock::now(), first = begin;
  for (uint32_t id : next)
    sampler.accept(id);
  while (made.size() < options.maxTokens) {
    const float *scores = nullptr;
    size_t count = 0;
    if (sequence.getLength() + next.size() > sequence.getCapacity() && !made.empty()) {
      why = "context";
      break;
    }
    if (Error error = sequence.add(next, scores, count))
      return error;
    uint32_t token = sampler.choose(scores, count);
    if (made.empty())
      firstSeconds = seconds(begin), first = Clock::now();
    sampler.accept(token);
    made.push_back(token);
    if (isEnd(token)) {
      why = "end";
      break;
    }
    emit(stream ? filter.push(stream->push(token))
                : (made.size() > 1 ? " " : "") + std::to_string(token));
    if (filter.isStopped()) {
      why = "stop";
      break;
    }
    next = {token};
  }
  restSeconds = seconds(first);
  if (stream)
    emit(filter.push(stream->finish()) + filter.finish());
  return {};
}

void Generator::print() const {
  if (!options.asJson) {
    std::puts("");
    return;
  }
  nlohmann::ordered_json json = {{"text", text},
                                 {"tokens", made},
                                 {"finish_reason", why},
                                 {"prompt_tokens", promptTokens},
                                 {"seconds_to_first_token", firstSeconds},
                                 {"tokens_per_second", restSeconds > 0 && made.size() > 1
                                                           ? double(made.size() - 1) / restSeconds
                                                           : 0},
                                 {"cache_bytes_per_token", sequence.getBytesPerToken()},
                                 {"context", sequence.getCapacity()}};
  if (!tokens)
    json.erase("text");
  std::puts(json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

Error Generator::run() {
  if (Error error = open())
    return error;
  std::vector<uint32_t> ids;
  if (Error error = readPrompt(ids))
    return error;
  promptTokens = ids.size();
  if (ids.size() > sequence.getCapacity())
    return {E7004, "the prompt has " + std::to_string(ids.size()) +
                       " tokens, the context room for " + std::to_string(sequence.getCapacity()) +
                       ": give a larger --context, or a shorter prompt"};
  if (Error error = generate(std::move(ids)))
    return error;
  print();
  return {};
}

static void addSamplerOptions(CLI::App &verb, SamplerOptions &sampler) {
  verb.add_option("--temperature", sampler.temperature,
                  "0: always the likeliest token (default); larger: others, too")
      ->check(CLI::Range(0.0, 100.0));
  verb.add_option("--top-k", sampler.topK,
                  "choose among so many of the likeliest tokens (default: all)");
  verb.add_option("--top-p", sampler.topP,
                  "choose among the likeliest that have this probability together (default: 1)")
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option(
          "--min-p", sampler.minP,
          "choose among those with this share of the likeliest one's probability (default: 0)")
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--repetition-penalty", sampler.repetitionPenalty,
                  "scores of tokens that were there are divided by it (default: 1)")
      ->check(CLI::Range(0.01, 100.0));
  verb.add_option("--seed", sampler.seed,
                  "of the choices (default: 0): the same seed gives the same text");
}

void addGenerate(CLI::App &app, Action &action) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App *verb = app.add_subcommand("generate", "continue a text with a language model");
  verb->footer("The artifact is built with --kv contiguous; tokenizer.json, tokenizer_config.json "
               "and config.json are\n"
               "read then, if they lie beside the model.\n"
               "Examples:\n"
               "  optc build model.onnx --kv contiguous\n"
               "  optc generate model.optc --prompt \"Once upon a time\"\n"
               "  optc generate model.optc --chat --prompt \"Name three colours\" --temperature "
               "0.7 --top-p 0.9\n"
               "  optc generate model.optc --ids 1,5,20 --json");
  verb->add_option("model", options->model, "artifact (.optc) built with --kv")->required();
  auto *prompt = verb->add_option("--prompt", options->prompt, "the text to continue");
  verb->add_option("--ids", options->ids, "its tokens, instead: 1,5,20")
      ->delimiter(',')
      ->excludes(prompt);
  auto *chat = verb->add_flag("--chat", options->isChat,
                              "the prompt is what a user says: fill in the model's chat template");
  chat->needs(prompt);
  verb->add_option("--system", options->system, "with --chat: what the system says before")
      ->needs(chat);
  verb->add_option("--max-tokens", options->maxTokens, "so many new tokens at most (default: 128)")
      ->check(CLI::PositiveNumber);
  verb->add_option("--context", options->context,
                   "tokens of prompt and text together, for which address space is reserved "
                   "(default: what config.json says, or 4096)")
      ->check(CLI::Range(uint64_t(1), uint64_t(1) << 24));
  addSamplerOptions(*verb, options->sampler);
  verb->add_option("--stop", options->stops,
                   "a text that ends the text, and is not printed; may be given several times")
      ->allow_extra_args(false);
  verb->add_flag("--ignore-end", options->ignoresEnds, "go on behind tokens that end a text");
  verb->add_flag("--json", options->asJson, "print text, tokens and timings as JSON at the end");
  verb->add_option("--threads", options->session.threads, "threads (default: one per CPU)");
  verb->callback([options, &action] {
    action = [options]() -> Error {
      if (options->prompt.empty() && options->ids.empty())
        return {E102, "there is nothing to continue: give --prompt or --ids"};
      return Generator(*options).run();
    };
  });
}

} // namespace optc::driver
