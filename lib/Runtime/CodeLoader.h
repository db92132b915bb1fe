//===- CodeLoader.h - loads generated code --------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes a shared object out of bytes that passed their digest, without a file in the file
// system, and checks the module it exports against ModuleAbi.h.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_CODELOADER_H
#define OPTC_RUNTIME_CODELOADER_H

#include "lib/Artifact/Reader.h"
#include "lib/Runtime/ModuleAbi.h"
#include "lib/Support/Cpu.h"

namespace optc::runtime {

/// The best code of an artifact that `cpu` runs, or that of `level` if not empty.
Error chooseCode(const artifact::Manifest &manifest, const std::string &level, const Cpu &cpu,
                 artifact::Code &chosen);

class CodeLoader {
public:
  CodeLoader() = default;
  ~CodeLoader();
  CodeLoader(const CodeLoader &) = delete;
  CodeLoader &operator=(const CodeLoader &) = delete;

  /// Loads the best code this machine runs, or that of `level` if not empty.
  Error load(const artifact::Reader &reader, const std::string &level);

  /// The entry point of that name, or null.
  const optc_module_entry *findEntry(const std::string &name) const;
  /// What the module tells of the work of an entry; null if it does not.
  const optc_module_work *findWork(const optc_module_entry *entry) const;
  const std::string &level() const { return chosen.level; }

private:
  Error openObject(const artifact::Reader &reader);
  Error checkModule();

  artifact::Code chosen;
  /// Kept open while the object is loaded: the loader knows objects by their path, and the path
  /// of this one is the number of the descriptor.
  int descriptor = -1;
  void *handle = nullptr;
  const optc_module *module = nullptr;
};

} // namespace optc::runtime

#endif // OPTC_RUNTIME_CODELOADER_H
