//===- Shapes.cpp - symbolic shapes --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is known of values, the inference of one op, and the interface methods derived from
// it. The algebra of sizes is in ShapeAlgebra.cpp, whole functions are in InferFunction.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "dialects/NN/SizeMaterializer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

/// Longer expressions are cut: what is done with one takes time that grows with its length, which
/// doubles from layer to layer where a size is made of the one before twice.
static constexpr int maxSizeNodes = 64, maxContentNodes = 256;

/// Counts down from `limit`, so that a long expression is not walked to its end.
static int nodesLeft(DimExpr expr, int limit) {
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (--limit < 0 || !binary)
    return limit;
  limit = nodesLeft(binary.getLHS(), limit);
  return limit < 0 ? limit : nodesLeft(binary.getRHS(), limit);
}

static bool hasMoreNodes(DimExpr expr, int limit) { return nodesLeft(expr, limit) < 0; }

std::optional<int64_t> optc::nn::getConstant(DimExpr expr) {
  if (auto constant = dyn_cast_or_null<AffineConstantExpr>(expr))
    return constant.getValue();
  return std::nullopt;
}

SmallVector<int64_t> optc::nn::getTypeShape(ArrayRef<DimExpr> shape) {
  return llvm::map_to_vector(
      shape, [](DimExpr e) { return getConstant(e).value_or(ShapedType::kDynamic); });
}

DimExpr SymbolicShapes::newSymbol(Symbol symbol) {
  symbols.push_back(std::move(symbol));
  return getAffineSymbolExpr(symbols.size() - 1, context);
}

DimExpr SymbolicShapes::unknownDim(Value value, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && !type.isDynamicDim(dim))
    return constant(type.getDimSize(dim));
  Shape &known = dimSymbols[value];
  if (static_cast<int64_t>(known.size()) <= dim)
    known.resize(dim + 1);
  if (!known[dim])
    known[dim] = newSymbol({Symbol::Kind::Dim, value, dim});
  return known[dim];
}

const SymbolicShapes::Symbol *SymbolicShapes::getSymbol(DimExpr expr) const {
  auto symbol = dyn_cast_or_null<AffineSymbolExpr>(expr);
  return symbol ? &symbols[symbol.getPosition()] : nullptr;
}

bool SymbolicShapes::isKnownOutside(DimExpr expr, Operation *op) const {
  // A part of many sizes is looked at once: they are made of each other layer by layer.
  llvm::SetVector<DimExpr> pending;
  pending.insert(expr);
  for (size_t i = 0; i < pending.size(); ++i) {
    if (auto binary = dyn_cast<AffineBinaryOpExpr>(pending[i])) {
      pending.insert(binary.getLHS());
      pending.insert(binary.getRHS());
    } else if (const Symbol *symbol = getSymbol(pending[i])) {
      pending.insert(symbol->parts.begin(), symbol->parts.end());
      if (Value owner = symbol->value;
          owner && op->isAncestor(owner.getParentBlock()->getParentOp()))
        return false;
    }
  }
  return true;
}

/// Constants made by folding have not been visited: their facts come on demand.
static void inferConstant(Value value, SymbolicShapes &shapes) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    (void)constant.inferShapes(shapes);
}

const Shape &SymbolicShapes::getShape(Value value) {
  auto [it, inserted] = shapes.try_emplace(value);
  if (!inserted)
    return it->second;
  Shape shape;
  for (int64_t i = 0, e = cast<RankedTensorType>(value.getType()).getRank(); i < e; ++i)
    shape.push_back(unknownDim(value, i));
  return shapes[value] = shape;
}

void SymbolicShapes::setShape(Value value, ArrayRef<DimExpr> shape) {
  Shape merged(shape);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && type.getRank() == static_cast<int64_t>(shape.size()))
    for (auto [dim, size] : llvm::zip(merged, type.getShape()))
      if (!ShapedType::isDynamic(size) && !getConstant(dim))
        dim = constant(size);
  // One part: the size itself. Layers on top of it see one symbol.
  for (DimExpr &dim : merged)
    if (hasMoreNodes(dim, maxSizeNodes))
      dim = combined(Symbol::Kind::Least, {dim});
  shapes[value] = std::move(merged);
}

