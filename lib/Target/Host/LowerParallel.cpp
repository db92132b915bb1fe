//===- LowerParallel.cpp - parallel calls become runtime calls -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. On the LLVM dialect memrefs are plain values by now, so that the packing
// needs no case per type.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/Host.h"
#include "lib/Target/Host/RuntimeFunctions.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace optc::host {
#define GEN_PASS_DEF_HOSTLOWERPARALLEL
#include "lib/Target/Host/Passes.h.inc"

namespace {

/// Operands of a call in front of what the body captures: context, trip, cost; and of the
/// body: context, lo, hi.
constexpr unsigned numLeading = 3;

struct LowerParallelPass : impl::HostLowerParallelBase<LowerParallelPass> {
  using HostLowerParallelBase::HostLowerParallelBase;

  void runOnOperation() override {
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call.getCallee() && launchOf(call))
        calls.push_back(call);
    });
    for (LLVM::CallOp call : calls)
      lower(call);
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<LLVM::LLVMFuncOp>()))
      if (function->hasAttr(run::parallelBodyAttr))
        function.erase();
  }

private:
  LLVM::LLVMFuncOp launchOf(LLVM::CallOp call) {
    auto callee = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(*call.getCallee());
    return callee && callee->hasAttr(run::parallelBodyAttr) ? callee : LLVM::LLVMFuncOp();
  }

  /// Before: call @k.parallel(context, trip, cost, captures...)
  /// After:  store {context, captures...} to %pack;
  ///         call @optc_rt_parallel(context, @k.unpack, %pack, trip, cost)
  void lower(LLVM::CallOp call) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto i64 = IntegerType::get(&getContext(), 64);
    Location loc = call.getLoc();
    SmallVector<Value> packed{call.getOperand(0)};
    llvm::append_range(packed, call.getArgOperands().drop_front(numLeading));
    auto layout = LLVM::LLVMStructType::getLiteral(&getContext(),
                                                   llvm::to_vector(ValueRange(packed).getTypes()));
    auto caller = call->getParentOfType<LLVM::LLVMFuncOp>();
    OpBuilder start = OpBuilder::atBlockBegin(&caller.getBody().front());
    Value one = LLVM::ConstantOp::create(start, loc, i64, 1);
    Value pack = LLVM::AllocaOp::create(start, loc, pointer, layout, one);
    OpBuilder builder(call);
    for (auto [index, value] : llvm::enumerate(packed)) {
      Value place = LLVM::GEPOp::create(builder, loc, pointer, layout, pack,
                                        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
      LLVM::StoreOp::create(builder, loc, value, place);
    }
    LLVM::LLVMFuncOp unpack = unpackOf(launchOf(call), layout);
    Value address = LLVM::AddressOfOp::create(builder, loc, unpack);
    LLVM::CallOp::create(
        builder, loc, getRuntimeFunction(getOperation(), "optc_rt_parallel"),
        ValueRange{call.getOperand(0), address, pack, call.getOperand(1), call.getOperand(2)});
    call.erase();
  }

  /// The function (pack, lo, hi) that calls the body with the values of a pack.
  LLVM::LLVMFuncOp unpackOf(LLVM::LLVMFuncOp launch, LLVM::LLVMStructType layout) {
    auto name = launch->getAttrOfType<FlatSymbolRefAttr>(run::parallelBodyAttr);
    auto body = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(name);
    std::string unpackName = (name.getValue() + ".unpack").str();
    if (auto known = getOperation().lookupSymbol<LLVM::LLVMFuncOp>(unpackName))
      return known;
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    auto i64 = IntegerType::get(&getContext(), 64);
    Location loc = body.getLoc();
    OpBuilder builder(body);
    auto type =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()), {pointer, i64, i64});
    auto unpack = LLVM::LLVMFuncOp::create(builder, loc, unpackName, type);
    unpack->setAttr(run::kernelAttr, builder.getUnitAttr());
    Block *entry = unpack.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);
    SmallVector<Value> operands;
    for (auto [index, member] : llvm::enumerate(layout.getBody())) {
      Value place = LLVM::GEPOp::create(builder, loc, pointer, layout, entry->getArgument(0),
                                        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
      operands.push_back(LLVM::LoadOp::create(builder, loc, member, place));
    }
    operands.insert(operands.begin() + 1, {entry->getArgument(1), entry->getArgument(2)});
    LLVM::CallOp::create(builder, loc, body, operands);
    LLVM::ReturnOp::create(builder, loc, ValueRange{});
    return unpack;
  }
};

} // namespace
} // namespace optc::host
