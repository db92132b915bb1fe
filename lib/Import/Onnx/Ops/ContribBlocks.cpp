//===- ContribBlocks.cpp - weights of few bits of ONNX Runtime ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MatMulNBits and GatherBlockQuantized of the domain com.microsoft: matrices of codes with a scale
// per block, as language models have them.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/ConstantFold.h"
#include "dialects/NN/Weights.h"
#include "dialects/QNN/BlockCodes.h"
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

/// `count` numbers of `bits` bits, which follow each other from the lowest bit of `bytes` on.
static void readBits(const uint8_t *bytes, int64_t count, int64_t bits, uint8_t *codes) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t first = i * bits, shift = first % 8;
    unsigned pair = bytes[first / 8];
    if (shift + bits > 8)
      pair |= unsigned(bytes[first / 8 + 1]) << 8;
    codes[i] = static_cast<uint8_t>(pair >> shift & ((1u << bits) - 1));
  }
}

/// Bits that codes are stored in.
static int64_t storedBits(int64_t bits) { return bits > 4 ? 8 : bits > 2 ? 4 : bits; }

namespace {
/// A matrix [rows, K] of codes as these operators store it.
class StoredBlocks {
public:
  StoredBlocks(NodeImport &n, int64_t rows, int64_t depth, int64_t bits, int64_t block)
      : n(n), b(n.b), bits(bits), shape{rows, depth, storedBits(bits), block} {}

  /// The codes [rows, blocks, bytes], packed anew with columns in another order, if one is given.
  FailureOr<Value> readBytes(size_t operand, ArrayRef<int64_t> order = {});
  /// [rows, blocks, 1]; of an operand that holds so many numbers, in any shape.
  FailureOr<Value> readScales(size_t operand);
  /// The same of zero points, which are floats or codes, in whole bytes per row; the middle if they
  /// are left out.
  FailureOr<Value> readZeros(size_t operand);

  NodeImport &n;
  NNBuilder &b;
  int64_t bits;
  qnn::BlockShape shape;

private:
  Type code() const { return IntegerType::get(b.getContext(), 8, IntegerType::Unsigned); }
  FailureOr<SmallVector<uint8_t, 0>> constantBytes(size_t operand, int64_t count, StringRef what);
};
} // namespace

FailureOr<SmallVector<uint8_t, 0>> StoredBlocks::constantBytes(size_t operand, int64_t count,
                                                               StringRef what) {
  ElementsAttr constant = getConstantValue(n.operand(operand));
  if (!constant || !constant.getElementType().isUnsignedInteger(8))
    return n.unsupported("its " + what + " must be a constant of uint8");
  auto codes = qnn::readCodes(constant);
  if (!codes || static_cast<int64_t>(codes->size()) != count)
    return n.invalid("its " + what + " has " + Twine(constant.getNumElements()) +
                     " bytes, needed are " + Twine(count));
  return *codes;
}

FailureOr<Value> StoredBlocks::readBytes(size_t operand, ArrayRef<int64_t> order) {
  int64_t blob = llvm::divideCeil(shape.block * bits, 8), blocks = shape.rows * shape.blocks();
  auto stored = constantBytes(operand, blocks * blob, "weight");
  if (failed(stored))
    return failure();
  SmallVector<uint8_t, 0> codes(shape.rows * shape.depth);
  for (int64_t i = 0; i < blocks; ++i)
    readBits(stored->data() + i * blob, shape.block, bits, codes.data() + i * shape.block);
  if (!order.empty()) {
    SmallVector<uint8_t, 0> row(shape.depth);
    for (int64_t first = 0; first < shape.rows * shape.depth; first += shape.depth) {
      for (auto [to, from] : llvm::enumerate(order))
        row[to] = codes[first + from];
      llvm::copy(row, codes.begin() + first);
    }
  }
  return b.constant(
      qnn::packCodes(b.getContext(), codes, shape, getConstantValue(n.operand(operand))));
}

