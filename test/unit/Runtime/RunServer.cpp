//===- RunServer.cpp - the runtime behind a pipe ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For tests of other machines: an emulator runs this program, and test/harness/emulated.py talks
// to it. One process serves many models, because most of the time of a short run under an
// emulator is its start. Requests come on stdin, replies go to stdout: numbers are 64 bits, text
// and data have their size in front. Requests, and what follows the 0 of a reply that is no error
// (else the code and the message of the error follow):
//
//   o path level            open; level "": the best. -> model, level, names of inputs, of outputs
//   c model threads         a context for the model -> context
//   r context n {index dtype rank dims.. data}    run -> {dtype rank dims.. data} of each output
//   d context, m model      destroy ->
//
//===----------------------------------------------------------------------===//
#include "lib/Support/DType.h"
#include "optc/runtime.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

/// Ends the process where the pipe ends: there is nobody to tell.
void readBytes(void *to, size_t size) {
  if (std::fread(to, 1, size, stdin) != size)
    std::exit(1);
}

int64_t readNumber() {
  int64_t number;
  readBytes(&number, sizeof(number));
  return number;
}

std::string readText() {
  std::string text(size_t(readNumber()), '\0');
  readBytes(text.data(), text.size());
  return text;
}

void writeNumber(int64_t number) { std::fwrite(&number, sizeof(number), 1, stdout); }

void writeData(const void *data, size_t size) {
  writeNumber(int64_t(size));
  std::fwrite(data, 1, size, stdout);
}

void writeText(const std::string &text) { writeData(text.data(), text.size()); }

/// Replies with the error, if there is one, and destroys it.
bool failed(optc_error *error) {
  if (!error)
    return false;
  writeNumber(optc_error_code(error));
  writeText(optc_error_message(error));
  optc_error_destroy(error);
  return true;
}

/// An input, at an address that the runtime takes in place.
struct Input {
  std::vector<int64_t> dims;
  void *data = nullptr;

  Input() = default;
  Input(const Input &) = delete;
  Input &operator=(const Input &) = delete;
  ~Input() { std::free(data); }

  optc_tensor read() {
    constexpr size_t alignment = 64;
    optc_tensor tensor{int32_t(readNumber()), int32_t(readNumber()), nullptr, nullptr};
    for (int32_t i = 0; i < tensor.rank; ++i)
      dims.push_back(readNumber());
    size_t size = size_t(readNumber());
    std::free(data);
    data = std::aligned_alloc(alignment, (size / alignment + 1) * alignment);
    readBytes(data, size);
    tensor.dims = dims.data();
    tensor.data = data;
    return tensor;
  }
};

struct Context {
  optc_context *handle;
  optc_model *model;
  std::map<size_t, Input> inputs;
};

class Server {
public:
  void serve(char request) {
    switch (request) {
    case 'o':
      return open();
    case 'c':
      return createContext();
    case 'r':
      return run(contexts.at(readNumber()));
    case 'd': {
      auto context = contexts.find(readNumber());
      optc_context_destroy(context->second.handle);
      contexts.erase(context);
      return writeNumber(0);
    }
    case 'm': {
      auto model = models.find(readNumber());
      optc_model_destroy(model->second);
      models.erase(model);
      return writeNumber(0);
    }
    default:
      std::exit(2);
    }
  }

private:
  void open() {
    std::string path = readText(), level = readText();
    optc_model_options options{};
    options.struct_size = sizeof(options);
    options.level = level.empty() ? nullptr : level.c_str();
    optc_model *model;
    if (failed(optc_model_open(path.c_str(), &options, &model)))
      return;
    models[++last] = model;
    writeNumber(0);
    writeNumber(last);
    writeText(optc_model_level(model));
    writeNumber(int64_t(optc_model_input_count(model, 0)));
    for (size_t i = 0; i < optc_model_input_count(model, 0); ++i)
      writeText(optc_model_input(model, 0, i)->name);
    writeNumber(int64_t(optc_model_output_count(model, 0)));
    for (size_t i = 0; i < optc_model_output_count(model, 0); ++i)
      writeText(optc_model_output(model, 0, i)->name);
  }

  void createContext() {
    optc_model *model = models.at(readNumber());
    optc_context_options options{};
    options.struct_size = sizeof(options);
    options.threads = uint32_t(readNumber());
    optc_context *context;
    if (failed(optc_context_create(model, 0, &options, &context)))
      return;
    contexts[++last].handle = context;
    contexts[last].model = model;
    writeNumber(0);
    writeNumber(last);
  }

  void run(Context &context) {
    // All are read before anything is said of them: a reply ends the request.
    std::map<size_t, optc_tensor> given;
    for (int64_t left = readNumber(); left > 0; --left) {
      size_t index = size_t(readNumber());
      context.inputs.erase(index);
      given[index] = context.inputs[index].read();
    }
    for (auto &[index, tensor] : given)
      if (failed(optc_context_set_input(context.handle, index, &tensor)))
        return;
    if (failed(optc_context_run(context.handle)))
      return;
    size_t count = optc_model_output_count(context.model, 0);
    std::vector<optc_tensor> outputs(count);
    for (size_t i = 0; i < count; ++i)
      if (failed(optc_context_output(context.handle, i, &outputs[i])))
        return;
    writeNumber(0);
    for (const optc_tensor &output : outputs) {
      size_t size = optc::findDType(output.dtype)->storageSize;
      writeNumber(output.dtype);
      writeNumber(output.rank);
      for (int32_t i = 0; i < output.rank; ++i) {
        writeNumber(output.dims[i]);
        size *= size_t(output.dims[i]);
      }
      writeData(output.data, size);
    }
  }

  int64_t last = 0;
  std::map<int64_t, optc_model *> models;
  std::map<int64_t, Context> contexts;
};

} // namespace

int main() {
  Server server;
  for (char request; std::fread(&request, 1, 1, stdin) == 1;) {
    server.serve(request);
    std::fflush(stdout);
  }
  return 0;
}
