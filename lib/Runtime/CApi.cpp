//===- CApi.cpp - the C interface -----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// optc/runtime.h on top of Model and Context. Every exception ends here.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Context.h"
#include "optc/runtime.h"

#include <cstring>
#include <new>

using namespace optc;
using namespace optc::runtime;

struct optc_error {
  int code;
  std::string message;
};

struct optc_model {
  std::shared_ptr<Model> shared;
};

struct optc_context {
  optc_context(std::shared_ptr<Model> model, const Entry &entry, const ThreadOptions &threads)
      : context(std::move(model), entry, threads) {}
  Context context;
};

/// What is returned when there is no memory for an error.
static optc_error outOfMemory{E7008, {}};

/// Calls `body`, which returns an Error, and turns what comes out into an error object.
template <typename F> static optc_error *guarded(F body) noexcept {
  try {
    Error error = body();
    if (!error)
      return nullptr;
    return new optc_error{error.code, errorId(error.code) + ": " + error.message};
  } catch (...) { // only bad_alloc and length_error can come here
    return &outOfMemory;
  }
}

static Error nullArgument(const char *what) { return Error(E7004, std::string(what) + " is null"); }

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

const char *optc_version(void) { return OPTC_VERSION; }

int optc_error_code(const optc_error *error) { return error ? error->code : 0; }

const char *optc_error_message(const optc_error *error) {
  if (error == &outOfMemory)
    return "OPTC-E7008: not enough memory";
  return error ? error->message.c_str() : "";
}

