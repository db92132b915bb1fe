//===- CompareModel.cpp - an artifact against its model --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See CompareModel.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/CompareModel.h"
#include "lib/Artifact/Reader.h"
#include "lib/Compress/Plan.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/Taps.h"
#include "lib/Driver/TensorFile.h"
#include "lib/Driver/TensorFolder.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Support/Json.h"
#include "llvm/Support/xxhash.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace optc;
using namespace optc::driver;

namespace {

/// Where each constant of a weights image lies, by its bytes. Equal ones share a place.
class WeightsIndex {
public:
  Error build(mlir::ModuleOp placed) {
    auto image = place::weightsImage(placed);
    if (mlir::failed(image))
      return {E9001, "the weights could not be collected"};
    for (const place::WeightsRange &range : *image) {
      offsetOf[keyOf(range.bytes)] = range.offset;
      end = range.offset + range.bytes.size();
    }
    return {};
  }
  std::optional<uint64_t> find(llvm::ArrayRef<char> bytes) const {
    auto found = offsetOf.find(keyOf(bytes));
    return found == offsetOf.end() ? std::nullopt : std::optional(found->second);
  }
  uint64_t size() const { return end; }

private:
  using Key = std::tuple<uint64_t, uint64_t, uint64_t>;
  static Key keyOf(llvm::ArrayRef<char> bytes) {
    llvm::XXH128_hash_t hash = llvm::xxh3_128bits(
        llvm::ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
    return {hash.low64, hash.high64, bytes.size()};
  }
  std::map<Key, uint64_t> offsetOf;
  uint64_t end = 0;
};

class Comparer {
public:
  Comparer(const CompareOptions &options, Progress &progress, Comparison &result)
      : options(options), progress(progress), result(result) {}

  Error run();

private:
  Error openArtifact();
  json::Value readReport();
  void readOptions();
  Error readExpected();
  /// Taps, and how the artifact's weights are found: from the model compiled as the artifact was.
  Error planLayers();
  void compareReports(Compilation &untapped);
  Error comparePart(const std::vector<Tap> &part, bool withOutputs);
  Error open(CompileOptions compile, const std::vector<Tap> &part, bool isReference,
             Session &session);
  void compareOutputs(Session &reference);
  std::optional<TensorView> expectedOf(const std::string &name, Session &reference);
  llvm::ArrayRef<char> weightOf(llvm::ArrayRef<char> bytes);

