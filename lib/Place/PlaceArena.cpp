//===- PlaceArena.cpp - temporaries become views of one arena ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td; ArenaLifetimes.h decides what, this file rewrites.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/IR/NodeNames.h"
#include "lib/Place/ArenaLifetimes.h"
#include "lib/Place/Place.h"
#include "lib/Place/ShapeComputations.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEARENA
#include "lib/Place/Passes.h.inc"

namespace {

/// Larger buffers would make the entry's stack frame noticeable.
constexpr int64_t maxStackBytes = 256;

/// Small buffers of the top level go to the stack, where LLVM can keep them in registers.
void promoteToStack(func::FuncOp entry) {
  for (auto alloc : llvm::make_early_inc_range(entry.getBody().front().getOps<memref::AllocOp>())) {
    MemRefType type = alloc.getType();
    if (!type.hasStaticShape() ||
        type.getNumElements() * elementBytes(type.getElementType()) > maxStackBytes)
      continue;
    OpBuilder builder(alloc);
    Value stack =
        memref::AllocaOp::create(builder, alloc.getLoc(), type, ValueRange{}, ValueRange{},
                                 builder.getI64IntegerAttr(bufferAlignment));
    alloc.replaceAllUsesWith(stack);
    alloc.erase();
  }
}

/// The size of a buffer in bytes. Where the product of the dims does not fit, the largest
/// number, which no arena can hold: dims of empty inputs may be absurdly large.
Value sizeInBytes(OpBuilder &builder, Location loc, MemRefType type, ValueRange sizes) {
  int64_t fixed = elementBytes(type.getElementType());
  for (int64_t dim : type.getShape())
    if (!ShapedType::isDynamic(dim))
      fixed *= dim;
  Type i64 = builder.getI64Type(), f64 = builder.getF64Type();
  Value bytes = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(fixed));
  if (sizes.empty())
    return bytes;
  Value approximate = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(fixed));
  for (Value size : sizes) {
    Value dim = arith::IndexCastOp::create(builder, loc, i64, size);
    bytes = arith::MulIOp::create(builder, loc, bytes, dim);
    Value real = arith::SIToFPOp::create(builder, loc, f64, dim);
    approximate = arith::MulFOp::create(builder, loc, approximate, real);
  }
  Value limit = arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(1e18));
  Value fits = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, approximate, limit);
  Value huge = arith::ConstantOp::create(
      builder, loc, builder.getI64IntegerAttr(std::numeric_limits<int64_t>::max()));
  return arith::SelectOp::create(builder, loc, fits, bytes, huge);
}

struct PlaceArenaPass : impl::PlaceArenaBase<PlaceArenaPass> {
  using PlaceArenaBase::PlaceArenaBase;

  void runOnOperation() override {
    for (func::FuncOp entry : run::getEntries<func::FuncOp>(getOperation())) {
      promoteToStack(entry);
      if (failed(placeEntry(entry)))
        return signalPassFailure();
    }
  }

private:
  LogicalResult placeEntry(func::FuncOp entry) {
    ArenaLifetimes lifetimes(entry);
    reuseInPlace(lifetimes.getBuffers());
    SmallVector<ArenaBuffer> slots;
    for (const ArenaBuffer &buffer : lifetimes.getBuffers())
      if (buffer.sharesWith < 0)
        slots.push_back(buffer);
    SmallVector<int64_t> ticks;
    for (const ArenaBuffer &slot : slots)
      ticks.append({slot.first, slot.last});
    OpBuilder builder(&getContext());
    run::setEntry(entry, run::getEntry(entry).withArena(createSizes(entry, slots), ticks));

    unsigned position = entry.getNumArguments();
    auto dynamic = ShapedType::kDynamic;
    DictionaryAttr none = builder.getDictionaryAttr({});
    if (failed(entry.insertArgument(position, MemRefType::get({dynamic}, builder.getI8Type()), none,
                                    entry.getLoc())) ||
        failed(entry.insertArgument(position + 1,
                                    MemRefType::get({dynamic}, builder.getIndexType()), none,
                                    entry.getLoc())))
      return failure();
    for (auto [index, slot] : llvm::enumerate(slots))
      replaceBySlot(slot.alloc, entry.getArgument(position), entry.getArgument(position + 1),
                    index);
    return success();
  }

