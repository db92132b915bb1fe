//===- FuseTiles.cpp - two kernels on one tile of rows --------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td. On memrefs, before the arena is planned: what is between the two kernels becomes
// scratch of the parallel loop, and both stay the ops they were, on views of some rows.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Fuse/Fuse.h"
#include "lib/IR/ConstantBytes.h"
#include "lib/IR/Remarks.h"
#include "lib/Place/Place.h"
#include "lib/Profile/KernelWork.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace optc;
using namespace optc::profile;
using place::bufferAlignment;

namespace optc::fuse {
#define GEN_PASS_DEF_FUSETILES
#include "lib/Fuse/Passes.h.inc"

namespace {

/// Blocks of an image where it is high enough and they fit the cache: threads share them.
constexpr int64_t wantedBlocks = 32, minBlocks = 4;

int64_t bytesOf(Value value) {
  auto type = cast<MemRefType>(value.getType());
  return type.getNumElements() * elementBytes(type.getElementType());
}

/// Rows of the input that a convolution reads for so many rows of its result: the first needs those
/// of a window, each more `strides` more.
AffineExpr inputRows(kernel::ConvOp conv, AffineExpr rows) {
  return (rows - 1) * conv.getStrides()[0] + (conv.getWindow()[0] - 1) * conv.getDilations()[0] + 1;
}

/// A convolution and what reads its result: a convolution of windows of one place, or a pool.
struct Pair {
  kernel::ConvOp producer;
  Operation *consumer;
  memref::AllocOp between;

