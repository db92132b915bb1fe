//===- RuntimeChecks.cpp - what a node needs of its operands -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RuntimeChecks.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

static std::string describe(const OperandSize &size) {
  return ("size " + Twine(size.dim) + " of " + size.name).str();
}

LogicalResult optc::onnximport::requireSameSize(NodeImport &n, const OperandSize &a,
                                                const OperandSize &b) {
  Value size = n.b.sizeOf(a.value, a.dim);
  return n.demand(size, ComparePredicate::Eq, n.b.sizeOf(b.value, b.dim),
                  describe(a) + " and " + describe(b) + " must be equal, they are {0} and {1}");
}

LogicalResult optc::onnximport::requireSize(NodeImport &n, Value value, int64_t dim, int64_t size,
                                            StringRef name) {
  Value found = n.b.sizeOf(value, dim);
  return n.demand(found, ComparePredicate::Eq, n.b.ints({size}),
                  describe({value, dim, name}) + " must be " + Twine(size) + ", it is {0}");
}

LogicalResult optc::onnximport::requireElements(NodeImport &n, Value value, int64_t dim,
                                                StringRef name) {
  Value found = n.b.sizeOf(value, dim);
  return n.demand(found, ComparePredicate::Gt, n.b.ints({0}),
                  describe({value, dim, name}) + " must not be 0");
}
