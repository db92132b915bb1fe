//===- Gate.h - whether a candidate is as good as was asked for -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs candidates on the samples of the evaluation, or has a script judge them.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_DRIVER_GATE_H
#define OPTC_DRIVER_GATE_H

#include "lib/Driver/Candidates.h"
#include "lib/Driver/Judge.h"

namespace optc::driver {

/// What is asked of a candidate.
struct GateOptions {
  std::optional<Metric> metric;
  std::string labels; ///< a file; empty: the model is the teacher
  std::string tokens; ///< the input of Metric::Perplexity; empty: the only one that fits
  std::string script; ///< a command; empty: none
  /// What candidates are called that a script judges.
  std::string candidatePath;
  /// The largest drop that is allowed, if there is a limit.
  std::optional<double> maxDrop;
  double confidence = 0.95;

  Metric getMetric() const { return metric.value_or(Metric::Top1); }
};

/// What was found of a candidate.
struct Verdict {
  Agreement agreement;
  Drop drop{Drop::Kind::Share};
};

class Gate {
public:
  Gate(const GateOptions &options, Candidates &candidates, Progress &progress)
      : options(options), candidates(candidates), progress(progress) {}

  /// Reads what judges.
  Error open();
  Error openSamples(const std::string &path, const Session &model);
  /// Looks at what the model as it is makes of the next sample.
  Error expect(Session &session);
  /// The same of all samples.
  Error expectAll(Session &session);
  Error checkExpected() const { return judge->check(); }

  Error evaluate(const compress::Plan &candidate, Verdict &verdict);
  bool holds(const Drop &drop) const {
    return !options.maxDrop || drop.getUpperBound(options.confidence) <= *options.maxDrop;
  }
  /// Whether anything would hold: of a candidate that was hopeless not all samples were run.
  bool couldHold(const Drop &drop) const { return holds(drop.ofEqual(samples.size())); }
  Error refuse(const Drop &drop) const;
  /// For the report.
  compress::Evaluation describe(const Verdict &verdict) const;

private:
  Error askScript(compress::Request request, Session &session, double &score);

  const GateOptions &options;
  Candidates &candidates;
  Progress &progress;
  std::unique_ptr<Judge> judge;
  std::optional<double> modelScore; ///< of the script
  Samples samples;
  /// What the model as it is makes of each sample.
  std::vector<Outputs> expected;
};

} // namespace optc::driver

#endif // OPTC_DRIVER_GATE_H
