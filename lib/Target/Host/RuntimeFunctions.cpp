//===- RuntimeFunctions.cpp - declarations of the runtime's functions ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RuntimeFunctions.h. That the types are those of RuntimeAbi.h is checked where the functions
// are (lib/Runtime/RuntimeCalls.cpp).
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/RuntimeFunctions.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

/// "pll": the result's type, then those of the parameters.
static StringRef typesOf(StringRef name) {
  return llvm::StringSwitch<StringRef>(name)
#define OPTC_RT(name, types) .Case(#name, types)
#include "lib/Runtime/RuntimeAbi.def"
      .Default("");
}

LLVM::LLVMFuncOp optc::host::getRuntimeFunction(ModuleOp module, StringRef name) {
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto typeOf = [&](char letter) -> Type {
    switch (letter) {
    case 'p':
      return LLVM::LLVMPointerType::get(module.getContext());
    case 'l':
      return builder.getI64Type();
    case 'd':
      return builder.getF64Type();
    default:
      return LLVM::LLVMVoidType::get(module.getContext());
    }
  };
  StringRef types = typesOf(name);
  assert(!types.empty() && "not in RuntimeAbi.def");
  auto type = LLVM::LLVMFunctionType::get(typeOf(types.front()),
                                          llvm::map_to_vector(types.drop_front(), typeOf));
  return LLVM::LLVMFuncOp::create(builder, module.getLoc(), name, type);
}
