//===- Gate.cpp - whether a candidate is as good as was asked for ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Gate.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Gate.h"
#include "lib/Driver/EvaluationText.h"
#include "lib/Driver/LabelJudge.h"
#include "lib/Driver/PerplexityJudge.h"
#include "lib/Driver/Script.h"

namespace optc::driver {

using compress::Plan;
using compress::Request;

Error Gate::open() {
  if (options.getMetric() == Metric::Perplexity)
    judge = std::make_unique<PerplexityJudge>(options.tokens);
  else if (options.labels.empty())
    judge = makeTeacher(options.getMetric());
  else {
    auto labels = std::make_unique<LabelJudge>();
    if (Error error = labels->open(options.labels))
      return error;
    judge = std::move(labels);
  }
  return {};
}

Error Gate::openSamples(const std::string &path, const Session &model) {
  return samples.open("--eval", path, model);
}

Error Gate::expect(Session &session) {
  expected.push_back(readOutputs(session));
  return judge->look(session, expected.back());
}

Error Gate::expectAll(Session &session) {
  return candidates.runAll(samples, session, "evaluate the model",
                           [&](size_t, bool &) { return expect(session); });
}

Error Gate::askScript(Request request, Session &session, double &score) {
  TemporaryFile artifact(options.candidatePath);
  if (Error error = candidates.open(std::move(request), session, artifact.getPath()))
    return error;
  progress.clear(); // the command may print
  return runScript(options.script, artifact.getPath(), score);
}

Error Gate::evaluate(const Plan &candidate, Verdict &verdict) {
  bool usesScript = !options.script.empty();
  verdict = Verdict{Agreement(), Drop(judge->getKind())};
  if (usesScript && !modelScore) {
    progress.task("the model");
    Session session;
    if (Error error = askScript(Request(), session, modelScore.emplace()))
      return error;
    if (*modelScore == 0)
      return {E8006, "--script '" + options.script +
                         "': it gives the model 0, of which there is no share to lose"};
  }
  progress.task(std::to_string(candidate.countQuantized()) + " of " +
                std::to_string(candidate.sites.size()) + " as integers");
  Session session;
  Request request{Request::Apply, candidate};
  double score = 0;
  if (Error error = usesScript ? askScript(std::move(request), session, score)
                               : candidates.open(std::move(request), session))
    return error;
  if (usesScript)
    verdict.drop = Drop::ofScores({*modelScore, score});
  return candidates.runAll(samples, session, "evaluate", [&](size_t i, bool &isEnough) {
    Outputs actual = readOutputs(session);
    verdict.agreement.add(expected[i], actual);
    if (usesScript)
      return Error();
    verdict.drop.add(judge->judge(i, expected[i], actual));
    // So much worse that no rest could make up for it.
    constexpr size_t least = 30;
    isEnough = options.maxDrop && i >= least &&
               verdict.drop.getLowerBound(options.confidence) > *options.maxDrop;
    return Error();
  });
}

Error Gate::refuse(const Drop &drop) const {
  std::string text = "the drop is " + dropText(describe({Agreement(), drop})) + ", and not " +
                     percentText(*options.maxDrop);
  if (auto missing = drop.missingFor(*options.maxDrop, options.confidence))
    text += "; " + std::to_string(*missing) + " more samples like these would show it";
  return {E8001, text};
}

compress::Evaluation Gate::describe(const Verdict &verdict) const {
  const Drop &drop = verdict.drop;
  compress::Evaluation result;
  result.metric = options.script.empty() ? nameOf(options.getMetric()) : "script";
  result.samples = options.script.empty() ? drop.getSamples() : verdict.agreement.getSamples();
  result.drop = drop.get();
  if (drop.hasBounds())
    result.bound = {drop.getUpperBound(options.confidence), options.confidence};
  const char *figure = options.script.empty() ? judge->getFigureName() : "score";
  if (figure)
    result.figures = {figure, drop.getFigures().model, drop.getFigures().made};
  result.cosine = verdict.agreement.getMeanCosine();
  result.sqnr = verdict.agreement.getSqnr();
  return result;
}

} // namespace optc::driver
