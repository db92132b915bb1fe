//===- Streams.cpp - a model, and what is made of it, segment by segment ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Streams.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Streams.h"
#include "dialects/NN/Weights.h"
#include "lib/Driver/Candidates.h"

#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace optc;
using namespace optc::driver;
using compress::Segment;
using compress::SegmentInput;

Streams::Streams(compress::Segments segments, int64_t roundedBlock, const CompileOptions &options,
                 Progress &progress)
    : segments(std::move(segments)), roundedBlock(roundedBlock),
      options(Candidates::optionsForHere(options)), progress(progress) {
  this->options.code.bounds.clear(); // of symbols that segments do not have
}

static optc_tensor viewOf(const Tensor &tensor) {
  return {tensor.dtype, int32_t(tensor.dims.size()), tensor.dims.data(), tensor.data()};
}

/// A copy of a tensor; null if there is no memory for it.
static std::shared_ptr<const Tensor> copyOf(const optc_tensor &view) {
  auto copy = std::make_shared<Tensor>();
  if (!copy->allocate(view.dtype, {view.dims, view.dims + view.rank}))
    return {};
  if (copy->bytes > 0)
    std::memcpy(copy->data(), view.data, copy->bytes);
  return copy;
}

static Error noMemory() {
  return {E7008, "there is no memory for what layers read in calibration"};
}

Error Streams::addSample(const Session &model) {
  Sample sample;
  sample.real.resize(segments.crossing);
  for (size_t i = 0; i < model.inputCount(); ++i) {
    const optc_tensor *preset = model.model().inputDefault(i, model.entry());
    sample.real[i] = copyOf(model.hasValue(i) ? viewOf(model.value(i)) : *preset);
    if (!sample.real[i])
      return noMemory();
  }
  sample.made = sample.real;
  samples.push_back(std::move(sample));
  return {};
}

Error Streams::open(const std::string &program, Session *&session) {
  std::unique_ptr<Session> &known = sessions[program];
  if (!known) {
    known = std::make_unique<Session>();
    if (Error error = openProgram(program, options, progress, *known))
      return error;
  }
  session = known.get();
  return {};
}

/// What qnn.roundBlocks makes of it.
std::shared_ptr<const Tensor>
Streams::roundedData(const std::shared_ptr<const Tensor> &data) const {
  if (roundedBlock == 0)
    return data;
  constexpr float most = 127, least = 1e-30f;
  auto rounded = std::make_shared<Tensor>();
  if (!rounded->allocate(data->dtype, data->dims))
    return {};
  const auto *from = reinterpret_cast<const float *>(data->data());
  auto *to = reinterpret_cast<float *>(rounded->data());
  int64_t blocks = data->elements() / roundedBlock;
  for (int64_t block = 0; block < blocks; ++block, from += roundedBlock, to += roundedBlock) {
    float largest = 0;
    for (int64_t i = 0; i < roundedBlock; ++i)
      largest = std::max(largest, std::fabs(from[i]));
    float scale = std::max(largest * (1 / most), least);
    for (int64_t i = 0; i < roundedBlock; ++i)
      to[i] = std::nearbyint(from[i] / scale) * scale;
  }
  return rounded;
}

Error Streams::runSample(const Segment &segment, Session &session, const Values &values,
                         bool roundsData, Values &outputs) {
  std::vector<std::shared_ptr<const Tensor>> kept;
  for (size_t i = 0; i < segment.inputs.size(); ++i) {
    const SegmentInput &input = segment.inputs[i];
    if (input.kind != SegmentInput::Value && input.kind != SegmentInput::Data)
      continue;
    std::shared_ptr<const Tensor> value = values[input.number];
    if (input.kind == SegmentInput::Data && roundsData)
      value = roundedData(value);
    if (!value)
      return noMemory();
    kept.push_back(value);
    if (Error error = fromRuntime(session.context().setInput(i, viewOf(*value))))
      return error;
  }
  if (Error error = session.run())
    return error;
  for (size_t i = 0; i < segment.outputs.size(); ++i) {
    optc_tensor tensor;
    if (!session.findOutput(compress::segmentOutputName(i), tensor) ||
        !(outputs[segment.outputs[i]] = copyOf(tensor)))
      return noMemory();
  }
  return {};
}