  const CompareOptions &options;
  Progress &progress;
  Comparison &result;
  Session artifact;
  std::unique_ptr<artifact::Reader> reader;
  std::unique_ptr<onnximport::Model> model;
  std::map<std::string, Tensor> given; ///< of options.expected
  CompileOptions asArtifact;           ///< compiles as the artifact was
  std::vector<Tap> taps;
  WeightsIndex weights;
  artifact::Span image;
  size_t foreignWeights = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// What is given
//===----------------------------------------------------------------------===//

json::Value Comparer::readReport() {
  bool found;
  artifact::Span text = reader->entry(artifact::reportName, found);
  json::Value report;
  std::string why;
  if (!json::parse({reinterpret_cast<const char *>(text.data), text.size}, report, why))
    return {};
  return report;
}

/// How the artifact was compiled. An artifact without a report has the defaults.
void Comparer::readOptions() {
  json::Value report = readReport();
  if (const json::Value *compile = report.find("options"))
    asArtifact.code = CodeOptions::fromJson(*compile);
  if (const json::Value *quantization = report.find("quantization"))
    asArtifact.request = std::make_shared<const compress::Request>(
        compress::Request{compress::Request::Apply, compress::Plan::fromJson(*quantization)});
}

Error Comparer::openArtifact() {
  if (Error error = artifact.open(options.artifact, options.session))
    return error;
  if (Error error = fillInputs(options.inputs, artifact))
    return error;
  for (size_t i = 0; i < artifact.inputCount(); ++i)
    result.inputs.push_back(artifact.input(i).name + std::string(" ") +
                            typeText(artifact.value(i).dtype, artifact.value(i).dims));
  if (Error error = artifact.run())
    return error;
  if (Error error = artifact::Reader::open(options.artifact, {}, reader))
    return error;
  bool found;
  image = reader->entry(artifact::weightsName, found);
  readOptions();
  result.level = artifact.model().level();
  result.optimize = asArtifact.code.optimize;
  asArtifact.code.levels = {result.level};
  asArtifact.jobs = options.jobs;
  return {};
}

Error Comparer::readExpected() {
  if (options.expected.empty())
    return {};
  std::vector<NamedTensor> tensors;
  struct stat info;
  bool isFolder = stat(options.expected.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  if (Error error = isFolder ? readTensorFolder(options.expected, tensors)
                             : readTensorFile(options.expected, tensors))
    return error;
  for (NamedTensor &one : tensors)
    given[one.name] = std::move(one.tensor);
  return {};
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Tells when the artifact was made of another model, or by another compiler.
void Comparer::compareReports(Compilation &untapped) {
  json::Value theirs = readReport(), ours;
  std::string why;
  bool isSame = json::parse(untapped.getReport().toJson(0), ours, why);
  for (const char *part : {"model", "weights", "arena"}) {
    const json::Value *left = theirs.find(part), *right = ours.find(part);
    isSame &= left && right && *left == *right;
  }
  if (isSame && image.size == weights.size())
    return;
  image = {};
  result.notes.push_back(
      "the artifact was not built from this model by this version of optc: the layers "
      "are those of the model as it is compiled now");
}

Error Comparer::planLayers() {
  progress.task("as the artifact");
  Compilation untapped(asArtifact, progress);
  if (Error error = untapped.import(*model))
    return error;
  for (auto stage : {&Compilation::simplify, &Compilation::compress, &Compilation::fuse})
    if (Error error = (untapped.*stage)())
      return error;
  std::vector<Tap> candidates = allTaps(*model);
  size_t count = candidates.size();
  if (!given.empty())
    llvm::erase_if(candidates, [&](const Tap &tap) { return !given.count(tap.value); });
  TapChoice choice;
  if (options.allNodes)
    choice.taps = candidates;
  else if (Error error = chooseTaps(*model, asArtifact, progress, untapped, candidates, choice))
    return error;
  taps = std::move(choice.taps);
  result.notCompared = count - taps.size();
  if (!choice.changed.empty())
    result.notes.push_back("taps change the code of these nodes: " +
                           llvm::join(choice.changed, ", "));
  for (auto stage : {&Compilation::select, &Compilation::place})
    if (Error error = (untapped.*stage)())
      return error;
  if (Error error = weights.build(untapped.getModule()))
    return error;
  compareReports(untapped);
  return {};
}

/// The bytes the artifact has in the place of a constant of the model.
llvm::ArrayRef<char> Comparer::weightOf(llvm::ArrayRef<char> bytes) {
  std::optional<uint64_t> offset = weights.find(bytes);
  if (!offset || *offset + bytes.size() > image.size) {
    foreignWeights += image.size != 0;
    return bytes;
  }
  return {reinterpret_cast<const char *>(image.data) + *offset, bytes.size()};
}

/// Compiles the model with taps, opens it and runs it on the artifact's inputs.
Error Comparer::open(CompileOptions compile, const std::vector<Tap> &part, bool isReference,
                     Session &session) {
  compile.taps = namesOf(part);
  int fd = -1;
  {
    Compilation compilation(compile, progress);
    if (Error error = compilation.import(*model))
      return error;
    for (auto stage : {&Compilation::simplify, &Compilation::compress, &Compilation::fuse,
                       &Compilation::select, &Compilation::place, &Compilation::generate})
      if (Error error = (compilation.*stage)())
        return error;
    if (!isReference)
      compilation.setWeightsFilter([&](llvm::ArrayRef<char> bytes) { return weightOf(bytes); });
    if (Error error = compilation.writeMemory(fd))
      return error;
  }
  SessionOptions sessionOptions = options.session;
  sessionOptions.verifyWeights = false;
  Error error = session.open("/proc/self/fd/" + std::to_string(fd), sessionOptions);
  close(fd);
  if (error)
    return error;
  if (Error failed = copyInputs(artifact, session))
    return failed;
  return session.run();
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

static std::optional<TensorView> outputOf(Session &session, const std::string &name) {
  int64_t index = session.model().findOutput(name, session.entry());
  optc_tensor tensor;
  if (index < 0 || session.context().output(index, tensor))
    return std::nullopt;
  return TensorView{tensor.dtype, {tensor.dims, tensor.dims + tensor.rank}, tensor.data};
}

std::optional<TensorView> Comparer::expectedOf(const std::string &name, Session &reference) {
  if (options.expected.empty())
    return outputOf(reference, name);
  auto found = given.find(name);
  if (found == given.end())
    return std::nullopt;
  return TensorView{found->second.dtype, found->second.dims, found->second.data()};
}

static void addRow(const Tap &tap, const TensorView &expected, const TensorView &actual,
                   std::vector<ComparedValue> &rows) {
  rows.push_back({tap.order, tap.value, tap.node, tap.op, typeText(actual.dtype, actual.dims),
                  differenceOf(expected, actual)});
}

/// An output of the model, with the node that computes it.
static Tap tapOfOutput(const onnximport::Model &model, const std::string &name) {
  const std::vector<onnximport::Node> &nodes = model.graph.nodes;
  for (size_t order = 0; order < nodes.size(); ++order)
    for (onnximport::ValueId id : nodes[order].outputs)
      if (id != onnximport::noValue && model.value(id).name == name)
        return {order, name, nodes[order].name, nodes[order].opType};
  return {nodes.size(), name, "", ""};
}

void Comparer::compareOutputs(Session &reference) {
  for (size_t i = 0; i < artifact.outputCount(); ++i) {
    std::string name = artifact.output(i).name;
    std::optional<TensorView> actual = outputOf(artifact, name),
                              expected = expectedOf(name, reference);
    if (actual && expected)
      addRow(tapOfOutput(*model, name), *expected, *actual, result.outputs);
    else
      result.notes.push_back("there is nothing to compare the output '" + name + "' with");
  }
}

Error Comparer::comparePart(const std::vector<Tap> &part, bool withOutputs) {
  Session reference, tapped;
  if (options.expected.empty()) {
    progress.task("reference");
    CompileOptions plain;
    plain.code.optimize = 0;
    plain.code.hostOnly = true;
    plain.jobs = options.jobs;
    if (Error error = open(plain, part, /*isReference=*/true, reference))
      return error;
  }
  if (withOutputs)
    compareOutputs(reference);
  if (part.empty())
    return {};
  progress.task("layers");
  if (Error error = open(asArtifact, part, /*isReference=*/false, tapped))
    return error;
  for (const Tap &tap : part) {
    std::optional<TensorView> actual = outputOf(tapped, tap.value),
                              expected = expectedOf(tap.value, reference);
    if (actual && expected)
      addRow(tap, *expected, *actual, result.layers);
  }
  return {};
}

Error Comparer::run() {
  if (Error error = openArtifact())
    return error;
  if (Error error = readExpected())
    return error;
  progress.task("model");
  progress.stage(1, 1, "load");
  LoadChoices choices{options.allowSymlinks, {}};
  for (size_t i = 0; i < artifact.inputCount(); ++i)
    if (artifact.model().inputDefault(i, artifact.entry()))
      choices.overridable.push_back(artifact.input(i).name);
  if (Error error = loadModel(options.model, choices, model))
    return error;
  if (Error error = planLayers())
    return error;
  std::map<std::string, std::vector<int64_t>> shapes;
  for (size_t i = 0; i < artifact.inputCount(); ++i)
    shapes[artifact.input(i).name] = artifact.value(i).dims;
  // A value is kept twice: as it should be, and as it is.
  std::vector<std::vector<Tap>> parts = splitTaps(*model, shapes, taps, options.memory / 2);
  if (parts.empty())
    parts.emplace_back();
  for (const std::vector<Tap> &part : parts)
    if (Error error = comparePart(part, &part == &parts.front()))
      return error;
  if (foreignWeights)
    result.notes.push_back(std::to_string(foreignWeights) +
                           " constants are not in the artifact: the model's own were used");
  return {};
}

Error optc::driver::compareModel(const CompareOptions &options, Progress &progress,
                                 Comparison &result) {
  return Comparer(options, progress, result).run();
}
