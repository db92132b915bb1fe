//===- Context.cpp - one execution of a model -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks before a run, the plan for its shapes, and the run itself.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Context.h"
#include "lib/Support/DType.h"

#include <algorithm>
#include <cstring>

namespace optc::runtime {

static constexpr uintptr_t dataAlignment = 64;
static constexpr size_t maxPlans = 8;
static constexpr int64_t maxBytes = int64_t(1) << 47;

static constexpr uint32_t maxThreads = 1024;

static uint32_t threadsFor(uint32_t wanted) {
  return std::min(wanted ? wanted : usableCpus(), maxThreads);
}

Context::Context(std::shared_ptr<Model> model, const Entry &entry, const ThreadOptions &threads)
    : profile(entry.work), model(std::move(model)), entry(entry), threading(threads),
      threadCount(threadsFor(threads.threads)), inputs(entry.inputs.size()),
      outputs(entry.outputs.size()) {}

Context::~Context() {
  freeScratch();
  freeKept();
}

static std::string shapeText(const int64_t *dims, size_t rank) {
  std::string text = "[";
  for (size_t i = 0; i < rank; ++i)
    text += (i ? "," : "") + std::to_string(dims[i]);
  return text + "]";
}

static std::string declaredShape(const TensorType &type) {
  std::string text = "[";
  for (size_t i = 0; i < type.dims.size(); ++i) {
    std::string symbol = type.symbols[i].empty() ? "?" : type.symbols[i];
    text += (i ? "," : "") + (type.dims[i] < 0 ? symbol : std::to_string(type.dims[i]));
  }
  return text + "]";
}

static std::string dtypeName(int dtype) {
  const DTypeInfo *info = findDType(dtype);
  return info ? info->name : "number " + std::to_string(dtype);
}

static std::string inputName(const TensorType &type) { return "input '" + type.name + "'"; }

/// Bytes of a tensor, computed as if no dimension were zero, so that strides cannot overflow
/// either. False when negative or absurdly large.
static bool sizeOfTensor(const int64_t *dims, int64_t rank, int64_t elementSize, int64_t &bytes) {
  int64_t bound = bytes = elementSize;
  for (int64_t i = 0; i < rank; ++i) {
    if (dims[i] < 0 || __builtin_mul_overflow(bound, std::max<int64_t>(dims[i], 1), &bound) ||
        bound > maxBytes)
      return false;
    bytes *= dims[i];
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

Error Context::setInput(size_t index, const optc_tensor &tensor) {
  if (index >= inputs.size())
    return Error(E7004, "there is no input " + std::to_string(index) + ", the entry point has " +
                            std::to_string(inputs.size()));
  const TensorType &type = entry.inputs[index];
  if (tensor.dtype != type.info.dtype)
    return Error(E7005, inputName(type) + " has element type " + dtypeName(tensor.dtype) +
                            ", the model needs " + dtypeName(type.info.dtype));
  size_t rank = type.dims.size();
  if (tensor.rank < 0 || size_t(tensor.rank) != rank)
    return Error(E7006, inputName(type) + " has rank " + std::to_string(tensor.rank) +
                            ", the model needs " + declaredShape(type));
  if (rank && !tensor.dims)
    return Error(E7004, inputName(type) + " has no dimensions");
  int64_t bytes;
  if (!sizeOfTensor(tensor.dims, rank, type.elementSize, bytes))
    return Error(E7006,
                 inputName(type) + " has a shape out of range: " + shapeText(tensor.dims, rank));
  for (size_t i = 0; i < rank; ++i)
    if (type.dims[i] >= 0 && type.dims[i] != tensor.dims[i])
      return Error(E7006, inputName(type) + " has shape " + shapeText(tensor.dims, rank) +
                              ", the model needs " + declaredShape(type));
  if (bytes && !tensor.data)
    return Error(E7004, inputName(type) + " has no data");

  if (type.cacheAxis >= 0 && reinterpret_cast<uintptr_t>(tensor.data) % dataAlignment != 0)
    return Error(E7004, inputName(type) +
                            " is a cache, whose memory has to begin at a multiple of " +
                            std::to_string(dataAlignment) + " bytes: the run writes to it");

  Input &input = inputs[index];
  input.set = true;
  input.data = tensor.data;
  input.bytes = bytes;
  input.dims.assign(tensor.dims, tensor.dims + rank);
  input.descriptor.assign(3 + 2 * rank, 0);
  int64_t stride = 1;
  for (size_t i = rank; i-- > 0; stride *= tensor.dims[i]) {
    input.descriptor[3 + i] = tensor.dims[i];
    input.descriptor[3 + rank + i] = stride;
  }
  return Error();
}

Error Context::bindOutput(size_t index, void *data, size_t size) {
  if (index >= outputs.size())
    return Error(E7004, "there is no output " + std::to_string(index) + ", the entry point has " +
                            std::to_string(outputs.size()));
  outputs[index].bound = data;
  outputs[index].boundSize = data ? size : 0;
  return Error();
}

Error Context::output(size_t index, optc_tensor &tensor) const {
  if (index >= outputs.size())
    return Error(E7004, "there is no output " + std::to_string(index) + ", the entry point has " +
                            std::to_string(outputs.size()));
  if (!succeeded)
    return Error(E7011, "output '" + entry.outputs[index].name + "' was asked for without a run");
  const Output &output = outputs[index];
  tensor.dtype = entry.outputs[index].info.dtype;
  tensor.rank = output.dims.size();
  tensor.dims = output.dims.data();
  tensor.data = output.bound ? output.bound : output.data;
  return Error();
}

Error Context::setThreads(uint32_t threads) {
  uint32_t wanted = threadsFor(threads);
  if (wanted != threadCount)
    pool.reset();
  threadCount = wanted;
  return Error();
}

size_t Context::memory() const {
  std::lock_guard<std::mutex> lock(mutex);
  size_t total = arena.capacity() + keptBytes;
  for (const Output &output : outputs)
    total += output.own.capacity();
  return total;
}

Error Context::work(optc_work &work) const {
  if (!succeeded)
    return Error(E7011, "the work of a run was asked for without a run");
  if (!entry.work)
    return Error();
  std::vector<void *> arguments = args;
  double counts[3] = {};
  entry.work->count(arguments.data(), counts);
  work.multiply_adds = counts[0];
  work.operations = counts[1];
  work.bytes = counts[2];
  work.kernels = entry.work->num_kernels;
  work.uncounted = entry.work->num_uncounted;
  return Error();
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

Error Context::checkInputs() {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].set)
      return Error(E7007, inputName(entry.inputs[i]) + " was not set");
  return checkSymbols();
}

/// Sizes beyond what the compiler was told to plan for.
static Error checkBounds(const Entry &entry, const std::string &symbol, int64_t size,
                         const TensorType &input) {
  for (const artifact::Bound &bound : entry.bounds)
    if (bound.symbol == symbol && size > bound.most)
      return Error(E7006, "'" + symbol + "' is " + std::to_string(size) + " in " +
                              inputName(input) + "; the artifact was built for at most " +
                              std::to_string(bound.most));
  return Error();
}

/// Equal symbols must be equal sizes, over all inputs, and within their bounds.
Error Context::checkSymbols() {
  struct Seen {
    const std::string *symbol;
    int64_t size;
    size_t input;
  };
  std::vector<Seen> all;
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t d = 0; d < inputs[i].dims.size(); ++d) {
      const std::string &symbol = entry.inputs[i].symbols[d];
      int64_t size = inputs[i].dims[d];
      if (symbol.empty())
        continue;
      auto seen = std::find_if(all.begin(), all.end(),
                               [&](const Seen &other) { return *other.symbol == symbol; });
      if (Error error = checkBounds(entry, symbol, size, entry.inputs[i]))
        return error;
      if (seen == all.end())
        all.push_back({&symbol, size, i});
      else if (seen->size != size)
        return Error(E7006, "'" + symbol + "' is " + std::to_string(seen->size) + " in " +
                                inputName(entry.inputs[seen->input]) + " and " +
                                std::to_string(size) + " in " + inputName(entry.inputs[i]) +
                                "; it must be the same");
    }
  return Error();
}

/// Data that is not aligned, or is null because empty, gets memory of the context.
Error Context::prepareInputs() {
  args.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    Input &input = inputs[i];
    const void *data = input.data;
    if (!data || reinterpret_cast<uintptr_t>(data) % dataAlignment != 0) {
      void *copy = input.aligned.reserve(input.bytes);
      if (!copy)
        return Error(E7008, "no memory for a copy of " + inputName(entry.inputs[i]));
      if (input.bytes)
        std::memcpy(copy, data, input.bytes);
      data = copy;
    }
    input.descriptor[0] = input.descriptor[1] = reinterpret_cast<intptr_t>(data);
    args.push_back(input.descriptor.data());
  }
  return Error();
}

