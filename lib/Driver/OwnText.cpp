//===- OwnText.cpp - what a decoder says by itself -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See OwnText.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/OwnText.h"
#include "dialects/State/Decoder.h"
#include "lib/Driver/Candidates.h"
#include "lib/Driver/DecoderFiles.h"
#include "lib/Driver/Sampler.h"
#include "lib/Driver/Sequence.h"
#include "lib/Driver/TensorFolder.h"

#include <filesystem>

namespace optc::driver {

namespace {

/// An input of the model beside its caches.
enum class Role : uint8_t { Tokens, Mask, Positions };

class OwnText {
public:
  OwnText(const std::string &path, const CompileOptions &options, Progress &progress)
      : path(path), options(Candidates::optionsForHere(options)), progress(progress) {}

  Error run(const std::string &folder);

private:
  Error open();
  Error findRoles();
  Error draw(uint32_t number, std::vector<uint32_t> &tokens);
  Error write(const std::string &folder, const std::vector<uint32_t> &tokens) const;

  static constexpr int texts = 16;
  uint64_t length = 256; ///< tokens of a text

  const std::string &path;
  CompileOptions options;
  Progress &progress;
  Session session;
  std::vector<std::pair<std::string, Role>> roles;
};

} // namespace

/// The model as a step; what is no decoder is refused here.
Error OwnText::open() {
  DecoderFiles files;
  if (Error error = DecoderFiles::read(std::filesystem::path(path).parent_path().string(), files))
    return error;
  if (files.context)
    length = std::min(length, files.context);
  CompileOptions step = options;
  step.code.caches = CacheLayout::Contiguous;
  step.request = nullptr;
  CompiledModel compiled;
  if (Error error = compileModel(path, step, progress, compiled))
    return {error.code, "--calib auto needs a decoder: " + error.message};
  return openMemory(session, [&](int &fd) { return compiled.writeMemory(fd); });
}

Error OwnText::findRoles() {
  Compilation compilation(options, progress);
  if (Error error = compilation.import(path))
    return error;
  if (Error error = compilation.simplify())
    return error;
  auto func = *compilation.getModule().getOps<mlir::func::FuncOp>().begin();
  auto decoder = state::Decoder::match(func);
  if (!decoder)
    return {E9001, "a decoder is none any more"};
  auto add = [&](mlir::BlockArgument argument, Role role) {
    auto name = func.getArgAttrOfType<mlir::StringAttr>(argument.getArgNumber(), "nn.name");
    roles.emplace_back(name.str(), role);
  };
  add(decoder->tokens, Role::Tokens);
  for (mlir::BlockArgument mask : decoder->masks)
    add(mask, Role::Mask);
  for (mlir::BlockArgument positions : decoder->positions)
    add(positions, Role::Positions);
  return {};
}

/// Each text begins with another token, and goes on by the model's own probabilities.
Error OwnText::draw(uint32_t number, std::vector<uint32_t> &tokens) {
  constexpr size_t fewest = 16;
  Sequence sequence(session);
  if (Error error = sequence.open(length))
    return error;
  SamplerOptions asModel;
  asModel.temperature = 1;
  asModel.seed = number;
  Sampler sampler(asModel);
  const optc_tensor_info &scores = session.output(0);
  auto vocabulary = static_cast<uint64_t>(scores.dims[scores.rank - 1]);
  std::mt19937_64 random(number);
  tokens = {static_cast<uint32_t>(random() % vocabulary)};
  while (tokens.size() < length) {
    const float *found = nullptr;
    size_t count = 0;
    Error error = sequence.add({tokens.back()}, found, count);
    if (error.code == E7009 && tokens.size() > fewest) { // no more positions than that
      tokens.pop_back();
      length = tokens.size();
      return {};
    }
    if (error)
      return error;
    tokens.push_back(sampler.choose(found, count));
  }
  return {};
}

Error OwnText::write(const std::string &folder, const std::vector<uint32_t> &tokens) const {
  std::vector<int64_t> ids(tokens.begin(), tokens.end()), ones(tokens.size(), 1), places;
  for (size_t i = 0; i < tokens.size(); ++i)
    places.push_back(static_cast<int64_t>(i));
  std::vector<OutputView> views;
  for (const auto &[name, role] : roles) {
    const std::vector<int64_t> &values = role == Role::Tokens ? ids
                                         : role == Role::Mask ? ones
                                                              : places;
    views.push_back({name, OPTC_INT64, {1, static_cast<int64_t>(tokens.size())}, values.data()});
  }
  for (size_t i = 0; i < session.inputCount(); ++i) {
    int64_t axis = session.model().cacheAxis(i, session.entry());
    if (axis < 0)
      continue;
    const optc_tensor_info &info = session.input(i);
    std::vector<int64_t> dims;
    for (int32_t dim = 0; dim < info.rank; ++dim)
      dims.push_back(dim == axis ? 0 : info.dims[dim] < 0 ? 1 : info.dims[dim]);
    views.push_back({info.name, info.dtype, dims, nullptr});
  }
  return writeTensorFolder(folder, views, /*byName=*/false);
}

Error OwnText::run(const std::string &folder) {
  progress.task("own text");
  if (Error error = open())
    return error;
  if (Error error = findRoles())
    return error;
  for (uint32_t i = 0; i < texts; ++i) {
    progress.stage(int(i) + 1, texts, "draw");
    std::vector<uint32_t> tokens;
    if (Error error = draw(i, tokens))
      return error;
    if (Error error = write(folder + "/" + std::to_string(i), tokens))
      return error;
  }
  return {};
}

Error writeOwnText(const std::string &model, const CompileOptions &options,
                   const std::string &folder, Progress &progress) {
  return OwnText(model, options, progress).run(folder);
}

} // namespace optc::driver
