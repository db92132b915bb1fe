//===- ModuleDescriptor.cpp - the exported symbol and the runtime's table -===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ModuleDescriptor.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/ModuleDescriptor.h"
#include "dialects/Run/Run.h"
#include "lib/Runtime/ModuleAbi.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace optc::host;

/// The names of RuntimeAbi.def, in table order.
static llvm::ArrayRef<llvm::StringRef> apiNames() {
  static const llvm::StringRef names[] = {
#define OPTC_RT(name, types) #name,
#define OPTC_LIBM(name) #name,
#include "lib/Runtime/RuntimeAbi.def"
  };
  return names;
}

/// The variable in which the loader stores the table.
static constexpr llvm::StringLiteral tableName = "optc_api";

/// Names and families of the kernels of an entry that measures them.
static std::vector<std::pair<std::string, std::string>>
describeKernels(optc::run::EntryAttr entry) {
  std::vector<std::pair<std::string, std::string>> kernels;
  if (entry.getNames() && entry.getFamilies())
    for (auto [name, family] :
         llvm::zip_equal(entry.getNames().getAsValueRange<mlir::StringAttr>(),
                         entry.getFamilies().getAsValueRange<mlir::StringAttr>()))
      kernels.push_back({name.str(), family.str()});
  return kernels;
}

std::vector<EntryDescription> optc::host::describeEntries(mlir::ModuleOp module) {
  std::vector<EntryDescription> entries;
  for (auto function : run::getEntries<mlir::LLVM::LLVMFuncOp>(module)) {
    // The wrappers of func-to-llvm carry the attributes as well.
    if (function.getName().starts_with("_mlir_ciface_"))
      continue;
    run::EntryAttr entry = run::getEntry(function);
    entries.push_back({function.getName().str(), entry.getSizes().getValue().str(),
                       static_cast<uint32_t>(entry.getInputs()),
                       static_cast<uint32_t>(entry.getOutputs()),
                       entry.getLifetimes().asArrayRef().vec(), entry.getWork().getValue().str(),
                       static_cast<uint32_t>(entry.getKernels()),
                       static_cast<uint32_t>(entry.getUncounted()), describeKernels(entry)});
  }
  return entries;
}

namespace {

/// Writes the descriptor into one module.
class DescriptorWriter {
public:
  explicit DescriptorWriter(llvm::Module &module)
      : module(module), context(module.getContext()), builder(context), pointer(builder.getPtrTy()),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()) {}

  void write(llvm::ArrayRef<EntryDescription> entries, uint32_t numFunctions) {
    auto *table = new llvm::GlobalVariable(module, pointer, /*isConstant=*/false,
                                           llvm::GlobalValue::ExternalLinkage,
                                           llvm::ConstantPointerNull::get(pointer), tableName);
    auto *entryType =
        llvm::StructType::get(context, {pointer, i32, i32, i32, i32, pointer, pointer, pointer});
    llvm::SmallVector<llvm::Constant *> rows;
    for (const EntryDescription &entry : entries)
      rows.push_back(llvm::ConstantStruct::get(
          entryType, {text(entry.name), number(entry.numInputs), number(entry.numOutputs),
                      number(entry.lifetimes.size() / 2), number(0), lifetimes(entry),
                      shapeFunction(entry, entry.sizes, ".sizes"), runFunction(entry)}));
    auto *rowsType = llvm::ArrayType::get(entryType, rows.size());
    llvm::Constant *list = data(llvm::ConstantArray::get(rowsType, rows), "entries");
    auto *moduleType =
        llvm::StructType::get(context, {i32, i32, pointer, pointer, i32, i32, pointer});
    auto *descriptor = llvm::ConstantStruct::get(
        moduleType, {number(OPTC_MODULE_ABI_VERSION), number(entries.size()), list, table,
                     number(numFunctions), number(OPTC_MODULE_EXTENSION), workTable(entries)});
    new llvm::GlobalVariable(module, moduleType, /*isConstant=*/true,
                             llvm::GlobalValue::ExternalLinkage, descriptor, OPTC_MODULE_SYMBOL);
  }

private:
  llvm::Constant *workTable(llvm::ArrayRef<EntryDescription> entries) {
    auto *type = llvm::StructType::get(context, {pointer, i32, i32, pointer});
    llvm::SmallVector<llvm::Constant *> rows;
    for (const EntryDescription &entry : entries)
      rows.push_back(llvm::ConstantStruct::get(
          type, {shapeFunction(entry, entry.work, ".work"), number(entry.numKernels),
                 number(entry.numUncounted), kernelTable(entry)}));
    return data(llvm::ConstantArray::get(llvm::ArrayType::get(type, rows.size()), rows), "work");
  }

  llvm::Constant *kernelTable(const EntryDescription &entry) {
    if (entry.kernels.empty())
      return llvm::ConstantPointerNull::get(pointer);
    auto *type = llvm::StructType::get(context, {pointer, pointer});
    llvm::SmallVector<llvm::Constant *> rows;
    for (const auto &[names, family] : entry.kernels)
      rows.push_back(llvm::ConstantStruct::get(type, {text(names), text(family)}));
    return data(llvm::ConstantArray::get(llvm::ArrayType::get(type, rows.size()), rows), "kernels");
  }

  llvm::Constant *number(uint32_t value) { return builder.getInt32(value); }

