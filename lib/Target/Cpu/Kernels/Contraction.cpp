//===- Contraction.cpp - matmul and conv as one loop structure ------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Contraction.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Cpu/Kernels/Contraction.h"
#include "lib/Target/Cpu/CoreModel.h"
#include "lib/Target/Cpu/Kernels/ContractionPlan.h"
#include "lib/Target/Cpu/Kernels/PanelCost.h"
#include "lib/Target/Cpu/Kernels/RowTiles.h"
#include "lib/Target/Cpu/Kernels/Tile.h"
#include "lib/Target/Cpu/Kernels/TransposedPanel.h"
#include "lib/Target/Cpu/Vector/VectorLoop.h"
#include "lib/Target/Cpu/Vector/VectorizeBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

namespace {

/// Rows [first, first + count) of one slab, with what is known about count.
struct RowRange {
  OpFoldResult first, count;
};

/// A panel that is being computed.
struct Panel {
  Value firstColumn;
  /// Columns stored in a packed rhs; all that are computed.
  int64_t width;
  /// Columns that exist, null if all.
  OpFoldResult valid;
};

class ContractionEmitter {
public:
  ContractionEmitter(Contraction &c, const ContractionPlan &plan)
      : c(c), plan(plan), loc(c.op.getLoc()), result(c.nest.operands.size() - 1),
        firstExtra(result - c.op.getExtraOperands().size()) {}

  void emit(OpBuilder &builder);

private:
  using Bases = SmallVector<OpFoldResult>;

  OpFoldResult attr(OpBuilder &builder, int64_t value) { return builder.getIndexAttr(value); }
  OpFoldResult add(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return addIndex(b, loc, x, y); }
  OpFoldResult mul(OpBuilder &b, OpFoldResult x, OpFoldResult y) { return mulIndex(b, loc, x, y); }

  /// What narrow numbers of lhs and rhs are multiplied by; null for f32.
  std::shared_ptr<const LaneProduct> product(int64_t lanes) {
    if (c.blocks)
      return std::make_shared<BlockProduct>(loc, c.level, lanes, c.blocks->codes,
                                            !c.blocks->lhsScale);
    if (c.together() == 4)
      return std::make_shared<ByteProduct>(loc, c.level, lanes, c.isLhsUnsigned, c.isRhsUnsigned);
    if (c.together() == 2)
      return std::make_shared<PairProduct>(loc, c.level, lanes);
    return {};
  }

  OpFoldResult itemCost(OpBuilder &builder);
  /// All bases moved along `dim` by `position`.
  Bases advance(OpBuilder &builder, const Bases &bases, unsigned dim, OpFoldResult position);
  void emitItem(OpBuilder &builder, ValueRange positions);
  void emitPanel(OpBuilder &builder, const Bases &bases, Value block, const Panel &panel,
                 OpFoldResult packedBase);
  BlockScales scalesOf(OpBuilder &builder, const Panel &panel);
  void emitGroup(OpBuilder &builder, const Bases &bases, Value block, const ColumnGroup &group,
                 RegisterTile tile);
  void emitSlab(OpBuilder &builder, Bases bases, const ColumnGroup &group, RowRange rows,
                RegisterTile tile);
  void emitRows(OpBuilder &builder, const Bases &bases, const ColumnGroup &group, RowRange rows,
                ArrayRef<int64_t> possibleCounts, RegisterTile tile);
  const ClippedTaps *clippedAt(std::optional<unsigned> dim);
  void clip(OpBuilder &builder, const ClippedTaps &taps, const ClippedTaps::Range &range,
            Bases &bases, RegisterTile &tile);
  void clipOuter(OpBuilder &builder, Bases &bases, RegisterTile &tile);
  void emitTileAt(OpBuilder &builder, const Bases &bases, OpFoldResult row, int64_t count,
                  RegisterTile tile);
  OpFoldResult strideOf(unsigned operand, std::optional<unsigned> dim, int64_t missing) {
    if (!dim)
      return IntegerAttr::get(IndexType::get(c.op.getContext()), missing);
    return c.nest.operands[operand].strides[*dim];
  }

