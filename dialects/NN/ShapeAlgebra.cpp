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

//===----------------------------------------------------------------------===//
// Sums and products
//===----------------------------------------------------------------------===//

/// The sum of the magnitudes of an expression's coefficients, or more; the largest number if
/// there is no such number. As long as it is far from that, simplification does not overflow.
static uint64_t magnitude(DimExpr expr) {
  if (std::optional<int64_t> value = getConstant(expr))
    return *value < 0 ? -static_cast<uint64_t>(*value) : *value;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 1;
  uint64_t left = magnitude(binary.getLHS()), right = magnitude(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul ? llvm::SaturatingMultiply(left, right)
                                                 : llvm::SaturatingAdd(left, right);
}

DimExpr SymbolicShapes::simplify(DimExpr expr) {
  return magnitude(expr) < (uint64_t(1) << 62) ? simplifyAffineExpr(expr, 0, symbols.size()) : expr;
}

namespace {
/// A product: a number and the other factors.
struct Product {
  int64_t number = 1;
  SmallVector<DimExpr> factors;
  bool isTooLarge = false; ///< the number does not fit

  explicit Product(DimExpr expr) { add(expr); }
  void add(DimExpr expr) {
    if (std::optional<int64_t> value = getConstant(expr)) {
      isTooLarge |= llvm::MulOverflow(number, *value, number);
      return;
    }
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary || binary.getKind() != AffineExprKind::Mul) {
      factors.push_back(expr);
      return;
    }
    add(binary.getLHS());
    add(binary.getRHS());
  }
  /// Divides both by a factor they have in common, if there is one.
  static bool cancel(Product &above, Product &below) {
    for (auto *factor = below.factors.begin(); factor != below.factors.end(); ++factor)
      if (auto *same = llvm::find(above.factors, *factor); same != above.factors.end()) {
        above.factors.erase(same);
        below.factors.erase(factor); // this one: a power of it loses one
        return true;
      }
    return false;
  }
};
} // namespace

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

/// Numbers are added and multiplied as the model does it: what does not fit wraps around.
static int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }

DimExpr SymbolicShapes::add(DimExpr a, DimExpr b) {
  std::optional<int64_t> left = getConstant(a), right = getConstant(b);
  if (left && right)
    return constant(wrap(static_cast<uint64_t>(*left) + static_cast<uint64_t>(*right)));
  return simplify(a + b);
}

/// By halves: simplifying a sum takes the square of its length.
DimExpr SymbolicShapes::sum(ArrayRef<DimExpr> summands) {
  if (summands.empty())
    return constant(0);
  size_t half = summands.size() / 2;
  return half == 0 ? summands.front()
                   : add(sum(summands.take_front(half)), sum(summands.drop_front(half)));
}

DimExpr SymbolicShapes::sub(DimExpr a, DimExpr b) {
  std::optional<int64_t> left = getConstant(a), right = getConstant(b);
  if (left && right)
    return constant(wrap(static_cast<uint64_t>(*left) - static_cast<uint64_t>(*right)));
  return simplify(a + mul(b, constant(-1)));
}

DimExpr SymbolicShapes::mul(DimExpr a, DimExpr b) {
  std::optional<int64_t> left = getConstant(a), right = getConstant(b);
  if (left && right)
    return constant(wrap(static_cast<uint64_t>(*left) * static_cast<uint64_t>(*right)));
  // Distribute a constant over a sum, so that 2*(s0+1) and 2*s0+2 are one.
  if (left || right)
    return simplify(a * b);
  Product all(a);
  all.add(b);
  return all.isTooLarge ? a * b : buildProduct(context, all.number, all.factors);
}

DimExpr SymbolicShapes::product(ArrayRef<DimExpr> factors) {
  DimExpr result = constant(1);
  for (DimExpr factor : factors)
    result = mul(result, factor);
  return result;
}

//===----------------------------------------------------------------------===//
// Quotients
//===----------------------------------------------------------------------===//

