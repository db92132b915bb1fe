//===- Compilation.cpp - one model on its way through the stages -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Compilation.h. The passes of each stage are in Stages.cpp and the stage's own
// Pipeline.cpp.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compilation.h"
#include "dialects/NN/UnrankedOutputs.h"
#include "lib/Driver/LoadModel.h"
#include "lib/Driver/Registry.h"
#include "lib/Driver/Stages.h"
#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Target/Cpu/Codegen.h"
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"

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

Compilation::Compilation(const CompileOptions &options, Progress &progress)
    : options(options), progress(progress),
      pool(std::make_unique<llvm::DefaultThreadPool>(llvm::hardware_concurrency(options.jobs))),
      diagnostics(&context), decisions(context) {
  context.setThreadPool(*pool);
  DialectRegistry registry;
  registerAllDialects(registry);
  context.appendDialectRegistry(registry);
  loadCompilerDialects(context);
  report.optimize = options.optimize;
  report.precision = options.precision;
  report.exact = options.exact;
  report.profile = options.profile;
}

void Compilation::begin(const std::string &name) {
  stageName = name;
  decisions.beginStage(name);
  progress.stage(++stage, 6 + static_cast<int>(levels.size()), name);
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

Error Compilation::chooseLevels() {
  if (!levels.empty())
    return {};
  for (const std::string &name : options.levels) {
    levels.push_back(cpu::findCpuLevel(name));
    if (!levels.back())
      return {E102, "unknown code level '" + name + "'"};
  }
  if (!levels.empty())
    return {};
  levels = cpu::defaultCpuLevels(options.precision == "bf16", options.hostOnly);
  return {};
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

Error Compilation::import(const std::string &path) {
  if (Error error = chooseLevels())
    return error;
  begin("load");
  std::unique_ptr<onnximport::Model> model;
  if (Error error = loadModel(path, {options.allowSymlinks, options.overridable}, model))
    return error;
  return import(*model);
}

Error Compilation::import(const onnximport::Model &model, size_t *notJudged) {
  if (Error error = chooseLevels())
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

/// The signature as the user sees it, taken from the nn function: types keep their signs there.
static artifact::TensorInfo describe(StringRef name, Type type, ArrayAttr dims) {
  artifact::TensorInfo info;
  info.name = name.str();
  auto tensor = cast<RankedTensorType>(type);
  info.dtype = static_cast<int>(onnximport::convertElemType(tensor.getElementType()));
  info.shape.emplace();
  for (auto [i, size] : llvm::enumerate(tensor.getShape())) {
    StringRef symbol;
    if (dims && i < dims.size())
      symbol = cast<StringAttr>(dims[i]).getValue();
    info.shape->push_back(ShapedType::isDynamic(size) ? artifact::Dim::dynamic(symbol.str())
                                                      : artifact::Dim::fixed(size));
  }
  return info;
}

static artifact::EntryPoint describe(func::FuncOp func) {
  artifact::EntryPoint entry;
  entry.name = func.getName().str();
  auto nameOf = [](StringAttr name) { return name ? name.getValue() : StringRef(); };
  for (unsigned i = 0; i < func.getNumArguments(); ++i)
    entry.inputs.push_back(describe(nameOf(func.getArgAttrOfType<StringAttr>(i, "nn.name")),
                                    func.getArgumentTypes()[i],
                                    func.getArgAttrOfType<ArrayAttr>(i, "nn.dims")));
  for (unsigned i = 0; i < func.getNumResults(); ++i) {
    if (func.getResultAttr(i, nn::shapeOfAttr))
      break; // no output of its own, nor is what follows
    entry.outputs.push_back(describe(nameOf(func.getResultAttrOfType<StringAttr>(i, "nn.name")),
                                     func.getResultTypes()[i],
                                     func.getResultAttrOfType<ArrayAttr>(i, "nn.dims")));
    if (func.getResultAttr(i, nn::ranksAttr))
      entry.outputs.back().shape.reset();
  }
  return entry;
}

Error Compilation::simplify() {
  begin("simplify");
  auto addPasses = [&](OpPassManager &pm) {
    addSimplifyPasses(pm, options.optimize, options.precision, options.exact);
  };
  if (Error error = run(*module, addPasses))
    return error;
  report.addSimplified(*module);
  for (auto function : module->getOps<func::FuncOp>())
    manifest.entries.push_back(describe(function));
  describeDefaults();
  return bindSymbols();
}

/// Inputs with a default say where it is, and constants that were inputs are named.
void Compilation::describeDefaults() {
  for (artifact::EntryPoint &entry : manifest.entries) {
    entry.constants = constantInputs;
    for (artifact::TensorInfo &input : entry.inputs) {
      uint64_t offset = 0;
      for (const onnximport::Tensor &value : inputDefaults) {
        if (value.name == input.name)
          input.defaultValue = artifact::Default{int64_t(offset), value.dims};
        offset = llvm::alignTo(offset + value.bytes, place::bufferAlignment);
      }
    }
  }
}

/// The defaults at the offsets of describeDefaults.
std::string Compilation::defaultsImage() const {
  std::string image;
  for (const onnximport::Tensor &value : inputDefaults) {
    image.append(value.data, value.bytes);
    image.resize(llvm::alignTo(image.size(), place::bufferAlignment));
  }
  return image;
}

/// Every bound belongs to the entries that have its symbol; it has to be that of an input.
Error Compilation::bindSymbols() {
  for (const artifact::Bound &bound : options.bounds) {
    std::set<std::string> symbols;
    bool isFound = false;
    for (artifact::EntryPoint &entry : manifest.entries) {
      std::set<std::string> own;
      for (const artifact::TensorInfo &input : entry.inputs)
        for (const artifact::Dim &dim : *input.shape)
          if (!dim.symbol.empty())
            own.insert(dim.symbol);
      if (own.count(bound.symbol))
        entry.bounds.push_back(bound), isFound = true;
      symbols.insert(own.begin(), own.end());
    }
    if (!isFound)
      return {E103, "--bound names '" + bound.symbol + "', which is no symbol of an input" +
                        (symbols.empty() ? std::string() : "; there are " + llvm::join(symbols, ", "))};
  }
  return {};
}

Error Compilation::fuse() {
  begin("fuse");
  return run(*module, [&](OpPassManager &pm) { addFusePasses(pm, options.optimize); });
}

Error Compilation::chooseKernels() {
  begin("kernels");
  malloc_trim(0); // most memory is taken here, for packed weights
  if (Error error = run(*module, [&](OpPassManager &pm) { addKernelPasses(pm, options.optimize, options.exact); }))
    return error;
  report.addKernels(*module);
  return {};
}

Error Compilation::place() {
  begin("place");
  int64_t cacheBytes = options.optimize < 2 ? 0 : place::defaultCacheBytes;
  auto addPasses = [&](OpPassManager &pm) { place::addPlacePasses(pm, options.profile, cacheBytes); };
  if (Error error = run(*module, addPasses))
    return error;
  report.addPlaced(*module, manifest.entries);
  return {};
}

Error Compilation::lower(const cpu::CpuLevel &level, OwningOpRef<ModuleOp> &lowered) {
  begin("generate " + level.name.str());
  lowered = module->clone();
  return run(*lowered, [&](OpPassManager &pm) { cpu::addCpuPasses(pm, level); });
}

Error Compilation::generate() {
  for (const cpu::CpuLevel *level : levels) {
    OwningOpRef<ModuleOp> lowered;
    if (Error error = lower(*level, lowered))
      return error;
    FailureOr<std::string> object = cpu::generateSharedObject(*lowered, *level);
    if (failed(object))
      return diagnostics.take(E3001, "code generation failed without a message");
    report.addCode(level->name, level->triple, object->size());
    objects.push_back({level, std::move(*object)});
    lowered = {};
    malloc_trim(0); // what one level left behind, the next would find in pieces
  }
  return {};
}

Error Compilation::assemble(std::string &text) {
  OwningOpRef<ModuleOp> lowered;
  if (Error error = lower(*levels.front(), lowered))
    return error;
  FailureOr<std::string> assembly = cpu::generateAssembly(*lowered, *levels.front());
  if (failed(assembly))
    return diagnostics.take(E3001, "code generation failed without a message");
  text = std::move(*assembly);
  return {};
}

ArrayRef<Compilation::Stage> Compilation::getStages() {
  static const Stage stages[] = {{"nn", &Compilation::simplify, true},
                                 {"nn-simplified", &Compilation::fuse, true},
                                 {"", &Compilation::chooseKernels, false},
                                 {"kernel", &Compilation::place, false}};
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

/// The weights image as ranges without gaps.
static FailureOr<std::vector<artifact::ByteRange>> imageRanges(ModuleOp module,
                                                               const Compilation::WeightsFilter &filter) {
  FailureOr<std::vector<place::WeightsRange>> weights = place::weightsImage(module);
  if (failed(weights))
    return failure();
  static const char padding[place::bufferAlignment] = {};
  std::vector<artifact::ByteRange> ranges;
  uint64_t end = 0;
  for (const place::WeightsRange &range : *weights) {
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
  for (const Object &object : objects) {
    std::string name = "code/" + object.level->triple.str() + "/" + object.level->name.str() + ".so";
    writer.addRanges(name, {{object.bytes.data(), object.bytes.size()}});
  }
  FailureOr<std::vector<artifact::ByteRange>> image = imageRanges(*module, weightsFilter);
  if (failed(image))
    return {E9001, "the weights could not be collected"};
  if (!inputDefaults.empty())
    writer.add(artifact::defaultsName, defaultsImage());
  if (!image->empty())
    writer.addRanges(artifact::weightsName, std::move(*image));
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