  /// The only dim an unpacked rhs is summed over.
  std::optional<unsigned> firstReduction() {
    if (plan.reductions.empty())
      return std::nullopt;
    return plan.reductions.front();
  }

  Contraction &c;
  const ContractionPlan &plan;
  Location loc;
  unsigned result, firstExtra;
  /// Where the running item is along the dims `plan.outer`.
  SmallVector<Value> outerPositions;
};

} // namespace

/// In ns.
OpFoldResult ContractionEmitter::itemCost(OpBuilder &builder) {
  OpFoldResult rows = plan.blockSize;
  if (plan.slab)
    rows = mul(builder, rows, plan.rows);
  std::optional<int64_t> columns = getConstantIntValue(plan.columns);
  int64_t width = columns ? std::min(*columns, plan.panelWidth) : plan.panelWidth;
  OpFoldResult products = mul(builder, mul(builder, rows, attr(builder, width)), plan.depth);
  if (std::optional<int64_t> known = getConstantIntValue(products))
    return attr(builder, core::productTime(*known) + 1);
  Value shifted = arith::ShRUIOp::create(builder, loc, indexValue(builder, loc, products),
                                         arith::ConstantIndexOp::create(builder, loc, 6));
  return add(builder, shifted, attr(builder, 1));
}

void ContractionEmitter::emit(OpBuilder &builder) {
  SmallVector<OpFoldResult> sizes;
  for (unsigned d : plan.outer)
    sizes.push_back(c.nest.dims[d].size);
  sizes.push_back(plan.outerBlocks);
  // Matrices inside of blocks: phases write to the same cache lines.
  for (unsigned d : plan.matrices)
    sizes.push_back(c.nest.dims[d].size);
  sizes.push_back(plan.panels);
  sizes.push_back(plan.innerBlocks);
  emitItems(builder, loc, sizes, itemCost(builder),
            [&](OpBuilder &b, ValueRange positions) { emitItem(b, positions); });
}

ContractionEmitter::Bases ContractionEmitter::advance(OpBuilder &builder, const Bases &bases,
                                                      unsigned dim, OpFoldResult position) {
  Bases moved;
  for (auto [base, operand] : llvm::zip_equal(bases, c.nest.operands))
    moved.push_back(add(builder, base, mul(builder, position, operand.strides[dim])));
  return moved;
}

void ContractionEmitter::emitItem(OpBuilder &builder, ValueRange positions) {
  Bases bases(c.nest.operands.size(), attr(builder, 0));
  OpFoldResult packedBase = attr(builder, 0);
  outerPositions.assign(positions.begin(), positions.begin() + plan.outer.size());
  for (auto [d, position] : llvm::zip(plan.outer, positions))
    bases = advance(builder, bases, d, position);
  for (auto [d, position] :
       llvm::zip_equal(plan.matrices, positions.drop_front(plan.outer.size() + 1).drop_back(2))) {
    bases = advance(builder, bases, d, position);
    int64_t stored = c.layout->getStoredColumns(*getConstantIntValue(plan.columns));
    OpFoldResult step = mul(builder, plan.depth, attr(builder, stored * c.matrixStep(d)));
    packedBase = add(builder, packedBase, mul(builder, position, step));
  }
  // One of the two is 0.
  OpFoldResult blockOf = add(builder, positions[plan.outer.size()], positions.back());
  Value block = indexValue(builder, loc, blockOf), panel = positions.drop_back().back();
  Value firstColumn = indexValue(builder, loc, mul(builder, panel, attr(builder, plan.panelWidth)));
  std::optional<int64_t> full = getConstantIntValue(plan.fullPanels);
  std::optional<int64_t> rest = getConstantIntValue(plan.restColumns);
  Panel fullPanel{firstColumn, plan.panelWidth, {}};
  Panel restPanel{firstColumn, rest ? int64_t(llvm::alignTo(*rest, 8)) : plan.panelWidth,
                  plan.restColumns};
  auto emitOne = [&](OpBuilder &b, const Panel &which) {
    emitPanel(b, bases, block, which, packedBase);
  };
  if (!plan.hasRest())
    return emitOne(builder, fullPanel);
  if (full == 0)
    return emitOne(builder, restPanel);
  Value isFull = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, panel,
                                       indexValue(builder, loc, plan.fullPanels));
  auto branch = scf::IfOp::create(builder, loc, isFull, /*withElseRegion=*/true);
  OpBuilder thenBuilder = branch.getThenBodyBuilder(), elseBuilder = branch.getElseBodyBuilder();
  emitOne(thenBuilder, fullPanel);
  emitOne(elseBuilder, restPanel);
}