  kernel::PoolOp pool() { return dyn_cast<kernel::PoolOp>(consumer); }
  MemRefType type() { return between.getType(); }
  int64_t bytes() { return bytesOf(between); }
  /// Floating-point operations of both.
  double operations() {
    double count = 2.0 * type().getNumElements() * producer.getReductionSize();
    if (auto next = dyn_cast<kernel::ConvOp>(consumer))
      count +=
          2.0 * cast<MemRefType>(result().getType()).getNumElements() * next.getReductionSize();
    return count;
  }
  Value result() { return cast<kernel::EpilogueOpInterface>(consumer).getInitOperand().get(); }
  int64_t resultRows() { return cast<MemRefType>(result().getType()).getDimSize(1); }
  /// Rows of what is between: the first of the result needs `window`, each more `step`.
  int64_t step() { return pool() ? pool().getStrides()[0] : 1; }
  int64_t window() { return pool() ? pool().getWindow()[0] : 1; }
  int64_t padBegin() { return pool() ? pool().getPadsBegin()[0] : 0; }
  int64_t rowsFor(int64_t rows) { return (rows - 1) * step() + window(); }
};

bool isPlanar(Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  return type && type.getRank() == 4 && type.hasStaticShape();
}

bool isPointwise(kernel::ConvOp conv) {
  auto isOne = [](int64_t size) { return size == 1; };
  return llvm::all_of(conv.getWindow(), isOne) && llvm::all_of(conv.getStrides(), isOne) &&
         conv.getPhases().empty() && conv.getPads().empty() && conv.getGroups() == 1;
}

/// The memory a value is of, through views.
Value rootOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether the producer can run where the consumer is: nothing in between writes what it reads.
bool canMoveDown(Pair &pair) {
  llvm::SmallPtrSet<Value, 8> read;
  for (Value operand : pair.producer->getOperands())
    read.insert(rootOf(operand));
  for (Operation *op = pair.producer->getNextNode(); op != pair.consumer; op = op->getNextNode()) {
    if (!op)
      return false;
    if (isMemoryEffectFree(op) || isa<memref::AllocOp>(op))
      continue;
    auto kernelOp = dyn_cast<DestinationStyleOpInterface>(op);
    if (!kernelOp || !isKernel(op))
      return false;
    for (Value init : kernelOp.getDpsInits())
      if (read.contains(rootOf(init)))
        return false;
  }
  return true;
}

/// The consumer of a convolution's result, if a tile can be between them; null for pairs of other
/// kinds. `refusal` is set for one of the right kind that has another hindrance.
std::optional<Pair> findPair(kernel::ConvOp conv, StringRef &refusal) {
  auto between = conv.getInit().getDefiningOp<memref::AllocOp>();
  if (!between || conv->getNumResults() > 0 || conv.getWindow().size() != 2 ||
      !conv.getPhases().empty() || !conv.getPads().empty())
    return std::nullopt;
  Operation *consumer = nullptr;
  for (Operation *user : between->getUsers()) {
    if (user == conv)
      continue;
    if (consumer)
      return std::nullopt;
    consumer = user;
  }
  auto pool = dyn_cast_or_null<kernel::PoolOp>(consumer);
  auto next = dyn_cast_or_null<kernel::ConvOp>(consumer);
  auto layout = conv.getLayoutAttr();
  bool isDepthwise = isa_and_present<kernel::TapsAttr>(layout) && next && isPointwise(next) &&
                     isa_and_present<kernel::PanelsAttr>(next.getLayoutAttr()) &&
                     next.getInput() == between.getResult();
  bool isPooled = isa_and_present<kernel::PanelsAttr>(layout) && pool &&
                  pool.getInput() == between.getResult() && pool.getKind() == kernel::PoolKind::Max;
  if (!isDepthwise && !isPooled)
    return std::nullopt;
  Pair pair{conv, consumer, between};
  if (!isPlanar(between) || !isPlanar(conv.getInput()) || !isPlanar(pair.result()))
    refusal = "sizes are only known when it runs";
  else if (consumer->getBlock() != conv->getBlock() || !canMoveDown(pair))
    refusal = "what the first one reads is written before the second one";
  else if (isPooled &&
           (pool.getDilations()[0] != 1 || pool.getPadsBegin()[0] >= pool.getWindow()[0]))
    refusal = "windows of the pool have holes, or can be in the border alone";
  return pair;
}

/// What a block of rows reads and writes: its share of the images, and all weights.
int64_t workingSet(Pair &pair, int64_t rows) {
  int64_t images = pair.type().getDimSize(0), inner = pair.rowsFor(rows);
  auto share = [&](Value value, int64_t used) {
    return bytesOf(value) / (images * cast<MemRefType>(value.getType()).getDimSize(1)) * used;
  };
  kernel::ConvOp conv = pair.producer;
  AffineExpr read = inputRows(conv, getAffineConstantExpr(inner, conv.getContext()));
  int64_t bytes = share(conv.getInput(), cast<AffineConstantExpr>(read).getValue()) +
                  share(pair.between, inner) + share(pair.result(), rows) +
                  bytesOf(conv.getFilter());
  if (auto next = dyn_cast<kernel::ConvOp>(pair.consumer))
    bytes += bytesOf(next.getFilter());
  return bytes;
}

/// Rows of the consumer's result in one block; 0 with a reason if none is good.
int64_t chooseRows(Pair &pair, const FuseTilesOptions &core, StringRef &refusal) {
  // Of nothing, too, before anything is divided by its sizes.
  if (pair.bytes() <= core.cacheBytes || pair.resultRows() == 0) {
    refusal = "what is between them fits the cache";
    return 0;
  }
  int64_t all = pair.resultRows(), width = pair.type().getDimSize(2),
          images = pair.type().getDimSize(0);
  // Rows that two blocks need are computed twice: no more than some percent of them.
  int64_t twice = std::max<int64_t>(0, pair.window() - pair.step());
  auto even = [&](int64_t rows) { // tiles of depthwise kernels have two rows
    return std::min<int64_t>(all, llvm::alignTo(rows, 2));
  };
  int64_t least = even(std::max<int64_t>(llvm::divideCeil(core.leastPlaces, width), 8 * twice));
  int64_t rows = std::max(least, even(llvm::divideCeil(all, wantedBlocks))),
          most = core.cacheBytes / 4 * 3;
  while (rows > least && workingSet(pair, rows) > most)
    rows = std::max(least, even(rows / 2));
  int64_t blocks = images * llvm::divideCeil(all, rows);
  double operations = 2.0 * twice * (blocks - images) * width * pair.type().getDimSize(3) *
                      pair.producer.getReductionSize();
  if (2.0 * pair.bytes() < core.hiddenBytesPerOperation * pair.operations())
    refusal = "computing hides what is moved between them";
  else if (workingSet(pair, rows) > most)
    refusal = "a block of rows and the weights do not fit the cache";
  else if (blocks < minBlocks)
    refusal = "there are too few blocks of rows for threads to share";
  else if (operations * core.bytesPerOperation > 2.0 * pair.bytes())
    refusal = "windows overlap, and computing rows twice takes longer than to store them";
  return refusal.empty() ? rows : 0;
}

/// Emits the loop over blocks of rows in front of the consumer.
class TileLoop {
public:
  TileLoop(Pair pair, int64_t rows, int64_t operationsPerNs)
      : pair(pair), rows(rows), operationsPerNs(operationsPerNs),
        b(FusedLoc::get(pair.consumer->getContext(),
                        {pair.producer->getLoc(), pair.consumer->getLoc()}),
          pair.consumer) {}

