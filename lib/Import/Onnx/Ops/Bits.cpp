//===- Bits.cpp - the same bits as another type --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// BitCast. Between integers of one width a conversion keeps the bits.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// Between floats and signless integers.
static Value reinterpret(NNBuilder &b, Value x, Type type) {
  auto from = NNBuilder::typeOf(x);
  int64_t rank = from.getRank();
  Value empty =
      tensor::EmptyOp::create(b, b.getLoc(), tensor::getMixedSizes(b, b.getLoc(), x), type);
  SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, b.getLoc(), empty.getType(), x, empty, maps, iterators,
      [&](OpBuilder &body, Location loc, ValueRange read) {
        linalg::YieldOp::create(body, loc,
                                arith::BitcastOp::create(body, loc, type, read[0]).getResult());
      });
  Value result = generic.getResult(0);
  b.getShapes().setShape(result, Shape(b.getShapes().getShape(x)));
  return result;
}

/// Bits that an element has in ONNX.
static unsigned widthOf(Type type) {
  return std::max(type.isInteger(1) ? 8u : 1u, type.getIntOrFloatBitWidth());
}

static LogicalResult importBitCast(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  FailureOr<Type> to = n.resultElementType(0);
  if (failed(to))
    return failure();
  Type from = b.elementOf(x);
  unsigned width = widthOf(from);
  if (width != widthOf(*to))
    return n.invalid("elements of " + Twine(width) + " bits do not become ones of " +
                     Twine(widthOf(*to)));
  if (from == *to) {
    n.setResult(0, x);
    return success();
  }
  if (isa<FloatType>(from))
    x = reinterpret(b, x, b.getIntegerType(width));
  bool makesFloat = isa<FloatType>(*to);
  x = b.convert(x, makesFloat ? Type(b.getIntegerType(width)) : *to);
  n.setResult(0, makesFloat ? reinterpret(b, x, *to) : x);
  return success();
}

void optc::onnximport::registerBits(HandlerRegistry &r) { r.add("BitCast", importBitCast); }
