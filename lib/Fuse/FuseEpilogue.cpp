//===- FuseEpilogue.cpp - elementwise consumers into epilogues ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass fuse-epilogue and its pattern.
//
//===----------------------------------------------------------------------===//
#include "dialects/Kernel/Passes/Passes.h"
#include "dialects/Run/Run.h"
#include "lib/IR/BodyBound.h"
#include "lib/IR/Remarks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace optc::fuse {
#define GEN_PASS_DEF_FUSEEPILOGUE
#include "lib/Fuse/Passes.h.inc"
} // namespace optc::fuse

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

namespace {

/// %0 = kernel.op .. into %init { yield f }           %1 = kernel.op .. with %y into %out
/// %1 = linalg.generic ins(%0, %y) outs(%out) { g } -> { yield g(f, y) }
struct FuseConsumer : OpInterfaceRewritePattern<EpilogueOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(EpilogueOpInterface op, PatternRewriter &rewriter) const override {
    linalg::GenericOp generic;
    StringRef refusal = findConsumer(op, generic);
    if (!refusal.empty())
      return rewriter.notifyMatchFailure(op, refusal);
    remarkMade("fuse-epilogue", "epilogue", op, generic);
    fuse(op, generic, rewriter);
    return success();
  }

  /// The op that `op` can take as its epilogue, or why there is none.
  static StringRef findConsumer(EpilogueOpInterface op, linalg::GenericOp &generic) {
    if (op->getNumResults() != 1)
      return "works on buffers";
    Value result = op->getResult(0);
    if (result.use_empty())
      return "result is unused";
    Operation *consumer = *result.user_begin();
    if (!llvm::all_of(result.getUsers(), [&](Operation *user) { return user == consumer; }))
      return "the result has several consumers";
    generic = dyn_cast<linalg::GenericOp>(consumer);
    if (!generic)
      return "the consumer is no linalg.generic";
    if (generic->getBlock() != op->getBlock())
      return "the consumer runs in another block";
    StringRef reason = whyNot(generic, result);
    return reason.empty() ? whyTooLarge(op, generic) : reason;
  }

private:
  /// Why the generic cannot be an epilogue of `result`; empty if it can.
  static StringRef whyNot(linalg::GenericOp generic, Value result) {
    if (generic.getNumDpsInits() != 1 || generic->getNumResults() != 1)
      return "the consumer has several results";
    if (generic.getNumParallelLoops() != generic.getNumLoops())
      return "the consumer reduces";
    if (generic.hasIndexSemantics())
      return "the consumer asks for positions";
    if (!generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
      return "the consumer stores transposed";
    if (generic.payloadUsesValueFromOperand(generic.getDpsInitOperand(0)))
      return "the consumer accumulates";
    unsigned rank = generic.getNumLoops();
    for (OpOperand *input : generic.getDpsInputOperands()) {
      AffineMap map = generic.getMatchingIndexingMap(input);
      if (input->get() == result) {
        if (!map.isIdentity())
          return "the consumer reads it elsewhere than it writes";
        continue;
      }
      if (!isa<RankedTensorType>(input->get().getType()))
        return "an operand of the consumer is a scalar";
      if (!map.isProjectedPermutation(/*allowZeroInResults=*/true))
        return "an operand of the consumer has no simple map";
      std::optional<unsigned> last =
          map.getResultPosition(getAffineDimExpr(rank - 1, map.getContext()));
      if (last && *last + 1 != map.getNumResults())
        return "an operand of the consumer is read across its rows";
    }
    return {};
  }

  static StringRef whyTooLarge(EpilogueOpInterface op, linalg::GenericOp generic) {
    if (bodyCost(op.getEpilogueRegion()) + bodyCost(generic.getRegion()) > mostBodyCost)
      return bodyTooLarge;
    if (op.getExtraOperands().size() + generic.getNumDpsInputs() > mostBodyReads)
      return bodyReadsTooMuch;
    return {};
  }

  static void fuse(EpilogueOpInterface op, linalg::GenericOp generic, PatternRewriter &rewriter) {
    unsigned numExtras = op.getExtraOperands().size();
    Value result = op->getResult(0), init = generic.getDpsInitOperand(0)->get();
    if (init == result)
      init = op.getInitOperand().get();
    SmallVector<Value> operands = llvm::to_vector(op->getOperands().drop_back()), more;
    SmallVector<AffineMap> maps = op.getExtraMapList();
    for (OpOperand *input : generic.getDpsInputOperands()) {
      if (input->get() == result)
        continue;
      more.push_back(input->get());
      maps.push_back(generic.getMatchingIndexingMap(input));
    }
    operands.push_back(init);
    rewriter.setInsertionPoint(generic);
    OperationState state(rewriter.getFusedLoc({op.getLoc(), generic.getLoc()}), op->getName(),
                         operands, init.getType());
    state.propertiesAttr = op->getPropertiesAsAttribute();
    state.addAttributes(llvm::to_vector(op->getDiscardableAttrs()));
    Region *region = state.addRegion();
    moveBodies(op, generic, numExtras, *region, rewriter);
    auto fused = cast<EpilogueOpInterface>(rewriter.create(state));
    fused.getExtraOperandsMutable().append(more);
    fused->setAttr("extra_maps", rewriter.getAffineMapArrayAttr(maps));
    rewriter.replaceOp(generic, fused->getResults());
    rewriter.eraseOp(op);
  }

  /// The op's epilogue, then the generic's body, as one block in `region`.
  static void moveBodies(EpilogueOpInterface op, linalg::GenericOp generic, unsigned numExtras,
                         Region &region, PatternRewriter &rewriter) {
    OpBuilder::InsertionGuard guard(rewriter);
    Block &first = op.getEpilogueRegion().front();
    Block *body = rewriter.createBlock(&region);
    IRMapping mapping;
    for (BlockArgument arg : first.getArguments())
      mapping.map(arg, body->addArgument(arg.getType(), arg.getLoc()));
    for (Operation &inner : first.without_terminator())
      rewriter.clone(inner, mapping);
    Value stored = mapping.lookupOrDefault(first.getTerminator()->getOperand(0));
    Block *second = generic.getBody();
    for (OpOperand *input : generic.getDpsInputOperands()) {
      BlockArgument arg = generic.getMatchingBlockArgument(input);
      bool isResult = input->get() == op->getResult(0);
      mapping.map(arg, isResult ? stored : body->addArgument(arg.getType(), arg.getLoc()));
    }
    for (Operation &inner : second->without_terminator())
      rewriter.clone(inner, mapping);
    Value value = mapping.lookupOrDefault(second->getTerminator()->getOperand(0));
    YieldOp::create(rewriter, generic.getLoc(), value);
  }
};

/// %0 = kernel.attention .. into %init : f32             %0 = kernel.attention .. into %narrow :
/// bf16 %1 = tensor.collapse_shape %0                     ->  %1 = tensor.collapse_shape %0 %2 =
/// linalg.generic ins(%1) { truncf to bf16 } Attention has no epilogue, but rounds what it stores.
struct RoundAttention : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp generic,
                                PatternRewriter &rewriter) const override {
    if (!onlyRounds(generic))
      return rewriter.notifyMatchFailure(generic, "does more than round to bf16");
    SmallVector<tensor::CollapseShapeOp> reshapes;
    Value source = generic.getDpsInputOperand(0)->get();
    while (auto reshape = source.getDefiningOp<tensor::CollapseShapeOp>()) {
      if (!source.hasOneUse())
        return rewriter.notifyMatchFailure(generic, "others need what is not rounded");
      reshapes.push_back(reshape);
      source = reshape.getSrc();
    }
    auto op = source.getDefiningOp<AttentionOp>();
    if (!op || !source.hasOneUse() || !op.getNarrow() || !op.getNarrow()->isBF16() ||
        op->getBlock() != generic->getBlock())
      return rewriter.notifyMatchFailure(generic, "no attention that may round, of its own");
    remarkMade("fuse-epilogue", "epilogue", op, generic);
    rewriter.setInsertionPoint(op);
    Type bf16 = *op.getNarrow();
    Value init = tensor::EmptyOp::create(
        rewriter, op.getLoc(), tensor::getMixedSizes(rewriter, op.getLoc(), op.getInit()), bf16);
    IRMapping mapping;
    mapping.map(op.getInit(), init);
    Operation *rounded = rewriter.clone(*op, mapping);
    rounded->setLoc(rewriter.getFusedLoc({op.getLoc(), generic.getLoc()}));
    rounded->getResult(0).setType(init.getType());
    Value result = rounded->getResult(0);
    for (tensor::CollapseShapeOp reshape : llvm::reverse(reshapes))
      result = tensor::CollapseShapeOp::create(rewriter, reshape.getLoc(),
                                               reshape.getResultType().clone(bf16), result,
                                               reshape.getReassociationIndices());
    rewriter.replaceOp(generic, result);
    return success();
  }