  void run();

private:
  using Sizes = SmallVector<OpFoldResult>;

  Value evaluate(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return getValueOrCreateConstantIndexOp(
        b, b.getLoc(), affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands));
  }
  /// Rows [first, first + count) of image `image`.
  Value viewRows(Value memref, OpFoldResult image, OpFoldResult first, OpFoldResult count) {
    auto type = cast<MemRefType>(memref.getType());
    if (type.getDimSize(0) == 1 && isConstantIntValue(first, 0) &&
        isConstantIntValue(count, type.getDimSize(1)))
      return memref;
    Sizes offsets(4, b.getIndexAttr(0)), steps(4, b.getIndexAttr(1)), sizes;
    for (int64_t size : type.getShape())
      sizes.push_back(b.getIndexAttr(size));
    offsets[0] = image, offsets[1] = first;
    sizes[0] = b.getIndexAttr(1), sizes[1] = count;
    return memref::SubViewOp::create(b, memref, offsets, sizes, steps);
  }
  /// Operands of an epilogue, for these rows of the result.
  SmallVector<Value> viewExtras(kernel::EpilogueOpInterface op, OpFoldResult first,
                                OpFoldResult count);
  Operation *cloneOn(Operation *op, Value input, ValueRange extras, Value init);
  void runBlock(Value item, Value tile);
  void runProducer(OpFoldResult first, OpFoldResult count, Value into);
  void keepWork(run::ParallelOp loop);

  Pair pair;
  int64_t rows; ///< of the consumer's result in a block
  int64_t operationsPerNs;
  ImplicitLocOpBuilder b;
  Value image;
};

} // namespace

SmallVector<Value> TileLoop::viewExtras(kernel::EpilogueOpInterface op, OpFoldResult first,
                                        OpFoldResult count) {
  SmallVector<Value> views;
  for (auto [extra, map] : llvm::zip_equal(op.getExtraOperands(), op.getExtraMapList())) {
    auto type = cast<MemRefType>(extra.getType());
    Sizes offsets(type.getRank(), b.getIndexAttr(0)), steps(type.getRank(), b.getIndexAttr(1)),
        sizes;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      sizes.push_back(memref::getMixedSize(b, b.getLoc(), extra, d));
      auto dim = dyn_cast<AffineDimExpr>(map.getResult(d));
      if (dim && dim.getPosition() == 0)
        offsets[d] = image, sizes[d] = b.getIndexAttr(1);
      if (dim && dim.getPosition() == 1)
        offsets[d] = first, sizes[d] = count;
    }
    bool isWhole =
        llvm::all_of(offsets, [](OpFoldResult offset) { return isConstantIntValue(offset, 0); });
    views.push_back(
        isWhole ? extra : memref::SubViewOp::create(b, extra, offsets, sizes, steps).getResult());
  }
  return views;
}

