//===- QNNDialect.cpp - the qnn dialect ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the ops of all families.
//
//===----------------------------------------------------------------------===//
#include "dialects/QNN/QNN.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace optc;
using namespace optc::qnn;

#include "dialects/QNN/QNNDialect.cpp.inc"

void QNNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/QNN/QNNOps.cpp.inc"
      >();
}

Operation *QNNDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                           Location loc) {
  return getContext()->getLoadedDialect<nn::NNDialect>()->materializeConstant(builder, value, type,
                                                                              loc);
}

#define GET_OP_CLASSES
#include "dialects/QNN/QNNOps.cpp.inc"
