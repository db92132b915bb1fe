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
#include "lib/Compress/Budget.h"
#include "lib/Compress/Quantize.h"
#include "lib/Driver/OwnText.h"

#include "llvm/ADT/ScopeExit.h"
#include <cmath>
#include <filesystem>
#include <numeric>

using namespace optc;
using namespace optc::driver;
using compress::Level;
using compress::Plan;
using compress::Request;

/// Of codes that are finer than those of a scheme.
static constexpr int64_t moreBits = 8;

namespace {

class Quantizer {
public:
  Quantizer(const QuantizeOptions &options, const CompileOptions &compile, Progress &progress,
            Plan &plan)
      : options(options), compile(compile), progress(progress), plan(plan),
        candidates(compile, progress), gate(options.gate, candidates, progress) {}

  Error run(const std::string &path);

private:
  Error quantizeValues();
  Error quantizeWeights();
  Error findSites();
  Error openSamples(Session &session);
  /// Opens the model as it is with further outputs, runs the calibration, at which `look` looks,
  /// and keeps what it makes of the evaluation.
  Error observe(Request request, llvm::function_ref<Error(Session &)> look);
  void tellMemory(uint64_t beside);
  Error calibrate();
  Error roundWeights();
  /// Of a plan, the ratios of its choices.
  Error measure(Plan &measured);
  /// How far each site is off: by ratios, or without samples by what is rounded off its weight.
  std::vector<double> errorsOf(const Plan &measured) const;
  double weightErrorOf(const Plan &rounded, size_t site) const;
  Error fitSize();
  std::vector<size_t> orderSites() const;
  /// Makes the worst sites of an order better, so many steps of it.
  Plan improved(llvm::ArrayRef<size_t> order, size_t steps);
  size_t countSteps(llvm::ArrayRef<size_t> order) const;
  Error judge();
  Error search(Verdict &found);

  const QuantizeOptions &options;
  const CompileOptions &compile;
  Progress &progress;
  Plan &plan;
  Candidates candidates;
  Gate gate;
  std::unique_ptr<Compilation> simplified;
  Samples calibration;
  std::optional<BlockRounding> rounding; ///< of weights in blocks
};

} // namespace

Error Quantizer::findSites() {
  progress.task("sites");
  simplified = std::make_unique<Compilation>(compile, progress);
  if (Error error = simplified->import(candidates.getModel()))
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
  return gate.openSamples(evaluated, session);
}

