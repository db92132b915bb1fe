//===- KernelWork.cpp - what the kernels of an entry are and do -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernel ops tell their work through WorkOpInterface. That of a linalg op is its body, once
// per iteration.
//
//===----------------------------------------------------------------------===//
#include "lib/Profile/KernelWork.h"
#include "dialects/Run/Run.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/Place/Place.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace optc;
using namespace optc::profile;

bool profile::isKernel(Operation *op) {
  if (op->hasAttr(run::workAttr))
    return true;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.hasPureBufferSemantics();
  auto kernelOp = dyn_cast<DestinationStyleOpInterface>(op);
  return kernelOp && isa<kernel::KernelDialect, run::RunDialect>(op->getDialect()) &&
         kernelOp.hasPureBufferSemantics();
}

/// Products a body adds to its outputs: `yield out + a * b`.
static int64_t countProducts(linalg::LinalgOp op) {
  int64_t count = 0;
  for (auto [i, value] : llvm::enumerate(op.getBlock()->getTerminator()->getOperands())) {
    Operation *sum = value.getDefiningOp();
    if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(sum))
      continue;
    BlockArgument out = op.getMatchingBlockArgument(op.getDpsInitOperand(i));
    for (unsigned side : {0, 1})
      count += sum->getOperand(side) == out && isa_and_nonnull<arith::MulFOp, arith::MulIOp>(
                                                   sum->getOperand(1 - side).getDefiningOp());
  }
  return count;
}

/// An op whose body only hands on an element.
static std::string familyOfMove(linalg::LinalgOp op) {
  auto arg = dyn_cast<BlockArgument>(op.getBlock()->getTerminator()->getOperand(0));
  if (!arg)
    return "fill";
  AffineMap from = op.getMatchingIndexingMap(&op->getOpOperand(arg.getArgNumber()));
  AffineMap to = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  bool permuted = from.isPermutation() && to.isPermutation() && from != to;
  return permuted ? "transpose" : "copy";
}