/// The plan for the shapes of the inputs: one of the last few, or a new one.
Error Context::findPlan(const Plan *&result) {
  std::vector<int64_t> key;
  for (const Input &input : inputs)
    key.insert(key.end(), input.dims.begin(), input.dims.end());
  ++runs;
  for (Plan &plan : plans)
    if (plan.key == key) {
      plan.lastUse = runs;
      result = &plan;
      return Error();
    }
  Plan plan{std::move(key), {}, runs};
  std::vector<int64_t> bytes(entry.code->num_buffers, 0);
  if (!bytes.empty())
    entry.code->sizes(args.data(), bytes.data());
  if (std::any_of(bytes.begin(), bytes.end(), [](int64_t size) { return size < 0; }))
    return Error(E7006, "for these input shapes the model computes a tensor of negative size: "
                        "an input is too small");
  if (!planArena(bytes, entry.code->lifetimes, plan.arena) || plan.arena.size > maxBytes)
    return Error(E7008, "the activations for these input shapes exceed the address space");
  if (plans.size() < maxPlans) {
    plans.push_back(std::move(plan));
    result = &plans.back();
    return Error();
  }
  auto oldest = std::min_element(plans.begin(), plans.end(), [](const Plan &a, const Plan &b) {
    return a.lastUse < b.lastUse;
  });
  *oldest = std::move(plan);
  result = &*oldest;
  return Error();
}