  /// Buffers that reuse another one become that value: their types and sizes are equal.
  static void reuseInPlace(ArrayRef<ArenaBuffer> buffers) {
    for (const ArenaBuffer &buffer : buffers) {
      if (buffer.sharesWith < 0)
        continue;
      memref::AllocOp alloc = buffer.alloc;
      memref::AllocOp reused = buffers[buffer.sharesWith].alloc;
      alloc.replaceAllUsesWith(reused.getResult());
      alloc.erase();
    }
  }

  /// Whether data decides if a buffer is used, by a branch around it.
  static bool isOfDataBranch(memref::AllocOp alloc) {
    auto entry = alloc->getParentOfType<func::FuncOp>();
    for (Operation *op = alloc->getParentOp(); !isa<func::FuncOp>(op); op = op->getParentOp())
      if (auto branch = dyn_cast<scf::IfOp>(op);
          branch && !followsFromShapes(branch.getCondition(), entry))
        return true;
    return false;
  }

  /// The runtime refuses shapes for which a buffer gets a negative size. Of a branch that is
  /// perhaps not taken it does not know, so that the branch itself refuses.
  static void requireSizes(OpBuilder &builder, memref::AllocOp alloc) {
    Location loc = alloc.getLoc();
    for (Value size : alloc.getDynamicSizes()) {
      if (size.getDefiningOp<memref::DimOp>())
        continue;
      Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
      Value fits = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, size, zero);
      std::string message = "node '" + nodeName(loc) +
                            "': a tensor gets the negative size {0}: an input is too small";
      run::RequireOp::create(builder, loc, fits, builder.getStringAttr(message), ValueRange(size));
    }
  }

  static void replaceBySlot(memref::AllocOp alloc, Value arena, Value offsets, int64_t index) {
    OpBuilder builder(alloc);
    Location loc = alloc.getLoc();
    if (isOfDataBranch(alloc))
      requireSizes(builder, alloc);
    Value position = arith::ConstantIndexOp::create(builder, loc, index);
    Value offset = memref::LoadOp::create(builder, loc, offsets, position);
    Value view = memref::ViewOp::create(builder, loc, alloc.getType(), arena, offset,
                                        alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }

  /// The function (inputs..., table) that stores the size of every slot.
  static StringAttr createSizes(func::FuncOp entry, ArrayRef<ArenaBuffer> slots) {
    ShapeFunction sizes(entry, "_sizes", IntegerType::get(entry.getContext(), 64));
    OpBuilder &builder = sizes.getBuilder();
    Location loc = entry.getLoc();
    for (const ArenaBuffer &slot : slots) {
      memref::AllocOp alloc = slot.alloc;
      SmallVector<Value> dims;
      for (Value dim : alloc.getDynamicSizes())
        dims.push_back(cloneComputation(builder, dim, sizes.getMapping()));
      Value bytes = sizeInBytes(builder, loc, alloc.getType(), dims);
      bytes = zeroIfNotTaken(builder, alloc, bytes, sizes.getMapping());
      if (isOfDataBranch(alloc)) {
        Value zero = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
        bytes = arith::MaxSIOp::create(builder, loc, bytes, zero);
      }
      sizes.store(bytes);
    }
    return sizes.finish();
  }

  /// The buffer of a branch that these shapes do not take needs no memory.
  static Value zeroIfNotTaken(OpBuilder &builder, memref::AllocOp alloc, Value bytes,
                              IRMapping &mapping) {
    Location loc = alloc.getLoc();
    auto entry = alloc->getParentOfType<func::FuncOp>();
    Value zero;
    for (Region *region = alloc->getParentRegion(); !isa<func::FuncOp>(region->getParentOp());
         region = region->getParentRegion()) {
      auto branch = dyn_cast<scf::IfOp>(region->getParentOp());
      if (!branch || !followsFromShapes(branch.getCondition(), entry))
        continue;
      if (!zero)
        zero = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
      bool isThen = region == &branch.getThenRegion();
      Value condition = cloneComputation(builder, branch.getCondition(), mapping);
      bytes = arith::SelectOp::create(builder, loc, condition, isThen ? bytes : zero,
                                      isThen ? zero : bytes);
    }
    return bytes;
  }
};

} // namespace
} // namespace optc::place
