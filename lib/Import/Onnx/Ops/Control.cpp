//===- Control.cpp - control flow ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If as scf.if; Loop and Scan are in LoopImport.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/Run/Run.h"
#include "lib/Import/Onnx/BranchedModel.h"
#include "lib/Import/Onnx/LoopImport.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace optc;
using namespace optc::nn;
using namespace optc::onnximport;

/// The i1 of a condition tensor of one element.
static Value scalarCondition(NNBuilder &b, Value tensor) {
  Value scalar = b.reshape(tensor, ArrayRef<int64_t>());
  return tensor::ExtractOp::create(b, b.getLoc(), scalar, ValueRange());
}

static bool hasIf(const Graph &graph) {
  bool found = false;
  forEachNode(graph, [&](const Node &node, const Graph &) { found |= node.opType == "If"; });
  return found;
}

/// Imports one branch in place of the whole op.
static LogicalResult importBranch(NodeImport &n, StringRef branch) {
  const Graph *graph = n.subgraph(branch);
  if (graph && graph->outputs.size() >= n.node.outputs.size() && hasIf(*graph)) {
    // Its nodes are then nodes of the model, which may branch it.
    OpenBranch only{nullptr, {}, graph};
    std::string why;
    FailureOr<bool> isDone = n.branchModel({}, only, why);
    if (failed(isDone) || *isDone)
      return success(succeeded(isDone));
  }
  auto values = n.importSubgraph(branch, {});
  if (failed(values))
    return failure();
  for (auto [i, value] : llvm::enumerate(*values))
    n.setResult(i, value);
  return success();
}

namespace {
/// A branch before its op exists; what is left of it in the end is forgotten.
struct Branch {
  NNBuilder &b;
  StringRef name;
  Region region;
  SmallVector<Value> values;
  bool isImported = false;
  SmallVector<Diagnostic, 0> errors; ///< why not; none if that has been told already

  Branch(NNBuilder &b, StringRef name) : b(b), name(name) {}
  ~Branch() { b.discardRegion(region); }
};
} // namespace

static void importInto(NodeImport &n, Branch &branch) {
  n.b.setInsertionPointToStart(&branch.region.emplaceBlock());
  auto values = n.trySubgraph(branch.name, branch.errors);
  branch.isImported = succeeded(values);
  if (branch.isImported)
    branch.values = *values;
}

/// In place of a branch that breaks a rule: the run ends with an error if it is taken. ONNX Runtime
/// takes such models, as those are whose branches are for different sizes of their inputs.
static void buildFailure(NodeImport &n, Branch &branch, TypeRange types) {
  NNBuilder &b = n.b;
  b.discardRegion(branch.region);
  b.setInsertionPointToStart(&branch.region.emplaceBlock());
  Value never = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  run::RequireOp::create(
      b, b.getLoc(), never,
      b.getStringAttr("node '" + n.node.name + "': its " + branch.name.str() +
                      " is taken, which is not valid: " + branch.errors.front().str()),
      ValueRange());
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    SmallVector<int64_t> sizes;
    for (int64_t size : tensor.getShape())
      sizes.push_back(ShapedType::isDynamic(size) ? 0 : size);
    Value zero = b.scalar(tensor.getElementType(), 0);
    branch.values.push_back(b.expand(zero, b.ints(sizes)));
  }
}

/// Types both branches' values can be cast to; nothing if some have none.
static std::optional<SmallVector<Type>> commonTypes(ArrayRef<Value> a, ArrayRef<Value> b) {
  SmallVector<Type> types;
  for (auto [x, y] : llvm::zip(a, b)) {
    types.push_back(commonType(x, y));
    if (!types.back())
      return std::nullopt;
  }
  return types;
}

/// Whether a value follows from sizes of tensors, not from their elements.
static bool isOfSizes(Value value) {
  // Each value once: what is used twice at every step would be looked at 2^n times.
  llvm::SetVector<Value> needed;
  needed.insert(value);
  for (size_t i = 0; i < needed.size(); ++i) {
    Operation *op = needed[i].getDefiningOp();
    if (!op || op->getNumRegions())
      return false;
    if (!isa<ShapeOp>(op))
      needed.insert(op->operand_begin(), op->operand_end());
  }
  return true;
}

/// torch.squeeze as exporters write it: `if (size == 1) squeeze(x) else x`. Of a large model only
/// the branch is taken that has fewer dimensions, which the run checks. The number of the branch.
static std::optional<size_t> squeezingBranch(Value condition, ArrayRef<Value> thenValues,
                                             ArrayRef<Value> elseValues) {
  auto squeezes = [](ArrayRef<Value> values, ArrayRef<Value> others) {
    return llvm::all_of(llvm::zip(values, others), [](auto pair) {
      auto reshape = std::get<0>(pair).template getDefiningOp<ReshapeOp>();
      return reshape && reshape.getInput() == std::get<1>(pair) &&
             NNBuilder::rankOf(std::get<0>(pair)) < NNBuilder::rankOf(std::get<1>(pair));
    });
  };
  if (!isOfSizes(condition))
    return std::nullopt;
  if (squeezes(thenValues, elseValues))
    return 0;
  return squeezes(elseValues, thenValues) ? std::optional<size_t>(1) : std::nullopt;
}