void optc_error_destroy(optc_error *error) {
  if (error != &outOfMemory)
    delete error;
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// The caller's options up to the size it knows, the rest zero.
template <typename T> static T readOptions(const T *options) {
  T known = {};
  if (options)
    std::memcpy(&known, options, std::min(options->struct_size, sizeof(T)));
  return known;
}

template <typename F>
static optc_error *openModel(const optc_model_options *given, optc_model **model, F open) {
  return guarded([&]() -> Error {
    if (!model)
      return nullArgument("model");
    *model = nullptr;
    optc_model_options options = readOptions(given);
    auto shared = std::make_shared<Model>();
    if (Error error =
            open(*shared, ModelOptions{options.verify_weights != 0, options.huge_pages != 0,
                                       options.level ? options.level : ""}))
      return error;
    *model = new optc_model{std::move(shared)};
    return Error();
  });
}

optc_error *optc_model_open(const char *path, const optc_model_options *options,
                            optc_model **model) {
  return openModel(options, model, [&](Model &opened, const ModelOptions &wanted) {
    return path ? opened.open(path, wanted) : nullArgument("path");
  });
}

optc_error *optc_model_open_memory(const void *data, size_t size, const optc_model_options *options,
                                   optc_model **model) {
  return openModel(options, model, [&](Model &opened, const ModelOptions &wanted) {
    return data ? opened.openMemory(data, size, wanted) : nullArgument("data");
  });
}

void optc_model_destroy(optc_model *model) { delete model; }

const char *optc_model_level(const optc_model *model) {
  return model ? model->shared->level().c_str() : "";
}

size_t optc_model_entry_count(const optc_model *model) {
  return model ? model->shared->entries().size() : 0;
}

static const Entry *entryOf(const optc_model *model, size_t entry) {
  return entry < optc_model_entry_count(model) ? &model->shared->entries()[entry] : nullptr;
}

const char *optc_model_entry_name(const optc_model *model, size_t entry) {
  const Entry *point = entryOf(model, entry);
  return point ? point->name.c_str() : nullptr;
}

size_t optc_model_input_count(const optc_model *model, size_t entry) {
  const Entry *point = entryOf(model, entry);
  return point ? point->inputs.size() : 0;
}

size_t optc_model_output_count(const optc_model *model, size_t entry) {
  const Entry *point = entryOf(model, entry);
  return point ? point->outputs.size() : 0;
}

const optc_tensor_info *optc_model_input(const optc_model *model, size_t entry, size_t index) {
  bool exists = index < optc_model_input_count(model, entry);
  return exists ? &entryOf(model, entry)->inputs[index].info : nullptr;
}

const optc_tensor_info *optc_model_output(const optc_model *model, size_t entry, size_t index) {
  bool exists = index < optc_model_output_count(model, entry);
  return exists ? &entryOf(model, entry)->outputs[index].info : nullptr;
}

static int64_t findByName(const std::vector<TensorType> &types, const char *name) {
  for (size_t i = 0; name && i < types.size(); ++i)
    if (types[i].name == name)
      return i;
  return -1;
}

int64_t optc_model_find_input(const optc_model *model, size_t entry, const char *name) {
  const Entry *point = entryOf(model, entry);
  return point ? findByName(point->inputs, name) : -1;
}

int64_t optc_model_find_output(const optc_model *model, size_t entry, const char *name) {
  const Entry *point = entryOf(model, entry);
  return point ? findByName(point->outputs, name) : -1;
}

const optc_tensor *optc_model_input_default(const optc_model *model, size_t entry, size_t index) {
  bool exists = index < optc_model_input_count(model, entry);
  const TensorType *input = exists ? &entryOf(model, entry)->inputs[index] : nullptr;
  return input && input->defaultValue.dtype ? &input->defaultValue : nullptr;
}

int64_t optc_model_cache_axis(const optc_model *model, size_t entry, size_t index) {
  bool exists = index < optc_model_input_count(model, entry);
  return exists ? entryOf(model, entry)->inputs[index].cacheAxis : -1;
}

const char *optc_model_constant(const optc_model *model, size_t entry, size_t index) {
  const Entry *point = entryOf(model, entry);
  return point && index < point->constants.size() ? point->constants[index].c_str() : nullptr;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

optc_error *optc_context_create(optc_model *model, size_t entry, const optc_context_options *given,
                                optc_context **context) {
  return guarded([&]() -> Error {
    if (!model || !context)
      return nullArgument(model ? "context" : "model");
    *context = nullptr;
    const Entry *point = entryOf(model, entry);
    if (!point)
      return Error(E7004, "there is no entry point " + std::to_string(entry));
    optc_context_options options = readOptions(given);
    ThreadOptions threads{options.threads, !options.no_affinity, options.parallel_for,
                          options.parallel_for_user};
    auto made = std::make_unique<optc_context>(model->shared, *point, threads);
    for (size_t i = 0; i < point->inputs.size(); ++i)
      if (point->inputs[i].defaultValue.dtype)
        if (Error error = made->context.setInput(i, point->inputs[i].defaultValue))
          return error;
    *context = made.release();
    return Error();
  });
}

void optc_context_destroy(optc_context *context) { delete context; }

optc_error *optc_context_set_threads(optc_context *context, uint32_t threads) {
  return guarded(
      [&] { return context ? context->context.setThreads(threads) : nullArgument("context"); });
}

uint32_t optc_context_threads(const optc_context *context) {
  return context ? context->context.threads() : 0;
}

optc_error *optc_context_set_input(optc_context *context, size_t index, const optc_tensor *tensor) {
  return guarded([&] {
    if (!context || !tensor)
      return nullArgument(context ? "tensor" : "context");
    return context->context.setInput(index, *tensor);
  });
}

optc_error *optc_context_bind_output(optc_context *context, size_t index, void *data, size_t size) {
  return guarded([&] {
    return context ? context->context.bindOutput(index, data, size) : nullArgument("context");
  });
}

optc_error *optc_context_run(optc_context *context) {
  return guarded([&] { return context ? context->context.run() : nullArgument("context"); });
}

optc_error *optc_context_output(const optc_context *context, size_t index, optc_tensor *tensor) {
  return guarded([&] {
    if (!context || !tensor)
      return nullArgument(context ? "tensor" : "context");
    return context->context.output(index, *tensor);
  });
}

optc_error *optc_context_work(const optc_context *context, optc_work *work) {
  return guarded([&]() -> Error {
    if (!context || !work)
      return nullArgument(context ? "work" : "context");
    optc_work counted = {};
    counted.struct_size = std::min(work->struct_size, sizeof(counted));
    if (Error error = context->context.work(counted))
      return error;
    std::memcpy(work, &counted, counted.struct_size);
    return Error();
  });
}

size_t optc_context_profile_size(const optc_context *context) {
  return context ? context->context.profile.kernels().size() : 0;
}

const optc_kernel_profile *optc_context_profile(const optc_context *context, size_t index) {
  bool exists = index < optc_context_profile_size(context);
  return exists ? &context->context.profile.kernels()[index] : nullptr;
}

void optc_context_profile_reset(optc_context *context) {
  if (context)
    context->context.profile.reset();
}

size_t optc_context_memory(const optc_context *context) {
  return context ? context->context.memory() : 0;
}
