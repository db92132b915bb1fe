//===- Inputs.h - values for the inputs of a model -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs from files where there are some, random ones of the pinned shapes elsewhere.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_INPUTS_H
#define OPTC_DRIVER_INPUTS_H

#include "lib/Driver/Session.h"

namespace CLI {
class App;
}

namespace optc::driver {

struct InputOptions {
  std::vector<std::string> files;  ///< "NAME=FILE" or "FILE.npz"
  std::string all;                 ///< an .npz, or a folder with manifest.json
  std::vector<std::string> shapes; ///< of the other inputs: "NAME=1x3" or "SYMBOL=3"
};

/// Adds --input, --inputs and --shape.
void addInputOptions(CLI::App &verb, InputOptions &options);

Error fillInputs(const InputOptions &options, Session &session);

/// Gives the inputs of `to` the values of the inputs of the same name of `from`.
Error copyInputs(const Session &from, Session &to);

} // namespace optc::driver

#endif // OPTC_DRIVER_INPUTS_H
