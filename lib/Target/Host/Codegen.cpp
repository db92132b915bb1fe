//===- Codegen.cpp - from the LLVM dialect to a shared object ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Codegen.h. The module is cut into parts by content, each compiled in its own LLVM
// context on the threads of the MLIR context.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Codegen.h"
#include "lib/IR/ErrorId.h"
#include "lib/Target/Host/Link.h"
#include "lib/Target/Host/ModuleDescriptor.h"
#include "lib/Target/Host/ObjectCode.h"
#include "lib/Target/Host/Partition.h"
#include "mlir/IR/Threading.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace optc;
using namespace optc::host;

/// Machine code of one part. The first one also gets the module descriptor, with the number of
/// functions that all parts need.
static LogicalResult compilePart(ModuleOp part, std::optional<uint32_t> numFunctions,
                                 const CpuLevel &level, CodeKind kind, std::string &code) {
  llvm::LLVMContext context;
  // The same name for all: it is stored in the object.
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(part, context, "optc");
  if (!module)
    return failure();
  if (numFunctions)
    addModuleDescriptor(*module, describeEntries(part), *numFunctions);
  bindRuntime(*module);
  std::string error;
  if (succeeded(compileModule(*module, level, kind, code, error)))
    return success();
  return withId(part.emitError(), E9001)
         << "generating code for " << StringRef(level.name) << ": " << error;
}

static FailureOr<std::vector<std::string>> compile(ModuleOp module, const CpuLevel &level,
                                                   CodeKind kind) {
  MLIRContext *context = module.getContext();
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);

  uint32_t numFunctions = countRuntimeFunctions(module);
  std::vector<OwningOpRef<ModuleOp>> parts = partition(module);
  std::vector<std::string> code(parts.size());
  LogicalResult result = failableParallelForEachN(context, 0, parts.size(), [&](size_t i) {
    return compilePart(*parts[i], i == 0 ? std::optional(numFunctions) : std::nullopt, level, kind,
                       code[i]);
  });
  if (failed(result))
    return failure();
  return code;
}

FailureOr<std::string> optc::host::generateSharedObject(ModuleOp module, const CpuLevel &level) {
  FailureOr<std::vector<std::string>> objects = compile(module, level, CodeKind::object);
  if (failed(objects))
    return failure();
  std::string helpers, error, linked;
  if (failed(compileHelpers(level, helpers, error)) ||
      failed(linkSharedObject(*objects, helpers, linked, error)))
    return withId(module.emitError(), E9001)
           << "linking code for " << StringRef(level.name) << ": " << error;
  return linked;
}

FailureOr<std::string> optc::host::generateAssembly(ModuleOp module, const CpuLevel &level) {
  FailureOr<std::vector<std::string>> listings = compile(module, level, CodeKind::assembly);
  if (failed(listings))
    return failure();
  std::string text;
  for (const std::string &listing : *listings)
    text += listing;
  return text;
}
