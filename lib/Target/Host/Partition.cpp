//===- Partition.cpp - parts of a module that compile apart --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Partition.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Partition.h"
#include "lib/Target/Host/Host.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace optc::host;

/// Ops of a part above which the next function starts a new one: small enough to spread
/// over threads, large enough that a part's fixed cost (a few ms) does not matter.
static constexpr int64_t partOps = 1500;

static int64_t countOps(Operation *root) {
  int64_t count = 0;
  root->walk([&](Operation *) { ++count; });
  return count;
}

/// Declares the functions, and copies the constants, that a part uses but does not have.
static void completePart(ModuleOp part, const SymbolTable &whole) {
  SymbolTable known(part);
  llvm::SetVector<StringAttr> missing;
  part.walk([&](Operation *op) {
    op->getAttrDictionary().walk([&](FlatSymbolRefAttr ref) {
      if (!known.lookup(ref.getAttr()))
        missing.insert(ref.getAttr());
    });
  });
  OpBuilder builder = OpBuilder::atBlockBegin(part.getBody());
  for (StringAttr name : missing) {
    Operation *symbol = whole.lookup(name);
    if (auto function = dyn_cast_or_null<LLVM::LLVMFuncOp>(symbol)) {
      auto declaration = cast<LLVM::LLVMFuncOp>(builder.cloneWithoutRegions(*symbol));
      declaration.setLinkage(LLVM::Linkage::External);
    } else if (isa_and_nonnull<LLVM::GlobalOp>(symbol)) {
      builder.clone(*symbol);
    }
  }
}

std::vector<OwningOpRef<ModuleOp>> optc::host::partition(ModuleOp module) {
  SymbolTable whole(module);
  std::vector<OwningOpRef<ModuleOp>> parts;
  std::vector<SmallVector<LLVM::LLVMFuncOp>> groups(1);
  int64_t ops = partOps;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    if (function.isExternal())
      continue;
    function.setVisibility_(LLVM::Visibility::Hidden);
    if (!function->hasAttr(run::kernelAttr)) {
      groups[0].push_back(function);
      continue;
    }
    if (ops >= partOps) {
      groups.emplace_back();
      ops = 0;
    }
    groups.back().push_back(function);
    ops += countOps(function);
  }
  for (ArrayRef<LLVM::LLVMFuncOp> group : groups) {
    parts.push_back(ModuleOp::create(module.getLoc()));
    OpBuilder builder = OpBuilder::atBlockEnd(parts.back()->getBody());
    for (LLVM::LLVMFuncOp function : group)
      builder.clone(*function);
  }
  for (OwningOpRef<ModuleOp> &part : parts)
    completePart(*part, whole);
  return parts;
}