/// Those of a panel's columns; of no rows yet.
BlockScales ContractionEmitter::scalesOf(OpBuilder &builder, const Panel &panel) {
  const BlockForm &form = *c.blocks;
  BlockScales scales;
  scales.dots = form.lhsScale ? Type(builder.getI32Type()) : builder.getF32Type();
  scales.zeroPoint = form.zeroPoint;
  TileOperand columns{
      form.rhsScale,
      indexValue(builder, loc, mul(builder, panel.firstColumn, attr(builder, form.count))),
      attr(builder, panel.width), attr(builder, 1)};
  scales.rhsScale = columns;
  columns.flat = form.rhsZero;
  scales.rhsZero = columns;
  return scales;
}

void ContractionEmitter::emitPanel(OpBuilder &builder, const Bases &bases, Value block,
                                   const Panel &panel, OpFoldResult packedBase) {
  RegisterTile tile;
  tile.epilogue = &c.op.getEpilogueRegion().front();
  OpFoldResult rhsBase;
  for (unsigned d : plan.reductions)
    tile.reductions.push_back({c.nest.dims[d].size, c.nest.operands[0].strides[d], {}});
  if (c.blocks) {
    tile.blocks = scalesOf(builder, panel);
    if (c.blocks->count == 1) // a dim that the nest has not
      tile.reductions.insert(tile.reductions.begin(), {attr(builder, 1), attr(builder, 0), {}});
  }
  tile.rhs.columnStride = attr(builder, 1);
  bool inPanels = c.layout || plan.transposeRhs;
  if (c.layout) {
    tile.rhs.flat = c.packed;
    rhsBase = add(builder, packedBase, mul(builder, panel.firstColumn, plan.depth));
  } else if (plan.transposeRhs) {
    TransposedPanel copy{c.nest.operands[1].flat,
                         bases[1],
                         strideOf(1, plan.column, 0),
                         strideOf(1, firstReduction(), 1),
                         panel.firstColumn,
                         plan.columns,
                         panel.width,
                         *getConstantIntValue(plan.depth),
                         static_cast<int64_t>(c.level.f32Lanes())};
    tile.rhs.flat = emitTransposedPanel(builder, loc, copy);
    rhsBase = attr(builder, 0);
  } else {
    tile.rhs.flat = c.nest.operands[1].flat;
    tile.maskRhs = true;
    tile.rhs.columnStride = strideOf(1, plan.column, 1);
    rhsBase = add(builder, bases[1], mul(builder, panel.firstColumn, tile.rhs.columnStride));
    for (auto [reduction, d] : llvm::zip_equal(tile.reductions, plan.reductions))
      reduction.rhsStride = c.nest.operands[1].strides[d];
  }
  if (inPanels) {
    if (c.together() > 1) {
      TileReduction &last = tile.reductions.back();
      last.size = floorDivIndex(builder, loc, last.size, attr(builder, c.together()));
      last.lhsStride = attr(builder, c.together());
      tile.rhs.columnStride = attr(builder, c.together());
    }
    OpFoldResult stride = mul(builder, attr(builder, panel.width), tile.rhs.columnStride);
    for (TileReduction &reduction : llvm::reverse(tile.reductions)) {
      reduction.rhsStride = stride;
      stride = mul(builder, stride, reduction.size);
    }
  }
  std::optional<int64_t> known =
      panel.valid ? getConstantIntValue(panel.valid) : std::optional<int64_t>(panel.width);
  auto emitAt = [&](OpBuilder &b, const ColumnGroup &group, OpFoldResult offset) {
    RegisterTile at = tile;
    at.vectors = group.vectors;
    at.lanes = group.lanes;
    at.product = product(group.lanes);
    at.rhs.base = indexValue(b, loc, add(b, rhsBase, mul(b, offset, tile.rhs.columnStride)));
    if (at.blocks)
      for (TileOperand *operand : {&at.blocks->rhsScale, &at.blocks->rhsZero})
        operand->base = indexValue(b, loc, add(b, operand->base, offset));
    if (!known)
      at.validColumns = add(b, panel.valid, mul(b, offset, attr(b, -1)));
    else if (*known < group.end() && getConstantIntValue(offset))
      at.validColumns = attr(b, *known - *getConstantIntValue(offset));
    Bases moved = bases;
    OpFoldResult column = add(b, panel.firstColumn, offset);
    for (unsigned i = firstExtra; i <= result; ++i)
      moved[i] = add(b, moved[i], mul(b, column, strideOf(i, plan.column, i == result)));
    emitGroup(b, moved, block, group, at);
  };
  for (ColumnGroup group : coverColumns(panel.width, c.level)) {
    // The group that is cut stands apart, so that its mask is a constant. Of an unknown
    // number of columns, groups that have none are left out.
    int64_t whole = known && *known < group.end() ? group.count - 1 : group.count;
    OpFoldResult count = attr(builder, whole);
    if (!known && group.count > 1) {
      OpFoldResult left = add(builder, panel.valid, attr(builder, -group.offset));
      Value needed = indexValue(builder, loc, ceilDivIndex(builder, loc, left, group.width()));
      count =
          arith::MinUIOp::create(builder, loc, needed, indexValue(builder, loc, count)).getResult();
    }
    emitLoops(builder, loc, {count}, {},
              [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
                OpFoldResult offset = mul(b, at[0], attr(b, group.width()));
                ColumnGroup one = group;
                one.count = whole;
                emitAt(b, one, add(b, offset, attr(b, group.offset)));
                return {};
              });
    if (whole < group.count)
      emitAt(builder, group, attr(builder, group.offset + whole * group.width()));
  }
}