FailureOr<Value> StoredBlocks::readScales(size_t operand) {
  Value scales = n.operand(operand);
  RankedTensorType type = b.typeOf(scales);
  if (!type.hasStaticShape() || type.getNumElements() != shape.rows * shape.blocks())
    return n.invalid("it needs " + Twine(shape.rows) + " x " + Twine(shape.blocks()) +
                     " scales, one per block");
  return b.reshape(scales, {shape.rows, shape.blocks(), 1});
}

FailureOr<Value> StoredBlocks::readZeros(size_t operand) {
  if (!n.hasOperand(operand))
    return b.scalar(code(), 1 << (bits - 1));
  if (isa<FloatType>(b.elementOf(n.operand(operand))))
    return readScales(operand);
  int64_t rowBytes = llvm::divideCeil(shape.blocks() * bits, 8);
  auto stored = constantBytes(operand, shape.rows * rowBytes, "zero points");
  if (failed(stored))
    return failure();
  SmallVector<uint8_t, 0> zeros(shape.rows * shape.blocks());
  for (int64_t row = 0; row < shape.rows; ++row)
    readBits(stored->data() + row * rowBytes, shape.blocks(), bits,
             zeros.data() + row * shape.blocks());
  qnn::BlockShape whole{shape.rows, shape.blocks(), 8, 1};
  return b.constant(
      qnn::packCodes(b.getContext(), zeros, whole, getConstantValue(n.operand(operand))));
}

/// The order of columns in which those of each group of a `g_idx` are neighbours.
static FailureOr<SmallVector<int64_t>> groupedOrder(NodeImport &n, size_t operand, int64_t depth,
                                                    int64_t block) {
  ElementsAttr constant = getConstantValue(n.operand(operand));
  auto groups = constant ? readInts(constant) : std::nullopt;
  if (!groups || static_cast<int64_t>(groups->size()) != depth)
    return n.unsupported("its g_idx must be a constant of K numbers");
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, depth));
  llvm::stable_sort(order, [&](int64_t a, int64_t b) { return (*groups)[a] < (*groups)[b]; });
  for (auto [place, column] : llvm::enumerate(order))
    if ((*groups)[column] != static_cast<int64_t>(place) / block)
      return n.unsupported("its g_idx has groups that are not of block_size columns each");
  return order;
}

/// A, B, scales, zero_points?, g_idx?, bias?
static LogicalResult importMatMulNBits(NodeImport &n) {
  NNBuilder &b = n.b;
  int64_t depth = n.intAttr("K"), columns = n.intAttr("N"), bits = n.intAttr("bits", 4),
          block = n.intAttr("block_size");
  if (depth <= 0 || columns <= 0 || bits < 2 || bits > 8 || block < 16 ||
      !llvm::isPowerOf2_64(block))
    return n.invalid("K " + Twine(depth) + ", N " + Twine(columns) + ", bits " + Twine(bits) +
                     ", block_size " + Twine(block) +
                     " are none: bits are 2 to 8, blocks a power of two of at least 16");
  if (n.intAttr("weight_prepacked") != 0)
    return n.unsupported("weight_prepacked is a layout of one GPU library; export without it");
  Value x = n.operand(0);
  Type type = b.elementOf(x);
  int64_t given = b.rankOf(x) < 2 ? 0 : b.typeOf(x).getShape().back();
  if (ShapedType::isDynamic(given)) {
    SmallVector<int64_t> sizes(b.rankOf(x), ShapedType::kDynamic);
    sizes.back() = depth;
    x = b.withSizes(x, sizes);
  } else if (given != depth) {
    return n.invalid("its input must be [.., " + Twine(depth) + "]");
  }
  StoredBlocks stored(n, columns, llvm::alignTo(depth, block), bits, block);
  SmallVector<int64_t> order;
  if (n.hasOperand(4)) {
    auto grouped = groupedOrder(n, 4, depth, block);
    if (failed(grouped) || depth % block != 0)
      return failed(grouped) ? failure() : n.unsupported("its g_idx needs a K of whole blocks");
    order = *grouped;
    x = b.gather(x, b.ints(order), b.rankOf(x) - 1);
  }
  auto bytes = stored.readBytes(1, order), scales = stored.readScales(2),
       zeros = stored.readZeros(3);
  if (failed(bytes) || failed(scales) || failed(zeros))
    return failure();
  if (!type.isF32())
    x = b.convert(x, b.getF32Type());
  if (int64_t more = stored.shape.depth - depth) {
    SmallVector<int64_t> pads(2 * b.rankOf(x), 0);
    pads.back() = more;
    x = b.make<PadOp>(b.elementOf(x), PadMode::Constant, x, b.ints(pads), b.scalarLike(x, 0));
  }
  constexpr int64_t integerLevel = 4;
  if (n.intAttr("accuracy_level") == integerLevel)
    x = qnn::roundBlocks(b, x, block);
  Value weight = qnn::dequantizeBlocks(b, *bytes, *scales, *zeros, stored.shape, b.getF32Type());
  Value result = b.make<MatmulOp>(b.getF32Type(), x, b.transpose(weight, {1, 0}));
  if (n.hasOperand(5))
    result = b.binary(BinaryKind::Add, result, b.convert(n.operand(5), b.getF32Type()));
  n.setResult(0, type.isF32() ? result : b.convert(result, type));
  return success();
}

