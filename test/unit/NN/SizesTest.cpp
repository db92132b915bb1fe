//===- SizesTest.cpp - the algebra of sizes against numbers ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Draws random sums, products, quotients and slices of sizes, and compares what the canonical
// expressions are at random sizes with the same formulas in plain numbers. A miss prints its seed;
// OPTC_SEED=n draws only that case.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/NN.h"
#include "dialects/NN/SliceSizes.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <random>

using namespace mlir;
using namespace optc::nn;

namespace {

/// The values of all symbols that stand for sizes or elements, by their position.
using Numbers = std::vector<int64_t>;

/// Nothing where a formula divides by zero or does not fit.
using Number = std::optional<__int128>;

Number fitting(Number value) {
  return value && *value == static_cast<int64_t>(*value) ? value : std::nullopt;
}

Number floorDivide(Number a, Number b) {
  if (!a || !b || *b == 0)
    return std::nullopt;
  __int128 quotient = *a / *b;
  return *a % *b != 0 && (*a < 0) != (*b < 0) ? quotient - 1 : quotient;
}

Number binary(AffineExprKind kind, Number a, Number b) {
  if (!a || !b)
    return std::nullopt;
  switch (kind) {
  case AffineExprKind::Add:
    return *a + *b;
  case AffineExprKind::Mul:
    return *a * *b;
  case AffineExprKind::FloorDiv:
    return floorDivide(a, b);
  case AffineExprKind::CeilDiv:
    return floorDivide(*a + *b - 1, b);
  default:
    if (Number quotient = floorDivide(a, b))
      return *a - *quotient * *b;
    return std::nullopt;
  }
}

/// numpy's len(range(size)[start:end:step]), which ONNX has too for positive steps.
Number countSlice(Number size, Number start, Number end, int64_t step) {
  if (!size || !start || !end || *size < 0)
    return std::nullopt;
  auto resolve = [&](__int128 bound) {
    return std::min(std::max<__int128>(bound < 0 ? bound + *size : bound, 0), *size);
  };
  __int128 length = resolve(*end) - resolve(*start);
  return length <= 0 ? 0 : (length + step - 1) / step;
}

/// What an expression is for these sizes, from the meanings of its parts.
Number evaluate(const SymbolicShapes &shapes, DimExpr expr, const Numbers &numbers) {
  using Kind = SymbolicShapes::Symbol::Kind;
  if (auto value = getConstant(expr))
    return *value;
  const SymbolicShapes::Symbol *symbol = shapes.getSymbol(expr);
  if (!symbol) {
    auto op = cast<AffineBinaryOpExpr>(expr);
    return binary(op.getKind(), evaluate(shapes, op.getLHS(), numbers),
                  evaluate(shapes, op.getRHS(), numbers));
  }
  if (symbol->value)
    return numbers[cast<AffineSymbolExpr>(expr).getPosition()];
  std::vector<Number> parts;
  for (DimExpr part : symbol->parts)
    parts.push_back(evaluate(shapes, part, numbers));
  if (llvm::is_contained(parts, std::nullopt))
    return std::nullopt;
  switch (symbol->kind) {
  case Kind::Positive:
    return std::max<__int128>(*parts[0], 0);
  case Kind::Least:
    return *llvm::min_element(parts);
  case Kind::Sliced:
    return countSlice(parts[0], parts[1], parts[2], static_cast<int64_t>(*parts[3]));
  default:
    return std::nullopt;
  }
}

/// An expression and the formula it was drawn from.
struct Term {
  DimExpr expr;
  std::function<Number(const Numbers &)> formula;
  std::string text;
};

class Sizes : public ::testing::TestWithParam<unsigned> {
protected:
  Sizes() : shapes(&context), builder(&context), random(seed()) {
    context.loadDialect<NNDialect>();
    Location loc = builder.getUnknownLoc();
    auto sizes =
        RankedTensorType::get(SmallVector<int64_t>(4, ShapedType::kDynamic), builder.getF32Type());
    for (DimExpr dim : Shape(shapes.getShape(block.addArgument(sizes, loc))))
      addSymbol(dim);
    numSizes = terms.size();
    auto elements = RankedTensorType::get({2}, builder.getI64Type());
    std::optional<Shape> contents = shapes.getContents(block.addArgument(elements, loc));
    for (DimExpr element : *contents)
      addSymbol(element);
  }

