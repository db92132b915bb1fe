//===- Compilation.cpp - one model on its way through the stages -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Compilation.h. The passes of the stages that all targets share are in Stages.cpp, those of
// others in the target.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compilation.h"
#include "dialects/Run/Run.h"
#include "lib/Compress/Quantize.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/Registry.h"
#include "lib/Driver/Signature.h"
#include "lib/Driver/Stages.h"
#include "lib/IR/ErrorId.h"
#include "lib/Profile/Profile.h"
#include "lib/Target/Target.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <malloc.h>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

/// A fifth of the time of a compile: users get a check per stage, developers one per pass.
#ifdef NDEBUG
static constexpr bool verifiesEachPass = false;
#else
static constexpr bool verifiesEachPass = true;
#endif

struct Compilation::Branch {
  std::unique_ptr<Target> target;
  OwningOpRef<ModuleOp> module;
  std::vector<GeneratedCode> code = {};
  std::vector<place::WeightsRange> weights = {};
};

/// What a target's `generate` reaches of the compilation.
class Compilation::Sink : public CodeSink {
public:
  Sink(Compilation &compilation, Branch &branch) : compilation(compilation), branch(branch) {}

  LogicalResult run(StringRef stage, ModuleOp module,
                    function_ref<void(OpPassManager &)> addPasses) override {
    compilation.begin(stage.str());
    error = compilation.run(module, addPasses);
    return success(!error);
  }
  void addCode(GeneratedCode code) override {
    compilation.report.addCode(code.level, code.triple, code.bytes.size());
    branch.code.push_back(std::move(code));
  }
  void addWeights(std::vector<place::WeightsRange> weights) override {
    branch.weights = std::move(weights);
  }

  /// What failed in here: passes, or what the diagnostics tell.
  Error takeError() {
    return error ? error
                 : compilation.diagnostics.take(E3001, "code generation failed without a message");
  }

private:
  Compilation &compilation;
  Branch &branch;
  Error error;
};

Compilation::Compilation(const CompileOptions &options, Progress &progress)
    : options(options), progress(progress),
      pool(std::make_unique<llvm::DefaultThreadPool>(llvm::hardware_concurrency(options.jobs))),
      diagnostics(&context), decisions(context) {
  context.setThreadPool(*pool);
  DialectRegistry registry;
  registerAllDialects(registry);
  context.appendDialectRegistry(registry);
  loadCompilerDialects(context);
  report.options = options.code;
}

Compilation::~Compilation() = default;

void Compilation::begin(const std::string &name) {
  stageName = name;
  decisions.beginStage(name);
  int stages = 7; // load, import, simplify, compress, fuse, select, place
  for (const Branch &branch : branches)
    stages += static_cast<int>(branch.target->countStages());
  progress.stage(++stage, stages, name);
}

Error Compilation::run(ModuleOp target, function_ref<void(OpPassManager &)> addPasses) {
  PassManager passes(&context);
  passes.enableVerifier(verifiesEachPass);
  if (options.timing)
    passes.enableTiming();
  addPasses(passes);
  if (failed(passes.run(target)) || (!verifiesEachPass && failed(verify(target))))
    return diagnostics.take(E3001, "a pass failed without a message");
  report.addStage(stageName, passes);
  return {};
}

