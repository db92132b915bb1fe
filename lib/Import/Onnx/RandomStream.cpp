//===- RandomStream.cpp - pseudo-random numbers --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See RandomStream.h. All of it is elementwise nn ops on ui64.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RandomStream.h"
#include "dialects/NN/ConstantFold.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// The odd number next to 2^64 divided by the golden ratio.
constexpr uint64_t gamma64 = 0x9e3779b97f4a7c15;

static Type wordType(NNBuilder &b) { return b.getIntegerType(64, /*isSigned=*/false); }

/// FNV-1a.
static uint64_t hashOf(StringRef text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : text)
    hash = (hash ^ c) * 0x100000001b3;
  return hash;
}

RandomStream::RandomStream(NodeImport &n, Value shape) : b(n.b), shape(shape) {
  uint64_t start = n.node.find("seed")
                       ? llvm::bit_cast<uint32_t>(static_cast<float>(n.floatAttr("seed")))
                       : hashOf(n.node.name);
  key = mix(word(start * gamma64 + 1));
  for (Value iteration : n.loopIterations()) {
    Value number = tensor::FromElementsOp::create(
        b, b.getLoc(), RankedTensorType::get({}, b.getI64Type()), iteration);
    Value count = b.convert(number, wordType(b));
    Value step = b.binary(BinaryKind::Mul, count, word(gamma64));
    key = mix(b.binary(BinaryKind::Add, key, step));
  }
}

Value RandomStream::word(uint64_t value) {
  return b.constant(
      makeInts(RankedTensorType::get({}, wordType(b)), {static_cast<int64_t>(value)}));
}

Value RandomStream::shift(BinaryKind kind, Value x, int64_t count) {
  return b.binary(kind, x, word(count));
}

Value RandomStream::mix(Value z) {
  auto fold = [&](int64_t count) { // z ^ (z >> count)
    z = b.binary(BinaryKind::Xor, z, shift(BinaryKind::Shr, z, count));
  };
  auto times = [&](uint64_t factor) { z = b.binary(BinaryKind::Mul, z, word(factor)); };
  fold(30);
  times(0xbf58476d1ce4e5b9);
  fold(27);
  times(0x94d049bb133111eb);
  fold(31);
  return z;
}

Value RandomStream::bits(int64_t which, int64_t perElement) {
  Value count = b.ints({1});
  for (int64_t i = 0, rank = NNBuilder::typeOf(shape).getDimSize(0); i < rank; ++i)
    count = b.binary(BinaryKind::Mul, count, b.slice(shape, 0, i, i + 1));
  Value position = b.convert(b.iota(count), wordType(b));
  position = b.binary(BinaryKind::Mul, position, word(perElement));
  position = b.binary(BinaryKind::Add, position, word(which + 1));
  Value z = b.binary(BinaryKind::Add, key, b.binary(BinaryKind::Mul, position, word(gamma64)));
  return b.reshape(mix(z), shape, /*allowZero=*/true);
}

Value RandomStream::upper(Value x, int64_t count, Type type) {
  // Fewer bits than an i32 has are converted faster from that.
  Type narrow = count < 32 ? Type(b.getI32Type()) : Type(b.getI64Type());
  return b.convert(b.convert(shift(BinaryKind::Shr, x, 64 - count), narrow), type);
}

Type RandomStream::computeType(Type type) {
  return type.isF64() ? type : Type(Float32Type::get(type.getContext()));
}

Value RandomStream::uniform(Type type) {
  int64_t count = type.isF64() ? 53 : 24;
  return b.binary(BinaryKind::Mul, upper(bits(0, 1), count, type), std::ldexp(1.0, -count));
}

/// Box and Muller's transform: sqrt(-2 log u) cos(2 pi v), with u in (0, 1].
Value RandomStream::normal(Type type) {
  int64_t count = type.isF64() ? 53 : 24;
  // One word has enough bits for two numbers of f32.
  Value first = bits(0, type.isF64() ? 2 : 1);
  Value second = type.isF64() ? bits(1, 2) : shift(BinaryKind::Shl, first, count);
  double unit = std::ldexp(1.0, -count);
  Value u =
      b.binary(BinaryKind::Mul, b.binary(BinaryKind::Add, upper(first, count, type), 0.5), unit);
  Value angle = b.binary(BinaryKind::Mul, upper(second, count, type), 6.283185307179586 * unit);
  Value radius =
      b.unary(UnaryKind::Sqrt, b.binary(BinaryKind::Mul, b.unary(UnaryKind::Log, u), -2.0));
  return b.binary(BinaryKind::Mul, radius, b.unary(UnaryKind::Cos, angle));
}