DimExpr SymbolicShapes::floorDiv(DimExpr a, DimExpr b) {
  Product above(a), below(b);
  constexpr int64_t lowest = std::numeric_limits<int64_t>::min(); // has no opposite
  if (above.isTooLarge || below.isTooLarge || below.number == 0 || above.number == lowest ||
      below.number == lowest)
    return getAffineBinaryOpExpr(AffineExprKind::FloorDiv, a, b);
  if (above.number == 0)
    return constant(0);
  while (Product::cancel(above, below)) {
  }
  // A divisor that is a number is a positive one.
  int64_t common = std::gcd(above.number, below.number) * (below.number < 0 ? -1 : 1);
  a = buildProduct(context, above.number / common, above.factors);
  b = buildProduct(context, below.number / common, below.factors);
  if (std::optional<int64_t> divisor = getConstant(b))
    return floorDivBy(a, *divisor);
  return a.floorDiv(b);
}

/// (x - 1) floordiv 2 is (x + 1) floordiv 2 - 1: the latter is how it is written, since its
/// numerator is not negative, and one way of writing makes equal sizes equal expressions. So does
/// (3 x + 5) floordiv 6 as (x + 1) floordiv 2.
DimExpr SymbolicShapes::floorDivBy(DimExpr a, int64_t divisor) {
  a = simplify(a);
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
  return add(simplify(a.floorDiv(divisor)), constant(whole));
}

DimExpr SymbolicShapes::ceilDiv(DimExpr a, DimExpr b) {
  return floorDiv(sub(add(a, b), constant(1)), b);
}

//===----------------------------------------------------------------------===//
// Sizes combined
//===----------------------------------------------------------------------===//

ArrayRef<DimExpr> SymbolicShapes::getParts(DimExpr expr, Symbol::Kind kind) const {
  const Symbol *symbol = getSymbol(expr);
  return symbol && symbol->kind == kind ? ArrayRef(symbol->parts) : ArrayRef<DimExpr>();
}

/// The parts in the one order they are written in, each once, and their text. Those of a slice
/// have an order.
static std::string sortParts(SymbolicShapes::Symbol::Kind kind, Shape &parts) {
  if (kind != SymbolicShapes::Symbol::Kind::Sliced) {
    llvm::sort(parts, [](DimExpr a, DimExpr b) { return sortKey(a) < sortKey(b); });
    parts.erase(llvm::unique(parts), parts.end());
  }
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

/// A size joined of more is a part as a whole: else every layer would join all sizes so far anew.
static constexpr size_t maxParts = 16;

/// What a size is combined of, itself if it is not.
static Shape partsOf(const SymbolicShapes &shapes, DimExpr size,
                     SymbolicShapes::Symbol::Kind kind) {
  ArrayRef<DimExpr> parts = shapes.getParts(size, kind);
  return parts.empty() || parts.size() > maxParts ? Shape{size} : Shape(parts);
}

DimExpr SymbolicShapes::least(DimExpr a, DimExpr b) {
  a = atLeastZero(a);
  b = atLeastZero(b);
  if (getLowerBound(sub(b, a)).value_or(-1) >= 0)
    return a;
  if (getLowerBound(sub(a, b)).value_or(-1) >= 0)
    return b;
  Shape parts = partsOf(*this, a, Symbol::Kind::Least);
  llvm::append_range(parts, partsOf(*this, b, Symbol::Kind::Least));
  return combined(Symbol::Kind::Least, parts);
}

DimExpr SymbolicShapes::sliced(DimExpr dim, DimExpr start, DimExpr end, DimExpr step,
                               DimExpr wanted) {
  return combined(Symbol::Kind::Sliced, {dim, start, end, step, wanted});
}

/// Whether `size` is that of a slice that should have the computed length `wanted`.
static bool isCutFrom(const SymbolicShapes &shapes, DimExpr size, DimExpr wanted) {
  using Kind = SymbolicShapes::Symbol::Kind;
  if (ArrayRef<DimExpr> slice = shapes.getParts(size, Kind::Sliced); !slice.empty())
    return !getConstant(wanted) &&
           (slice.back() == wanted || isCutFrom(shapes, slice.back(), wanted));
  return !getConstant(wanted) &&
         (llvm::is_contained(shapes.getParts(size, Kind::Least), wanted) ||
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
  Shape ours = partsOf(*this, a, Symbol::Kind::Joined),
        theirs = partsOf(*this, b, Symbol::Kind::Joined);
  Shape parts(ours);
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