private:
  static bool onlyRounds(linalg::GenericOp generic) {
    if (generic.getNumDpsInputs() != 1 || generic.getNumDpsInits() != 1 ||
        generic->getNumResults() != 1 || generic.getNumParallelLoops() != generic.getNumLoops() ||
        !llvm::all_of(generic.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); }))
      return false;
    auto rounding =
        generic.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::TruncFOp>();
    return rounding && rounding.getIn() == generic.getBody()->getArgument(0) &&
           rounding.getType().isBF16();
  }
};

struct FuseEpiloguePass : optc::fuse::impl::FuseEpilogueBase<FuseEpiloguePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseConsumer, RoundAttention>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation()->walk([](EpilogueOpInterface op) { reportRefusal(op); });
  }

  /// Says why what follows an op did not become part of it. Other kernel ops and the end of
  /// the function are nothing to fuse with.
  static void reportRefusal(EpilogueOpInterface op) {
    if (op->getNumResults() != 1)
      return;
    for (Operation *user : op->getResult(0).getUsers()) {
      if (isa<KernelDialect, run::RunDialect>(user->getDialect()) ||
          user->hasTrait<OpTrait::IsTerminator>())
        continue;
      linalg::GenericOp generic;
      StringRef reason = FuseConsumer::findConsumer(op, generic);
      return remarkRefused("fuse-epilogue", "epilogue", op, user, reason);
    }
  }
};

} // namespace
