//===- Control.cpp - control flow ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If, Loop and Scan as scf ops with nn ops inside.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

/// The i1 of a condition tensor of one element.
static Value scalarCondition(NNBuilder &b, Value tensor) {
  Value scalar = b.reshape(tensor, ArrayRef<int64_t>());
  return tensor::ExtractOp::create(b, b.getLoc(), scalar, ValueRange());
}

/// A type both branches' values can be cast to; null if their ranks or elements differ.
static RankedTensorType commonType(Value a, Value b) {
  RankedTensorType left = NNBuilder::typeOf(a), right = NNBuilder::typeOf(b);
  if (left.getRank() != right.getRank() || left.getElementType() != right.getElementType())
    return {};
  SmallVector<int64_t> sizes;
  for (auto [x, y] : llvm::zip(left.getShape(), right.getShape()))
    sizes.push_back(x == y ? x : ShapedType::kDynamic);
  return left.clone(sizes);
}

static void yieldAs(NNBuilder &b, ValueRange values, TypeRange types) {
  SmallVector<Value> results;
  for (auto [value, type] : llvm::zip(values, types))
    results.push_back(value.getType() == type
                          ? value
                          : tensor::CastOp::create(b, b.getLoc(), type, value).getResult());
  scf::YieldOp::create(b, b.getLoc(), results);
}

/// Imports one branch in place of the whole op.
static LogicalResult importBranch(NodeImport &n, StringRef branch) {
  auto values = n.importSubgraph(branch, {});
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values))
    n.setResult(i, value);
  return success();
}

/// torch.squeeze as exporters write it: `if (size == 1) squeeze(x) else x`, where the size is
/// dynamic. Ranks are static here, so the squeezing branch is taken: its reshape checks the size
/// when the model runs. Returns that branch, or "".
static StringRef squeezingBranch(ArrayRef<Value> thenValues, ArrayRef<Value> elseValues) {
  auto squeezes = [](ArrayRef<Value> values, ArrayRef<Value> others) {
    return llvm::all_of(llvm::zip(values, others), [](auto pair) {
      auto reshape = std::get<0>(pair).template getDefiningOp<ReshapeOp>();
      return reshape && reshape.getInput() == std::get<1>(pair) &&
             NNBuilder::rankOf(std::get<0>(pair)) < NNBuilder::rankOf(std::get<1>(pair));
    });
  };
  if (squeezes(thenValues, elseValues))
    return "then_branch";
  return squeezes(elseValues, thenValues) ? "else_branch" : "";
}

namespace {
/// A branch before its op exists; what is left of it in the end is forgotten.
struct Branch {
  NNBuilder &b;
  Region region;
  SmallVector<Value> values;

  explicit Branch(NNBuilder &b) : b(b) {}
  ~Branch() { b.discardRegion(region); }
};
} // namespace

