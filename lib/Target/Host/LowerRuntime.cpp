//===- LowerRuntime.cpp - runtime ops become calls -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. Memory from the runtime is a pointer: it is made a memref of bytes, of
// which memref.view makes the typed one, so that descriptors are built in one place.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/IR/NodeNames.h"
#include "lib/Profile/KernelWork.h"
#include "lib/Target/Host/Host.h"
#include "lib/Target/Host/RuntimeFunctions.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace optc::host {
#define GEN_PASS_DEF_HOSTLOWERRUNTIME
#include "lib/Target/Host/Passes.h.inc"

namespace {

/// Largest value of a size in bytes: what no allocation can satisfy.
constexpr int64_t hugeBytes = std::numeric_limits<int64_t>::max();

struct LowerRuntimePass : impl::HostLowerRuntimeBase<LowerRuntimePass> {
  using HostLowerRuntimeBase::HostLowerRuntimeBase;

  void runOnOperation() override {
    pointer = LLVM::LLVMPointerType::get(&getContext());
    i64 = IntegerType::get(&getContext(), 64);
    if (failed(addContext()))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<kernel::KernelDialect, run::RunDialect>(op->getDialect()) ||
          isa<memref::AllocOp, memref::DeallocOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (failed(lower(op)))
        return signalPassFailure();
  }

private:
  /// Passes the context through all functions, as their first argument.
  LogicalResult addContext() {
    DictionaryAttr none = DictionaryAttr::get(&getContext());
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>()) {
      // The translation to LLVM IR knows only attributes of loaded dialects.
      function.removeArgAttrsAttr();
      if (failed(function.insertArgument(0, pointer, none, function.getLoc())))
        return failure();
      // Public functions are called through pointers to descriptors (ModuleDescriptor.cpp).
      if (function.isPublic())
        function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                          UnitAttr::get(&getContext()));
    }
    getOperation().walk([&](func::CallOp call) {
      auto caller = call->getParentOfType<func::FuncOp>();
      call->insertOperands(0, ValueRange{caller.getArgument(0)});
    });
    return success();
  }

  LogicalResult lower(Operation *op) {
    OpBuilder builder(op);
    if (auto require = dyn_cast<run::RequireOp>(op))
      lowerRequire(builder, require);
    else if (auto index = dyn_cast<run::CheckedIndexOp>(op))
      lowerCheckedIndex(builder, index);
    else if (auto output = dyn_cast<run::OutputOp>(op))
      lowerOutput(builder, output);
    else if (isa<run::ProfileBeginOp>(op))
      call(builder, op->getLoc(), "optc_rt_profile_begin", contextOf(op));
    else if (auto end = dyn_cast<run::ProfileEndOp>(op))
      call(builder, op->getLoc(), "optc_rt_profile_end",
           {contextOf(op), constant(builder, op->getLoc(), end.getKernel()), end.getMultiplyAdds(),
            end.getOperations(), end.getBytes()});
    else if (auto sort = dyn_cast<kernel::ArgSortOp>(op))
      lowerArgSort(builder, sort);
    else if (auto list = dyn_cast<run::ListOp>(op))
      lowerList(builder, list);
    else if (auto append = dyn_cast<run::AppendOp>(op))
      lowerAppend(builder, append);
    else if (auto take = dyn_cast<run::TakeOp>(op))
      lowerTake(builder, take);
    else if (auto alloc = dyn_cast<memref::AllocOp>(op))
      lowerAlloc(builder, alloc);
    else if (auto dealloc = dyn_cast<memref::DeallocOp>(op))
      lowerDealloc(builder, dealloc);
    else
      return op->emitOpError("has no implementation on the CPU for these operands");
    op->erase();
    return success();
  }

  Value contextOf(Operation *op) { return op->getParentOfType<func::FuncOp>().getArgument(0); }

  Value toInt(OpBuilder &builder, Location loc, Value index) {
    return arith::IndexCastOp::create(builder, loc, i64, index);
  }

  Value constant(OpBuilder &builder, Location loc, int64_t value) {
    return arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(value));
  }

  /// The result, if there is one.
  Value call(OpBuilder &builder, Location loc, StringRef name, ValueRange operands) {
    LLVM::LLVMFuncOp function = getRuntimeFunction(getOperation(), name);
    auto op = LLVM::CallOp::create(builder, loc, function, operands);
    return op.getNumResults() ? op.getResult() : Value();
  }

  /// The address of a message, one global per text.
  Value message(OpBuilder &builder, Location loc, StringAttr text) {
    LLVM::GlobalOp &global = messages[text];
    if (!global) {
      OpBuilder start = OpBuilder::atBlockBegin(getOperation().getBody());
      std::string bytes = text.getValue().str() + '\0';
      auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
      global = LLVM::GlobalOp::create(
          start, getOperation().getLoc(), type, /*isConstant=*/true, LLVM::Linkage::Private,
          "message" + std::to_string(messages.size() - 1), builder.getStringAttr(bytes));
    }
    return LLVM::AddressOfOp::create(builder, loc, global);
  }

  void lowerRequire(OpBuilder &builder, run::RequireOp op) {
    Location loc = op.getLoc();
    Value one = arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    Value fails = arith::XOrIOp::create(builder, loc, op.getCondition(), one);
    auto branch = scf::IfOp::create(builder, loc, fails, /*withElseRegion=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> operands{contextOf(op), message(builder, loc, op.getMessageAttr())};
    for (Value value : op.getValues())
      operands.push_back(toInt(builder, loc, value));
    while (operands.size() < 4)
      operands.push_back(constant(builder, loc, 0));
    call(builder, loc, "optc_rt_fail", operands);
  }

  void lowerCheckedIndex(OpBuilder &builder, run::CheckedIndexOp op) {
    Location loc = op.getLoc();
    Value outside =
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, op.getIndex(), op.getSize());
    auto branch = scf::IfOp::create(builder, loc, outside, /*withElseRegion=*/false);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    op.replaceAllUsesWith(
        arith::SelectOp::create(builder, loc, outside, zero, op.getIndex()).getResult());
    builder.setInsertionPointToStart(branch.thenBlock());
    call(builder, loc, "optc_rt_index_error",
         {contextOf(op), message(builder, loc, op.getMessageAttr()),
          toInt(builder, loc, op.getIndex()), toInt(builder, loc, op.getSize())});
  }

  /// A typed memref over memory from the runtime.
  Value typedMemory(OpBuilder &builder, Location loc, Value memory, MemRefType type,
                    ValueRange sizes) {
    auto vector = LLVM::LLVMArrayType::get(i64, 1);
    auto layout =
        LLVM::LLVMStructType::getLiteral(&getContext(), {pointer, pointer, i64, vector, vector});
    MemRefDescriptor bytes = MemRefDescriptor::poison(builder, loc, layout);
    bytes.setAllocatedPtr(builder, loc, memory);
    bytes.setAlignedPtr(builder, loc, memory);
    bytes.setOffset(builder, loc, llvmConstant(builder, loc, 0));
    bytes.setSize(builder, loc, 0, llvmConstant(builder, loc, hugeBytes));
    bytes.setStride(builder, loc, 0, llvmConstant(builder, loc, 1));
    auto bytesType = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    Value buffer =
        UnrealizedConversionCastOp::create(builder, loc, bytesType, Value(bytes)).getResult(0);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    return memref::ViewOp::create(builder, loc, type, buffer, zero, sizes);
  }

  Value llvmConstant(OpBuilder &builder, Location loc, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i64, value);
  }

  void lowerOutput(OpBuilder &builder, run::OutputOp op) {
    Location loc = op.getLoc();
    auto type = cast<MemRefType>(op.getType());
    int64_t rank = type.getRank();
    OpBuilder start(builder);
    start.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().getBody().front());
    Value count = llvmConstant(start, loc, std::max<int64_t>(rank, 1));
    Value dims = LLVM::AllocaOp::create(start, loc, pointer, i64, count);
    auto dynamic = op.getSizes().begin();
    for (int32_t dim = 0; dim < rank; ++dim) {
      Value size = type.isDynamicDim(dim) ? toInt(builder, loc, *dynamic++)
                                          : constant(builder, loc, type.getDimSize(dim));
      Value place =
          LLVM::GEPOp::create(builder, loc, pointer, i64, dims, ArrayRef<LLVM::GEPArg>{dim});
      LLVM::StoreOp::create(builder, loc, size, place);
    }
    Value memory = call(
        builder, loc, "optc_rt_output",
        {contextOf(op), constant(builder, loc, op.getIndex()), constant(builder, loc, rank), dims});
    op.replaceAllUsesWith(typedMemory(builder, loc, memory, type, op.getSizes()));
  }

  /// The name of the first ONNX node behind a location as text, or null.
  Value nodeText(OpBuilder &builder, Location loc) {
    std::string name = nodeName(loc);
    if (name.empty())
      return LLVM::ZeroOp::create(builder, loc, pointer);
    return message(builder, loc, builder.getStringAttr(name));
  }

  void lowerList(OpBuilder &builder, run::ListOp op) {
    Location loc = op.getLoc();
    Value list =
        call(builder, loc, "optc_rt_list", {contextOf(op), toInt(builder, loc, op.getExpected())});
    Value address = LLVM::PtrToIntOp::create(builder, loc, i64, list);
    op.replaceAllUsesWith(
        arith::IndexCastOp::create(builder, loc, builder.getIndexType(), address).getResult());
  }

  Value listOf(OpBuilder &builder, Location loc, Value handle) {
    return LLVM::IntToPtrOp::create(builder, loc, pointer, toInt(builder, loc, handle));
  }

  void lowerAppend(OpBuilder &builder, run::AppendOp op) {
    Location loc = op.getLoc();
    Value row = op.getRow();
    if (!isPacked(row)) {
      row = packedLike(builder, loc, op.getRow());
      copy(builder, loc, op.getRow(), row);
    }
    auto type = cast<MemRefType>(row.getType());
    Value bytes = constant(builder, loc, elementBytes(type.getElementType()));
    for (Value size : sizesOf(builder, loc, row))
      bytes = arith::MulIOp::create(builder, loc, bytes, toInt(builder, loc, size));
    call(builder, loc, "optc_rt_append",
         {contextOf(op), listOf(builder, loc, op.getList()), address(builder, loc, row), bytes,
          nodeText(builder, loc)});
    if (row != op.getRow())
      free(builder, loc, contextOf(op), row);
  }

  void lowerTake(OpBuilder &builder, run::TakeOp op) {
    Location loc = op.getLoc();
    Value target = op.getInit();
    if (!isPacked(target))
      target = packedLike(builder, loc, op.getInit());
    call(builder, loc, "optc_rt_take",
         {contextOf(op), listOf(builder, loc, op.getList()), address(builder, loc, target)});
    if (target == op.getInit())
      return;
    copy(builder, loc, target, op.getInit());
    free(builder, loc, contextOf(op), target);
  }

  static bool isPacked(Value buffer) {
    return cast<MemRefType>(buffer.getType()).getLayout().isIdentity();
  }

  SmallVector<Value> sizesOf(OpBuilder &builder, Location loc, Value buffer) {
    SmallVector<Value> sizes;
    for (int64_t i = 0, rank = cast<MemRefType>(buffer.getType()).getRank(); i < rank; ++i)
      sizes.push_back(memref::DimOp::create(builder, loc, buffer, i));
    return sizes;
  }

  void copy(OpBuilder &builder, Location loc, Value from, Value to) {
    SmallVector<Value> sizes = sizesOf(builder, loc, from);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    SmallVector<Value> lower(sizes.size(), zero), steps(sizes.size(), one);
    scf::buildLoopNest(builder, loc, lower, sizes, steps,
                       [&](OpBuilder &body, Location at, ValueRange place) {
                         Value element = memref::LoadOp::create(body, at, from, place);
                         memref::StoreOp::create(body, at, element, to, place);
                       });
  }

  /// Scratch of the shape of a buffer, rows packed.
  Value packedLike(OpBuilder &builder, Location loc, Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<Value> dynamic;
    for (auto [i, size] : llvm::enumerate(sizesOf(builder, loc, buffer)))
      if (type.isDynamicDim(i))
        dynamic.push_back(size);
    auto plain = MemRefType::get(type.getShape(), type.getElementType());
    auto alloc = memref::AllocOp::create(builder, loc, plain, dynamic);
    Value memory = lowerAlloc(builder, alloc);
    alloc.erase();
    return memory;
  }

  Value address(OpBuilder &builder, Location loc, Value buffer) {
    Value index = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
    return LLVM::IntToPtrOp::create(builder, loc, pointer, toInt(builder, loc, index));
  }

  /// The number of an element type in optc_rt_argsort.
  static int64_t keyType(Type type, bool isUnsigned) {
    if (type.isF32())
      return 0;
    if (type.isF64())
      return 1;
    if (type.isF16())
      return 10;
    if (type.isBF16())
      return 11;
    return (isUnsigned ? 6 : 2) + llvm::Log2_32(type.getIntOrFloatBitWidth() / 8);
  }

  void lowerArgSort(OpBuilder &builder, kernel::ArgSortOp op) {
    Location loc = op.getLoc();
    Value keys = op.getKeys(), order = op.getInit();
    if (!isPacked(keys)) {
      keys = packedLike(builder, loc, op.getKeys());
      copy(builder, loc, op.getKeys(), keys);
    }
    if (!isPacked(order))
      order = packedLike(builder, loc, op.getInit());
    SmallVector<Value> sizes = sizesOf(builder, loc, keys);
    Value rows = arith::ConstantIndexOp::create(builder, loc, 1);
    for (Value size : ArrayRef(sizes).drop_back())
      rows = arith::MulIOp::create(builder, loc, rows, size);
    Value k = sizesOf(builder, loc, order).back();
    Type element = cast<MemRefType>(keys.getType()).getElementType();
    call(builder, loc, "optc_rt_argsort",
         {contextOf(op), address(builder, loc, keys), address(builder, loc, order),
          toInt(builder, loc, rows), toInt(builder, loc, sizes.back()), toInt(builder, loc, k),
          constant(builder, loc, keyType(element, op.getIsUnsigned())),
          constant(builder, loc, op.getDescending())});
    if (order != op.getInit())
      copy(builder, loc, order, op.getInit());
  }

  Value lowerAlloc(OpBuilder &builder, memref::AllocOp op) {
    Location loc = op.getLoc();
    MemRefType type = op.getType();
    Type element = type.getElementType();
    int64_t fixed = elementBytes(element);
    for (int64_t dim : type.getShape())
      if (!ShapedType::isDynamic(dim))
        fixed *= dim;
    Value bytes = constant(builder, loc, fixed);
    for (Value size : op.getDynamicSizes()) {
      // Saturates: a product that does not fit is refused by the runtime.
      auto product = arith::MulSIExtendedOp::create(builder, loc, bytes, toInt(builder, loc, size));
      Value high = product.getHigh();
      Value sign =
          arith::ShRSIOp::create(builder, loc, product.getLow(), constant(builder, loc, 63));
      Value fits = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, high, sign);
      bytes = arith::SelectOp::create(builder, loc, fits, product.getLow(),
                                      constant(builder, loc, hugeBytes));
    }
    Value memory =
        call(builder, loc, "optc_rt_scratch", {contextOf(op), bytes, nodeText(builder, loc)});
    Value typed = typedMemory(builder, loc, memory, type, op.getDynamicSizes());
    op.replaceAllUsesWith(typed);
    return typed;
  }

  void lowerDealloc(OpBuilder &builder, memref::DeallocOp op) {
    Location loc = op.getLoc();
    free(builder, loc, contextOf(op), op.getMemref());
  }

  void free(OpBuilder &builder, Location loc, Value context, Value buffer) {
    call(builder, loc, "optc_rt_free", {context, address(builder, loc, buffer)});
  }

  LLVM::LLVMPointerType pointer;
  IntegerType i64;
  llvm::MapVector<StringAttr, LLVM::GlobalOp> messages;
};

} // namespace
} // namespace optc::host
