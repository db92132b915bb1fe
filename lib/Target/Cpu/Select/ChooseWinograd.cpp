//===- ChooseWinograd.cpp - filters packed for Winograd -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass cpu-choose-winograd; WinogradCost.h decides.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/Remarks.h"
#include "lib/Target/Cpu/Kernels/WinogradCost.h"
#include "lib/Target/Cpu/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace optc::cpu {
#define GEN_PASS_DEF_CPUCHOOSEWINOGRAD
#include "lib/Target/Cpu/Passes.h.inc"
} // namespace optc::cpu

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

struct ChooseWinogradPass : cpu::impl::CpuChooseWinogradBase<ChooseWinogradPass> {
  using CpuChooseWinogradBase::CpuChooseWinogradBase;

  void runOnOperation() override {
    getOperation()->walk([&](kernel::ConvOp op) {
      if (op->getNumResults() != 1 || op.getLayout())
        return;
      WinogradChoice choice = chooseWinograd(op, forbidden);
      if (choice.form.tile == 0) {
        // Windows of other sizes have no Winograd form, which is nothing to report.
        if (op.getWindow() == ArrayRef<int64_t>{3, 3})
          remarkRefused("cpu-choose-winograd", "winograd", op, choice.reason);
        return;
      }
      remarkMade("cpu-choose-winograd", "winograd", op, choice.reason);
      OpBuilder builder(op);
      auto layout = winogradLayout(&getContext(), choice.form, op.getOutputChannels());
      auto pack = kernel::PackOp::create(builder, op.getLoc(), kernel::PackOrder::Filter,
                                         op.getFilter(), layout);
      op.getFilterMutable().assign(pack.getResult(0));
      op.setLayoutAttr(layout);
    });
  }
};

} // namespace
