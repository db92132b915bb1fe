//===- PlaceOutputs.cpp - entries write into buffers of the runtime ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. The output op is moved up to where its sizes are known, because the
// elimination of empty tensors can only use buffers that exist before the producer.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEOUTPUTS
#include "lib/Place/Passes.h.inc"

namespace {

/// Moves the scalar computation behind values as early in a block as its inputs allow.
class EarlyValues {
public:
  explicit EarlyValues(Block &block) : block(block) {}

  /// The op of the block after which `value` is known; null for the start of the block.
  Operation *hoist(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return nullptr;
    if (!done.insert(op).second || op->getBlock() != &block || op->getNumRegions() != 0 ||
        !isPure(op))
      return op;
    Operation *last = hoist(op->getOperands());
    if (last)
      op->moveAfter(last);
    else
      op->moveBefore(&block, block.begin());
    return op;
  }

  /// The last of the ops after which the values are known.
  Operation *hoist(ValueRange values) {
    Operation *last = nullptr;
    for (Value value : values) {
      Operation *op = hoist(value);
      if (op && (!last || last->isBeforeInBlock(op)))
        last = op;
    }
    return last;
  }

private:
  Block &block;
  llvm::DenseSet<Operation *> done;
};

struct PlaceOutputsPass : impl::PlaceOutputsBase<PlaceOutputsPass> {
  using PlaceOutputsBase::PlaceOutputsBase;

  void runOnOperation() override {
    func::FuncOp entry = getOperation();
    if (!entry->hasAttr(entryAttr))
      return;
    if (!entry.getBody().hasOneBlock()) {
      entry.emitError("an entry must have one block");
      return signalPassFailure();
    }
    SmallVector<kernel::OutputOp> outputs = createOutputs(entry);
    if (failed(resolveSizes(entry)))
      return signalPassFailure();
    EarlyValues early(entry.getBody().front());
    for (kernel::OutputOp output : outputs) {
      if (Operation *last = early.hoist(output.getSizes()))
        output->moveAfter(last);
      else
        output->moveBefore(&entry.getBody().front().front());
    }
  }

private:
  static SmallVector<kernel::OutputOp> createOutputs(func::FuncOp entry) {
    Operation *ret = entry.getBody().front().getTerminator();
    OpBuilder builder(ret);
    SmallVector<kernel::OutputOp> outputs;
    for (auto [index, value] : llvm::enumerate(ret->getOperands())) {
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<Value> sizes;
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        if (type.isDynamicDim(dim))
          sizes.push_back(tensor::DimOp::create(builder, value.getLoc(), value, dim));
      auto memref = MemRefType::get(type.getShape(), type.getElementType());
      outputs.push_back(
          kernel::OutputOp::create(builder, value.getLoc(), memref, index, sizes));
      auto copy = bufferization::MaterializeInDestinationOp::create(
          builder, value.getLoc(), Type(), value, outputs.back());
      copy.setRestrict(true);
      copy.setWritable(true);
    }
    entry->setAttr(numInputsAttr, builder.getI64IntegerAttr(entry.getNumArguments()));
    entry->setAttr(numOutputsAttr, builder.getI64IntegerAttr(ret->getNumOperands()));
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      entry.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                       builder.getBoolAttr(false));
    ret->setOperands({});
    entry.setType(builder.getFunctionType(entry.getArgumentTypes(), {}));
    entry.removeResAttrsAttr();
    return outputs;
  }

  /// Expresses tensor.dim of results by the dims of inputs where the ops tell.
  LogicalResult resolveSizes(func::FuncOp entry) {
    RewritePatternSet patterns(&getContext());
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    tensor::DimOp::getCanonicalizationPatterns(patterns, &getContext());
    return applyPatternsGreedily(entry, std::move(patterns));
  }
};

} // namespace
} // namespace optc::place