  llvm::Constant *data(llvm::Constant *value, llvm::StringRef name) {
    return new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                    llvm::GlobalValue::PrivateLinkage, value, name);
  }

  llvm::Constant *text(llvm::StringRef value) {
    return data(llvm::ConstantDataArray::getString(context, value), "name");
  }

  llvm::Constant *lifetimes(const EntryDescription &entry) {
    return data(llvm::ConstantDataArray::get(context, llvm::ArrayRef(entry.lifetimes)),
                "lifetimes");
  }

  llvm::Function *startFunction(llvm::StringRef name, llvm::ArrayRef<llvm::Type *> types) {
    auto *type = llvm::FunctionType::get(builder.getVoidTy(), types, false);
    auto *function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, module);
    builder.SetInsertPoint(llvm::BasicBlock::Create(context, "", function));
    return function;
  }

  /// A descriptor on the stack of a one-dimensional memref at an address.
  llvm::Value *vectorAt(llvm::Value *address) {
    auto *one = llvm::ArrayType::get(i64, 1);
    auto *type = llvm::StructType::get(context, {pointer, pointer, i64, one, one});
    llvm::Value *slot = builder.CreateAlloca(type);
    llvm::Value *fields[] = {address, address, builder.getInt64(0), builder.getInt64(INT64_MAX),
                             builder.getInt64(1)};
    for (auto [index, field] : llvm::enumerate(fields))
      builder.CreateStore(field, builder.CreateStructGEP(type, slot, index));
    return slot;
  }

  void appendInputs(llvm::SmallVectorImpl<llvm::Value *> &operands, llvm::Value *args,
                    const EntryDescription &entry) {
    for (uint32_t i = 0; i < entry.numInputs; ++i)
      operands.push_back(builder.CreateLoad(pointer, builder.CreateConstGEP1_64(pointer, args, i)));
  }

  void finish(llvm::StringRef callee, llvm::ArrayRef<llvm::Value *> operands) {
    builder.CreateCall(module.getFunction(("_mlir_ciface_" + callee).str()), operands);
    builder.CreateRetVoid();
  }

  /// The function (args, numbers) that stores what `callee` tells of the shapes of the inputs.
  llvm::Function *shapeFunction(const EntryDescription &entry, llvm::StringRef callee,
                                llvm::StringRef suffix) {
    llvm::Function *function = startFunction(entry.name + suffix.str(), {pointer, pointer});
    llvm::SmallVector<llvm::Value *> operands{llvm::ConstantPointerNull::get(pointer)};
    appendInputs(operands, function->getArg(0), entry);
    operands.push_back(vectorAt(function->getArg(1)));
    finish(callee, operands);
    return function;
  }

  llvm::Function *runFunction(const EntryDescription &entry) {
    llvm::Function *function =
        startFunction(entry.name + ".run", {pointer, pointer, pointer, pointer, pointer});
    llvm::SmallVector<llvm::Value *> operands{function->getArg(0)};
    appendInputs(operands, function->getArg(4), entry);
    for (unsigned i = 1; i <= 3; ++i) // weights, arena, offsets
      operands.push_back(vectorAt(function->getArg(i)));
    finish(entry.name, operands);
    return function;
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
  llvm::IntegerType *i32;
  llvm::IntegerType *i64;
};

} // namespace

uint32_t optc::host::countRuntimeFunctions(mlir::ModuleOp module) {
  uint32_t count = 0;
  for (auto [index, name] : llvm::enumerate(apiNames()))
    if (auto function = module.lookupSymbol<mlir::LLVM::LLVMFuncOp>(name);
        function && function.isExternal())
      count = index + 1;
  return count;
}

void optc::host::addModuleDescriptor(llvm::Module &module, llvm::ArrayRef<EntryDescription> entries,
                                     uint32_t numFunctions) {
  DescriptorWriter(module).write(entries, numFunctions);
}

/// Makes a declaration a function that calls entry `index` of the table.
static void callThroughTable(llvm::Function &function, llvm::GlobalVariable *table,
                             uint64_t index) {
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(function.getContext(), "", &function));
  llvm::Type *pointer = builder.getPtrTy();
  // The table never changes after it was stored.
  auto load = [&](llvm::Value *address) {
    llvm::LoadInst *value = builder.CreateLoad(pointer, address);
    value->setMetadata(llvm::LLVMContext::MD_invariant_load,
                       llvm::MDNode::get(function.getContext(), {}));
    return value;
  };
  llvm::Value *target = load(builder.CreateConstGEP1_64(pointer, load(table), index));
  llvm::SmallVector<llvm::Value *> operands(llvm::make_pointer_range(function.args()));
  llvm::CallInst *call = builder.CreateCall(function.getFunctionType(), target, operands);
  call->setTailCall();
  if (call->getType()->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(call);
  function.setLinkage(llvm::GlobalValue::InternalLinkage);
  function.setVisibility(llvm::GlobalValue::DefaultVisibility);
  function.setDSOLocal(true);
}

void optc::host::bindRuntime(llvm::Module &module) {
  llvm::GlobalVariable *table = module.getNamedGlobal(tableName);
  for (auto [index, name] : llvm::enumerate(apiNames())) {
    llvm::Function *function = module.getFunction(name);
    if (!function || !function->isDeclaration())
      continue;
    if (!table)
      table = new llvm::GlobalVariable(module, llvm::PointerType::getUnqual(module.getContext()),
                                       /*isConstant=*/false, llvm::GlobalValue::ExternalLinkage,
                                       nullptr, tableName);
    callThroughTable(*function, table, index);
  }
  for (llvm::GlobalValue &value : module.global_values())
    if (!value.hasLocalLinkage() && value.getName() != OPTC_MODULE_SYMBOL &&
        !value.getName().starts_with("llvm.")) {
      value.setVisibility(llvm::GlobalValue::HiddenVisibility);
      value.setDSOLocal(true);
    }
}
