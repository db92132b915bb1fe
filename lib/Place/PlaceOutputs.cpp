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
#include "dialects/NN/UnrankedOutputs.h"
#include "dialects/Run/Run.h"
#include "dialects/State/State.h"
#include "lib/Place/EarlyValues.h"
#include "lib/Place/Place.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEOUTPUTS
#include "lib/Place/Passes.h.inc"

namespace {

struct PlaceOutputsPass : impl::PlaceOutputsBase<PlaceOutputsPass> {
  using PlaceOutputsBase::PlaceOutputsBase;

  /// Of outputs whose rank only the run knows.
  void getDependentDialects(DialectRegistry &registry) const override {
    PlaceOutputsBase::getDependentDialects(registry);
    registry.insert<arith::ArithDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    func::FuncOp entry = getOperation();
    if (!run::getEntry(entry))
      return;
    if (!entry.getBody().hasOneBlock()) {
      entry.emitError("an entry must have one block");
      return signalPassFailure();
    }
    SmallVector<run::OutputOp> outputs = createOutputs(entry);
    if (failed(resolveSizes(entry)))
      return signalPassFailure();
    EarlyValues early(entry.getBody().front());
    for (run::OutputOp output : outputs) {
      Operation *last = early.hoist(output.getSizes()), *check = lastCheckOf(output);
      if (check && (!last || last->isBeforeInBlock(check)))
        last = check;
      if (last)
        output->moveAfter(last);
      else
        output->moveBefore(&entry.getBody().front().front());
    }
  }

private:
  /// Whether elements of tensors decide a size.
  static bool isFromData(Value size) {
    // Each value once: sizes are made of each other layer by layer, often of the same one twice.
    llvm::SetVector<Value> needed;
    needed.insert(size);
    for (size_t i = 0; i < needed.size(); ++i) {
      Operation *op = needed[i].getDefiningOp();
      if (isa_and_present<tensor::ExtractOp>(op))
        return true;
      if (op && !isa<tensor::DimOp>(op))
        needed.insert(op->operand_begin(), op->operand_end());
    }
    return false;
  }

  /// Sizes that data decides may be nonsense, which the node that computes the result says: the
  /// last check in front of that, or null.
  static Operation *lastCheckOf(run::OutputOp output) {
    if (llvm::none_of(output.getSizes(), isFromData))
      return nullptr;
    auto copy = cast<bufferization::MaterializeInDestinationOp>(*output->user_begin());
    Operation *producer = copy.getSource().getDefiningOp(), *check = nullptr;
    for (Operation &op : *output->getBlock()) {
      if (&op == producer)
        return check;
      if (isa<run::RequireOp>(op))
        check = &op;
    }
    return nullptr;
  }

  static SmallVector<run::OutputOp> createOutputs(func::FuncOp entry) {
    Operation *ret = entry.getBody().front().getTerminator();
    OpBuilder builder(ret);
    SmallVector<run::OutputOp> outputs;
    int64_t count = 0;
    for (auto [index, value] : llvm::enumerate(ret->getOperands())) {
      if (entry.getResultAttr(index, nn::shapeOfAttr))
        continue; // no output of its own
      ++count;
      if (auto ranks = entry.getResultAttrOfType<ArrayAttr>(index, nn::ranksAttr)) {
        for (Attribute rank : ranks)
          placeByRank(builder, index, cast<IntegerAttr>(rank).getInt(), value,
                      shapeOf(entry, index));
        continue;
      }
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<Value> sizes;
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        if (type.isDynamicDim(dim))
          sizes.push_back(tensor::DimOp::create(builder, value.getLoc(), value, dim));
      auto memref = MemRefType::get(type.getShape(), type.getElementType());
      outputs.push_back(run::OutputOp::create(builder, value.getLoc(), memref, index, sizes));
      writeInto(builder, value, outputs.back());
    }
    run::setEntry(entry, run::getEntry(entry).withPlaces(entry.getNumArguments(), count));
    for (unsigned i = 0; i < entry.getNumArguments(); ++i)
      entry.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                       builder.getBoolAttr(entry.getArgAttr(i, state::axisAttr) != nullptr));
    ret->setOperands({});
    entry.setType(builder.getFunctionType(entry.getArgumentTypes(), {}));
    entry.removeResAttrsAttr();
    return outputs;
  }