  static unsigned seed() {
    const char *wanted = std::getenv("OPTC_SEED");
    return wanted ? unsigned(std::strtoul(wanted, nullptr, 10)) : GetParam();
  }
  int64_t draw(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  const Term &any() { return terms[draw(0, terms.size() - 1)]; }

  void addSymbol(DimExpr expr) {
    unsigned position = cast<AffineSymbolExpr>(expr).getPosition();
    terms.push_back({expr, [=](const Numbers &n) -> Number { return n[position]; },
                     "s" + std::to_string(position)});
  }
  void addNumber(int64_t value) {
    terms.push_back({shapes.constant(value), [=](const Numbers &) -> Number { return value; },
                     std::to_string(value)});
  }

  void addBinary(const Term &a, const Term &b, int64_t kind) {
    static constexpr AffineExprKind kinds[] = {AffineExprKind::Add, AffineExprKind::Add,
                                               AffineExprKind::Mul, AffineExprKind::FloorDiv,
                                               AffineExprKind::CeilDiv};
    DimExpr results[] = {shapes.add(a.expr, b.expr), shapes.sub(a.expr, b.expr),
                         shapes.mul(a.expr, b.expr), shapes.floorDiv(a.expr, b.expr),
                         shapes.ceilDiv(a.expr, b.expr)};
    const char *names[] = {" + ", " - ", " * ", " // ", " ceildiv "};
    terms.push_back({results[kind],
                     [=, f = a.formula, g = b.formula](const Numbers &n) -> Number {
                       Number left = f(n), right = g(n);
                       if (kind == 1 && right)
                         right = -*right;
                       return fitting(binary(kinds[kind], left, right));
                     },
                     "(" + a.text + names[kind] + b.text + ")"});
  }

  void addSlice(const Term &dim, const Term &start, const Term &end, int64_t step) {
    DimExpr size = inferSliceSize(shapes.atLeastZero(dim.expr), start.expr, end.expr,
                                  shapes.constant(step), shapes);
    if (!size)
      return;
    terms.push_back(
        {size,
         [=, d = dim.formula, f = start.formula, g = end.formula](const Numbers &n) -> Number {
           Number size = d(n);
           return countSlice(size ? std::max<__int128>(*size, 0) : size, f(n), g(n), step);
         },
         "len(" + dim.text + "[" + start.text + ":" + end.text + ":" + std::to_string(step) +
             "])"});
  }

  /// Compares all terms at one draw of sizes and elements.
  void compareAll() {
    Numbers numbers(shapes.getSymbols().size(), 0);
    for (size_t i = 0; i < numSizes; ++i)
      numbers[i] = draw(0, 4) ? draw(0, 6) : draw(7, 50);
    for (size_t i = numSizes; i < numSizes + 2; ++i)
      numbers[i] = draw(-7, 7);
    for (const Term &term : terms) {
      Number want = term.formula(numbers);
      // A division by zero is an error when the model runs.
      if (!want)
        continue;
      Number got = evaluate(shapes, term.expr, numbers);
      std::string text;
      llvm::raw_string_ostream(text) << term.expr;
      ASSERT_TRUE(got && *got == *want)
          << "OPTC_SEED=" << seed() << ": " << term.text << " is " << static_cast<int64_t>(*want)
          << ", " << text << " is "
          << (got ? std::to_string(static_cast<int64_t>(*got)) : "nothing");
      if (auto bound = shapes.getLowerBound(term.expr))
        ASSERT_GE(static_cast<int64_t>(*want), *bound)
            << "OPTC_SEED=" << seed() << ": the bound of " << text;
    }
  }

  MLIRContext context;
  SymbolicShapes shapes;
  OpBuilder builder;
  Block block;
  std::mt19937 random;
  std::vector<Term> terms;
  size_t numSizes = 0;
};

TEST_P(Sizes, randomFormulas) {
  for (int64_t value : {-3, -1, 0, 1, 2, 3, 4, 12})
    addNumber(value);
  addNumber(std::numeric_limits<int32_t>::max());
  for (int i = 0; i < 24; ++i) {
    Term a = any(), b = any(), c = any();
    if (a.text.size() + b.text.size() + c.text.size() > 200)
      continue;
    if (draw(0, 3) == 0)
      addSlice(a, b, c, draw(0, 2) ? 1 : draw(2, 3));
    else
      addBinary(a, b, draw(0, 4));
  }
  for (int i = 0; i < 20; ++i)
    compareAll();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Sizes, ::testing::Range(0u, 400u));

/// What makes sizes equal: one expression.
class EqualSizes : public Sizes {};
INSTANTIATE_TEST_SUITE_P(Once, EqualSizes, ::testing::Values(0u));

TEST_P(EqualSizes, powersCancelOneByOne) {
  DimExpr a = terms[0].expr, b = terms[1].expr, twelve = shapes.constant(12);
  EXPECT_EQ(shapes.floorDiv(shapes.product({a, b, b, twelve}), shapes.mul(b, b)),
            shapes.mul(a, twelve));
  EXPECT_EQ(shapes.floorDiv(shapes.product({a, b, b}), b), shapes.mul(a, b));
  EXPECT_EQ(shapes.floorDiv(shapes.product({a, b, b}), shapes.product({b, b, b})),
            shapes.floorDiv(a, b));
  EXPECT_EQ(shapes.floorDiv(shapes.product({a, a, b, b}), shapes.product({a, b, twelve})),
            shapes.floorDiv(shapes.mul(b, a), twelve));
}

TEST_P(EqualSizes, slices) {
  DimExpr a = terms[0].expr, b = terms[1].expr, zero = shapes.constant(0), one = shapes.constant(1);
  DimExpr end = shapes.constant(std::numeric_limits<int64_t>::max());
  auto minus = [&](DimExpr x) { return shapes.sub(zero, x); };
  EXPECT_EQ(inferSliceSize(a, zero, end, one, shapes), a);
  EXPECT_EQ(inferSliceSize(a, minus(a), end, one, shapes), a); // the whole of it
  EXPECT_EQ(inferSliceSize(a, zero, minus(shapes.add(b, one)), one, shapes),
            shapes.atLeastZero(shapes.sub(a, shapes.add(b, one))));
  // All of x if b is 0, the last b otherwise: meets a size of b as that.
  DimExpr last = inferSliceSize(shapes.add(a, b), minus(b), end, one, shapes);
  EXPECT_NE(last, b);
  EXPECT_EQ(last, inferSliceSize(shapes.add(b, a), minus(b), end, one, shapes));
  EXPECT_EQ(shapes.broadcast(last, b), b);
  EXPECT_FALSE(shapes.mayBroadcast(last, b));
}

TEST_P(EqualSizes, numbersWrapAround) {
  int64_t most = std::numeric_limits<int64_t>::max(), least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(shapes.add(shapes.constant(most), shapes.constant(1)), shapes.constant(least));
  EXPECT_EQ(shapes.sub(shapes.constant(least), shapes.constant(1)), shapes.constant(most));
  EXPECT_EQ(shapes.mul(shapes.constant(most), shapes.constant(2)), shapes.constant(-2));
  // Expressions that do not fit stay as they are, and are computed as they stand.
  DimExpr large = shapes.mul(terms[0].expr, shapes.constant(most));
  EXPECT_TRUE(shapes.mul(large, shapes.constant(4)));
  EXPECT_TRUE(shapes.floorDiv(shapes.mul(large, large), shapes.constant(6)));
  EXPECT_TRUE(shapes.floorDiv(large, shapes.constant(0)));
  EXPECT_TRUE(shapes.floorDiv(terms[0].expr, shapes.constant(least)));
}

} // namespace