void ContractionEmitter::emitGroup(OpBuilder &builder, const Bases &bases, Value block,
                                   const ColumnGroup &group, RegisterTile tile) {
  OpFoldResult first = mul(builder, block, plan.blockSize);
  OpFoldResult size = plan.slab ? c.nest.dims[*plan.slab].size : plan.rows;
  OpFoldResult count = plan.blockSize;
  std::optional<int64_t> known = getConstantIntValue(size), each = getConstantIntValue(count);
  if (getConstantIntValue(plan.blocks) == 1)
    first = attr(builder, 0), count = size;
  else if (!known || !each || *known % *each != 0) {
    Value rest = arith::SubIOp::create(builder, loc, indexValue(builder, loc, size),
                                       indexValue(builder, loc, first));
    count = arith::MinUIOp::create(builder, loc, rest, indexValue(builder, loc, count)).getResult();
  }
  Bases outer = bases;
  clipOuter(builder, outer, tile);
  if (!plan.slab)
    return emitSlab(builder, outer, group, {first, count}, tile);
  emitLoops(builder, loc, {count}, {},
            [&](OpBuilder &b, ValueRange at, ValueRange) -> SmallVector<Value> {
              OpFoldResult slab = add(b, first, at[0]);
              Bases moved = advance(b, outer, *plan.slab, slab);
              RegisterTile clipped = tile;
              if (const ClippedTaps *taps = clippedAt(plan.slab))
                clip(b, *taps, taps->get(b, loc, slab, size), moved, clipped);
              emitSlab(b, moved, group, {attr(b, 0), plan.rows}, clipped);
              return {};
            });
}

const ClippedTaps *ContractionEmitter::clippedAt(std::optional<unsigned> dim) {
  for (const ClippedTaps &taps : c.clipped)
    if (dim && c.nest.dims[*dim].iterator == taps.place)
      return &taps;
  return nullptr;
}

