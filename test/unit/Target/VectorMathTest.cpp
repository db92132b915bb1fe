//===- VectorMathTest.cpp - accuracy of the generated functions -------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the polynomials of lib/Target/Cpu/VectorMath against double precision, over random
// bit patterns, the usual ranges and special values.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/CpuLevel.h"
#include "test/unit/Target/CompiledModel.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace optc::test;

namespace {

/// A function of one argument and the largest error, in ULP of f32, that is allowed.
struct Function {
  const char *op;
  double (*exact)(double);
  double bound;
};

const Function functions[] = {
    {"exp", std::exp, 1.1},     {"exp2", std::exp2, 0.9},   {"expm1", std::expm1, 1.5},
    {"log", std::log, 0.9},     {"log2", std::log2, 1.3},   {"log10", std::log10, 1.1},
    {"log1p", std::log1p, 1.6}, {"sin", std::sin, 1.7},     {"cos", std::cos, 1.7},
    {"tan", std::tan, 3.7},     {"asin", std::asin, 2.5},   {"acos", std::acos, 1.3},
    {"atan", std::atan, 1.5},   {"sinh", std::sinh, 2.3},   {"cosh", std::cosh, 1.6},
    {"tanh", std::tanh, 2.5},   {"asinh", std::asinh, 2.0}, {"acosh", std::acosh, 2.2},
    {"atanh", std::atanh, 2.3}, {"erf", std::erf, 2.2},     {"cbrt", std::cbrt, 0.8},
    {"round", std::round, 0.0},
};

const Function binaryFunctions[] = {{"powf", nullptr, 0.6}, {"atan2", nullptr, 2.0}};

std::vector<float> arguments(size_t count, unsigned seed) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values = {0.0f,      -0.0f,         1.0f,       -1.0f,    infinity,
                               -infinity, std::nanf(""), 0.5f,       -0.5f,    1e-45f,
                               -1e-45f,   1e-40f,        3.4e38f,    -3.4e38f, 1.17549435e-38f,
                               88.72284f, 88.73f,        -103.97f,   -104.1f,  128.0f,
                               -149.0f,   -150.0f,       1e9f,       1e30f,    2.0f,
                               3.0f,      -3.0f,         10.0f,      1000.0f,  0.49999997f,
                               2.5f,      -2.5f,         8388607.5f, 29999.0f, 31000.0f};
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, 3);
  std::uniform_real_distribution<float> unit(-1, 1);
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits = generator();
    float any;
    memcpy(&any, &bits, sizeof any);
    values.insert(values.end(), {any, normal(generator), unit(generator), 100 * unit(generator),
                                 1 + unit(generator) / 64});
  }
  return values;
}

/// The distance of `got` from `exact` in units of the last place of f32; infinity for a NaN,
/// an infinity or a sign of zero that is wrong.
double ulps(float got, double exact) {
  float rounded = static_cast<float>(exact);
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) && std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(rounded) || std::isinf(got))
    return rounded == got ? 0 : INFINITY;
  if (got == 0 && rounded == 0 && std::signbit(got) != std::signbit(rounded))
    return INFINITY;
  float magnitude = std::fabs(rounded);
  double unit = static_cast<double>(std::nextafterf(magnitude, INFINITY)) - magnitude;
  return std::fabs(got - exact) / unit;
}

/// One entry with a result per function, elementwise over inputs of any length.
template <typename Table> std::string moduleFor(const Table &table, int operands) {
  std::string inputs = "%x: tensor<?xf32>", names = "%x", types = "tensor<?xf32>";
  std::string maps = "#id, #id", elements = "%a: f32, ";
  std::string operandNames = "%a";
  if (operands == 2) {
    inputs += ", %y: tensor<?xf32>", names += ", %y", types += ", tensor<?xf32>";
    maps += ", #id", elements += "%b: f32, ", operandNames += ", %b";
  }
  std::string body, results, resultTypes;
  for (const Function &function : table) {
    std::string op = function.op, separator = results.empty() ? "" : ", ";
    body += "%" + op + " = linalg.generic {indexing_maps = [" + maps +
            "], iterator_types = [\"parallel\"]} ins(" + names + " : " + types +
            ") outs(%e : tensor<?xf32>) {\n^bb0(" + elements + "%o: f32):\n%r = math." + op + " " +
            operandNames + " : f32\nlinalg.yield %r : f32 } -> tensor<?xf32>\n";
    results += separator + "%" + op;
    resultTypes += separator + "tensor<?xf32>";
  }
  return "#id = affine_map<(i) -> (i)>\nfunc.func @main(" + inputs + ") -> (" + resultTypes +
         ") attributes {run.entry = #run.entry} {\n%c0 = arith.constant 0 : index\n"
         "%n = tensor.dim %x, %c0 : tensor<?xf32>\n%e = tensor.empty(%n) : tensor<?xf32>\n" +
         body + "return " + results + " : " + resultTypes + "\n}\n";
}

class VectorMathTest : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Levels, VectorMathTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

} // namespace

TEST_P(VectorMathTest, unaryFunctionsAreAccurate) {
  CompiledModel model(moduleFor(functions, 1), GetParam());
  ASSERT_EQ(model.error, "");
  std::vector<float> x = arguments(40000, 1);
  int64_t count = x.size();
  RunResult result =
      model.run({Array::of({count}, x)}, std::vector<int64_t>(std::size(functions), 4));
  ASSERT_EQ(result.outputs.size(), std::size(functions));
  for (size_t f = 0; f < std::size(functions); ++f) {
    std::vector<float> got = result.outputs[f].as<float>();
    size_t worst = 0;
    double error = 0;
    for (size_t i = 0; i < got.size(); ++i)
      if (double e = ulps(got[i], functions[f].exact(x[i])); e > error)
        error = e, worst = i;
    EXPECT_LE(error, functions[f].bound)
        << functions[f].op << "(" << x[worst] << ") = " << got[worst];
  }
}

TEST_P(VectorMathTest, binaryFunctionsAreAccurate) {
  CompiledModel model(moduleFor(binaryFunctions, 2), GetParam());
  ASSERT_EQ(model.error, "");
  std::vector<float> x, y;
  const size_t special = 35;
  std::vector<float> first = arguments(20000, 1), second = arguments(20000, 2);
  for (size_t i = 0; i < special; ++i)
    for (size_t j = 0; j < special; ++j)
      x.push_back(first[i]), y.push_back(second[j]);
  std::shuffle(second.begin(), second.end(), std::mt19937(3));
  x.insert(x.end(), first.begin(), first.end());
  y.insert(y.end(), second.begin(), second.end());
  int64_t count = x.size();
  RunResult result = model.run({Array::of({count}, x), Array::of({count}, y)}, {4, 4});
  ASSERT_EQ(result.outputs.size(), 2u);
  double (*const exact[])(double, double) = {std::pow, std::atan2};
  for (size_t f = 0; f < 2; ++f) {
    std::vector<float> got = result.outputs[f].as<float>();
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_LE(ulps(got[i], exact[f](x[i], y[i])), binaryFunctions[f].bound)
          << binaryFunctions[f].op << "(" << x[i] << ", " << y[i] << ") = " << got[i];
  }
}
