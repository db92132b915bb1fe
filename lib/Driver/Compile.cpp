//===- Compile.cpp - from a model file to an artifact --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Compile.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Compile.h"
#include "lib/Driver/DiagnosticCollector.h"
#include "lib/Driver/Registry.h"
#include "lib/Driver/Stages.h"
#include "lib/Import/Onnx/Importer.h"
#include "lib/Import/Onnx/Loader.h"
#include "lib/Place/Place.h"
#include "lib/Place/WeightsImage.h"
#include "lib/Support/DType.h"
#include "lib/Target/Cpu/Codegen.h"
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Support/raw_ostream.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

struct CompiledModel::Impl {
  std::unique_ptr<llvm::DefaultThreadPool> pool; // outlives the context that uses it
  MLIRContext context{MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module; // owns the weights' attributes
  struct Object {
    const cpu::CpuLevel *level;
    std::string bytes;
  };
  std::vector<Object> objects;
  artifact::Manifest manifest;

  Error fill(artifact::Writer &writer);
};

CompiledModel::CompiledModel() : impl(std::make_unique<Impl>()) {}
CompiledModel::~CompiledModel() = default;
CompiledModel::CompiledModel(CompiledModel &&) = default;

const std::vector<std::string> &optc::driver::emitStages() {
  static const std::vector<std::string> names = {"nn", "nn-simplified", "kernel", "buffers", "llvm", "asm"};
  return names;
}

//===----------------------------------------------------------------------===//
// Manifest
//===----------------------------------------------------------------------===//

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
  for (unsigned i = 0; i < func.getNumResults(); ++i)
    entry.outputs.push_back(describe(nameOf(func.getResultAttrOfType<StringAttr>(i, "nn.name")),
                                     func.getResultTypes()[i],
                                     func.getResultAttrOfType<ArrayAttr>(i, "nn.dims")));
  return entry;
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

namespace {
/// One compilation: what the stages share.
struct Compilation {
  const CompileOptions &options;
  Progress &progress;
  MLIRContext &context;
  DiagnosticCollector &diagnostics;
  int stage = 0, stageCount;

  void begin(const std::string &name) { progress.stage(++stage, stageCount, name); }

  Error run(ModuleOp module, function_ref<void(OpPassManager &)> addPasses) {
    PassManager pm(&context);
    pm.enableVerifier(true);
    if (options.timing)
      pm.enableTiming();
    addPasses(pm);
    if (failed(pm.run(module)))
      return diagnostics.take(E3001, "a pass failed without a message");
    return {};
  }