Error Compilation::createTargets() {
  if (!branches.empty())
    return {};
  registerAllTargets();
  for (const std::string &name : options.targets) {
    const TargetInfo *info = findTarget(name);
    if (!info)
      return unknownTarget(name);
    if (llvm::count(options.targets, name) > 1)
      return {E102, "--target gives '" + name + "' twice"};
    std::unique_ptr<Target> target;
    if (Error error = info->create(options.code, target))
      return error;
    branches.push_back({std::move(target), {}});
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

Error Compilation::import(const std::string &path) {
  if (Error error = createTargets())
    return error;
  begin("load");
  std::unique_ptr<onnximport::Model> model;
  if (Error error = loadModel(path, {options.allowSymlinks, options.overridable}, model))
    return error;
  return import(*model);
}

Error Compilation::import(const onnximport::Model &model, size_t *notJudged) {
  if (Error error = createTargets())
    return error;
  stage = std::max(stage, 1); // loaded
  begin("import");
  report.addModel(model);
  inputDefaults = model.defaults;
  constantInputs = model.constantInputs;
  onnximport::ImportOptions importOptions;
  importOptions.taps = options.taps;
  importOptions.notJudged = notJudged;
  module = onnximport::importModel(model, &context, importOptions);
  if (!module)
    // What an importer of nodes complains about is the model, unless it says otherwise.
    return diagnostics.take(E2002, "the import failed without a message");
  report.addImported(*module);
  return {};
}

Error Compilation::importProgram(StringRef program) {
  if (Error error = createTargets())
    return error;
  stage = std::max(stage, 1);
  begin("import");
  module = parseSourceString<ModuleOp>(program, &context);
  if (!module)
    return diagnostics.take(E3001, "a program of the compiler is damaged");
  for (auto function : module->getOps<func::FuncOp>())
    run::setEntry(function, run::EntryAttr::get(&context));
  return {};
}

Error Compilation::simplify() {
  begin("simplify");
  if (Error error = run(*module, [&](OpPassManager &pm) {
        addSimplifyPasses(pm, options.code, branches.front().target->getPreferences());
      }))
    return error;
  report.addSimplified(*module);
  return {};
}

Error Compilation::state() {
  if (options.code.caches == CacheLayout::None)
    return {};
  begin("state");
  return run(*module, [&](OpPassManager &pm) { addStatePasses(pm); });
}

Error Compilation::compress() {
  begin("compress");
  if (options.request && failed(compress::applyRequest(*module, *options.request, options.taps)))
    return diagnostics.take(E3001, "the compression failed without a message");
  if (options.request && options.request->kind == compress::Request::Apply)
    report.addPlan(options.request->plan);
  return run(*module, [&](OpPassManager &pm) {
    addCompressPasses(pm, options.code, branches.front().target->getPreferences());
  });
}

Error Compilation::fuse() {
  begin("fuse");
  manifest.entries = describeEntries(*module);
  for (artifact::EntryPoint &entry : manifest.entries) {
    entry.constants = constantInputs;
    describeDefaults(inputDefaults, entry);
  }
  if (Error error = bindSymbols(options.code.bounds, manifest.entries))
    return error;
  if (Error error =
          run(*module, [&](OpPassManager &pm) { addFusePasses(pm, options.code.optimize); }))
    return error;
  return askTargets();
}

/// Whether every target takes every op. What several ops of a node are refused for is said once.
Error Compilation::askTargets() {
  std::set<std::pair<const void *, std::string>> refused;
  for (const Branch &branch : branches)
    module->walk([&](Operation *op) {
      std::string why = branch.target->whyNot(op);
      if (why.empty())
        return;
      std::string text =
          ("the target '" + branch.target->getName() + "' has no code for it: " + why).str();
      if (refused.insert({op->getLoc().getAsOpaquePointer(), text}).second)
        withId(op->emitError(), E2001) << text;
    });
  return !refused.empty() ? diagnostics.take(E2001, "a target refused an operation") : Error();
}

Error Compilation::select() {
  begin("select");
  malloc_trim(0); // most memory is taken here, for packed weights
  for (Branch &branch : branches) {
    bool isLast = &branch == &branches.back();
    branch.module = isLast ? std::move(module) : OwningOpRef<ModuleOp>(module->clone());
    if (Error error =
            run(*branch.module, [&](OpPassManager &pm) { branch.target->addSelectPasses(pm); }))
      return error;
  }
  report.addKernels(getModule());
  return {};
}

Error Compilation::place() {
  begin("place");
  for (Branch &branch : branches) {
    std::optional<place::PlaceOptions> placeOptions = branch.target->getPlaceOptions();
    if (!placeOptions)
      continue;
    if (Error error = run(*branch.module, [&](OpPassManager &pm) {
          place::addPlacePasses(pm, *placeOptions);
          // Last: what is counted is what runs.
          pm.addPass(profile::createCountWork({options.code.profile}));
        }))
      return error;
    if (&branch == &branches.front())
      report.addPlaced(*branch.module, manifest.entries);
  }
  return {};
}

Error Compilation::generate() {
  for (Branch &branch : branches) {
    Sink sink(*this, branch);
    if (failed(branch.target->generate(*branch.module, sink)))
      return sink.takeError();
  }
  return {};
}

Error Compilation::emit(StringRef what, function_ref<void(ModuleOp)> print, raw_ostream &out) {
  Branch &branch = branches.front();
  const TargetInfo &info = *findTarget(branch.target->getName());
  if (what == "generate" && !info.emitted.empty())
    what = info.emitted.front();
  if (!llvm::is_contained(info.emitted, what))
    return {E102, "the target '" + branch.target->getName().str() + "' cannot print '" +
                      what.str() + "'"};
  Sink sink(*this, branch);
  if (failed(branch.target->emit(what, *branch.module, sink, print, out)))
    return sink.takeError();
  return {};
}

ModuleOp Compilation::getModule() { return module ? *module : *branches.front().module; }

ArrayRef<Compilation::Stage> Compilation::getStages() {
  static const Stage stages[] = {{"simplify", "nn-simplified", &Compilation::simplify, true},
                                 {"state", "nn-state", &Compilation::state, true},
                                 {"compress", "compressed", &Compilation::compress, true},
                                 {"fuse", "fused", &Compilation::fuse, true},
                                 {"select", "kernel", &Compilation::select, false},
                                 {"place", "buffers", &Compilation::place, false}};
  return stages;
}

Error Compilation::judge(const onnximport::Model &model, size_t &notJudged) {
  if (Error error = import(model, &notJudged))
    return error;
  for (const Stage &stage : getStages())
    if (Error error = stage.judges ? (this->*stage.run)() : Error())
      return error;
  return {};
}

//===----------------------------------------------------------------------===//
// What comes out
//===----------------------------------------------------------------------===//

const CompileReport &Compilation::getReport() {
  std::vector<Decision> recent = decisions.take();
  llvm::append_range(report.decisions, std::move(recent));
  return report;
}

/// A weights image as ranges without gaps.
static std::vector<artifact::ByteRange> imageRanges(ArrayRef<place::WeightsRange> weights,
                                                    const Compilation::WeightsFilter &filter) {
  static const char padding[place::bufferAlignment] = {};
  std::vector<artifact::ByteRange> ranges;
  uint64_t end = 0;
  for (const place::WeightsRange &range : weights) {
    if (range.offset > end)
      ranges.push_back({padding, range.offset - end});
    ArrayRef<char> bytes = filter ? filter(range.bytes) : range.bytes;
    ranges.push_back({bytes.data(), bytes.size()});
    end = range.offset + bytes.size();
  }
  return ranges;
}

Error Compilation::fill(artifact::Writer &writer) {
  // So many examples name a decision well, and the report stays small.
  constexpr size_t nodesInReport = 8;
  manifest.producer = "optc " OPTC_VERSION;
  writer.add(artifact::reportName, getReport().toJson(nodesInReport));
  if (!inputDefaults.empty())
    writer.add(artifact::defaultsName, defaultsImage(inputDefaults));
  for (const auto &[name, bytes] : options.files)
    writer.add(name, bytes);
  for (const Branch &branch : branches) {
    for (const GeneratedCode &code : branch.code) {
      writer.addRanges(code.path, {{code.bytes.data(), code.bytes.size()}});
      manifest.code.push_back({code.path, code.triple, code.level, code.kind});
    }
    std::string name = artifact::weightsNameOf(branch.target->getName().str());
    if (!branch.weights.empty())
      writer.addRanges(name, imageRanges(branch.weights, weightsFilter));
  }
  return {};
}

Error Compilation::write(const std::string &path) {
  artifact::Writer writer;
  if (Error error = fill(writer))
    return error;
  return writer.write(path, manifest);
}

Error Compilation::writeMemory(int &fd) {
  artifact::Writer writer;
  if (Error error = fill(writer))
    return error;
  fd = memfd_create("optc-artifact", MFD_CLOEXEC);
  if (fd < 0)
    return {E101, "cannot create a memory file"};
  if (Error error = writer.writeFd(fd, manifest)) {
    close(fd);
    return error;
  }
  return {};
}