/// The op with other memory: its operands are the input, a filter, the extras, the init.
Operation *TileLoop::cloneOn(Operation *op, Value input, ValueRange extras, Value init) {
  Operation *copy = b.clone(*op);
  auto typed = cast<kernel::EpilogueOpInterface>(copy);
  copy->setOperand(0, input);
  unsigned firstExtra = typed.getInitOperand().getOperandNumber() - extras.size();
  for (auto [i, extra] : llvm::enumerate(extras))
    copy->setOperand(firstExtra + i, extra);
  typed.getInitOperand().set(init);
  return copy;
}

/// Rows [first, first + count) of what is between, at the start of `into`.
void TileLoop::runProducer(OpFoldResult first, OpFoldResult count, Value into) {
  kernel::ConvOp conv = pair.producer;
  AffineExpr row = b.getAffineDimExpr(0);
  OpFoldResult start =
      affine::makeComposedFoldedAffineApply(b, b.getLoc(), row * conv.getStrides()[0], {first});
  OpFoldResult size =
      affine::makeComposedFoldedAffineApply(b, b.getLoc(), inputRows(conv, row), {count});
  Value input = viewRows(conv.getInput(), image, start, size);
  cloneOn(conv, input, viewExtras(cast<kernel::EpilogueOpInterface>(*conv), first, count), into);
}

void TileLoop::runBlock(Value item, Value tile) {
  int64_t all = pair.resultRows(), blocks = llvm::divideCeil(all, rows);
  AffineExpr x = b.getAffineDimExpr(0), y = b.getAffineDimExpr(1);
  image = evaluate(x.floorDiv(blocks), {OpFoldResult(item)});
  OpFoldResult first = affine::makeComposedFoldedAffineApply(b, b.getLoc(), (x % blocks) * rows,
                                                             {OpFoldResult(item)});
  auto smaller = [&](OpFoldResult value, AffineExpr bound, OpFoldResult operand) -> OpFoldResult {
    Value limit = evaluate(bound, {operand});
    return arith::MinSIOp::create(b, getValueOrCreateConstantIndexOp(b, b.getLoc(), value), limit)
        .getResult();
  };
  OpFoldResult count = b.getIndexAttr(rows), zero = b.getIndexAttr(0);
  if (all % rows != 0)
    count = smaller(count, b.getAffineConstantExpr(all) - x, first);
  // Rows of what is between: those of the windows, of which some may be outside.
  int64_t step = pair.step(), window = pair.window(), before = pair.padBegin();
  int64_t inside = pair.type().getDimSize(1);
  OpFoldResult begin =
      affine::makeComposedFoldedAffineApply(b, b.getLoc(), x * step - before, {first});
  OpFoldResult needed =
      affine::makeComposedFoldedAffineApply(b, b.getLoc(), (x - 1) * step + window, {count});
  if ((all - 1) * step + window - before > inside)
    needed = smaller(needed, b.getAffineConstantExpr(inside) - x, begin);
  OpFoldResult above = zero;
  if (before > 0) {
    Value top = evaluate(-x, {begin}), none = arith::ConstantIndexOp::create(b, 0);
    above = arith::MaxSIOp::create(b, top, none).getResult();
    Value least = arith::ConstantOp::create(
        b, b.getFloatAttr(pair.type().getElementType(), -std::numeric_limits<double>::infinity()));
    linalg::FillOp::create(b, ValueRange{least}, ValueRange{viewRows(tile, zero, zero, above)});
  }
  OpFoldResult from = affine::makeComposedFoldedAffineApply(b, b.getLoc(), x + y, {begin, above});
  OpFoldResult made = affine::makeComposedFoldedAffineApply(b, b.getLoc(), x - y, {needed, above});
  runProducer(from, made, viewRows(tile, zero, above, made));
  auto consumer = cast<kernel::EpilogueOpInterface>(pair.consumer);
  Operation *copy =
      cloneOn(consumer, viewRows(tile, zero, zero, needed), viewExtras(consumer, first, count),
              viewRows(pair.result(), image, first, count));
  if (auto pool = dyn_cast<kernel::PoolOp>(copy)) {
    SmallVector<int64_t> pads(pool.getPadsBegin());
    pads[0] = 0;
    pool.setPadsBegin(pads);
  }
}

