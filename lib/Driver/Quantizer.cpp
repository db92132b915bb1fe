//===- Quantizer.cpp - a model with products of integers ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Quantizer.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Quantizer.h"
#include "lib/Compress/Balance.h"
#include "lib/Compress/Quantize.h"
#include "lib/Driver/Compilation.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/Samples.h"

#include <cmath>
#include <unistd.h>

using namespace optc;
using namespace optc::driver;
using compress::Plan;
using compress::Request;

namespace {

class Quantizer {
public:
  Quantizer(const QuantizeOptions &options, CompileOptions compile, Progress &progress,
            QuantizeResult &result)
      : options(options), compile(std::move(compile)), progress(progress), result(result),
        plan(result.plan) {}

  Error run(const std::string &path);

private:
  Error findSites();
  Error open(Request request, Session &session);
  Error calibrate();
  Error measure();
  Error evaluate(const Plan &candidate, Agreement &agreement);
  Error search();
  Error tooFar(const Agreement &agreement) const;
  bool holds(const Agreement &agreement) const {
    return !options.maxDrop || agreement.getUpperBound(options.confidence) <= *options.maxDrop;
  }

  const QuantizeOptions &options;
  CompileOptions compile;
  Progress &progress;
  QuantizeResult &result;
  Plan &plan;
  std::unique_ptr<onnximport::Model> model;
  std::unique_ptr<Compilation> simplified;
  Samples calibration, evaluation;
  /// What the model as it is makes of the samples of the evaluation.
  std::vector<Outputs> expected;
};

} // namespace

/// Compiles the model for this machine and opens it.
Error Quantizer::open(Request request, Session &session) {
  CompileOptions own = compile;
  own.code.hostOnly = true;
  own.code.levels.clear();
  own.code.triple.clear();
  own.code.profile = false;
  own.request = std::make_shared<const Request>(std::move(request));
  int fd = -1;
  {
    Compilation compilation(own, progress);
    if (Error error = compilation.import(*model))
      return error;
    for (const Compilation::Stage &stage : Compilation::getStages())
      if (Error error = (compilation.*stage.run)())
        return error;
    if (Error error = compilation.generate())
      return error;
    if (Error error = compilation.writeMemory(fd))
      return error;
  }
  SessionOptions sessionOptions;
  sessionOptions.verifyWeights = false;
  Error error = session.open("/proc/self/fd/" + std::to_string(fd), sessionOptions);
  close(fd);
  return error;
}