void SymbolicShapes::nameDim(Value value, int64_t dim, StringRef name) {
  Shape shape = getShape(value);
  if (getConstant(shape[dim]))
    return;
  auto [it, inserted] = named.try_emplace(name);
  if (inserted)
    it->second = newSymbol({Symbol::Kind::Dim, value, dim, name.str()});
  shape[dim] = it->second;
  shapes[value] = shape;
}

void SymbolicShapes::forget(Value value) {
  shapes.erase(value);
  contents.erase(value);
  dimSymbols.erase(value);
  elementSymbols.erase(value);
}

void SymbolicShapes::setContents(Value value, ArrayRef<DimExpr> elements) {
  // Longer ones would grow from op to op; without, the elements are symbols of their own.
  auto isLong = [](DimExpr element) { return hasMoreNodes(element, maxContentNodes); };
  if (static_cast<int64_t>(elements.size()) <= maxContents && llvm::none_of(elements, isLong))
    contents[value] = Shape(elements);
}

bool SymbolicShapes::hasDerivedContents(Value value) {
  if (!contents.contains(value))
    inferConstant(value, *this);
  return contents.contains(value);
}

std::optional<Shape> SymbolicShapes::getContents(Value value) {
  if (!contents.contains(value))
    inferConstant(value, *this);
  if (auto it = contents.find(value); it != contents.end())
    return it->second;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.getElementType().isSignlessInteger() || type.getRank() > 1 ||
      type.getElementTypeBitWidth() < 32 || !type.hasStaticShape() ||
      type.getNumElements() > maxContents)
    return std::nullopt;
  Shape &elements = elementSymbols[value];
  while (static_cast<int64_t>(elements.size()) < type.getNumElements())
    elements.push_back(
        newSymbol({Symbol::Kind::Element, value, static_cast<int64_t>(elements.size())}));
  return elements;
}

std::optional<SmallVector<int64_t>> SymbolicShapes::getConstantContents(Value value) {
  if (!contents.contains(value))
    inferConstant(value, *this);
  auto it = contents.find(value);
  if (it == contents.end())
    return std::nullopt;
  SmallVector<int64_t> values;
  for (DimExpr expr : it->second) {
    std::optional<int64_t> element = getConstant(expr);
    if (!element)
      return std::nullopt;
    values.push_back(*element);
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Inference of one op
//===----------------------------------------------------------------------===//

LogicalResult SymbolicShapes::inferShapes(Operation *op) {
  auto inferable = dyn_cast<SymbolicShapeOpInterface>(op);
  if (!inferable)
    return success();
  for (Value result : op->getResults()) {
    shapes.erase(result);
    contents.erase(result);
  }
  runsAlways = isa_and_nonnull<FunctionOpInterface>(op->getParentOp());
  LogicalResult inferred = inferable.inferShapes(*this);
  runsAlways = false;
  return inferred;
}

void SymbolicShapes::refineTypes(Operation *op) {
  if (!isa<SymbolicShapeOpInterface>(op))
    return;
  for (Value result : op->getResults()) {
    auto type = cast<TensorType>(result.getType());
    result.setType(RankedTensorType::get(getTypeShape(getShape(result)), type.getElementType()));
  }
}

LogicalResult SymbolicShapes::infer(Operation *op) {
  // A new value may have the address of an erased one.
  for (Value result : op->getResults())
    forget(result);
  if (failed(inferShapes(op)))
    return failure();
  refineTypes(op);
  return success();
}

//===----------------------------------------------------------------------===//
// Sizes as IR
//===----------------------------------------------------------------------===//

Value optc::nn::countSliced(OpBuilder &builder, Location loc, Value size, Value start, Value end,
                            Value step) {
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  auto resolve = [&](Value bound) {
    Value isNegative =
        builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, bound, zero);
    Value fromEnd = builder.createOrFold<arith::AddIOp>(loc, bound, size);
    Value at = builder.createOrFold<arith::SelectOp>(loc, isNegative, fromEnd, bound);
    at = builder.createOrFold<arith::MaxSIOp>(loc, at, zero);
    return builder.createOrFold<arith::MinSIOp>(loc, at, size);
  };
  Value from = resolve(start), to = resolve(end);
  Value length = builder.createOrFold<arith::MaxSIOp>(
      loc, builder.createOrFold<arith::SubIOp>(loc, to, from), zero);
  return builder.createOrFold<arith::CeilDivSIOp>(loc, length, step);
}

OpFoldResult SymbolicShapes::materialize(OpBuilder &builder, Location loc, DimExpr expr,
                                         function_ref<OpFoldResult(const Symbol &)> valueOf) const {
  SizeValueCache values;
  return SizeMaterializer(*this, builder, loc, valueOf, values).materialize(expr);
}

Value optc::nn::extractElement(OpBuilder &builder, Location loc, Value tensor, int64_t index) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> position(type.getRank());
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    position[i] = index % type.getDimSize(i);
    index /= type.getDimSize(i);
  }
  SmallVector<Value> indices = llvm::map_to_vector(position, [&](int64_t i) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, i);
  });
  Value element = builder.createOrFold<tensor::ExtractOp>(loc, tensor, indices);
  return builder.createOrFold<arith::IndexCastOp>(loc, builder.getIndexType(), element);
}