/// Leaves out the taps that are not in `range`.
void ContractionEmitter::clip(OpBuilder &builder, const ClippedTaps &taps,
                              const ClippedTaps::Range &range, Bases &bases, RegisterTile &tile) {
  for (auto [d, reduction] : llvm::zip_equal(plan.reductions, tile.reductions)) {
    if (c.nest.dims[d].iterator != taps.tap)
      continue;
    // Taps are `dilation` inputs apart.
    OpFoldResult inputStride =
        floorDivIndex(builder, loc, reduction.lhsStride, attr(builder, taps.dilation));
    bases[0] = add(builder, bases[0], mul(builder, range.first, reduction.lhsStride));
    bases[0] = add(builder, bases[0], mul(builder, inputStride, attr(builder, -taps.before)));
    OpFoldResult skipped = mul(builder, range.first, reduction.rhsStride);
    tile.rhs.base = indexValue(builder, loc, add(builder, tile.rhs.base, skipped));
    reduction.size = range.count;
  }
}

/// Of dims that are neither rows nor slabs, and of such as have one place.
void ContractionEmitter::clipOuter(OpBuilder &builder, Bases &bases, RegisterTile &tile) {
  for (const ClippedTaps &taps : c.clipped) {
    if (&taps == clippedAt(plan.slab) || &taps == clippedAt(plan.row))
      continue;
    OpFoldResult place = attr(builder, 0), places = attr(builder, 1);
    for (auto [d, position] : llvm::zip_equal(plan.outer, outerPositions))
      if (&taps == clippedAt(d))
        place = position, places = c.nest.dims[d].size;
    clip(builder, taps, taps.get(builder, loc, place, places), bases, tile);
  }
}

/// The rows of one slab; where taps are clipped along them, run by run of rows with the same taps.
void ContractionEmitter::emitSlab(OpBuilder &builder, Bases bases, const ColumnGroup &group,
                                  RowRange rows, RegisterTile tile) {
  const ClippedTaps *taps = clippedAt(plan.row);
  if (!taps) {
    // All blocks of a known number of rows have the same size, but the last.
    std::optional<int64_t> known = getConstantIntValue(plan.rows);
    std::optional<int64_t> size = getConstantIntValue(plan.blockSize);
    SmallVector<int64_t> counts;
    if (known && size && !plan.slab)
      counts = {*size};
    if (!counts.empty() && *known % *size != 0)
      counts.push_back(*known % *size);
    return emitRows(builder, bases, group, rows, counts, tile);
  }
  bool isWhole = plan.slab || getConstantIntValue(plan.blocks) == 1;
  SmallVector<int64_t> lengths = isWhole ? taps->runLengths(plan.rows) : SmallVector<int64_t>();
  OpFoldResult end = add(builder, rows.first, rows.count);
  emitLoops(builder, loc, {attr(builder, taps->mostRuns())}, {indexValue(builder, loc, rows.first)},
            [&](OpBuilder &b, ValueRange, ValueRange first) -> SmallVector<Value> {
              ClippedTaps::Range range = taps->get(b, loc, first[0], end);
              Bases moved = bases;
              RegisterTile clipped = tile;
              clip(b, *taps, range, moved, clipped);
              OpFoldResult count = add(b, range.end, mul(b, first[0], attr(b, -1)));
              emitRows(b, moved, group, {first[0], count}, lengths, clipped);
              return {indexValue(b, loc, range.end)};
            });
}

void ContractionEmitter::emitRows(OpBuilder &builder, const Bases &bases, const ColumnGroup &group,
                                  RowRange rows, ArrayRef<int64_t> possibleCounts,
                                  RegisterTile tile) {
  int64_t most = std::min(group.maxRows(c.level), plan.maxTileRows);
  if (tile.product && tile.product->hasExcess())
    most = std::max<int64_t>(1, most - 1);
  if (!getConstantIntValue(strideOf(0, plan.row, 0)))
    most = std::min<int64_t>(most, 8); // each row's address is a register of its own
  emitRowTiles(builder, loc, rows.first, rows.count, most, possibleCounts,
               [&](OpBuilder &b, OpFoldResult row, int64_t count) {
                 emitTileAt(b, bases, row, count, tile);
               });
}

