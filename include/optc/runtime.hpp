//===- runtime.hpp - the runtime in C++ -----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thin wrapper of optc/runtime.h: handles that free themselves, and errors as move-only
// values that are true on failure. Header only; nothing throws.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_RUNTIME_HPP
#define OPTC_RUNTIME_HPP

#include "optc/runtime.h"

#include <memory>
#include <string>

namespace optc::rt {

/// True when there is an error.
class [[nodiscard]] Error {
public:
  Error(optc_error *error = nullptr) : handle(error) {}
  explicit operator bool() const { return handle != nullptr; }
  int code() const { return optc_error_code(handle.get()); }
  const char *message() const { return optc_error_message(handle.get()); }

private:
  struct Destroy {
    void operator()(optc_error *error) const { optc_error_destroy(error); }
  };
  std::unique_ptr<optc_error, Destroy> handle;
};

class Model {
public:
  static optc_model_options defaults() {
    optc_model_options options = {};
    options.struct_size = sizeof(options);
    return options;
  }

  Error open(const std::string &path, const optc_model_options &options = defaults()) {
    optc_model *opened = nullptr;
    Error error(optc_model_open(path.c_str(), &options, &opened));
    handle.reset(opened);
    return error;
  }
  Error openMemory(const void *data, size_t size, const optc_model_options &options = defaults()) {
    optc_model *opened = nullptr;
    Error error(optc_model_open_memory(data, size, &options, &opened));
    handle.reset(opened);
    return error;
  }

  optc_model *get() const { return handle.get(); }
  const char *level() const { return optc_model_level(get()); }
  size_t entryCount() const { return optc_model_entry_count(get()); }
  const char *entryName(size_t entry) const { return optc_model_entry_name(get(), entry); }
  size_t inputCount(size_t entry = 0) const { return optc_model_input_count(get(), entry); }
  size_t outputCount(size_t entry = 0) const { return optc_model_output_count(get(), entry); }
  const optc_tensor_info &input(size_t index, size_t entry = 0) const {
    return *optc_model_input(get(), entry, index);
  }
  const optc_tensor_info &output(size_t index, size_t entry = 0) const {
    return *optc_model_output(get(), entry, index);
  }
  int64_t findInput(const std::string &name, size_t entry = 0) const {
    return optc_model_find_input(get(), entry, name.c_str());
  }
  /// The dim along which an input that is a cache grows, or -1.
  int64_t cacheAxis(size_t index, size_t entry = 0) const {
    return optc_model_cache_axis(get(), entry, index);
  }
  /// Null for inputs that must be set.
  const optc_tensor *inputDefault(size_t index, size_t entry = 0) const {
    return optc_model_input_default(get(), entry, index);
  }
  int64_t findOutput(const std::string &name, size_t entry = 0) const {
    return optc_model_find_output(get(), entry, name.c_str());
  }

private:
  struct Destroy {
    void operator()(optc_model *model) const { optc_model_destroy(model); }
  };
  std::unique_ptr<optc_model, Destroy> handle;
};

class Context {
public:
  static optc_context_options defaults() {
    optc_context_options options = {};
    options.struct_size = sizeof(options);
    return options;
  }

  Error create(const Model &model, size_t entry = 0,
               const optc_context_options &options = defaults()) {
    optc_context *created = nullptr;
    Error error(optc_context_create(model.get(), entry, &options, &created));
    handle.reset(created);
    return error;
  }

  optc_context *get() const { return handle.get(); }
  Error setThreads(uint32_t threads) { return optc_context_set_threads(get(), threads); }
  uint32_t threads() const { return optc_context_threads(get()); }
  Error setInput(size_t index, const optc_tensor &tensor) {
    return optc_context_set_input(get(), index, &tensor);
  }
  Error bindOutput(size_t index, void *data, size_t size) {
    return optc_context_bind_output(get(), index, data, size);
  }
  Error run() { return optc_context_run(get()); }
  Error output(size_t index, optc_tensor &tensor) const {
    return optc_context_output(get(), index, &tensor);
  }
  size_t memory() const { return optc_context_memory(get()); }
  Error work(optc_work &work) const {
    work = {};
    work.struct_size = sizeof(work);
    return optc_context_work(get(), &work);
  }
  size_t profileSize() const { return optc_context_profile_size(get()); }
  const optc_kernel_profile &profile(size_t index) const {
    return *optc_context_profile(get(), index);
  }
  void resetProfile() { optc_context_profile_reset(get()); }

private:
  struct Destroy {
    void operator()(optc_context *context) const { optc_context_destroy(context); }
  };
  std::unique_ptr<optc_context, Destroy> handle;
};

} // namespace optc::rt

#endif // OPTC_RUNTIME_HPP