/// data, indices, scales, zero_points?
static LogicalResult importGather(NodeImport &n) {
  NNBuilder &b = n.b;
  Value data = n.operand(0);
  int64_t rank = b.rankOf(data), block = n.intAttr("block_size", 128);
  if (rank != 2 || b.axisOf(data, n.intAttr("gather_axis")) != 0 ||
      b.axisOf(data, n.intAttr("quantize_axis", 1)) != 1)
    return n.unsupported("only rows of a matrix are gathered, quantized along their elements");
  ElementsAttr constant = getConstantValue(data);
  if (!constant)
    return n.unsupported("its data must be a constant");
  unsigned width = b.elementOf(data).getIntOrFloatBitWidth();
  int64_t bits = width == 8 ? n.intAttr("bits", 4) : width;
  if (bits != 2 && bits != 4 && bits != 8)
    return n.invalid("it has codes of " + Twine(bits) + " bits, possible are 2, 4 and 8");
  ArrayRef<int64_t> shape = b.typeOf(data).getShape();
  int64_t depth = shape[1] * (width == 8 ? 8 / bits : 1);
  if (block < 16 || depth % block != 0)
    return n.unsupported("rows of " + Twine(depth) + " codes are no whole blocks of " +
                         Twine(block));
  StoredBlocks stored(n, shape[0], depth, bits, block);
  FailureOr<Value> bytes = failure(), zeros = failure();
  Type code = IntegerType::get(b.getContext(), 8, IntegerType::Unsigned);
  if (width == 8) {
    bytes = stored.readBytes(0);
    zeros = stored.readZeros(3);
  } else { // one code per element, and zero points like them
    double half = b.elementOf(data).isUnsignedInteger() ? 0 : 1 << (bits - 1);
    bytes = b.constant(
        qnn::packCodes(b.getContext(), *qnn::readCodes(constant), stored.shape, constant));
    zeros = b.scalar(code, half);
    if (n.hasOperand(3)) {
      zeros = stored.readScales(3);
      if (succeeded(zeros)) {
        zeros = b.binary(BinaryKind::Add, b.convert(*zeros, b.getI32Type()), half);
        zeros = b.convert(*zeros, code);
      }
    }
  }
  auto scales = stored.readScales(2);
  if (failed(bytes) || failed(zeros) || failed(scales))
    return failure();
  Value indices = n.operand(1);
  if (failed(n.demandIndices(indices, b.sizeOf(data, 0), "the index {0} is not below {1}")))
    return failure();
  auto gathered = [&](Value parameter) {
    return b.rankOf(parameter) == 0 ? parameter : b.gather(parameter, indices, 0);
  };
  n.setResult(0, qnn::dequantizeBlocks(b, gathered(*bytes), gathered(*scales), gathered(*zeros),
                                       stored.shape, b.elementOf(n.operand(2))));
  return success();
}

namespace optc::onnximport {
void registerContribBlocks(HandlerRegistry &registry) {
  registry.add("com.microsoft:MatMulNBits", importMatMulNBits);
  registry.add("com.microsoft:GatherBlockQuantized", importGather);
}
} // namespace optc::onnximport
