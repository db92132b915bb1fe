//===- CodeLoader.cpp - loads generated code ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The object is copied into a memfd, the copy is checked against the digest, sealed and
// given to dlopen.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/CodeLoader.h"
#include "lib/Runtime/ApiTable.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace optc::runtime {

/// The level that the code is for; null if this runtime does not know it, or not for such a system.
static const CpuLevel *levelOf(const artifact::Code &code) {
  const CpuLevel *level = findCpuLevel(code.level);
  return level && level->architecture == architectureOf(code.triple) ? level : nullptr;
}

CodeLoader::~CodeLoader() {
  if (handle)
    dlclose(handle);
  if (descriptor >= 0)
    close(descriptor);
}

Error chooseCode(const artifact::Manifest &manifest, const std::string &level, const Cpu &cpu,
                 artifact::Code &chosen) {
  const CpuLevel *best = nullptr;
  std::string has;
  for (const artifact::Code &code : manifest.code) {
    if (code.kind != "elf")
      continue;
    has += (has.empty() ? "" : ", ") + code.level;
    const CpuLevel *its = levelOf(code);
    if (its && (!best || its > best) && cpu.runs(*its) && (level.empty() || level == code.level)) {
      best = its;
      chosen = code;
    }
  }
  if (best)
    return Error();
  return Error(E7001, "the artifact has code for " + (has.empty() ? "no processor" : has) +
                          (level.empty() ? "" : "; '" + level + "' was asked for") +
                          "; this processor is " + cpu.description());
}

static Error loadError(const std::string &what) {
  return Error(E7002, "the code of the artifact could not be loaded: " + what);
}

Error CodeLoader::openObject(const artifact::Reader &reader) {
  bool found;
  artifact::Span code = reader.entry(chosen.path, found);
  if (!found || !code.size)
    return Error(E6008, "the code '" + chosen.path + "' is missing");
  descriptor = memfd_create("optc-code", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (descriptor < 0 && errno == EINVAL) // a kernel before 6.3
    descriptor = memfd_create("optc-code", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0)
    return loadError(std::string("memfd_create: ") + std::strerror(errno));
  for (uint64_t done = 0; done < code.size;) {
    ssize_t step = write(descriptor, code.data + done, code.size - done);
    if (step < 0 && errno != EINTR)
      return loadError(std::string("write: ") + std::strerror(errno));
    done += step > 0 ? step : 0;
  }
  fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  void *copy = mmap(nullptr, code.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (copy == MAP_FAILED)
    return loadError(std::string("mmap: ") + std::strerror(errno));
  Error error = reader.verifyCopy(chosen.path, copy, code.size);
  munmap(copy, code.size);
  if (error)
    return error;
  std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    return loadError(why ? why : "dlopen failed");
  }
  return Error();
}

Error CodeLoader::checkModule() {
  module = static_cast<const optc_module *>(dlsym(handle, OPTC_MODULE_SYMBOL));
  if (!module)
    return Error(E7003, "the code of the artifact does not export " OPTC_MODULE_SYMBOL);
  if (module->abi_version < OPTC_MODULE_ABI_OLDEST || module->abi_version > OPTC_MODULE_ABI_VERSION)
    return Error(E7003, "the code of the artifact has interface version " +
                            std::to_string(module->abi_version) + ", this runtime knows " +
                            std::to_string(OPTC_MODULE_ABI_OLDEST) + " to " +
                            std::to_string(OPTC_MODULE_ABI_VERSION));
  if (module->num_api > optcApiTableSize || !module->api)
    return Error(E7003, "the code of the artifact calls " + std::to_string(module->num_api) +
                            " functions, this runtime has " + std::to_string(optcApiTableSize));
  *module->api = optcApiTable;
  return Error();
}

Error CodeLoader::load(const artifact::Reader &reader, const std::string &level) {
  if (Error error = chooseCode(reader.manifest(), level, Cpu::here(), chosen))
    return error;
  if (Error error = openObject(reader))
    return error;
  return checkModule();
}

const optc_module_entry *CodeLoader::findEntry(const std::string &name) const {
  for (uint32_t i = 0; i < module->num_entries; ++i)
    if (name == module->entries[i].name)
      return &module->entries[i];
  return nullptr;
}

const optc_module_work *CodeLoader::findWork(const optc_module_entry *entry) const {
  bool has = module->extension >= 1 && module->work;
  return has ? &module->work[entry - module->entries] : nullptr;
}

} // namespace optc::runtime
