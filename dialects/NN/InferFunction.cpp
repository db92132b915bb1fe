//===- InferFunction.cpp - shapes of whole functions ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the inference of all ops of a function in order, and carries shapes across regions: a
// loop keeps the shapes it starts with where its body hands on the same ones, a branch has
// the shapes both sides agree on. Without this every state of a loop would lose its sizes.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Shapes across regions
//===----------------------------------------------------------------------===//

namespace {
class FunctionInference {
public:
  explicit FunctionInference(SymbolicShapes &shapes) : shapes(shapes) {}
  LogicalResult infer(Block &block);

private:
  LogicalResult infer(Operation *op);
  LogicalResult infer(scf::IfOp op);
  LogicalResult infer(scf::ForOp op);
  LogicalResult infer(scf::WhileOp op);
  DimExpr sizeOf(Value index);
  void setSizes(Value value, ArrayRef<OpFoldResult> sizes, const llvm::SmallBitVector &dropped);

  /// Gives `value` the shape of `from` as far as it is known outside of `op`.
  void pass(Value from, Value value, Operation *op);
  /// Takes from `argument` the sizes that `next` does not have. False if there were none.
  bool weaken(Value argument, Value next);
  /// Ends the inference of a loop: what its body was given holds.
  void accept(Operation *loop);

  SymbolicShapes &shapes;
  unsigned tentative = 0; ///< loops around whose arguments may still lose sizes
};
} // namespace

static bool isTensor(Value value) { return isa<RankedTensorType>(value.getType()); }

void FunctionInference::pass(Value from, Value value, Operation *op) {
  if (!isTensor(value))
    return;
  Shape shape = shapes.getShape(from);
  for (auto [i, size] : llvm::enumerate(shape))
    if (!shapes.isKnownOutside(size, op))
      size = shapes.unknownDim(value, i);
  shapes.setShape(value, shape);
}

bool FunctionInference::weaken(Value argument, Value next) {
  if (!isTensor(argument))
    return false;
  Shape shape = shapes.getShape(argument), produced = shapes.getShape(next);
  bool changed = false;
  for (auto [i, size] : llvm::enumerate(shape)) {
    DimExpr unknown = shapes.unknownDim(argument, i);
    if (size == produced[i] || size == unknown)
      continue;
    size = unknown;
    changed = true;
  }
  shapes.setShape(argument, shape);
  return changed;
}

void FunctionInference::accept(Operation *loop) {
  if (--tentative == 0)
    loop->walk([&](Operation *op) { shapes.refineTypes(op); });
}

LogicalResult FunctionInference::infer(scf::IfOp op) {
  for (Region &region : op->getRegions())
    if (!region.empty() && failed(infer(region.front())))
      return failure();
  for (OpResult result : op.getResults()) {
    unsigned number = result.getResultNumber();
    pass(op.thenYield().getOperand(number), result, op);
    weaken(result, op.elseYield().getOperand(number));
  }
  return success();
}

LogicalResult FunctionInference::infer(scf::ForOp op) {
  for (auto [init, argument] : llvm::zip(op.getInitArgs(), op.getRegionIterArgs()))
    pass(init, argument, op);
  ++tentative;
  for (bool changed = true; changed;) {
    if (failed(infer(*op.getBody())))
      return failure();
    changed = false;
    for (auto [argument, next] : llvm::zip(op.getRegionIterArgs(), op.getYieldedValues()))
      changed |= weaken(argument, next);
  }
  accept(op);
  for (auto [argument, result] : llvm::zip(op.getRegionIterArgs(), op.getResults()))
    pass(argument, result, op);
  return success();
}

LogicalResult FunctionInference::infer(scf::WhileOp op) {
  for (auto [init, argument] : llvm::zip(op.getInits(), op.getBeforeArguments()))
    pass(init, argument, op);
  ++tentative;
  for (bool changed = true; changed;) {
    if (failed(infer(*op.getBeforeBody())))
      return failure();
    for (auto [value, argument] : llvm::zip(op.getConditionOp().getArgs(), op.getAfterArguments()))
      pass(value, argument, op);
    if (failed(infer(*op.getAfterBody())))
      return failure();
    changed = false;
    for (auto [argument, next] : llvm::zip(op.getBeforeArguments(), op.getYieldOp().getOperands()))
      changed |= weaken(argument, next);
  }
  accept(op);
  for (auto [value, result] : llvm::zip(op.getConditionOp().getArgs(), op.getResults()))
    pass(value, result, op);
  return success();
}

//===----------------------------------------------------------------------===//
// Ops of other dialects that the import makes
//===----------------------------------------------------------------------===//

