//===- DecomposeBlockMatmul.cpp - products of few bits as linalg -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// kernel.block_matmul becomes the dots of all blocks, then their scaled sum, then the epilogue.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Decompose.h"
#include "lib/IR/Codes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {

class BlockDecomposer {
public:
  BlockDecomposer(RewriterBase &rewriter, BlockMatmulOp op)
      : rewriter(rewriter), op(op), loc(op.getLoc()), rank(op.getInitType().getRank()),
        columns(tensor::DimOp::create(rewriter, loc, op.getInit(), rank - 1)) {}

  /// [.., N, blocks].
  Value createDots();
  Value addBlocks(Value dots);

private:
  /// Element (row, n) of a matrix, which is packed in `layout` or [N, rows].
  Value extract(OpBuilder &b, Value matrix, std::optional<PanelsAttr> layout, Value row, Value n,
                int64_t rows);
  /// The dims of the result but the last, then these.
  AffineMap mapTo(unsigned dims, ArrayRef<unsigned> last);

  RewriterBase &rewriter;
  BlockMatmulOp op;
  Location loc;
  unsigned rank;
  Value columns;
};

} // namespace

Value BlockDecomposer::extract(OpBuilder &b, Value matrix, std::optional<PanelsAttr> layout,
                               Value row, Value n, int64_t rows) {
  if (!layout)
    return tensor::ExtractOp::create(b, loc, matrix, ValueRange{n, row});
  Value count = arith::ConstantIndexOp::create(b, loc, rows);
  Value at = createPanelPosition(b, loc, *layout, row, n, count, columns);
  return tensor::ExtractOp::create(b, loc, matrix, at);
}

AffineMap BlockDecomposer::mapTo(unsigned dims, ArrayRef<unsigned> last) {
  SmallVector<unsigned> targets = llvm::to_vector(llvm::seq(0u, rank - 1));
  llvm::append_range(targets, last);
  return AffineMap::getMultiDimMapWithTargets(dims, targets, op.getContext());
}

/// Along (.., n, block, plane, byte).
Value BlockDecomposer::createDots() {
  int64_t blocks = op.getBlocks(), plane = op.getPlane(),
          planes = 8 / static_cast<int64_t>(op.getBits());
  unsigned dims = rank + 3, block = rank, part = rank + 1, byte = rank + 2;
  SmallVector<int64_t> shape(op.getLhsType().getShape().drop_back());
  shape.append({blocks, planes, plane});
  SmallVector<ReassociationIndices> parts;
  for (unsigned d = 0; d + 1 < rank; ++d)
    parts.push_back({d});
  parts.push_back({rank - 1, rank, rank + 1});
  Value lhs = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(shape, op.getLhsType().getElementType()), op.getLhs(),
      parts);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, op.getInit());
  sizes.push_back(rewriter.getIndexAttr(blocks));
  Type sums = op.getLhsScale() ? Type(rewriter.getI32Type()) : rewriter.getF32Type();
  Value zeros = createFilled(rewriter, loc, sizes, rewriter.getZeroAttr(sums));
  SmallVector<utils::IteratorType> iterators(dims, utils::IteratorType::parallel);
  iterators[part] = iterators[byte] = utils::IteratorType::reduction;
  SmallVector<AffineMap> maps = {mapTo(dims, {block, part, byte}), mapTo(dims, {rank - 1, block})};
  return linalg::GenericOp::create(
             rewriter, loc, TypeRange(zeros.getType()), ValueRange(lhs), ValueRange(zeros), maps,
             iterators,
             [&](OpBuilder &b, Location, ValueRange args) {
               auto index = [&](unsigned d) -> Value { return linalg::IndexOp::create(b, loc, d); };
               Value first = arith::MulIOp::create(b, loc, index(block),
                                                   arith::ConstantIndexOp::create(b, loc, plane));
               Value row = arith::AddIOp::create(b, loc, first, index(byte));
               Value packed =
                   extract(b, op.getRhs(), op.getLayout(), row, index(rank - 1), blocks * plane);
               Value code = createCode(b, loc, packed, index(part),
                                       static_cast<int64_t>(op.getBits()), op.getCodebookAttr());
               linalg::YieldOp::create(b, loc, createMultiplyAdd(b, loc, args[0], code, args[1]));
             })
      .getResult(0);
}

/// Along (.., n, block).
Value BlockDecomposer::addBlocks(Value dots) {
  unsigned dims = rank + 1, block = rank;
  std::optional<PanelsAttr> layout;
  if (op.getLayout())
    layout = op.getScaleLayout();
  SmallVector<Value> inputs = {dots};
  SmallVector<AffineMap> maps = {mapTo(dims, {rank - 1, block})};
  for (Value operand : {op.getLhsScale(), op.getLhsSums()})
    if (operand) {
      inputs.push_back(operand);
      maps.push_back(mapTo(dims, {block}));
    }
  maps.push_back(mapTo(dims, {rank - 1}));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  Value sums = createAccumulator(rewriter, op);
  Type f32 = rewriter.getF32Type();
  return linalg::GenericOp::create(
             rewriter, loc, TypeRange(sums.getType()), inputs, ValueRange(sums), maps, iterators,
             [&](OpBuilder &b, Location, ValueRange args) {
               Value n = linalg::IndexOp::create(b, loc, rank - 1);
               Value at = linalg::IndexOp::create(b, loc, block);
               auto weight = [&](Value matrix) {
                 Value element = extract(b, matrix, layout, at, n, op.getBlocks());
                 return convertScalarToDtype(b, loc, element, f32, /*isUnsignedCast=*/true);
               };
               Value dot = convertScalarToDtype(b, loc, args[0], f32, /*isUnsignedCast=*/false);
               if (op.getLhsScale())
                 dot = arith::MulFOp::create(b, loc, dot, args[1]);
               if (op.getLhsSums()) {
                 Value zero = op.getRhsZero()
                                  ? weight(op.getRhsZero())
                                  : arith::ConstantOp::create(
                                        b, loc, b.getF32FloatAttr(int64_t(op.getZeroPoint())));
                 Value part = arith::MulFOp::create(b, loc, zero, args[op.getLhsScale() ? 2 : 1]);
                 dot = arith::SubFOp::create(b, loc, dot, part);
               }
               Value scaled = arith::MulFOp::create(b, loc, weight(op.getRhsScale()), dot);
               linalg::YieldOp::create(
                   b, loc, arith::AddFOp::create(b, loc, args.back(), scaled).getResult());
             })
      .getResult(0);
}

static FailureOr<Value> decomposeBlockMatmul(RewriterBase &rewriter, BlockMatmulOp op) {
  BlockDecomposer decomposer(rewriter, op);
  return applyEpilogue(rewriter, op, decomposer.addBlocks(decomposer.createDots()));
}

void kernel::populateDecomposeBlockMatmul(RewritePatternSet &patterns,
                                          const DecomposeFilter &filter) {
  patterns.add<DecomposeOp<BlockMatmulOp>>(patterns.getContext(), decomposeBlockMatmul, filter);
}