LogicalResult optc::nn::reifyInferredShapes(Operation *op, OpBuilder &builder,
                                            ReifiedRankedShapedTypeDims &reified) {
  SymbolicShapes shapes(op->getContext());
  if (failed(cast<SymbolicShapeOpInterface>(op).inferShapes(shapes)))
    return failure();
  // A size that only the data decides is known to nobody but the op itself.
  auto isOwn = [&](AffineExpr expr) {
    const SymbolicShapes::Symbol *symbol = shapes.getSymbol(expr);
    Value owner = symbol ? symbol->value : Value();
    return owner && owner.getDefiningOp() == op;
  };
  for (Value result : op->getResults())
    for (DimExpr dim : shapes.getShape(result))
      if (dim.walk([&](AffineExpr expr) {
               return isOwn(expr) ? WalkResult::interrupt() : WalkResult::advance();
             })
              .wasInterrupted())
        return failure();
  Location loc = op->getLoc();
  for (Value result : op->getResults()) {
    SmallVector<OpFoldResult> sizes;
    for (DimExpr dim : shapes.getShape(result))
      sizes.push_back(shapes.materialize(
          builder, loc, dim, [&](const SymbolicShapes::Symbol &symbol) -> OpFoldResult {
            if (symbol.kind == SymbolicShapes::Symbol::Kind::Dim)
              return builder.createOrFold<tensor::DimOp>(loc, symbol.value, symbol.index);
            return extractElement(builder, loc, symbol.value, symbol.index);
          }));
    reified.push_back(std::move(sizes));
  }
  return success();
}

LogicalResult optc::nn::verifyInferredShapes(Operation *op) {
  for (Value result : op->getResults())
    if (!isa<RankedTensorType>(result.getType()))
      return success(); // inference has not run yet
  for (Value operand : op->getOperands())
    if (isa<UnrankedTensorType>(operand.getType()))
      return success();
  SymbolicShapes shapes(op->getContext());
  if (failed(cast<SymbolicShapeOpInterface>(op).inferShapes(shapes)))
    return failure();
  for (OpResult result : op->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<int64_t> inferred = getTypeShape(shapes.getShape(result));
    if (failed(verifyCompatibleShape(type.getShape(), inferred)))
      return op->emitOpError("[nn.shape.R1] result ")
             << result.getResultNumber() << " has type " << type << ", but its operands give "
             << RankedTensorType::get(inferred, type.getElementType());
  }
  return success();
}