/// An index that is a dimension of a tensor or an element of a small integer tensor, else null.
DimExpr FunctionInference::sizeOf(Value index) {
  if (auto dim = index.getDefiningOp<tensor::DimOp>()) {
    auto number = dim.getConstantIndex();
    return number && isTensor(dim.getSource()) ? shapes.getShape(dim.getSource())[*number]
                                               : DimExpr();
  }
  auto cast = index.getDefiningOp<arith::IndexCastOp>();
  auto extract = cast ? cast.getIn().getDefiningOp<tensor::ExtractOp>() : tensor::ExtractOp();
  if (!extract || extract.getTensor().getType().getRank() > 1)
    return {};
  auto elements = shapes.getContents(extract.getTensor());
  auto at = extract.getIndices().empty() ? std::optional<int64_t>(0)
                                         : getConstantIntValue(extract.getIndices().front());
  return elements && at && *at < static_cast<int64_t>(elements->size()) ? (*elements)[*at]
                                                                        : DimExpr();
}

void FunctionInference::setSizes(Value value, ArrayRef<OpFoldResult> sizes,
                                 const llvm::SmallBitVector &dropped) {
  Shape shape;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    if (dropped.test(i))
      continue;
    DimExpr known;
    if (auto number = getConstantIntValue(size))
      known = shapes.constant(*number);
    else
      known = sizeOf(cast<Value>(size));
    shape.push_back(known ? known : shapes.unknownDim(value, shape.size()));
  }
  shapes.setShape(value, shape);
}

LogicalResult FunctionInference::infer(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return infer(branch);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return infer(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return infer(loop);
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    setSizes(slice, slice.getMixedSizes(), slice.getDroppedDims());
  else if (auto made = dyn_cast<DestinationStyleOpInterface>(op))
    for (OpResult result : op->getResults())
      shapes.setShape(result, shapes.getShape(made.getTiedOpOperand(result)->get()));
  else if (auto cast = dyn_cast<tensor::CastOp>(op); cast && isTensor(cast.getSource()))
    shapes.setShape(cast, shapes.getShape(cast.getSource()));
  else if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    setSizes(empty, empty.getMixedSizes(), llvm::SmallBitVector(empty.getType().getRank()));
  if (failed(shapes.inferShapes(op)))
    return failure();
  if (tentative == 0)
    shapes.refineTypes(op);
  return success();
}

LogicalResult FunctionInference::infer(Block &block) {
  for (Operation &op : block)
    if (failed(infer(&op)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Casts operands to the types that their receivers have.
static void castOperands(Operation *op, MutableArrayRef<OpOperand> operands, TypeRange wanted) {
  OpBuilder builder(op);
  for (auto [operand, type] : llvm::zip(operands, wanted))
    if (operand.get().getType() != type && isa<TensorType>(type))
      operand.set(tensor::CastOp::create(builder, op->getLoc(), type, operand.get()));
}

/// Refined types reach region boundaries: the arguments and results of scf ops keep their types,
/// what goes in and out gets casts; the function's result types follow.
static void fitRegionTypes(FunctionOpInterface func) {
  func->walk([](Operation *op) {
    if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      castOperands(op, op->getOpOperands(), TypeRange(ValueRange(loop.getBeforeArguments())));
      castOperands(loop.getConditionOp(), loop.getConditionOp()->getOpOperands().drop_front(),
                   loop.getResultTypes());
      castOperands(loop.getYieldOp(), loop.getYieldOp()->getOpOperands(),
                   TypeRange(ValueRange(loop.getBeforeArguments())));
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      castOperands(op, loop.getInitArgsMutable(), loop.getResultTypes());
      Operation *yield = loop.getBody()->getTerminator();
      castOperands(yield, yield->getOpOperands(), loop.getResultTypes());
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      for (Region &region : branch->getRegions())
        if (!region.empty())
          castOperands(region.front().getTerminator(),
                       region.front().getTerminator()->getOpOperands(), branch.getResultTypes());
    }
  });
  if (func.isExternal())
    return;
  Operation *end = func.getFunctionBody().back().getTerminator();
  func.setType(
      FunctionType::get(func.getContext(), func.getArgumentTypes(), end->getOperandTypes()));
}

static void nameDims(FunctionOpInterface func, SymbolicShapes &shapes) {
  for (BlockArgument arg : func.getArguments()) {
    if (!isTensor(arg))
      continue;
    auto names = func.getArgAttrOfType<ArrayAttr>(arg.getArgNumber(), "nn.dims");
    for (auto [dim, name] : llvm::enumerate(names ? names.getValue() : ArrayRef<Attribute>()))
      if (auto text = dyn_cast<StringAttr>(name); text && !text.empty())
        shapes.nameDim(arg, dim, text.getValue());
  }
}

LogicalResult optc::nn::inferFunction(Operation *function, SymbolicShapes &shapes) {
  auto func = cast<FunctionOpInterface>(function);
  nameDims(func, shapes);
  if (func.isExternal())
    return success();
  // Every round replaces at least one joined size by a part of it.
  do {
    if (failed(FunctionInference(shapes).infer(func.getFunctionBody().front())))
      return failure();
  } while (shapes.takeLearned());
  fitRegionTypes(func);
  return success();
}
