//===- CountWork.cpp - entries tell how much work a run is ----------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td; KernelWork.h says what the work of an op is. All kernels together have few
// different products of sizes (in a network of one dynamic batch: one), so that the function
// is short whatever the model.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/IR/NodeNames.h"
#include "lib/Place/Place.h"
#include "lib/Place/ShapeComputations.h"
#include "lib/Profile/KernelWork.h"
#include "lib/Profile/Profile.h"

using namespace mlir;
using namespace optc::place;

namespace optc::profile {
#define GEN_PASS_DEF_COUNTWORK
#include "lib/Profile/Passes.h.inc"

namespace {

Value real(OpBuilder &builder, Location loc, double value) {
  return arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}

/// The value of a sum, in f64, which cannot overflow; `valueOf` gives that of a size.
Value emitSum(OpBuilder &builder, Location loc, const Sum &sum,
              function_ref<Value(const Size &)> valueOf) {
  Value total;
  for (const Monomial &product : sum.products()) {
    Value term = real(builder, loc, product.constant);
    for (const Size &size : product.sizes) {
      Value whole = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), valueOf(size));
      Value factor = arith::SIToFPOp::create(builder, loc, builder.getF64Type(), whole);
      term = arith::MulFOp::create(builder, loc, term, factor);
    }
    total = total ? arith::AddFOp::create(builder, loc, total, term).getResult() : term;
  }
  return total ? total : real(builder, loc, 0);
}

/// One name per line.
std::string linesOf(const llvm::SetVector<StringRef> &names) {
  std::string text;
  for (StringRef name : names) {
    text += text.empty() ? "" : "\n";
    for (char c : name)
      text += c == '\n' ? ' ' : c;
  }
  return text;
}

struct CountWorkPass : impl::CountWorkBase<CountWorkPass> {
  using CountWorkBase::CountWorkBase;

  void runOnOperation() override {
    for (func::FuncOp entry : run::getEntries<func::FuncOp>(getOperation()))
      placeEntry(entry);
  }

private:
  void placeEntry(func::FuncOp entry) {
    SmallVector<Operation *> kernels;
    entry.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isKernel(op))
        return WalkResult::advance();
      kernels.push_back(op);
      return WalkResult::skip(); // the parts of a tile are no kernels of their own
    });
    Counts total;
    int64_t uncounted = 0;
    for (Operation *op : kernels) {
      Counts counts;
      if (!countWork(op, counts) || !countLoops(op, counts) || !isKnown(counts, entry)) {
        ++uncounted;
        continue;
      }
      for (auto [sum, more] : llvm::zip_equal(total, counts))
        for (const Monomial &product : more.products())
          sum.add(product);
    }
    run::setEntry(entry, run::getEntry(entry).withWork(createFunction(entry, total), kernels.size(),
                                                       uncounted));
    if (profile)
      addHooks(entry, kernels);
  }

  /// How often a region of an op runs, in front of the op; null when something else decides.
  static Value tripsOf(Region *region) {
    Operation *op = region->getParentOp();
    OpBuilder builder(op);
    Location loc = op->getLoc();
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      Value span =
          builder.createOrFold<arith::SubIOp>(loc, loop.getUpperBound(), loop.getLowerBound());
      return builder.createOrFold<arith::CeilDivSIOp>(loc, span, loop.getStep());
    }
    auto branch = dyn_cast<scf::IfOp>(op);
    if (!branch)
      return {};
    bool isThen = region == &branch.getThenRegion();
    Value once = arith::ConstantIndexOp::create(builder, loc, isThen);
    Value other = arith::ConstantIndexOp::create(builder, loc, !isThen);
    return arith::SelectOp::create(builder, loc, branch.getCondition(), once, other);
  }

  /// Multiplies by how often the loops and branches around the op run it. False when that is
  /// not known.
  static bool countLoops(Operation *op, Counts &counts) {
    for (Region *region = op->getParentRegion(); !isa<func::FuncOp>(region->getParentOp());
         region = region->getParentRegion()) {
      Value trips = tripsOf(region);
      if (!trips)
        return false;
      for (Sum &sum : counts)
        sum.scale(trips);
    }
    return true;
  }

  static bool isKnown(const Counts &counts, func::FuncOp entry) {
    int64_t numInputs = run::getEntry(entry).getInputs();
    auto known = [&](const Size &size) {
      if (size.dim < 0)
        return followsFromShapes(size.value, entry);
      auto arg = dyn_cast<BlockArgument>(size.value);
      return arg && arg.getOwner() == &entry.getBody().front() && arg.getArgNumber() < numInputs;
    };
    return llvm::all_of(counts, [&](const Sum &sum) {
      return llvm::all_of(sum.products(), [&](const Monomial &product) {
        return llvm::all_of(product.sizes, known);
      });
    });
  }

  /// The function (inputs..., counts); returns its name.
  static StringAttr createFunction(func::FuncOp entry, const Counts &total) {
    ShapeFunction work(entry, "_work", Float64Type::get(entry.getContext()));
    OpBuilder &builder = work.getBuilder();
    Location loc = entry.getLoc();
    auto valueOf = [&](const Size &size) -> Value {
      if (size.dim < 0)
        return cloneComputation(builder, size.value, work.getMapping());
      return memref::DimOp::create(builder, loc, work.getMapping().lookup(size.value), size.dim);
    };
    for (const Sum &sum : total)
      work.store(emitSum(builder, loc, sum, valueOf));
    return work.finish();
  }

  /// Brackets every kernel, and lists their names.
  void addHooks(func::FuncOp entry, ArrayRef<Operation *> kernels) {
    SmallVector<std::string> names, families;
    for (auto [index, op] : llvm::enumerate(kernels)) {
      names.push_back(linesOf(nodeNames(op->getLoc())));
      families.push_back(familyOf(op));
      Counts counts;
      countWork(op, counts);
      OpBuilder builder(op);
      Location loc = op->getLoc();
      auto valueOf = [&](const Size &size) -> Value {
        return size.dim < 0 ? size.value
                            : memref::DimOp::create(builder, loc, size.value, size.dim);
      };
      Value values[numCounts];
      for (auto [value, sum] : llvm::zip_equal(values, counts))
        value = emitSum(builder, loc, sum, valueOf);
      run::ProfileBeginOp::create(builder, loc);
      builder.setInsertionPointAfter(op);
      run::ProfileEndOp::create(builder, loc, index, values[MultiplyAdds], values[Operations],
                                values[Bytes]);
    }
    Builder builder(&getContext());
    run::setEntry(entry, run::getEntry(entry).withNames(
                             builder.getStrArrayAttr(llvm::to_vector_of<StringRef>(names)),
                             builder.getStrArrayAttr(llvm::to_vector_of<StringRef>(families))));
  }
};

} // namespace
} // namespace optc::profile