/// The branches' results do not have types in common.
static LogicalResult importUnlike(NodeImport &n, Value condition,
                                  MutableArrayRef<Branch> branches) {
  NNBuilder &b = n.b;
  SmallVector<OpenBranch> open;
  for (Branch &branch : branches)
    open.push_back({&branch.region, branch.values});
  std::string why;
  FailureOr<bool> isDone = n.branchModel(condition, open, why);
  if (failed(isDone))
    return failure();
  if (*isDone)
    return success();
  auto squeezing = squeezingBranch(condition, branches[0].values, branches[1].values);
  if (!squeezing) {
    for (auto [i, pair] : llvm::enumerate(llvm::zip(branches[0].values, branches[1].values)))
      if (auto [x, y] = pair; !commonType(x, y)) {
        std::string types;
        llvm::raw_string_ostream(types)
            << "then_branch " << x.getType() << ", else_branch " << y.getType();
        return n.unsupported("its branches give output " + Twine(i) +
                             " different ranks or types, " + types + "; " + why);
      }
    return failure();
  }
  b.setInsertionPointToEnd(condition.getParentBlock());
  Value holds = condition;
  if (*squeezing == 1)
    holds = arith::XOrIOp::create(b, b.getLoc(), condition,
                                  arith::ConstantIntOp::create(b, b.getLoc(), 1, 1));
  run::RequireOp::create(b, b.getLoc(), holds,
                         b.getStringAttr("node '" + n.node.name + "': its condition takes the " +
                                         branches[1 - *squeezing].name.str() +
                                         ", whose result has another rank than " +
                                         branches[*squeezing].name.str() +
                                         " gives; the model is compiled for that"),
                         ValueRange());
  for (Branch &branch : branches)
    b.discardRegion(branch.region);
  return importBranch(n, branches[*squeezing].name);
}

/// A branch has a node inside whose results have different ranks. False if that can not be.
static FailureOr<bool> importBranching(NodeImport &n, Value condition,
                                       MutableArrayRef<Branch> branches) {
  SmallVector<OpenBranch> open;
  for (Branch &branch : branches) {
    n.b.discardRegion(branch.region);
    branch.region.emplaceBlock();
    const Graph *graph = n.subgraph(branch.name);
    if (!graph || graph->outputs.size() < n.node.outputs.size())
      return false;
    open.push_back({&branch.region, {}, graph});
  }
  std::string why;
  return n.branchModel(condition, open, why);
}

static LogicalResult importIf(NodeImport &n) {
  NNBuilder &b = n.b;
  // A condition known at compile time leaves one branch.
  if (auto known = n.constantInts(0); known && known->size() == 1)
    return importBranch(n, (*known)[0] ? "then_branch" : "else_branch");
  Value condition = scalarCondition(b, n.operand(0));
  OpBuilder::InsertionGuard guard(b);
  Branch branches[] = {Branch(b, "then_branch"), Branch(b, "else_branch")};
  for (Branch &branch : branches)
    importInto(n, branch);
  auto isFatal = [](const Branch &branch) {
    return !branch.isImported && (branch.errors.empty() || !llvm::all_of(branch.errors, isInvalid));
  };
  bool isRefused = isFatal(branches[0]) || isFatal(branches[1]) ||
                   (!branches[0].isImported && !branches[1].isImported);
  if (isRefused && n.branchesInside()) {
    FailureOr<bool> isDone = importBranching(n, condition, branches);
    if (failed(isDone) || *isDone)
      return success(succeeded(isDone));
  }
  if (isRefused) {
    for (Branch &branch : branches) // all that is wrong
      for (Diagnostic &error : branch.errors)
        b.getContext()->getDiagEngine().emit(std::move(error));
    return failure();
  }
  for (size_t i : {0, 1})
    if (!branches[i].isImported)
      buildFailure(n, branches[i], TypeRange(ValueRange(branches[1 - i].values)));
  if (branches[0].values.size() != branches[1].values.size())
    return n.invalid("its branches have different numbers of outputs");
  auto types = commonTypes(branches[0].values, branches[1].values);
  if (!types)
    return importUnlike(n, condition, branches);
  for (Branch &branch : branches) {
    b.setInsertionPointToEnd(&branch.region.front());
    yieldAs(b, branch.values, *types);
  }
  b.setInsertionPointAfterValue(condition);
  auto op = scf::IfOp::create(b, b.getLoc(), *types, condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().takeBody(branches[0].region);
  op.getElseRegion().takeBody(branches[1].region);
  for (auto [i, value] : llvm::enumerate(op.getResults()))
    n.setResult(i, value);
  return success();
}

static LogicalResult importWhile(NodeImport &n) { return importLoop(n, /*isScan=*/false); }
static LogicalResult importScan(NodeImport &n) { return importLoop(n, /*isScan=*/true); }

void optc::onnximport::registerControl(HandlerRegistry &r) {
  r.add("If", importIf);
  r.add("Loop", importWhile);
  r.add("Scan", importScan);
}