Error Quantizer::observe(Request request, llvm::function_ref<Error(Session &)> look) {
  progress.task("calibration");
  Session session;
  if (Error error = candidates.open(std::move(request), session))
    return error;
  if (Error error = openSamples(session))
    return error;
  bool isOne = options.evaluation.empty();
  if (!options.calibration.empty()) {
    auto each = [&](size_t, bool &) -> Error {
      if (Error error = look(session))
        return error;
      return isOne ? gate.expect(session) : Error();
    };
    if (Error error = candidates.runAll(calibration, session, "calibrate", each))
      return error;
  }
  if (!isOne)
    if (Error error = gate.expectAll(session))
      return error;
  return gate.checkExpected();
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
  auto look = [&](Session &session) -> Error {
    optc_tensor tensor;
    for (size_t value = 0; value < observers.size(); ++value)
      if (session.findOutput(compress::observedName(value), tensor))
        observers[value].add(static_cast<const float *>(tensor.data), countElements(tensor),
                             tensor.rank ? static_cast<size_t>(tensor.dims[tensor.rank - 1]) : 1);
    return {};
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

/// The results of the model; and, where weights become codes, these.
Error Quantizer::roundWeights() {
  bool isCalibrated = rounding && !options.calibration.empty();
  std::optional<Streams> streams;
  if (isCalibrated)
    streams.emplace(compress::cutIntoSegments(simplified->getModule(), plan),
                    plan.blocks.roundsData ? plan.blocks.block : 0, compile, progress);
  if (options.hasSamples()) {
    tellMemory(isCalibrated ? BlockRounding::countBytes(plan) : 0);
    if (Error error = observe(Request(), [&](Session &session) {
          return isCalibrated ? streams->addSample(session) : Error();
        }))
      return error;
  }
  progress.task("weights");
  if (isCalibrated)
    return rounding->roundInOrder(*streams, options.rounding.value_or(Rounding::Qronos), progress);
  if (rounding)
    rounding->roundAll(progress);
  return {};
}

/// Some samples tell as much as many.
Error Quantizer::measure(Plan &measured) {
  constexpr size_t enough = 8;
  progress.task("layers");
  Session session;
  if (Error error = candidates.open(Request{Request::Measure, measured}, session))
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
  for (size_t site = 0; site < plan.sites.size(); ++site) {
    bool isKnown = signal[site] > 0 && noise[site] > 0;
    measured.choices[site].sqnr = isKnown ? 10 * std::log10(signal[site] / noise[site]) : 0;
  }
  return {};
}

std::vector<double> Quantizer::errorsOf(const Plan &measured) const {
  std::vector<double> errors(measured.sites.size());
  for (size_t i = 0; i < errors.size(); ++i) {
    const compress::SiteChoice &choice = measured.choices[i];
    if (!choice.quantized)
      continue;
    if (!options.hasSamples()) // floats are all off by the same share
      errors[i] = compress::usesBlocks(measured.scheme) ? weightErrorOf(measured, i) : 1;
    else if (choice.sqnr != 0)
      errors[i] = std::pow(10, -choice.sqnr / 10);
  }
  return errors;
}

double Quantizer::weightErrorOf(const Plan &rounded, size_t site) const {
  auto matrix = compress::readBlockMatrix(simplified->getModule(), site);
  if (!matrix || !rounded.codes[site])
    return 0;
  double signal = 0, noise = 0;
  for (int64_t row = 0; row < matrix->rows; ++row) {
    std::vector<float> made =
        rounded.codes[site]->getRow(row, matrix->depth, rounded.formatOf(site));
    for (int64_t k = 0; k < matrix->depth; ++k) {
      double weight = matrix->values[row * matrix->depth + k], error = weight - made[k];
      signal += weight * weight;
      noise += error * error;
    }
  }
  return signal > 0 ? noise / signal : 0;
}

//===----------------------------------------------------------------------===//
// The size
//===----------------------------------------------------------------------===//

/// Each weight with few bits, with more where the scheme has few, or as it is, so that the errors
/// are small and the bytes as few as was asked for.
Error Quantizer::fitSize() {
  auto [before, least] = plan.countBytes();
  plan.targetBytes = options.targetBytes.value_or(
      static_cast<uint64_t>(options.targetShare.value_or(1) * static_cast<double>(before)));
  if (least > plan.targetBytes)
    return {E8005, "the weights of products take at least " + std::to_string(least) +
                       " bytes, and not " + std::to_string(plan.targetBytes) + ", of " +
                       std::to_string(before) + " as they are"};
  std::vector<Level> levels = {{plan, errorsOf(plan)}};
  auto raised = [&](auto raise) {
    Plan more = plan;
    for (size_t i = 0; i < plan.sites.size(); ++i)
      if (plan.choices[i].quantized) {
        more.choices[i].reason = compress::sizeReason;
        raise(more, i);
      }
    return more;
  };
  if (plan.scheme == compress::Scheme::Int4Weights) {
    progress.task("weights of " + std::to_string(moreBits) + " bits");
    Plan finer = raised([&](Plan &more, size_t i) { rounding->refine(more, i, moreBits); });
    if (options.hasSamples())
      if (Error error = measure(finer))
        return error;
    levels.push_back({finer, errorsOf(finer)});
  }
  Plan floats = raised([](Plan &more, size_t i) { more.choices[i].quantized = false; });
  levels.push_back({floats, errorsOf(floats)});
  plan = compress::chooseWithin(plan.targetBytes, levels);
  return {};
}

//===----------------------------------------------------------------------===//
// The gate
//===----------------------------------------------------------------------===//

/// Codes of 4 bits can have 8 before there are none.
size_t Quantizer::countSteps(llvm::ArrayRef<size_t> order) const {
  return order.size() * (plan.scheme == compress::Scheme::Int4Weights ? 2 : 1);
}

Plan Quantizer::improved(llvm::ArrayRef<size_t> order, size_t steps) {
  static constexpr const char *reason = "for the accuracy";
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

/// Those of integers, the worst first.
std::vector<size_t> Quantizer::orderSites() const {
  std::vector<double> errors = errorsOf(plan);
  std::vector<size_t> order;
  for (size_t i = 0; i < plan.sites.size(); ++i)
    if (plan.choices[i].quantized)
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return errors[a] > errors[b]; });
  return order;
}

/// The fewest of the worst layers stay as they are.
Error Quantizer::search(Verdict &found) {
  std::vector<size_t> order = orderSites();
  size_t low = 0, high = countSteps(order); // `low` do not hold; of `high` nothing is left
  std::optional<Plan> best;
  while (high - low > 1) {
    size_t middle = low + std::max<size_t>((high - low) / 2, 1);
    // Few layers are to blame, mostly.
    if (!best)
      middle = std::min(middle, low == 0 ? 1 : 3 * low);
    Plan candidate = improved(order, middle);
    Verdict verdict;
    if (Error error = gate.evaluate(candidate, verdict))
      return error;
    bool holds = gate.holds(verdict.drop);
    if (holds || !best)
      found = verdict;
    (holds ? high : low) = middle;
    if (holds)
      best = std::move(candidate);
  }
  if (!best)
    return gate.refuse(found.drop);
  plan = std::move(*best);
  return {};
}

Error Quantizer::judge() {
  if (options.hasTarget())
    if (Error error = fitSize())
      return error;
  if (!options.hasSamples() && options.gate.script.empty())
    return {};
  Verdict found;
  if (Error error = gate.evaluate(plan, found))
    return error;
  if (!gate.holds(found.drop)) {
    Error error = gate.refuse(found.drop);
    // Weights that got better would be larger than was asked for.
    if (options.hasTarget())
      return {error.code, "with weights in " + std::to_string(plan.countBytes().second) +
                              " bytes, of at most " + std::to_string(plan.targetBytes) + ", " +
                              error.message};
    // Whatever stays as it is, so few samples do not show it.
    if (!gate.couldHold(found.drop))
      return error;
    if (Error still = search(found))
      return still;
  }
  plan.evaluation = gate.describe(found);
  plan.evaluation.calibrated = calibration.size();
  return {};
}

Error Quantizer::run(const std::string &path) {
  if (Error error = candidates.load(path))
    return error;
  if (Error error = gate.open())
    return error;
  plan.scheme = *options.scheme;
  bool hasValues = compress::storageOf(plan.scheme) == compress::Storage::Integers;
  if (Error error = hasValues ? quantizeValues() : quantizeWeights())
    return error;
  if (Error error = judge())
    return error;
  progress.task("build");
  return {};
}

Error Quantizer::quantizeValues() {
  plan.range = compress::nameOf(options.range);
  plan.correctsBias = options.correctsBias;
  if (Error error = findSites())
    return error;
  if (Error error = calibrate())
    return error;
  return measure(plan);
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
                                             : nameOf(options.rounding.value_or(Rounding::Qronos));
  if (Error error = findSites())
    return error;
  if (inBlocks)
    rounding.emplace(simplified->getModule(), plan);
  if (Error error = roundWeights())
    return error;
  return options.hasSamples() ? measure(plan) : Error();
}

Error optc::driver::quantizeModel(const std::string &path, const QuantizeOptions &options,
                                  CompileOptions &compile, Progress &progress, Plan &plan) {
  if (options.calibratesByItself) {
    auto removeText = llvm::make_scope_exit([&] {
      std::error_code code;
      std::filesystem::remove_all(options.ownTextFolder, code);
    });
    if (Error error = writeOwnText(path, compile, options.ownTextFolder, progress))
      return error;
    QuantizeOptions given = options;
    given.calibratesByItself = false;
    given.calibration = options.ownTextFolder;
    return quantizeModel(path, given, compile, progress, plan);
  }
  if (Error error = Quantizer(options, compile, progress, plan).run(path))
    return error;
  compile.request = std::make_shared<const Request>(Request{Request::Apply, plan});
  return {};
}
