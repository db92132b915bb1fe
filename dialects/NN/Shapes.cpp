//===- Shapes.cpp - symbolic shapes --------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The analysis of Shapes.h and the interface methods derived from it.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <numeric>

using namespace mlir;
using namespace optc::nn;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

std::optional<int64_t> optc::nn::getConstant(DimExpr expr) {
  if (auto constant = dyn_cast_or_null<AffineConstantExpr>(expr))
    return constant.getValue();
  return std::nullopt;
}

SmallVector<int64_t> optc::nn::getTypeShape(ArrayRef<DimExpr> shape) {
  return llvm::map_to_vector(
      shape, [](DimExpr e) { return getConstant(e).value_or(ShapedType::kDynamic); });
}

DimExpr SymbolicShapes::newSymbol(Value value, bool isElement, int64_t index, StringRef name) {
  symbols.push_back({value, isElement, index, name.str()});
  return getAffineSymbolExpr(symbols.size() - 1, context);
}

DimExpr SymbolicShapes::unknownDim(Value value, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && !type.isDynamicDim(dim))
    return constant(type.getDimSize(dim));
  return newSymbol(value, /*isElement=*/false, dim);
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
  shapes[value] = std::move(merged);
}

void SymbolicShapes::nameDim(Value value, int64_t dim, StringRef name) {
  Shape shape = getShape(value);
  if (getConstant(shape[dim]))
    return;
  auto [it, inserted] = named.try_emplace(name);
  if (inserted)
    it->second = newSymbol(value, /*isElement=*/false, dim, name);
  shape[dim] = it->second;
  shapes[value] = shape;
}

void SymbolicShapes::forget(Value value) {
  shapes.erase(value);
  contents.erase(value);
  elementSymbols.erase(value);
}

void SymbolicShapes::setContents(Value value, ArrayRef<DimExpr> elements) {
  if (static_cast<int64_t>(elements.size()) <= maxContents)
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
    elements.push_back(newSymbol(value, /*isElement=*/true, elements.size()));
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
// Algebra
//===----------------------------------------------------------------------===//

/// Splits a product into its constant and its other factors.
static int64_t collectFactors(DimExpr expr, SmallVectorImpl<DimExpr> &factors) {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (binary && binary.getKind() == AffineExprKind::Mul)
    return collectFactors(binary.getLHS(), factors) * collectFactors(binary.getRHS(), factors);
  factors.push_back(expr);
  return 1;
}

/// The order that makes a*b and b*a one expression. Printing is the only order of AffineExprs
/// that does not depend on addresses; products are short.
static std::string sortKey(DimExpr expr) {
  std::string text;
  llvm::raw_string_ostream(text) << expr;
  return text;
}

static DimExpr buildProduct(MLIRContext *context, int64_t factor, SmallVector<DimExpr> factors) {
  llvm::stable_sort(factors, [](DimExpr a, DimExpr b) { return sortKey(a) < sortKey(b); });
  if (factors.empty() || factor == 0)
    return getAffineConstantExpr(factor, context);
  DimExpr result = factors.front();
  for (DimExpr next : ArrayRef(factors).drop_front())
    result = result * next;
  return factor == 1 ? result : result * factor;
}

DimExpr SymbolicShapes::add(DimExpr a, DimExpr b) {
  return simplifyAffineExpr(a + b, 0, symbols.size());
}

DimExpr SymbolicShapes::sub(DimExpr a, DimExpr b) {
  return simplifyAffineExpr(a - b, 0, symbols.size());
}

DimExpr SymbolicShapes::mul(DimExpr a, DimExpr b) {
  // Distribute a constant over a sum, so that 2*(s0+1) and 2*s0+2 are one.
  if (getConstant(a) || getConstant(b))
    return simplifyAffineExpr(a * b, 0, symbols.size());
  SmallVector<DimExpr> factors;
  int64_t factor = collectFactors(a, factors) * collectFactors(b, factors);
  return buildProduct(context, factor, factors);
}

DimExpr SymbolicShapes::product(ArrayRef<DimExpr> factors) {
  DimExpr result = constant(1);
  for (DimExpr factor : factors)
    result = mul(result, factor);
  return result;
}

DimExpr SymbolicShapes::floorDiv(DimExpr a, DimExpr b) {
  SmallVector<DimExpr> above, below;
  int64_t numerator = collectFactors(a, above), denominator = collectFactors(b, below);
  for (DimExpr factor : below)
    if (auto *it = llvm::find(above, factor); it != above.end()) {
      above.erase(it);
      llvm::erase(below, factor);
      return floorDiv(buildProduct(context, numerator, above),
                      buildProduct(context, denominator, below));
    }
  if (below.empty() && denominator != 0 && numerator % denominator == 0)
    return buildProduct(context, numerator / denominator, above);
  if (int64_t common = std::gcd(numerator, denominator); common > 1) {
    a = buildProduct(context, numerator / common, above);
    b = buildProduct(context, denominator / common, below);
  }
  if (std::optional<int64_t> divisor = getConstant(b); divisor && *divisor > 0)
    return simplifyAffineExpr(a.floorDiv(*divisor), 0, symbols.size());
  return a.floorDiv(b);
}

DimExpr SymbolicShapes::ceilDiv(DimExpr a, DimExpr b) {
  return floorDiv(sub(add(a, b), constant(1)), b);
}

bool SymbolicShapes::isNonNegative(DimExpr expr) const {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value >= 0;
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return !symbols[symbol.getPosition()].isElement;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  return isNonNegative(binary.getLHS()) && isNonNegative(binary.getRHS());
}

DimExpr SymbolicShapes::broadcast(DimExpr a, DimExpr b) {
  if (a == b)
    return a;
  std::optional<int64_t> left = getConstant(a), right = getConstant(b);
  if (left && right && *left != 1 && *right != 1)
    return {};
  if (left && *left == 1)
    return b;
  if (right && *right == 1)
    return a;
  return right ? b : a;
}

std::optional<Shape> SymbolicShapes::broadcast(ArrayRef<DimExpr> a, ArrayRef<DimExpr> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Shape result(a);
  for (auto [i, dim] : llvm::enumerate(b)) {
    DimExpr &out = result[a.size() - b.size() + i];
    out = broadcast(out, dim);
    if (!out)
      return std::nullopt;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Inference over ops and functions
//===----------------------------------------------------------------------===//

LogicalResult SymbolicShapes::infer(Operation *op) {
  auto inferable = dyn_cast<SymbolicShapeOpInterface>(op);
  if (!inferable)
    return success();
  // A new value may have the address of an erased one.
  for (Value result : op->getResults())
    forget(result);
  if (failed(inferable.inferShapes(*this)))
    return failure();
  for (Value result : op->getResults()) {
    auto type = cast<TensorType>(result.getType());
    result.setType(RankedTensorType::get(getTypeShape(getShape(result)), type.getElementType()));
  }
  return success();
}

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
          castOperands(region.front().getTerminator(), region.front().getTerminator()->getOpOperands(),
                       branch.getResultTypes());
    }
  });
  if (func.isExternal())
    return;
  Operation *end = func.getFunctionBody().back().getTerminator();
  func.setType(FunctionType::get(func.getContext(), func.getArgumentTypes(), end->getOperandTypes()));
}