static LogicalResult importIf(NodeImport &n) {
  NNBuilder &b = n.b;
  // A condition known at compile time leaves one branch.
  if (auto known = n.constantInts(0))
    return importBranch(n, (*known)[0] ? "then_branch" : "else_branch");
  Value condition = scalarCondition(b, n.operand(0));
  OpBuilder::InsertionGuard guard(b);
  Branch branches[] = {Branch(b), Branch(b)};
  bool isImported = true; // both, to tell all that is wrong
  for (Branch &branch : branches) {
    b.setInsertionPointToStart(&branch.region.emplaceBlock());
    auto imported = n.importSubgraph(&branch == branches ? "then_branch" : "else_branch", {});
    isImported &= succeeded(imported);
    if (succeeded(imported))
      branch.values = *imported;
  }
  if (!isImported)
    return failure();
  ArrayRef<Value> thenValues = branches[0].values, elseValues = branches[1].values;
  if (thenValues.size() != elseValues.size())
    return n.invalid("its branches have different numbers of outputs");
  SmallVector<Type> types;
  for (auto [i, pair] : llvm::enumerate(llvm::zip(thenValues, elseValues))) {
    types.push_back(commonType(std::get<0>(pair), std::get<1>(pair)));
    if (types.back())
      continue;
    StringRef branch = squeezingBranch(thenValues, elseValues);
    if (branch.empty())
      return n.unsupported("its branches give output " + Twine(i) + " different ranks or types");
    b.discardRegion(branches[0].region);
    b.discardRegion(branches[1].region);
    b.setInsertionPointAfterValue(condition);
    return importBranch(n, branch);
  }
  for (Branch &branch : branches) {
    b.setInsertionPointToEnd(&branch.region.front());
    yieldAs(b, branch.values, types);
  }
  b.setInsertionPointAfterValue(condition);
  auto op = scf::IfOp::create(b, b.getLoc(), types, condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().takeBody(branches[0].region);
  op.getElseRegion().takeBody(branches[1].region);
  for (auto [i, value] : llvm::enumerate(op.getResults()))
    n.setResult(i, value);
  return success();
}

//===----------------------------------------------------------------------===//
// Loop and Scan
//===----------------------------------------------------------------------===//

namespace {
/// Loop and Scan as scf.while over (iteration, condition, state..., scan outputs...). Scan outputs
/// grow by concatenation. Where the body changes the shape of a state, its type gets dynamic
/// sizes, which takes another try at importing the body.
class LoopImport {
public:
  explicit LoopImport(NodeImport &n, bool isScan) : n(n), b(n.b), isScan(isScan) {}
  LogicalResult run();

private:
  LogicalResult prepare();
  LogicalResult prepareScanInputs(int64_t count);
  LogicalResult addScanOutputs();
  LogicalResult tryImport(ArrayRef<Type> carried, SmallVectorImpl<Type> &produced, scf::WhileOp &loop);
  Value limit();
  SmallVector<Value> bodyArguments(Block *block);
  Value placeScanOutput(Value stack, size_t index);

  NodeImport &n;
  NNBuilder &b;
  bool isScan;
  size_t stateCount = 0;
  SmallVector<Value> initial;    // states, then empty scan outputs
  SmallVector<Value> scanInputs; // of Scan
  SmallVector<int64_t> axes, directions;
};
} // namespace

/// A scalar of the IR as a tensor of one element.
static Value scalarTensor(NNBuilder &b, Value scalar) {
  return tensor::FromElementsOp::create(b, b.getLoc(), RankedTensorType::get({}, scalar.getType()),
                                        scalar);
}

static Value extractScalar(NNBuilder &b, Value tensor) {
  return tensor::ExtractOp::create(b, b.getLoc(), b.reshape(tensor, ArrayRef<int64_t>()), ValueRange());
}

/// Joins [count, ...] and [...] to [count + 1, ...]. The stack of no rows does not know the sizes of
/// a row that only the body knows: it takes them from the row.
static Value append(NNBuilder &b, Value stack, Value row) {
  Value element = b.unsqueeze(row, {0});
  if (!NNBuilder::typeOf(row).hasStaticShape())
    stack = b.reshape(stack, b.concat({b.sizeOf(stack, 0), b.shapeOf(row)}, 0), /*allowZero=*/true);
  return b.concat({stack, element}, 0);
}

LogicalResult LoopImport::prepareScanInputs(int64_t count) {
  stateCount = n.numOperands() - count;
  axes = n.intsAttr("scan_input_axes");
  axes.resize(count, 0);
  directions = n.intsAttr("scan_input_directions");
  directions.resize(count, 0);
  for (int64_t i = 0; i < count; ++i) {
    scanInputs.push_back(n.operand(stateCount + i));
    axes[i] = b.axisOf(scanInputs.back(), axes[i]);
  }
  return count > 0 ? success() : n.invalid("it has no scan inputs");
}

LogicalResult LoopImport::prepare() {
  const Graph *body = n.subgraph("body");
  if (!body || n.numOperands() < (isScan ? 1 : 2))
    return n.invalid("it has no body or no inputs");
  stateCount = n.numOperands() - 2;
  if (isScan && failed(prepareScanInputs(n.intAttr("num_scan_inputs"))))
    return failure();
  for (size_t i = 0; i < stateCount; ++i)
    initial.push_back(n.operand(isScan ? i : i + 2));
  return addScanOutputs();
}

/// For each scan output a tensor of no rows. What a row is shows a first import of the body,
/// which is thrown away.
LogicalResult LoopImport::addScanOutputs() {
  SmallVector<Type> carried = llvm::map_to_vector(initial, [](Value value) { return value.getType(); });
  SmallVector<Type> produced;
  scf::WhileOp trial;
  if (failed(tryImport(carried, produced, trial)))
    return failure();
  b.discard(trial);
  for (Type type : ArrayRef(produced).drop_front(stateCount)) {
    auto row = cast<RankedTensorType>(type);
    SmallVector<int64_t> sizes = {0};
    for (int64_t size : row.getShape())
      sizes.push_back(ShapedType::isDynamic(size) ? 0 : size);
    initial.push_back(b.expand(b.scalar(row.getElementType(), 0), b.ints(sizes)));
  }
  return success();
}

/// The largest number of iterations as i64.
Value LoopImport::limit() {
  if (isScan)
    return extractScalar(b, b.sizeOf(scanInputs.front(), axes.front()));
  if (n.hasOperand(0))
    return extractScalar(b, n.operand(0));
  return arith::ConstantIntOp::create(b, b.getLoc(), std::numeric_limits<int64_t>::max(), 64);
}

/// What the body's inputs are bound to in one iteration.
SmallVector<Value> LoopImport::bodyArguments(Block *block) {
  SmallVector<Value> arguments;
  Value iteration = scalarTensor(b, block->getArgument(0));
  if (!isScan)
    arguments = {iteration, scalarTensor(b, block->getArgument(1))};
  llvm::append_range(arguments, block->getArguments().slice(2, stateCount));
  for (auto [input, axis, isBackward] : llvm::zip(scanInputs, axes, directions)) {
    Value position = iteration;
    if (isBackward) {
      Value last = b.binary(BinaryKind::Sub, b.reshape(b.sizeOf(input, axis), ArrayRef<int64_t>()), 1.0);
      position = b.binary(BinaryKind::Sub, last, iteration);
    }
    arguments.push_back(b.make<GatherOp>(NNBuilder::elementOf(input), input, position, axis));
  }
  return arguments;
}

/// Imports the body for given types of what is carried; `produced` are the types it gives back.
LogicalResult LoopImport::tryImport(ArrayRef<Type> carried, SmallVectorImpl<Type> &produced,
                                    scf::WhileOp &loop) {
  Location loc = b.getLoc();
  OpBuilder::InsertionGuard guard(b);
  Value first = arith::ConstantIntOp::create(b, loc, 0, 64), last = limit();
  Value condition = !isScan && n.hasOperand(1) ? scalarCondition(b, n.operand(1))
                                               : arith::ConstantIntOp::create(b, loc, 1, 1).getResult();
  SmallVector<Value> inits = {first, condition};
  for (auto [value, type] : llvm::zip(initial, carried))
    inits.push_back(value.getType() == type ? value
                                            : tensor::CastOp::create(b, loc, type, value).getResult());
  SmallVector<Type> types = llvm::map_to_vector(inits, [](Value value) { return value.getType(); });
  loop = scf::WhileOp::create(b, loc, types, inits);
  SmallVector<Location> locs(types.size(), loc);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
  Value inRange = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, before->getArgument(0), last);
  Value goesOn = arith::AndIOp::create(b, loc, inRange, before->getArgument(1));
  scf::ConditionOp::create(b, loc, goesOn, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
  auto results = n.importSubgraph("body", bodyArguments(after));
  if (failed(results))
    return failure();
  Value isTrue = after->getArgument(1);
  if (!isScan) {
    isTrue = scalarCondition(b, results->front());
    results->erase(results->begin());
  }
  if (results->size() < stateCount)
    return n.invalid("its body has too few outputs");
  SmallVector<Value> next(*results);
  for (size_t i = stateCount; i < carried.size(); ++i)
    next[i] = append(b, after->getArgument(i + 2), next[i]);
  Value one = arith::ConstantIntOp::create(b, loc, 1, 64);
  SmallVector<Value> yielded = {arith::AddIOp::create(b, loc, after->getArgument(0), one), isTrue};
  for (Value value : next)
    produced.push_back(value.getType());
  for (auto [value, type] : llvm::zip(next, carried)) {
    bool needsCast = value.getType() != type && tensor::CastOp::areCastCompatible(value.getType(), type);
    yielded.push_back(needsCast ? tensor::CastOp::create(b, loc, type, value).getResult() : value);
  }
  scf::YieldOp::create(b, loc, yielded);
  return success();
}

/// Scan's outputs may be stacked backwards and along another axis.
Value LoopImport::placeScanOutput(Value stack, size_t index) {
  SmallVector<int64_t> outputAxes = n.intsAttr("scan_output_axes"),
                       outputDirections = n.intsAttr("scan_output_directions");
  if (index < outputDirections.size() && outputDirections[index])
    stack = b.make<SliceOp>(NNBuilder::elementOf(stack), stack, b.ints({-1}),
                            b.ints({std::numeric_limits<int64_t>::min()}), b.ints({-1}),
                            ArrayRef<int64_t>(0));
  int64_t axis = index < outputAxes.size() ? b.axisOf(stack, outputAxes[index]) : 0;
  if (axis == 0)
    return stack;
  SmallVector<int64_t> permutation;
  for (int64_t i = 1, e = NNBuilder::rankOf(stack); i < e; ++i)
    permutation.push_back(i);
  permutation.insert(permutation.begin() + axis, 0);
  return b.transpose(stack, permutation);
}

LogicalResult LoopImport::run() {
  if (failed(prepare()))
    return failure();
  SmallVector<Type> carried = llvm::map_to_vector(initial, [](Value value) { return value.getType(); });
  while (true) {
    SmallVector<Type> produced;
    scf::WhileOp loop;
    if (failed(tryImport(carried, produced, loop)))
      return failure();
    bool isStable = true;
    for (auto [have, type] : llvm::zip(carried, produced)) {
      auto old = cast<RankedTensorType>(have), next = cast<RankedTensorType>(type);
      if (old.getRank() != next.getRank() || old.getElementType() != next.getElementType())
        return n.unsupported("its body changes the rank or type of a state");
      SmallVector<int64_t> sizes;
      for (auto [x, y] : llvm::zip(old.getShape(), next.getShape()))
        sizes.push_back(x == y ? x : ShapedType::kDynamic);
      isStable &= old.clone(sizes) == old;
      have = old.clone(sizes);
    }
    if (isStable) {
      for (size_t i = 0; i < carried.size(); ++i)
        n.setResult(i, i < stateCount ? loop.getResult(i + 2)
                                      : placeScanOutput(loop.getResult(i + 2), i - stateCount));
      return success();
    }
    b.discard(loop);
  }
}

static LogicalResult importLoop(NodeImport &n) { return LoopImport(n, /*isScan=*/false).run(); }
static LogicalResult importScan(NodeImport &n) { return LoopImport(n, /*isScan=*/true).run(); }

void optc::onnximport::registerControl(HandlerRegistry &r) {
  r.add("If", importIf);
  r.add("Loop", importLoop);
  r.add("Scan", importScan);
}
