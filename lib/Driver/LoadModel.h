//===- LoadModel.h - the loader as the verbs use it ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads a model for the importer's operators; what the loader found wrong as one error.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_LOADMODEL_H
#define OPTC_DRIVER_LOADMODEL_H

#include "lib/Import/Onnx/Loader.h"

namespace optc::driver {

/// What users decide of loading; see onnximport::LoadOptions.
struct LoadChoices {
  bool allowSymlinks = false;
  std::vector<std::string> overridable = {};
};

/// Null if `found` got an error.
std::unique_ptr<onnximport::Model> loadModel(const std::string &path, const LoadChoices &choices,
                                             std::vector<onnximport::Diagnostic> &found);
/// The same with the first error, which says how many more there are.
Error loadModel(const std::string &path, const LoadChoices &choices,
                std::unique_ptr<onnximport::Model> &model);
/// The first error of the loader.
Error firstError(const std::vector<onnximport::Diagnostic> &found);

} // namespace optc::driver

#endif // OPTC_DRIVER_LOADMODEL_H