std::string profile::familyOf(Operation *op) {
  if (auto work = op->getAttrOfType<run::WorkAttr>(run::workAttr))
    return work.getFamily().str();
  if (auto work = dyn_cast<kernel::WorkOpInterface>(op))
    return work.getFamily();
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return op->getName().stripDialect().str();
  if (isa<linalg::FillOp>(op))
    return "fill";
  auto load = [](memref::LoadOp) { return WalkResult::interrupt(); };
  if (op->walk(load).wasInterrupted())
    return "gather";
  if (linalgOp.getNumReductionLoops())
    return countProducts(linalgOp) ? "contraction" : "reduce";
  if (llvm::hasSingleElement(*linalgOp.getBlock()))
    return familyOfMove(linalgOp);
  return "elementwise";
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

static void multiply(Monomial &product, Value memref, int64_t dim);

static void multiply(Monomial &product, OpFoldResult size) {
  if (std::optional<int64_t> constant = getConstantIntValue(size)) {
    product.constant *= *constant;
    return;
  }
  Value value = cast<Value>(size);
  auto dim = value.getDefiningOp<memref::DimOp>();
  if (dim && dim.getConstantIndex())
    multiply(product, dim.getSource(), *dim.getConstantIndex());
  else
    product.sizes.push_back({value});
}

static void multiply(Monomial &product, memref::SubViewOp view, int64_t dim) {
  llvm::SmallBitVector dropped = view.getDroppedDims();
  SmallVector<OpFoldResult> sizes = view.getMixedSizes();
  for (unsigned i = 0; i < sizes.size(); ++i)
    if (!dropped[i] && dim-- == 0)
      return multiply(product, sizes[i]);
}

/// Dim `dim` of a memref, as the size its maker was given.
static void multiply(Monomial &product, Value memref, int64_t dim) {
  auto type = cast<MemRefType>(memref.getType());
  if (!type.isDynamicDim(dim)) {
    product.constant *= type.getDimSize(dim);
    return;
  }
  auto given = [&](ValueRange sizes) {
    multiply(product, OpFoldResult(sizes[type.getDynamicDimIndex(dim)]));
  };
  Operation *maker = memref.getDefiningOp();
  if (!maker) {
    product.sizes.push_back({memref, dim});
    return;
  }
  TypeSwitch<Operation *>(maker)
      .Case([&](memref::AllocOp op) { given(op.getDynamicSizes()); })
      .Case([&](memref::AllocaOp op) { given(op.getDynamicSizes()); })
      .Case([&](memref::ViewOp op) { given(op.getSizes()); })
      .Case([&](run::OutputOp op) { given(op.getSizes()); })
      .Case([&](memref::SubViewOp op) { multiply(product, op, dim); })
      .Case([&](memref::CastOp op) { multiply(product, op.getSource(), dim); })
      .Case([&](memref::ReinterpretCastOp op) { multiply(product, op.getMixedSizes()[dim]); })
      .Case([&](memref::ExpandShapeOp op) { multiply(product, op.getMixedOutputShape()[dim]); })
      .Case([&](memref::CollapseShapeOp op) {
        ReassociationIndices group = op.getReassociationIndices()[dim];
        for (int64_t source : group)
          multiply(product, op.getSrc(), source);
      })
      .Default([&](Operation *) { product.sizes.push_back({memref, dim}); });
}

static Monomial elementsOf(Value memref) {
  Monomial product;
  for (int64_t dim = 0, rank = cast<MemRefType>(memref.getType()).getRank(); dim < rank; ++dim)
    multiply(product, memref, dim);
  return product;
}

void Sum::add(const Monomial &product) {
  if (product.constant == 0)
    return;
  auto same =
      llvm::find_if(terms, [&](const Monomial &term) { return term.sizes == product.sizes; });
  if (same == terms.end())
    terms.push_back(product);
  else
    same->constant += product.constant;
}

void Sum::scale(OpFoldResult size) {
  for (Monomial &term : terms)
    multiply(term, size);
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

static void add(Sum &sum, Monomial product, double each) {
  product.constant *= each;
  sum.add(product);
}

/// Every memref read, and every one written, once.
static void countOperands(DestinationStyleOpInterface op, Counts &counts) {
  llvm::SetVector<Value> read;
  for (OpOperand *input : op.getDpsInputOperands())
    read.insert(input->get());
  auto addAll = [&](ValueRange values) {
    for (Value value : values)
      if (auto type = dyn_cast<MemRefType>(value.getType()))
        add(counts[Bytes], elementsOf(value), elementBytes(type.getElementType()));
  };
  addAll(read.getArrayRef());
  addAll(op.getDpsInits());
}

/// The product of the loops' sizes; false when some size is no dim of an operand.
static bool countIterations(linalg::LinalgOp op, Monomial &product) {
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    AffineExpr expr = getAffineDimExpr(loop, op.getContext());
    bool found = false;
    for (OpOperand &operand : op->getOpOperands()) {
      std::optional<unsigned> dim = op.getMatchingIndexingMap(&operand).getResultPosition(expr);
      if (found || !dim)
        continue;
      multiply(product, operand.get(), *dim);
      found = true;
    }
    if (!found)
      return false;
  }
  return true;
}

static bool countLinalg(linalg::LinalgOp op, Counts &counts) {
  Monomial iterations;
  if (!countIterations(op, iterations))
    return false;
  int64_t products = countProducts(op);
  add(counts[MultiplyAdds], iterations, products);
  add(counts[Operations], iterations, kernel::countOperations(op->getRegion(0)) - 2.0 * products);
  op->walk(
      [&](memref::LoadOp load) { add(counts[Bytes], iterations, elementBytes(load.getType())); });
  return true;
}

static void addProduct(Sum &sum, const kernel::SizeProduct &product) {
  Monomial sizes;
  for (auto [shaped, dim] : product.dims)
    multiply(sizes, shaped, dim);
  add(sum, std::move(sizes), product.constant);
}

bool profile::countWork(Operation *op, Counts &counts) {
  if (auto known = op->getAttrOfType<run::WorkAttr>(run::workAttr)) {
    for (auto [sum, count] : llvm::zip_equal(counts, known.getCounts().asArrayRef()))
      sum.add({count, {}});
    return true;
  }
  countOperands(cast<DestinationStyleOpInterface>(op), counts);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return countLinalg(linalgOp, counts);
  auto kernelOp = dyn_cast<kernel::WorkOpInterface>(op);
  if (!kernelOp)
    return false;
  kernel::OpWork work = kernelOp.getWork();
  addProduct(counts[MultiplyAdds], work.multiplyAdds);
  addProduct(counts[Operations], work.operations);
  return true;
}
