//===- JoinFills.cpp - opposite borders are one fill ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. Alone, a border is too small for several threads, and the thread that fills it
// takes it from the caches of those that write and read the rows beside it. Of two opposite ones
// each thread fills the one that it reads later.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACEJOINFILLS
#include "lib/Place/Passes.h.inc"

namespace {

/// A fill of a part of a buffer whose sizes are all known.
struct PartFill {
  linalg::FillOp fill;
  memref::SubViewOp part;

  static std::optional<PartFill> match(Operation *op) {
    auto fill = dyn_cast_or_null<linalg::FillOp>(op);
    if (!fill || !fill.hasPureBufferSemantics())
      return std::nullopt;
    auto part = fill.getOutputs().front().getDefiningOp<memref::SubViewOp>();
    if (!part || !part.getSourceType().hasStaticShape() ||
        !part.getSourceType().getLayout().isIdentity() || !part.getType().hasStaticShape() ||
        part.getType().getRank() != part.getSourceType().getRank() || !part.hasUnitStride() ||
        llvm::any_of(part.getStaticOffsets(), ShapedType::isDynamic))
      return std::nullopt;
    return PartFill{fill, part};
  }

  /// The fill right behind this one.
  std::optional<PartFill> next() const {
    Operation *op = fill->getNextNode();
    while (op && isMemoryEffectFree(op))
      op = op->getNextNode();
    return match(op);
  }
};

/// The dim along which two equal parts of a buffer, filled with one value, lie apart.
std::optional<unsigned> findDim(PartFill first, PartFill second) {
  memref::SubViewOp a = first.part, b = second.part;
  if (first.fill.getInputs().front() != second.fill.getInputs().front() ||
      a.getSource() != b.getSource() || a.getStaticSizes() != b.getStaticSizes())
    return std::nullopt;
  std::optional<unsigned> dim;
  for (auto [d, from, to] : llvm::enumerate(a.getStaticOffsets(), b.getStaticOffsets())) {
    if (from == to)
      continue;
    if (dim || to < from)
      return std::nullopt;
    dim = d;
  }
  return dim;
}

/// %a = memref.subview %m[.., i, ..] [.., n, ..];  linalg.fill ins(%v) outs(%a)
/// %b = memref.subview %m[.., j, ..] [.., n, ..];  linalg.fill ins(%v) outs(%b)
///   ->
/// %c = memref.reinterpret_cast %m, sizes [.., 2, n, ..], the 2 at a distance of j - i
/// linalg.fill ins(%v) outs(%c)
void join(PartFill first, PartFill second, unsigned dim) {
  OpBuilder b(second.fill);
  Location loc = b.getFusedLoc({first.fill.getLoc(), second.fill.getLoc()});
  auto [strides, offset] = first.part.getType().getStridesAndOffset();
  SmallVector<int64_t> sizes(first.part.getType().getShape());
  int64_t distance = second.part.getStaticOffsets()[dim] - first.part.getStaticOffsets()[dim];
  sizes.insert(sizes.begin() + dim, 2);
  strides.insert(strides.begin() + dim, distance * strides[dim]);
  auto layout = StridedLayoutAttr::get(b.getContext(), offset, strides);
  auto type = MemRefType::get(sizes, first.part.getType().getElementType(), layout);
  Value both = memref::ReinterpretCastOp::create(b, loc, type, first.part.getSource(), offset,
                                                 sizes, strides);
  linalg::FillOp::create(b, loc, first.fill.getInputs(), both);
  first.fill.erase();
  second.fill.erase();
}

struct JoinFillsPass : impl::PlaceJoinFillsBase<JoinFillsPass> {
  using PlaceJoinFillsBase::PlaceJoinFillsBase;

  void runOnOperation() override {
    SmallVector<linalg::FillOp> fills;
    getOperation()->walk([&](linalg::FillOp fill) { fills.push_back(fill); });
    for (size_t i = 0; i + 1 < fills.size(); ++i) {
      std::optional<PartFill> first = PartFill::match(fills[i]);
      std::optional<PartFill> second = first ? first->next() : std::nullopt;
      std::optional<unsigned> dim = second ? findDim(*first, *second) : std::nullopt;
      if (!dim)
        continue;
      join(*first, *second, *dim);
      ++i; // that was the second
    }
  }
};

} // namespace
} // namespace optc::place