  /// Prints the module if this is the stage to emit; true if the compilation ends here.
  bool emits(StringRef name, ModuleOp module, Error &error) {
    if (options.emit != name)
      return false;
    progress.clear();
    std::error_code code;
    llvm::raw_fd_ostream out(options.emitPath, code);
    if (code) {
      error = {E101, "cannot write '" + options.emitPath + "': " + code.message()};
      return true;
    }
    // Weights are never printed.
    OpPrintingFlags flags;
    flags.elideLargeElementsAttrs(16).elideLargeResourceString(0);
    module->print(out, flags);
    return true;
  }
};
} // namespace

/// Points at what else is wrong: messages are about one node.
static std::string moreNodes(size_t count) {
  return count ? "; " + std::to_string(count) + " more nodes are unsupported, `optc check` lists all" : "";
}

static Error fromLoader(const std::vector<onnximport::Diagnostic> &found) {
  auto isError = [](const onnximport::Diagnostic &diagnostic) { return diagnostic.isError; };
  auto first = llvm::find_if(found, isError);
  if (first == found.end())
    return {E9001, "the model could not be loaded"};
  size_t count = llvm::count_if(found, isError);
  return {first->code, first->message + moreNodes(count - 1)};
}

static std::unique_ptr<onnximport::Model>
loadModel(const std::string &path, bool allowSymlinks, std::vector<onnximport::Diagnostic> &diagnostics) {
  onnximport::LoadOptions options;
  options.allowSymlinks = allowSymlinks;
  options.isNative = [](std::string_view domain, std::string_view op, const onnximport::NodeView &) {
    return onnximport::HandlerRegistry::get().find({domain.data(), domain.size()},
                                                   {op.data(), op.size()}) != nullptr;
  };
  return onnximport::load(path, options, diagnostics);
}

/// One message for all nodes without an implementation.
static Error unsupportedError(const std::vector<onnximport::UnsupportedNode> &nodes) {
  const onnximport::UnsupportedNode &first = nodes.front();
  return {E2001, "node '" + first.node + "' (" + first.op + "): " + first.reason + moreNodes(nodes.size() - 1)};
}

static std::vector<const cpu::CpuLevel *> chooseLevels(const CompileOptions &options, Error &error) {
  std::vector<const cpu::CpuLevel *> levels;
  for (const std::string &name : options.levels) {
    levels.push_back(cpu::findCpuLevel(name));
    if (!levels.back())
      error = {E102, "unknown code level '" + name + "'"};
  }
  if (!options.levels.empty())
    return levels;
  if (options.hostOnly && cpu::hostCpuLevel())
    return {cpu::hostCpuLevel()};
  // The portable baseline and what this machine has beyond it.
  for (const cpu::CpuLevel &level : cpu::cpuLevels()) {
    levels.push_back(&level);
    if (cpu::hostCpuLevel() == nullptr || &level == cpu::hostCpuLevel())
      break;
  }
  return levels;
}

static Error writeAssembly(ModuleOp module, const cpu::CpuLevel &level, const CompileOptions &options,
                           DiagnosticCollector &diagnostics) {
  FailureOr<std::string> text = cpu::generateAssembly(module, level);
  if (failed(text))
    return diagnostics.take(E3001, "code generation failed without a message");
  std::error_code code;
  llvm::raw_fd_ostream out(options.emitPath, code);
  if (code)
    return {E101, "cannot write '" + options.emitPath + "': " + code.message()};
  out << *text;
  return {};
}

Error optc::driver::compileModel(const std::string &path, const CompileOptions &options,
                                 Progress &progress, CompiledModel &result) {
  CompiledModel::Impl &impl = *result.impl;
  Error error;
  std::vector<const cpu::CpuLevel *> levels = chooseLevels(options, error);
  if (error)
    return error;
  llvm::ThreadPoolStrategy strategy = llvm::hardware_concurrency(options.jobs);
  impl.pool = std::make_unique<llvm::DefaultThreadPool>(strategy);
  impl.context.setThreadPool(*impl.pool);
  DialectRegistry registry;
  registerAllDialects(registry);
  impl.context.appendDialectRegistry(registry);
  impl.context.loadAllAvailableDialects();
  DiagnosticCollector diagnostics(&impl.context);
  Compilation compilation{options, progress, impl.context, diagnostics, 0,
                          5 + static_cast<int>(levels.size())};

  compilation.begin("load");
  std::vector<onnximport::Diagnostic> found;
  std::unique_ptr<onnximport::Model> model = loadModel(path, options.allowSymlinks, found);
  if (!model)
    return fromLoader(found);
  auto unsupported = onnximport::findUnsupported(*model);
  if (!unsupported.empty())
    return unsupportedError(unsupported);

  compilation.begin("import");
  impl.module = onnximport::importModel(*model, &impl.context);
  model.reset();
  if (!impl.module)
    return diagnostics.take(E9001, "the import failed without a message");
  ModuleOp module = *impl.module;
  if (compilation.emits("nn", module, error))
    return error;

  compilation.begin("simplify");
  auto addSimplify = [&](OpPassManager &pm) { addSimplifyPasses(pm, options.precision); };
  if (Error failed = compilation.run(module, addSimplify))
    return failed;
  for (auto func : module.getOps<func::FuncOp>())
    impl.manifest.entries.push_back(describe(func));
  if (compilation.emits("nn-simplified", module, error))
    return error;

  compilation.begin("fuse");
  if (Error failed = compilation.run(module, addFusePasses))
    return failed;
  if (compilation.emits("kernel", module, error))
    return error;

  compilation.begin("place");
  if (Error failed = compilation.run(module, place::addPlacePasses))
    return failed;
  if (compilation.emits("buffers", module, error))
    return error;

  for (const cpu::CpuLevel *level : levels) {
    compilation.begin("generate " + level->name.str());
    OwningOpRef<ModuleOp> copy = module.clone();
    if (Error failed = compilation.run(
            *copy, [&](OpPassManager &pm) { cpu::addCpuPasses(pm, *level); }))
      return failed;
    if (compilation.emits("llvm", *copy, error))
      return error;
    if (options.emit == "asm")
      return writeAssembly(*copy, *level, options, diagnostics);
    FailureOr<std::string> object = cpu::generateSharedObject(*copy, *level);
    if (failed(object))
      return diagnostics.take(E3001, "code generation failed without a message");
    impl.objects.push_back({level, std::move(*object)});
  }
  return {};
}

Error optc::driver::checkModel(const std::string &path, bool allowSymlinks,
                               std::vector<CheckFinding> &findings) {
  std::vector<onnximport::Diagnostic> found;
  std::unique_ptr<onnximport::Model> model = loadModel(path, allowSymlinks, found);
  if (!model) {
    for (const onnximport::Diagnostic &diagnostic : found)
      if (diagnostic.code == E2001)
        findings.push_back({diagnostic.node, "", errorId(E2001), diagnostic.message});
    return findings.empty() ? fromLoader(found) : Error();
  }
  for (const onnximport::UnsupportedNode &node : onnximport::findUnsupported(*model))
    findings.push_back({node.node, node.op, errorId(E2001), node.reason});
  if (!findings.empty())
    return {};
  // Every op is known: what else stands in the way shows when the model is imported.
  MLIRContext context(MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  if (!onnximport::importModel(*model, &context)) {
    Error failed = diagnostics.take(E9001, "the import failed without a message");
    findings.push_back({diagnostics.node(), "", errorId(failed.code), failed.message});
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Error CompiledModel::Impl::fill(artifact::Writer &writer) {
  manifest.producer = "optc " OPTC_VERSION;
  for (const Object &object : objects) {
    std::string name = "code/" + object.level->triple.str() + "/" + object.level->name.str() + ".so";
    writer.addRanges(name, {{object.bytes.data(), object.bytes.size()}});
  }
  FailureOr<std::vector<place::WeightsRange>> weights = place::weightsImage(*module);
  if (failed(weights))
    return {E9001, "the weights could not be collected"};
  if (weights->empty())
    return {};
  static const char padding[place::bufferAlignment] = {};
  std::vector<artifact::ByteRange> ranges;
  uint64_t end = 0;
  for (const place::WeightsRange &range : *weights) {
    if (range.offset > end)
      ranges.push_back({padding, range.offset - end});
    ranges.push_back({range.bytes.data(), range.bytes.size()});
    end = range.offset + range.bytes.size();
  }
  writer.addRanges(artifact::weightsName, std::move(ranges));
  return {};
}

Error CompiledModel::write(const std::string &path) {
  artifact::Writer writer;
  if (Error error = impl->fill(writer))
    return error;
  return writer.write(path, impl->manifest);
}

Error CompiledModel::writeMemory(int &fd) {
  artifact::Writer writer;
  if (Error error = impl->fill(writer))
    return error;
  fd = memfd_create("optc-artifact", MFD_CLOEXEC);
  if (fd < 0)
    return {E101, "cannot create a memory file"};
  if (Error error = writer.writeFd(fd, impl->manifest)) {
    close(fd);
    return error;
  }
  return {};
}
