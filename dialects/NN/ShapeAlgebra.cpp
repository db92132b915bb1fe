//===- ShapeAlgebra.cpp - calculating with sizes --------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums, products and quotients of symbolic sizes, and what sizes have together when they
// broadcast. Results are canonical as far as possible: equal sizes are one expression.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "llvm/ADT/StringExtras.h"
#include <numeric>

using namespace mlir;
using namespace optc::nn;

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
    return floorDivBy(a, *divisor);
  return a.floorDiv(b);
}

/// (x - 1) floordiv 2 is (x + 1) floordiv 2 - 1: the latter is how it is written, since its
/// numerator is not negative, and one way of writing makes equal sizes equal expressions. So does
/// (3 x + 5) floordiv 6 as (x + 1) floordiv 2.
DimExpr SymbolicShapes::floorDivBy(DimExpr a, int64_t divisor) {
  a = simplifyAffineExpr(a, 0, symbols.size());
  int64_t whole = 0;
  auto sum = dyn_cast<AffineBinaryOpExpr>(a);
  if (sum && sum.getKind() == AffineExprKind::Add)
    if (std::optional<int64_t> offset = getConstant(sum.getRHS())) {
      AffineExpr rest = sum.getLHS();
      if (int64_t common = std::gcd(rest.getLargestKnownDivisor(), divisor); common > 1) {
        rest = rest.floorDiv(common);
        offset = llvm::divideFloorSigned(*offset, common);
        divisor /= common;
      }
      whole = llvm::divideFloorSigned(*offset, divisor);
      a = rest + (*offset - whole * divisor);
    }
  return add(simplifyAffineExpr(a.floorDiv(divisor), 0, symbols.size()), constant(whole));
}

DimExpr SymbolicShapes::ceilDiv(DimExpr a, DimExpr b) {
  return floorDiv(sub(add(a, b), constant(1)), b);
}

bool SymbolicShapes::isNonNegative(DimExpr expr) const {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value >= 0;
  if (const Symbol *symbol = getSymbol(expr))
    return symbol->kind != Symbol::Kind::Element &&
           (symbol->kind != Symbol::Kind::Joined ||
            llvm::all_of(symbol->parts, [&](DimExpr part) { return isNonNegative(part); }));
  auto binary = cast<AffineBinaryOpExpr>(expr);
  return isNonNegative(binary.getLHS()) && isNonNegative(binary.getRHS());
}

std::optional<int64_t> SymbolicShapes::getLowerBound(DimExpr expr) const {
  if (std::optional<int64_t> value = getConstant(expr))
    return value;
  if (const Symbol *symbol = getSymbol(expr)) {
    std::optional<int64_t> bound;
    if (isNonNegative(expr))
      bound = 0;
    // A joined or least size is one of its parts.
    auto bounds = llvm::map_to_vector(symbol->parts, [&](DimExpr part) { return getLowerBound(part); });
    if (symbol->parts.size() > 1 && !llvm::is_contained(bounds, std::nullopt))
      bound = std::max(bound.value_or(std::numeric_limits<int64_t>::min()), **llvm::min_element(bounds));
    return bound;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  std::optional<int64_t> left = getLowerBound(binary.getLHS()), right = getLowerBound(binary.getRHS());
  std::optional<int64_t> divisor = getConstant(binary.getRHS());
  int64_t bound;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    if (left && right && !llvm::AddOverflow(*left, *right, bound))
      return bound;
    return std::nullopt;
  case AffineExprKind::Mul:
    if (left && right && *left >= 0 && *right >= 0 && !llvm::MulOverflow(*left, *right, bound))
      return bound;
    return std::nullopt;
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv: // no lower than the floor
    if (left && divisor && *divisor > 0)
      return llvm::divideFloorSigned(*left, *divisor);
    return std::nullopt;
  default:
    return divisor && *divisor > 0 ? std::optional<int64_t>(0) : std::nullopt;
  }
}

bool SymbolicShapes::mayBeOne(DimExpr expr) const {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value == 1;
  return expr.getLargestKnownDivisor() < 2 && getLowerBound(expr).value_or(0) < 2;
}

//===----------------------------------------------------------------------===//
// Sizes combined
//===----------------------------------------------------------------------===//

