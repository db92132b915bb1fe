//===- LoadModel.cpp - the loader as the verbs use it ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LoadModel.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/DiagnosticCollector.h"
#include "lib/Import/Onnx/Importer.h"

using namespace optc;
using namespace optc::driver;
using onnximport::Diagnostic;

Error optc::driver::firstError(const std::vector<Diagnostic> &found) {
  auto isError = [](const Diagnostic &diagnostic) { return diagnostic.isError; };
  auto first = llvm::find_if(found, isError);
  if (first == found.end())
    return {E9001, "the model could not be loaded"};
  size_t count = llvm::count_if(found, isError);
  return {first->code, first->message + otherNodes(count)};
}

std::unique_ptr<onnximport::Model> optc::driver::loadModel(const std::string &path,
                                                           const LoadChoices &choices,
                                                           std::vector<Diagnostic> &found) {
  onnximport::LoadOptions options;
  options.allowSymlinks = choices.allowSymlinks;
  options.overridable = choices.overridable;
  options.isNative = [](std::string_view domain, std::string_view op,
                        const onnximport::NodeView &node) {
    return onnximport::HandlerRegistry::get().isNative({domain.data(), domain.size()},
                                                       {op.data(), op.size()}, node);
  };
  return onnximport::load(path, options, found);
}

Error optc::driver::loadModel(const std::string &path, const LoadChoices &choices,
                              std::unique_ptr<onnximport::Model> &model) {
  std::vector<Diagnostic> found;
  model = loadModel(path, choices, found);
  return model ? Error() : firstError(found);
}
