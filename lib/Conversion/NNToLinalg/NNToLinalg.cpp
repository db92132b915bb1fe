//===- NNToLinalg.cpp - nn to linalg and kernel ops ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the families' patterns.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "dialects/QNN/QNN.h"
#include "dialects/Run/Run.h"
#include "dialects/State/State.h"
#include "lib/Conversion/NNToLinalg/Lowering.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace optc {
#define GEN_PASS_DEF_CONVERTNNTOLINALG
#include "lib/Conversion/NNToLinalg/Passes.h.inc"
} // namespace optc

using namespace mlir;
using namespace optc;
using namespace optc::nn;

namespace {
struct ConvertNNToLinalg : optc::impl::ConvertNNToLinalgBase<ConvertNNToLinalg> {
  void runOnOperation() override {
    SymbolicShapes shapes(&getContext());
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(inferFunction(func, shapes)))
        return signalPassFailure();
    LoweredTypes types;
    LoweringState state{shapes, types};
    RewritePatternSet patterns(&getContext());
#define F(name) populate##name(patterns, state);
#include "lib/Conversion/NNToLinalg/Families.def"
    ConversionTarget target(getContext());
    target.addIllegalDialect<NNDialect, qnn::QNNDialect, state::StateDialect>();
    // Everything else is legal once its types are lowered.
    target.markUnknownOpDynamicallyLegal([&](Operation *op) {
      if (auto func = dyn_cast<func::FuncOp>(op))
        return types.isSignatureLegal(func.getFunctionType());
      return types.isLegal(op);
    });
    ConversionConfig config;
    config.foldingMode = DialectConversionFoldingMode::Never;
    if (failed(applyFullConversion(getOperation(), target, std::move(patterns), config)) ||
        state.isRefused)
      return signalPassFailure();
    // Names and symbolic sizes are nn's; no later stage knows its attributes.
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (StringRef name : {"nn.name", "nn.dims"}) {
        for (unsigned i = 0; i < func.getNumArguments(); ++i)
          func.removeArgAttr(i, name);
        for (unsigned i = 0; i < func.getNumResults(); ++i)
          func.removeResultAttr(i, StringAttr::get(&getContext(), name));
      }
  }
};
} // namespace