Error Quantizer::findSites() {
  progress.task("sites");
  simplified = std::make_unique<Compilation>(compile, progress);
  if (Error error = simplified->import(*model))
    return error;
  if (Error error = simplified->simplify())
    return error;
  if (compress::isQuantized(simplified->getModule()))
    return {E8003,
            "the model has quantized values already (QuantizeLinear, QLinearConv or the like)"};
  plan.sites = compress::findSites(simplified->getModule());
  plan.choices.resize(plan.sites.size());
  if (plan.sites.empty())
    return {E8004, "no matrix product or convolution of the model has a constant weight"};
  for (const std::string &node : options.keep) {
    bool isKnown = false;
    for (size_t i = 0; i < plan.sites.size(); ++i)
      if (plan.sites[i].node == node) {
        isKnown = true;
        plan.choices[i].quantized = false;
        plan.choices[i].reason = "--keep";
      }
    if (!isKnown)
      return {E102, "--keep '" + node + "': no product of that node is to be quantized"};
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Calibration
//===----------------------------------------------------------------------===//

/// What an output of the model holds; null if it is not there.
static const optc_tensor *outputOf(Session &session, const std::string &name, optc_tensor &tensor) {
  int64_t index = session.model().findOutput(name, session.entry());
  return index >= 0 && !session.context().output(size_t(index), tensor) ? &tensor : nullptr;
}

static size_t countElements(const optc_tensor &tensor) {
  size_t count = 1;
  for (int32_t d = 0; d < tensor.rank; ++d)
    count *= static_cast<size_t>(tensor.dims[d]);
  return count;
}

Error Quantizer::calibrate() {
  progress.task("calibration");
  Session session;
  if (Error error = open(Request{Request::Observe, {}}, session))
    return error;
  if (Error error = calibration.open("--calib", options.calibration, session))
    return error;
  const std::string &evaluated =
      options.evaluation.empty() ? options.calibration : options.evaluation;
  if (Error error = evaluation.open("--eval", evaluated, session))
    return error;
  size_t values = 0;
  for (const compress::Site &site : plan.sites)
    values = std::max(values, site.value + 1);
  std::vector<compress::Observer> observers(values);
  auto count = static_cast<int>(calibration.size());
  for (int i = 0; i < count; ++i) {
    progress.stage(i + 1, count, "calibrate");
    if (Error error = calibration.load(size_t(i), session))
      return error;
    if (Error error = session.run())
      return error;
    optc_tensor tensor;
    for (size_t value = 0; value < values; ++value)
      if (const optc_tensor *seen = outputOf(session, compress::observedName(value), tensor))
        observers[value].add(static_cast<const float *>(seen->data), countElements(*seen),
                             seen->rank ? static_cast<size_t>(seen->dims[seen->rank - 1]) : 1);
  }
  std::vector<size_t> lastDims;
  auto rest = static_cast<int>(evaluation.size());
  for (int i = 0; i < rest; ++i) {
    progress.stage(i + 1, rest, "evaluate the model");
    if (Error error = evaluation.load(size_t(i), session))
      return error;
    if (Error error = session.run())
      return error;
    expected.push_back(readOutputs(session, lastDims));
  }
  for (const compress::Observer &observer : observers) {
    plan.values.push_back(compress::ValueScale::of(observer.getRange(options.range)));
    plan.values.back().means = observer.getMeans();
  }
  if (options.balances)
    compress::balanceChannels(simplified->getModule(), observers, options.range, plan);
  simplified.reset();
  for (size_t i = 0; i < plan.sites.size(); ++i) {
    const compress::Observer &observer = observers[plan.sites[i].value];
    if (observer.getNonFinite() || !observer.getCount()) {
      plan.choices[i].quantized = false;
      plan.choices[i].reason = observer.getNonFinite()
                                   ? "what it reads was not finite in calibration"
                                   : "calibration never came here";
    }
  }
  return {};
}

/// Some samples tell as much as many.
Error Quantizer::measure() {
  constexpr size_t enough = 8;
  progress.task("layers");
  Session session;
  if (Error error = open(Request{Request::Measure, plan}, session))
    return error;
  std::vector<double> signal(plan.sites.size()), noise(plan.sites.size());
  size_t count = std::min(enough, calibration.size());
  for (size_t i = 0; i < count; ++i) {
    progress.stage(int(i + 1), int(count), "measure");
    if (Error error = calibration.load(i * calibration.size() / count, session))
      return error;
    if (Error error = session.run())
      return error;
    optc_tensor tensor;
    for (size_t site = 0; site < plan.sites.size(); ++site)
      for (bool isError : {false, true})
        if (outputOf(session, compress::measuredName(site, isError), tensor))
          (isError ? noise : signal)[site] += *static_cast<const float *>(tensor.data);
  }
  for (size_t site = 0; site < plan.sites.size(); ++site)
    if (signal[site] > 0 && noise[site] > 0)
      plan.choices[site].sqnr = 10 * std::log10(signal[site] / noise[site]);
  return {};
}

//===----------------------------------------------------------------------===//
// The gate
//===----------------------------------------------------------------------===//

Error Quantizer::evaluate(const Plan &candidate, Agreement &agreement) {
  progress.task(std::to_string(candidate.countQuantized()) + " of " +
                std::to_string(candidate.sites.size()) + " as integers");
  Session session;
  if (Error error = open(Request{Request::Apply, candidate}, session))
    return error;
  std::vector<size_t> lastDims;
  auto count = static_cast<int>(evaluation.size());
  agreement = Agreement(options.metric);
  for (int i = 0; i < count; ++i) {
    progress.stage(i + 1, count, "evaluate");
    if (Error error = evaluation.load(size_t(i), session))
      return error;
    if (Error error = session.run())
      return error;
    Outputs actual = readOutputs(session, lastDims);
    agreement.add(expected[size_t(i)], actual, lastDims);
    // So much worse that no rest could make up for it.
    constexpr int least = 30;
    if (options.maxDrop && i >= least &&
        agreement.getLowerBound(options.confidence) > *options.maxDrop)
      return {};
  }
  return {};
}

static std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g %%", 100 * share);
  return text;
}

Error Quantizer::tooFar(const Agreement &agreement) const {
  std::string text = "the drop is " + percent(agreement.getDrop()) + " of " +
                     std::to_string(agreement.getSamples()) + " samples, at most " +
                     percent(agreement.getUpperBound(options.confidence)) + " with " +
                     percent(options.confidence) + " confidence, and not " +
                     percent(*options.maxDrop);
  if (auto missing = agreement.missingFor(*options.maxDrop, options.confidence))
    text += "; " + std::to_string(*missing) + " more samples like these would show it";
  return {E8001, text};
}

/// The fewest of the worst layers stay as they are.
Error Quantizer::search() {
  if (Error error = evaluate(plan, result.agreement))
    return error;
  if (holds(result.agreement))
    return {};
  // Whatever stays as it is, so few samples do not show it.
  if (!holds(result.agreement.ofEqual()))
    return tooFar(result.agreement);
  std::vector<size_t> order;
  for (size_t i = 0; i < plan.sites.size(); ++i)
    if (plan.choices[i].quantized)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return plan.choices[a].sqnr < plan.choices[b].sqnr; });
  size_t low = 0, high = order.size(); // `low` do not hold; of `high` nothing is left
  std::optional<Plan> best;
  while (high - low > 1) {
    size_t middle = low + std::max<size_t>((high - low) / 2, 1);
    // Few layers are to blame, mostly.
    if (!best)
      middle = std::min(middle, low == 0 ? 1 : 3 * low);
    Plan candidate = plan;
    for (size_t i = 0; i < middle; ++i) {
      candidate.choices[order[i]].quantized = false;
      candidate.choices[order[i]].reason = "for the accuracy";
    }
    Agreement agreement(options.metric);
    if (Error error = evaluate(candidate, agreement))
      return error;
    if (holds(agreement)) {
      high = middle;
      best = std::move(candidate);
      result.agreement = agreement;
    } else {
      low = middle;
      if (!best)
        result.agreement = agreement;
    }
  }
  if (!best)
    return tooFar(result.agreement);
  plan = std::move(*best);
  return {};
}

Error Quantizer::run(const std::string &path) {
  if (Error error = loadModel(path, {compile.allowSymlinks, compile.overridable}, model))
    return error;
  plan.scheme = "int8";
  plan.range = compress::nameOf(options.range);
  plan.correctsBias = options.correctsBias;
  for (auto step :
       {&Quantizer::findSites, &Quantizer::calibrate, &Quantizer::measure, &Quantizer::search})
    if (Error error = (this->*step)())
      return error;
  const Agreement &agreement = result.agreement;
  plan.evaluation = {nameOf(options.metric),
                     calibration.size(),
                     agreement.getSamples(),
                     agreement.getDrop(),
                     agreement.getUpperBound(options.confidence),
                     options.confidence,
                     agreement.getMeanCosine(),
                     agreement.getSqnr()};
  progress.task("build");
  return {};
}

Error optc::driver::quantizeModel(const std::string &path, const QuantizeOptions &options,
                                  CompileOptions &compile, Progress &progress,
                                  QuantizeResult &result) {
  if (Error error = Quantizer(options, compile, progress, result).run(path))
    return error;
  compile.request = std::make_shared<const Request>(Request{Request::Apply, result.plan});
  return {};
}