void ContractionEmitter::emitTileAt(OpBuilder &builder, const Bases &bases, OpFoldResult row,
                                    int64_t count, RegisterTile tile) {
  tile.rows = count;
  auto operand = [&](unsigned i, int64_t columnStride) {
    OpFoldResult rowStride = strideOf(i, plan.row, 0);
    OpFoldResult base = add(builder, bases[i], mul(builder, row, rowStride));
    return TileOperand{c.nest.operands[i].flat, indexValue(builder, loc, base), rowStride,
                       strideOf(i, plan.column, columnStride)};
  };
  tile.lhs = operand(0, 0);
  auto ofBlocks = [&](std::optional<unsigned> i) {
    if (!i)
      return TileOperand{};
    TileOperand scales = operand(*i, 0);
    scales.columnStride = attr(builder, 1);
    return scales;
  };
  if (tile.blocks) {
    tile.blocks->lhsScale = ofBlocks(c.blocks->lhsScale);
    tile.blocks->lhsSums = ofBlocks(c.blocks->lhsSums);
  }
  for (unsigned i = firstExtra; i < result; ++i)
    tile.extras.push_back(operand(i, 0));
  tile.result = operand(result, 1);
  emitTile(builder, loc, tile);
}

bool cpu::canEmitEpilogue(kernel::EpilogueOpInterface op, StringRef &reason) {
  auto init = cast<ShapedType>(op.getInitOperand().get().getType());
  SmallVector<Type> elements = {init.getElementType()};
  for (Value extra : op.getExtraOperands())
    elements.push_back(cast<ShapedType>(extra.getType()).getElementType());
  if (!llvm::all_of(elements, isVectorElement) ||
      llvm::any_of(elements, [](Type type) { return type.isInteger(1); })) {
    reason = "an element type is no vector element";
    return false;
  }
  return canVectorizeBody(op.getEpilogueRegion().front(), &reason);
}

bool cpu::canEmitContraction(kernel::EpilogueOpInterface op, ShapedType lhs, ShapedType rhs,
                             std::optional<kernel::PanelsAttr> layout, StringRef &reason) {
  auto refuse = [&](StringRef why) {
    reason = why;
    return false;
  };
  Type element = lhs.getElementType(), weight = rhs.getElementType();
  Type accumulator = op.getAccumulatorType();
  int64_t together = getInterleave(element, weight);
  if (together == 0 || !(isa<FloatType>(element) ? accumulator.isF32() : accumulator.isInteger(32)))
    return refuse("neither f32 nor bf16, nor 8-bit integers");
  if (together != (layout ? layout->getInterleave() : 1) || (element != weight && !layout))
    return refuse(weight.isF32() ? "panels of another form"
                                 : "narrow weights that are not packed side by side");
  return canEmitEpilogue(op, reason);
}

LogicalResult cpu::emitContraction(OpBuilder &builder, Contraction contraction) {
  llvm::SmallBitVector fixed(contraction.nest.dims.size());
  fixed.set(contraction.column);
  if (contraction.blocks)
    fixed.set(contraction.blocks->dim).set(contraction.blocks->dim + 1);
  for (const MatrixDim &matrix : contraction.matrices)
    fixed.set(matrix.iterator);
  for (const ClippedTaps &taps : contraction.clipped) {
    fixed.set(taps.place);
    // In an input without its border, taps before these may follow upon the channels as if these,
    // which are between them in the packed rhs, were none.
    for (const NestDim &dim : contraction.nest.dims)
      if (dim.reduction && dim.iterator <= taps.tap)
        fixed.set(dim.iterator);
  }
  contraction.nest.simplify(builder, contraction.op.getLoc(), fixed);
  ContractionPlan plan = ContractionPlan::get(builder, contraction);
  ContractionEmitter(contraction, plan).emit(builder);
  return success();
}
