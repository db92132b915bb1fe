//===- ConfigFile.h - configuration files ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values of options from a file: TOML as CLI11 reads it, or JSON when the file starts with
// a brace; in both, the options of a verb are in a section of its name.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_CONFIGFILE_H
#define OPTC_DRIVER_CONFIGFILE_H

#include <CLI/CLI.hpp>

namespace optc::driver {

class ConfigFile : public CLI::ConfigTOML {
public:
  std::vector<CLI::ConfigItem> from_config(std::istream &input) const override;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_CONFIGFILE_H