ArrayRef<DimExpr> SymbolicShapes::getParts(DimExpr expr, Symbol::Kind kind) const {
  const Symbol *symbol = getSymbol(expr);
  return symbol && symbol->kind == kind ? ArrayRef(symbol->parts) : ArrayRef<DimExpr>();
}

/// The parts in the one order they are written in, each once, and their text.
static std::string sortParts(SymbolicShapes::Symbol::Kind kind, Shape &parts) {
  llvm::sort(parts, [](DimExpr a, DimExpr b) { return sortKey(a) < sortKey(b); });
  parts.erase(llvm::unique(parts), parts.end());
  return std::to_string(static_cast<int>(kind)) + ":" +
         llvm::join(llvm::map_range(parts, sortKey), "|");
}

DimExpr SymbolicShapes::combined(Symbol::Kind kind, Shape parts) {
  auto [it, inserted] = combinations.try_emplace(sortParts(kind, parts));
  if (inserted)
    it->second = newSymbol({kind, {}, 0, {}, parts});
  return it->second;
}

DimExpr SymbolicShapes::atLeastZero(DimExpr expr) {
  if (std::optional<int64_t> bound = getLowerBound(expr); bound && *bound >= 0)
    return expr;
  if (std::optional<int64_t> value = getConstant(expr))
    return constant(std::max<int64_t>(*value, 0));
  return combined(Symbol::Kind::Positive, {expr});
}

DimExpr SymbolicShapes::least(DimExpr a, DimExpr b) {
  a = atLeastZero(a);
  b = atLeastZero(b);
  if (getLowerBound(sub(b, a)).value_or(-1) >= 0)
    return a;
  if (getLowerBound(sub(a, b)).value_or(-1) >= 0)
    return b;
  Shape parts;
  for (DimExpr size : {a, b})
    if (ArrayRef<DimExpr> inner = getParts(size, Symbol::Kind::Least); !inner.empty())
      llvm::append_range(parts, inner);
    else
      parts.push_back(size);
  return combined(Symbol::Kind::Least, parts);
}

/// What a size is joined of, itself if it is not.
static Shape joinedParts(const SymbolicShapes &shapes, DimExpr size) {
  Shape parts(shapes.getParts(size, SymbolicShapes::Symbol::Kind::Joined));
  return parts.empty() ? Shape{size} : parts;
}

/// Whether `size` is that of a slice that should have the computed length `wanted`.
static bool isCutFrom(const SymbolicShapes &shapes, DimExpr size, DimExpr wanted) {
  using Kind = SymbolicShapes::Symbol::Kind;
  return !getConstant(wanted) && (llvm::is_contained(shapes.getParts(size, Kind::Least), wanted) ||
                                  llvm::is_contained(shapes.getParts(size, Kind::Positive), wanted));
}

bool SymbolicShapes::mayBroadcast(DimExpr size, DimExpr whole) const {
  return size != whole && mayBeOne(size) && !isCutFrom(*this, size, whole);
}

DimExpr SymbolicShapes::broadcast(DimExpr a, DimExpr b) {
  std::optional<int64_t> left = getConstant(a), right = getConstant(b);
  if (left && right && *left != *right && *left != 1 && *right != 1)
    return {};
  if (a == b || right == 1)
    return a;
  if (left == 1)
    return b;
  // Static sizes first: they are the most that can be known.
  if (left || right)
    return left ? a : b;
  if (!mayBroadcast(a, b) || !mayBroadcast(b, a))
    return isCutFrom(*this, a, b) || (mayBeOne(a) && !isCutFrom(*this, b, a)) ? b : a;
  Shape ours = joinedParts(*this, a), theirs = joinedParts(*this, b), parts(ours);
  llvm::append_range(parts, theirs);
  sortParts(Symbol::Kind::Joined, parts);
  if (parts.size() == ours.size())
    return a; // b is one of its parts
  return parts.size() == theirs.size() ? b : combined(Symbol::Kind::Joined, parts);
}

void SymbolicShapes::requireEqual(DimExpr a, DimExpr b) {
  if (a == b || !runsAlways)
    return;
  for (auto [whole, part] : {std::pair(a, b), std::pair(b, a)}) {
    Shape parts(getParts(whole, Symbol::Kind::Joined));
    if (!llvm::is_contained(parts, part))
      continue;
    DimExpr &known = combinations[sortParts(Symbol::Kind::Joined, parts)];
    hasLearned |= known != part;
    known = part;
  }
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