/// Whether both sides compute the same.
bool Streams::isSame(const Segment &segment, const Sample &sample) const {
  return std::all_of(segment.inputs.begin(), segment.inputs.end(), [&](const SegmentInput &input) {
    return input.kind == SegmentInput::Parameter ||
           (input.kind == SegmentInput::Value &&
            sample.real[input.number] == sample.made[input.number]);
  });
}

void Streams::forget(size_t segment) {
  for (size_t value = 0; value < segments.lastReader.size(); ++value)
    if (segments.lastReader[value] <= segment)
      for (Sample &sample : samples)
        sample.real[value].reset(), sample.made[value].reset();
}

Error Streams::run(size_t number, llvm::function_ref<StreamWeight(size_t)> weightOf) {
  const Segment &segment = segments.segments[number];
  Session *session = nullptr;
  if (Error error = open(segment.program, session))
    return error;
  std::map<size_t, StreamWeight> weights; // by the input
  std::vector<llvm::SmallVector<char, 0>> copies;
  auto set = [&](size_t input, const void *data) {
    const optc_tensor_info &info = session->input(input);
    optc_tensor view = {info.dtype, info.rank, info.dims, data};
    return fromRuntime(session->context().setInput(input, view));
  };
  auto setConstant = [&](size_t input, mlir::ElementsAttr constant) {
    auto bytes = nn::getConstantBytes(constant);
    if (!bytes)
      bytes = copies.emplace_back(*nn::copyConstantBytes(constant));
    return set(input, bytes->data());
  };
  for (size_t i = 0; i < segment.inputs.size(); ++i)
    if (const SegmentInput &input = segment.inputs[i]; input.kind == SegmentInput::Weight)
      weights[i] = weightOf(input.number);
    else if (input.kind == SegmentInput::Parameter)
      if (Error error = setConstant(i, input.parameter))
        return error;
  bool hasCodes =
      llvm::any_of(weights, [](const auto &each) { return !each.second.rounded.empty(); });
  for (bool isMade : {false, true}) {
    for (auto &[input, weight] : weights)
      if (Error error = isMade && !weight.rounded.empty() ? set(input, weight.rounded.data())
                                                          : setConstant(input, weight.real))
        return error;
    for (Sample &sample : samples) {
      if (isMade && isSame(segment, sample)) {
        for (size_t value : segment.outputs)
          sample.made[value] = sample.real[value];
        continue;
      }
      Values &values = isMade ? sample.made : sample.real;
      if (Error error = runSample(segment, *session, values, isMade && hasCodes, values))
        return error;
    }
  }
  forget(number);
  return {};
}

Error Streams::sumProducts(size_t value, compress::ProductSums &sums) {
  size_t number = segments.values[value];
  if (samples.empty())
    return {};
  sums.depth = samples.front().made[number]->dims.back();
  sums.gram.resize(sums.depth * sums.depth);
  sums.cross.resize(sums.gram.size());
  Session *session = nullptr;
  if (Error error = open(compress::gramProgram(sums.depth), session))
    return error;
  for (const Sample &sample : samples) {
    std::shared_ptr<const Tensor> made = roundedData(sample.made[number]),
                                  real = sample.real[number];
    if (!made)
      return noMemory();
    int64_t rows[2] = {made->elements() / sums.depth, sums.depth};
    for (size_t input = 0; input < 2; ++input) {
      optc_tensor view = viewOf(input == 0 ? *made : *real);
      view.rank = 2, view.dims = rows;
      if (Error error = fromRuntime(session->context().setInput(input, view)))
        return error;
    }
    if (Error error = session->run())
      return error;
    for (auto [name, sum] : {std::pair("gram", &sums.gram), std::pair("cross", &sums.cross)}) {
      optc_tensor tensor;
      if (!session->findOutput(name, tensor))
        return noMemory();
      const auto *seen = static_cast<const float *>(tensor.data);
      for (size_t i = 0; i < sum->size(); ++i)
        (*sum)[i] += seen[i];
    }
  }
  return {};
}