  static void writeInto(OpBuilder &builder, Value value, Value memory) {
    auto copy = bufferization::MaterializeInDestinationOp::create(builder, value.getLoc(), Type(),
                                                                  value, memory);
    copy.setRestrict(true);
    copy.setWritable(true);
  }

  /// The result that is the shape of output `index`.
  static Value shapeOf(func::FuncOp entry, int64_t index) {
    Operation *ret = entry.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(ret->getOperands()))
      if (auto of = entry.getResultAttrOfType<IntegerAttr>(i, nn::shapeOfAttr);
          of && of.getInt() == index)
        return value;
    return {};
  }

  /// The elements `flat` are the output if its shape has this rank. The memory is asked for where
  /// that is known, and written as a row.
  static void placeByRank(OpBuilder &builder, int64_t index, int64_t rank, Value flat,
                          Value shape) {
    Location loc = flat.getLoc();
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    Value actual = tensor::DimOp::create(builder, loc, shape, 0);
    Value isRank =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, actual, number(rank));
    Value count = tensor::DimOp::create(builder, loc, flat, 0);
    auto branch = scf::IfOp::create(builder, loc, isRank, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(branch.thenYield());
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < rank; ++dim) {
      Value size = tensor::ExtractOp::create(builder, loc, shape, number(dim));
      sizes.push_back(arith::IndexCastOp::create(builder, loc, builder.getIndexType(), size));
    }
    Type element = cast<RankedTensorType>(flat.getType()).getElementType();
    auto type = MemRefType::get(SmallVector<int64_t>(rank, ShapedType::kDynamic), element);
    Value output = run::OutputOp::create(builder, loc, type, index, sizes);
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    auto rowType = MemRefType::get({ShapedType::kDynamic}, element);
    Value row = memref::ReinterpretCastOp::create(builder, loc, rowType, output, zero,
                                                  ArrayRef<OpFoldResult>(count), ArrayRef(one));
    writeInto(builder, flat, row);
  }

  /// Expresses tensor.dim of results by the dims of inputs where the ops tell.
  /// Concatenations first, from the last one on: each is asked once, however often it is a piece of
  /// others.
  void resolveConcats(func::FuncOp entry) {
    SmallVector<tensor::ConcatOp> concats;
    entry->walk([&](tensor::ConcatOp concat) { concats.push_back(concat); });
    IRRewriter rewriter(&getContext());
    for (tensor::ConcatOp concat : llvm::reverse(concats)) {
      SmallVector<tensor::DimOp> dims;
      for (Operation *user : concat->getUsers())
        if (auto dim = dyn_cast<tensor::DimOp>(user); dim && dim.getConstantIndex())
          dims.push_back(dim);
      ReifiedRankedShapedTypeDims sizes;
      rewriter.setInsertionPoint(concat);
      if (dims.empty() || failed(concat.reifyResultShapes(rewriter, sizes)))
        continue;
      for (tensor::DimOp dim : dims)
        rewriter.replaceOp(dim, getValueOrCreateConstantIndexOp(rewriter, dim.getLoc(),
                                                                sizes[0][*dim.getConstantIndex()]));
    }
  }

  LogicalResult resolveSizes(func::FuncOp entry) {
    resolveConcats(entry);
    RewritePatternSet patterns(&getContext());
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    tensor::DimOp::getCanonicalizationPatterns(patterns, &getContext());
    return applyPatternsGreedily(entry, std::move(patterns));
  }
};

} // namespace
} // namespace optc::place