/// The work of the two, without what they no longer move.
void TileLoop::keepWork(run::ParallelOp loop) {
  Counts counts;
  countWork(pair.producer, counts);
  countWork(pair.consumer, counts);
  SmallVector<double> values;
  for (const Sum &sum : counts) {
    double total = 0;
    for (const Monomial &product : sum.products())
      total += product.constant;
    values.push_back(total);
  }
  values[Bytes] -= 2.0 * pair.bytes();
  loop->setAttr(run::workAttr, run::WorkAttr::get(b.getContext(), b.getDenseF64ArrayAttr(values),
                                                  b.getStringAttr(familyOf(pair.producer) + " + " +
                                                                  familyOf(pair.consumer))));
}

void TileLoop::run() {
  int64_t items = pair.type().getDimSize(0) * llvm::divideCeil(pair.resultRows(), rows);
  kernel::ConvOp conv = pair.producer;
  int64_t products = pair.type().getNumElements() * conv.getReductionSize();
  if (auto next = dyn_cast<kernel::ConvOp>(pair.consumer))
    products +=
        cast<MemRefType>(pair.result().getType()).getNumElements() * next.getReductionSize();
  Value trip = arith::ConstantIndexOp::create(b, items),
        cost = arith::ConstantIndexOp::create(b, 2 * products / (operationsPerNs * items));
  auto loop = run::ParallelOp::create(b, trip, cost);
  keepWork(loop);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&loop.getBody().front());
  SmallVector<int64_t> shape(pair.type().getShape());
  shape[0] = 1, shape[1] = pair.rowsFor(rows);
  Value tile =
      memref::AllocaOp::create(b, MemRefType::get(shape, pair.type().getElementType()),
                               ValueRange{}, ValueRange{}, b.getI64IntegerAttr(bufferAlignment));
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto each = scf::ForOp::create(b, loop.getLowerBound(), loop.getUpperBound(), one);
  b.setInsertionPointToStart(each.getBody());
  runBlock(each.getInductionVar(), tile);
}

namespace {
struct FuseTilesPass : impl::FuseTilesBase<FuseTilesPass> {
  using FuseTilesBase::FuseTilesBase;

  void runOnOperation() override {
    if (cacheBytes == 0)
      return;
    FuseTilesOptions core{cacheBytes, operationsPerNs, leastPlaces, bytesPerOperation,
                          hiddenBytesPerOperation};
    SmallVector<kernel::ConvOp> convs;
    getOperation()->walk([&](kernel::ConvOp conv) { convs.push_back(conv); });
    llvm::SmallPtrSet<Operation *, 8> fused;
    for (kernel::ConvOp conv : convs) {
      if (fused.contains(conv))
        continue;
      StringRef refusal;
      std::optional<Pair> pair = findPair(conv, refusal);
      if (!pair)
        continue;
      int64_t rows = refusal.empty() ? chooseRows(*pair, core, refusal) : 0;
      if (rows == 0) {
        remarkRefused("fuse-tiles", "tile", conv, pair->consumer, refusal);
        continue;
      }
      remarkMade("fuse-tiles", "tile", conv, pair->consumer);
      TileLoop(*pair, rows, operationsPerNs).run();
      fused.insert(pair->consumer);
      pair->consumer->erase();
      conv.erase();
      pair->between.erase();
    }
  }
};
} // namespace
} // namespace optc::fuse
