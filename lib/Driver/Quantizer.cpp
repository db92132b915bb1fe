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
#include "lib/Driver/BlockRounding.h"
#include "lib/Driver/Compilation.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/Samples.h"

#include <cmath>
#include <numeric>
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
  Error quantizeValues();
  Error quantizeWeights();
  Error findSites();
  Error open(Request request, Session &session);
  Error openSamples(Session &session);
  /// Runs the samples one after the other; `look` is told which one it was.
  Error runAll(Samples &samples, Session &session, const char *what,
               llvm::function_ref<bool(size_t)> look);
  /// Opens the model as it is with further outputs, runs the calibration, at which `look` looks,
  /// and keeps what it makes of the evaluation.
  Error observe(Request request, llvm::function_ref<void(Session &)> look);
  void tellMemory(uint64_t beside);
  Error calibrate();
  Error calibrateWeights();
  /// Makes the worst sites of an order better, so many steps of it.
  Plan improved(llvm::ArrayRef<size_t> order, size_t steps);
  size_t countSteps(llvm::ArrayRef<size_t> order) const;
  Error measure();
  Error evaluate(const Plan &candidate, Agreement &agreement);
  Error search();
  Error tooFar(const Agreement &agreement) const;
  bool holds(const Agreement &agreement) const {
    return !options.maxDrop || agreement.getUpperBound(options.confidence) <= *options.maxDrop;
  }

  bool hasSamples() const { return !options.calibration.empty() || !options.evaluation.empty(); }

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
  std::optional<BlockRounding> rounding; ///< of weights in blocks
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
  plan.sites = compress::findSites(simplified->getModule(), plan.scheme);
  plan.choices.resize(plan.sites.size());
  if (plan.sites.empty())
    return {E8004, compress::storageOf(plan.scheme) == compress::Storage::Blocks
                       ? "no matrix product of the model has a constant weight [K, N]"
                       : "no matrix product or convolution of the model has a constant weight"};
  for (size_t i = 0; i < plan.sites.size(); ++i) {
    compress::Site &site = plan.sites[i];
    if (compress::usesBlocks(plan.scheme) && site.depth % plan.blocks.block != 0)
      site.refusal = "sums of " + std::to_string(site.depth) + " are no whole blocks of " +
                     std::to_string(plan.blocks.block);
    plan.choices[i].quantized = site.refusal.empty();
    plan.choices[i].reason = site.refusal;
  }
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

Error Quantizer::openSamples(Session &session) {
  const std::string &calibrated =
      options.calibration.empty() ? options.evaluation : options.calibration;
  if (Error error = calibration.open("--calib", calibrated, session))
    return error;
  const std::string &evaluated =
      options.evaluation.empty() ? options.calibration : options.evaluation;
  return evaluation.open("--eval", evaluated, session);
}

Error Quantizer::runAll(Samples &samples, Session &session, const char *what,
                        llvm::function_ref<bool(size_t)> look) {
  auto count = static_cast<int>(samples.size());
  for (int i = 0; i < count; ++i) {
    progress.stage(i + 1, count, what);
    if (Error error = samples.load(size_t(i), session))
      return error;
    if (Error error = session.run())
      return error;
    if (!look(size_t(i)))
      break;
  }
  return {};
}

Error Quantizer::observe(Request request, llvm::function_ref<void(Session &)> look) {
  progress.task("calibration");
  Session session;
  if (Error error = open(std::move(request), session))
    return error;
  if (Error error = openSamples(session))
    return error;
  std::vector<size_t> lastDims;
  auto keep = [&] { expected.push_back(readOutputs(session, lastDims)); };
  bool isOne = options.evaluation.empty();
  if (!options.calibration.empty()) {
    auto each = [&](size_t) {
      look(session);
      if (isOne)
        keep();
      return true;
    };
    if (Error error = runAll(calibration, session, "calibrate", each))
      return error;
  }
  if (isOne)
    return {};
  return runAll(evaluation, session, "evaluate the model", [&](size_t) {
    keep();
    return true;
  });
}

/// An estimate of the most memory that calibration takes: weights are mapped, packed, and part of
/// the compiled model, and there is what is kept `beside` them.
void Quantizer::tellMemory(uint64_t beside) {
  constexpr double rest = 1.1, megabyte = 1e6;
  constexpr uint64_t copies = 3, compiler = 100 << 20;
  double bytes = rest * static_cast<double>(compiler + copies * plan.countBytes().first + beside);
  progress.note("calibration takes some " + std::to_string(std::llround(bytes / megabyte)) +
                " MB of memory");
}

Error Quantizer::calibrate() {
  std::vector<compress::Observer> observers(plan.countValues());
  tellMemory(0);
  auto look = [&](Session &session) {
    optc_tensor tensor;
    for (size_t value = 0; value < observers.size(); ++value)
      if (session.findOutput(compress::observedName(value), tensor))
        observers[value].add(static_cast<const float *>(tensor.data), countElements(tensor),
                             tensor.rank ? static_cast<size_t>(tensor.dims[tensor.rank - 1]) : 1);
  };
  if (Error error = observe(Request{Request::Observe, plan}, look))
    return error;
  for (const compress::Observer &observer : observers) {
    plan.values.push_back(compress::ValueScale::of(observer.getRange(options.range)));
    plan.values.back().means = observer.getMeans();
  }
  if (options.balances)
    compress::balanceChannels(simplified->getModule(), observers, options.range, plan);
  simplified.reset();
  for (size_t i = 0; i < plan.sites.size(); ++i) {
    const compress::Observer &observer = observers[*plan.sites[i].value];
    if (observer.getNonFinite() || !observer.getCount()) {
      plan.choices[i].quantized = false;
      plan.choices[i].reason = observer.getNonFinite()
                                   ? "what it reads was not finite in calibration"
                                   : "calibration never came here";
    }
  }
  return {};
}