LogicalResult optc::nn::inferFunction(Operation *function, SymbolicShapes &shapes) {
  auto func = cast<FunctionOpInterface>(function);
  for (BlockArgument arg : func.getArguments()) {
    if (!isa<RankedTensorType>(arg.getType()))
      continue;
    auto names = func.getArgAttrOfType<ArrayAttr>(arg.getArgNumber(), "nn.dims");
    for (auto [dim, name] : llvm::enumerate(names ? names.getValue() : ArrayRef<Attribute>()))
      if (auto text = dyn_cast<StringAttr>(name); text && !text.empty())
        shapes.nameDim(arg, dim, text.getValue());
  }
  WalkResult result = function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    return failed(shapes.infer(op)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  fitRegionTypes(func);
  return success();
}

//===----------------------------------------------------------------------===//
// Sizes as IR
//===----------------------------------------------------------------------===//

OpFoldResult
optc::nn::materializeDim(OpBuilder &builder, Location loc, DimExpr expr,
                         function_ref<OpFoldResult(unsigned)> valueOf) {
  if (std::optional<int64_t> value = getConstant(expr))
    return builder.getIndexAttr(*value);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return valueOf(symbol.getPosition());
  auto binary = cast<AffineBinaryOpExpr>(expr);
  SmallVector<OpFoldResult> operands = {materializeDim(builder, loc, binary.getLHS(), valueOf),
                                        materializeDim(builder, loc, binary.getRHS(), valueOf)};
  auto constantDivisor = getConstant(binary.getRHS());
  bool isDivision = binary.getKind() != AffineExprKind::Add &&
                    binary.getKind() != AffineExprKind::Mul;
  if (isDivision && !constantDivisor) {
    // Affine ops divide by constants only.
    Value lhs = getValueOrCreateConstantIndexOp(builder, loc, operands[0]);
    Value rhs = getValueOrCreateConstantIndexOp(builder, loc, operands[1]);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    // A divisor of zero only comes with empty tensors.
    rhs = arith::MaxSIOp::create(builder, loc, rhs, one);
    if (binary.getKind() == AffineExprKind::FloorDiv)
      return builder.createOrFold<arith::FloorDivSIOp>(loc, lhs, rhs);
    if (binary.getKind() == AffineExprKind::CeilDiv)
      return builder.createOrFold<arith::CeilDivSIOp>(loc, lhs, rhs);
    return builder.createOrFold<arith::RemSIOp>(loc, lhs, rhs);
  }
  AffineExpr s0 = builder.getAffineSymbolExpr(0), s1 = builder.getAffineSymbolExpr(1);
  AffineExpr combined =
      isDivision ? getAffineBinaryOpExpr(binary.getKind(), s0,
                                         builder.getAffineConstantExpr(*constantDivisor))
                 : getAffineBinaryOpExpr(binary.getKind(), s0, s1);
  return affine::makeComposedFoldedAffineApply(builder, loc, combined, operands);
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
    auto symbol = dyn_cast<AffineSymbolExpr>(expr);
    return symbol && shapes.getSymbols()[symbol.getPosition()].value.getDefiningOp() == op;
  };
  for (Value result : op->getResults())
    for (DimExpr dim : shapes.getShape(result))
      if (dim.walk([&](AffineExpr expr) {
            return isOwn(expr) ? WalkResult::interrupt() : WalkResult::advance();
          }).wasInterrupted())
        return failure();
  Location loc = op->getLoc();
  for (Value result : op->getResults()) {
    SmallVector<OpFoldResult> sizes;
    for (DimExpr dim : shapes.getShape(result))
      sizes.push_back(materializeDim(builder, loc, dim, [&](unsigned index) -> OpFoldResult {
        const SymbolicShapes::Symbol &symbol = shapes.getSymbols()[index];
        if (!symbol.isElement)
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
      return op->emitOpError("[shape.R1] result ")
             << result.getResultNumber() << " has type " << type << ", but its operands give "
             << RankedTensorType::get(inferred, type.getElementType());
  }
  return success();
}
