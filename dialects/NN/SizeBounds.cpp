//===- SizeBounds.cpp - what is known of the value of a size -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a size can be negative or 1, from what it is made of.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"

using namespace mlir;
using namespace optc::nn;

namespace {
/// What is known of the value of sizes. Sizes are made of each other layer by layer, often of the
/// same one twice: each is looked at once, and so many of them that no question takes long.
class SizeBounds {
public:
  explicit SizeBounds(const SymbolicShapes &shapes) : shapes(shapes) {}
  bool isNonNegative(DimExpr expr);
  std::optional<int64_t> getLower(DimExpr expr);

private:
  using Symbol = SymbolicShapes::Symbol;
  bool findSign(DimExpr expr);
  std::optional<int64_t> findLower(DimExpr expr);
  std::optional<int64_t> findLower(DimExpr expr, const Symbol &symbol);
  std::optional<int64_t> findLower(AffineBinaryOpExpr expr);

  static constexpr size_t mostLookedAt = 2000;
  const SymbolicShapes &shapes;
  llvm::DenseMap<DimExpr, bool> signs;
  llvm::DenseMap<DimExpr, std::optional<int64_t>> lowers;
};
} // namespace

bool SizeBounds::isNonNegative(DimExpr expr) {
  auto [it, inserted] = signs.try_emplace(expr, false);
  if (!inserted || signs.size() > mostLookedAt)
    return it->second;
  bool result = findSign(expr);
  return signs[expr] = result;
}

bool SizeBounds::findSign(DimExpr expr) {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value >= 0;
  if (const Symbol *symbol = shapes.getSymbol(expr))
    return symbol->kind != Symbol::Kind::Element &&
           (symbol->kind != Symbol::Kind::Joined ||
            llvm::all_of(symbol->parts, [&](DimExpr part) { return isNonNegative(part); }));
  auto binary = cast<AffineBinaryOpExpr>(expr);
  return isNonNegative(binary.getLHS()) && isNonNegative(binary.getRHS());
}

std::optional<int64_t> SizeBounds::getLower(DimExpr expr) {
  auto [it, inserted] = lowers.try_emplace(expr, std::nullopt);
  if (!inserted || lowers.size() > mostLookedAt)
    return it->second;
  std::optional<int64_t> result = findLower(expr);
  return lowers[expr] = result;
}

std::optional<int64_t> SizeBounds::findLower(DimExpr expr) {
  if (std::optional<int64_t> value = getConstant(expr))
    return value;
  if (const Symbol *symbol = shapes.getSymbol(expr))
    return findLower(expr, *symbol);
  return findLower(cast<AffineBinaryOpExpr>(expr));
}

std::optional<int64_t> SizeBounds::findLower(DimExpr expr, const Symbol &symbol) {
  std::optional<int64_t> bound;
  if (isNonNegative(expr))
    bound = 0;
  // A joined or least size is one of its parts.
  if (symbol.parts.empty() || symbol.kind == Symbol::Kind::Positive ||
      symbol.kind == Symbol::Kind::Sliced)
    return bound;
  auto bounds = llvm::map_to_vector(symbol.parts, [&](DimExpr part) { return getLower(part); });
  if (!llvm::is_contained(bounds, std::nullopt))
    bound =
        std::max(bound.value_or(std::numeric_limits<int64_t>::min()), **llvm::min_element(bounds));
  return bound;
}

std::optional<int64_t> SizeBounds::findLower(AffineBinaryOpExpr binary) {
  std::optional<int64_t> left = getLower(binary.getLHS()), right = getLower(binary.getRHS());
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
    if (left && right && *left >= 0 && *right >= 0 && !divisor)
      return 0;
    if (left && divisor && *divisor > 0)
      return llvm::divideFloorSigned(*left, *divisor);
    return std::nullopt;
  default:
    return divisor && *divisor > 0 ? std::optional<int64_t>(0) : std::nullopt;
  }
}

bool SymbolicShapes::isNonNegative(DimExpr expr) const {
  return SizeBounds(*this).isNonNegative(expr);
}

std::optional<int64_t> SymbolicShapes::getLowerBound(DimExpr expr) const {
  return SizeBounds(*this).getLower(expr);
}

bool SymbolicShapes::mayBeOne(DimExpr expr) const {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value == 1;
  return expr.getLargestKnownDivisor() < 2 && getLowerBound(expr).value_or(0) < 2;
}