Error Context::run() {
  if (busy.exchange(true, std::memory_order_acquire))
    return Error(E7012, "another thread runs this context");
  struct Release {
    std::atomic<bool> &flag;
    ~Release() { flag.store(false, std::memory_order_release); }
  } release{busy};
  succeeded = false;
  if (Error error = checkInputs())
    return error;
  if (Error error = prepareInputs())
    return error;
  const Plan *plan;
  if (Error error = findPlan(plan))
    return error;
  void *memory = arena.reserve(plan->arena.size);
  if (!memory)
    return Error(E7008,
                 "no memory for " + std::to_string(plan->arena.size) + " bytes of activations");
  if (pool)
    pool->followCaller();
  for (Output &output : outputs)
    output.data = nullptr;
  failure = Error();
  abandoned = false;
  call(memory, plan->arena.offsets.data());
  freeScratch();
  return finish();
}

/// After the code has returned or was left: outputs bound to unaligned memory are copied there.
Error Context::finish() {
  if (failure)
    return std::move(failure);
  for (size_t i = 0; i < outputs.size(); ++i) {
    Output &output = outputs[i];
    if (!output.data)
      return Error(E7003, "the code did not produce output '" + entry.outputs[i].name + "'");
    if (output.bound && output.bound != output.data && output.bytes)
      std::memcpy(output.bound, output.data, output.bytes);
  }
  succeeded = true;
  return Error();
}

void *Context::requestOutput(int64_t index, int64_t rank, const int64_t *dims) {
  auto fail = [&](ErrorCode code, std::string message) {
    recordFailure(code, std::move(message));
    return nullptr;
  };
  if (index < 0 || size_t(index) >= outputs.size() || rank < 0 || rank > int64_t(artifact::maxRank))
    return fail(E7003, "the code asks for output " + std::to_string(index) + " of rank " +
                           std::to_string(rank));
  Output &output = outputs[index];
  const TensorType &type = entry.outputs[index];
  int64_t bytes;
  if (std::any_of(dims, dims + rank, [](int64_t size) { return size < 0; }))
    return fail(E7009, "output '" + type.name + "' gets a negative size: " + shapeText(dims, rank));
  if (!sizeOfTensor(dims, rank, type.elementSize, bytes))
    return fail(E7008,
                "output '" + type.name + "' has a shape out of range: " + shapeText(dims, rank));
  if (output.bound && uint64_t(bytes) > output.boundSize)
    return fail(E7010, "output '" + type.name + "' of shape " + shapeText(dims, rank) + " needs " +
                           std::to_string(bytes) + " bytes, its buffer has " +
                           std::to_string(output.boundSize));
  bool inPlace = output.bound && reinterpret_cast<uintptr_t>(output.bound) % dataAlignment == 0;
  output.data = inPlace ? output.bound : output.own.reserve(bytes);
  if (!output.data)
    return fail(E7008,
                "no memory for " + std::to_string(bytes) + " bytes of output '" + type.name + "'");
  output.bytes = bytes;
  output.dims.assign(dims, dims + rank);
  return output.data;
}

} // namespace optc::runtime