/// What data are multiplied with themselves, by which columns of weights count; and the results.
Error Quantizer::calibrateWeights() {
  if (!hasSamples())
    return {};
  bool isCalibrated = rounding && !options.calibration.empty(); // else only results are asked for
  tellMemory(isCalibrated ? BlockRounding::countBytes(plan) : 0);
  return observe(isCalibrated ? Request{Request::Observe, plan, /*sumsProducts=*/true} : Request(),
                 [&](Session &session) {
                   if (isCalibrated)
                     rounding->look(session);
                 });
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
  for (size_t i = 0; i < count; ++i) { // from all over them
    progress.stage(int(i + 1), int(count), "measure");
    if (Error error = calibration.load(i * calibration.size() / count, session))
      return error;
    if (Error error = session.run())
      return error;
    optc_tensor tensor;
    for (size_t site = 0; site < plan.sites.size(); ++site)
      for (bool isError : {false, true})
        if (session.findOutput(compress::measuredName(site, isError), tensor))
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
  agreement = Agreement(options.metric);
  return runAll(evaluation, session, "evaluate", [&](size_t i) {
    Outputs actual = readOutputs(session, lastDims);
    agreement.add(expected[i], actual, lastDims);
    // So much worse that no rest could make up for it.
    constexpr size_t least = 30;
    return !options.maxDrop || i < least ||
           agreement.getLowerBound(options.confidence) <= *options.maxDrop;
  });
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

/// Codes of 4 bits can have 8 before there are none.
size_t Quantizer::countSteps(llvm::ArrayRef<size_t> order) const {
  return order.size() * (plan.scheme == compress::Scheme::Int4Weights ? 2 : 1);
}

Plan Quantizer::improved(llvm::ArrayRef<size_t> order, size_t steps) {
  static constexpr const char *reason = "for the accuracy";
  constexpr int64_t moreBits = 8;
  Plan candidate = plan;
  size_t raised = countSteps(order) > order.size() ? std::min(steps, order.size()) : 0;
  for (size_t i : order.take_front(steps - raised)) {
    candidate.choices[i].quantized = false;
    candidate.choices[i].reason = reason;
  }
  for (size_t i : order.take_front(raised)) {
    compress::SiteChoice &choice = candidate.choices[i];
    if (!choice.quantized)
      continue;
    choice.reason = reason;
    rounding->refine(candidate, i, moreBits);
  }
  return candidate;
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
  size_t low = 0, high = countSteps(order); // `low` do not hold; of `high` nothing is left
  std::optional<Plan> best;
  while (high - low > 1) {
    size_t middle = low + std::max<size_t>((high - low) / 2, 1);
    // Few layers are to blame, mostly.
    if (!best)
      middle = std::min(middle, low == 0 ? 1 : 3 * low);
    Plan candidate = improved(order, middle);
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
  plan.scheme = *options.scheme;
  bool hasValues = compress::storageOf(plan.scheme) == compress::Storage::Integers;
  if (Error error = hasValues ? quantizeValues() : quantizeWeights())
    return error;
  progress.task("build");
  if (!hasSamples())
    return {};
  const Agreement &agreement = result.agreement;
  plan.evaluation = {nameOf(options.metric),
                     calibration.size(),
                     agreement.getSamples(),
                     agreement.getDrop(),
                     agreement.getUpperBound(options.confidence),
                     options.confidence,
                     agreement.getMeanCosine(),
                     agreement.getSqnr()};
  return {};
}

Error Quantizer::quantizeValues() {
  plan.range = compress::nameOf(options.range);
  plan.correctsBias = options.correctsBias;
  for (auto step :
       {&Quantizer::findSites, &Quantizer::calibrate, &Quantizer::measure, &Quantizer::search})
    if (Error error = (this->*step)())
      return error;
  return {};
}

Error Quantizer::quantizeWeights() {
  bool inBlocks = compress::usesBlocks(plan.scheme);
  plan.blocks = compress::blockFormatOf(plan.scheme);
  if (options.block > 0)
    plan.blocks.block = options.block;
  plan.blocks.hasZeros = options.hasZeros;
  plan.blocks.codebook = options.codebook;
  plan.blocks.roundsData = options.roundsData.value_or(plan.blocks.roundsData);
  if (inBlocks)
    plan.range = options.calibration.empty() ? "nearest"
                 : options.feedsBack         ? "error feedback"
                                             : "nearest, weighted by data";
  if (Error error = findSites())
    return error;
  if (inBlocks)
    rounding.emplace(simplified->getModule(), plan, options.feedsBack);
  if (Error error = calibrateWeights())
    return error;
  progress.task("weights");
  if (inBlocks)
    rounding->roundAll(plan, progress);
  if (!hasSamples())
    return {};
  if (Error error = measure())
    return error;
  return search();
}

Error optc::driver::quantizeModel(const std::string &path, const QuantizeOptions &options,
                                  CompileOptions &compile, Progress &progress,
                                  QuantizeResult &result) {
  if (Error error = Quantizer(options, compile, progress, result).run(path))
    return error;
  compile.request = std::make_shared<const Request>(Request{Request::Apply, result.plan});
  return {};
}
