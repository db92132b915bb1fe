//===- StateDialect.cpp - the state dialect ------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the ops of all families.
//
//===----------------------------------------------------------------------===//
#include "dialects/State/State.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace optc;
using namespace optc::state;

#include "dialects/State/StateDialect.cpp.inc"

void StateDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/State/StateOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "dialects/State/StateOps.cpp.inc"
