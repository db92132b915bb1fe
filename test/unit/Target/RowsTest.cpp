//===- RowsTest.cpp - elementwise ops and reductions of any shape -----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Generated linalg ops against a loop over all positions: broadcasts, reductions over every set
// of axes, transposes, at sizes around the vector length.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/CpuLevel.h"
#include "test/unit/Target/CompiledModel.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace optc::test;

namespace {

enum class Combine { Store, Sum, Max };

/// out[outDims] = combine over the other dims of a[aDims] - b[bDims].
struct Case {
  std::vector<int64_t> shape;
  std::vector<int> a, b, out;
  Combine combine = Combine::Store;
  bool isDynamic = false;
};

std::vector<int64_t> pick(const std::vector<int64_t> &shape, const std::vector<int> &dims) {
  std::vector<int64_t> result;
  for (int d : dims)
    result.push_back(shape[d]);
  return result;
}

int64_t countOf(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

int64_t offsetOf(const std::vector<int64_t> &shape, const std::vector<int> &dims,
                 const std::vector<int64_t> &at) {
  int64_t offset = 0;
  for (int d : dims)
    offset = offset * shape[d] + at[d];
  return offset;
}

/// The module text of cases, one entry each.
std::string typeOf(const Case &test, const std::vector<int> &dims) {
  std::string type = "tensor<";
  for (int d : dims)
    type += (test.isDynamic ? "?" : std::to_string(test.shape[d])) + std::string("x");
  return type + "f32>";
}

std::string mapOf(const Case &test, const std::vector<int> &dims) {
  std::string loops, results;
  for (size_t d = 0; d < test.shape.size(); ++d)
    loops += (d ? ", d" : "d") + std::to_string(d);
  for (size_t i = 0; i < dims.size(); ++i)
    results += (i ? ", d" : "d") + std::to_string(dims[i]);
  return "affine_map<(" + loops + ") -> (" + results + ")>";
}

/// Sizes of the output: those of `a` or `b` along its dims.
std::string emptyOutput(const Case &test) {
  std::string text, sizes;
  for (int d : test.out) {
    if (!test.isDynamic)
      continue;
    auto find = [&](const std::vector<int> &dims) {
      return std::find(dims.begin(), dims.end(), d) - dims.begin();
    };
    bool inA = find(test.a) != static_cast<long>(test.a.size());
    std::string name = std::to_string(d);
    text += "%c" + name + " = arith.constant " + std::to_string(find(inA ? test.a : test.b)) +
            " : index\n%n" + name + " = tensor.dim " + (inA ? "%a" : "%b") + ", %c" + name + " : " +
            typeOf(test, inA ? test.a : test.b) + "\n";
    sizes += (sizes.empty() ? "%n" : ", %n") + name;
  }
  return text + "%e = tensor.empty(" + sizes + ") : " + typeOf(test, test.out) + "\n";
}

std::string entryOf(const Case &test, int index) {
  std::string a = typeOf(test, test.a), b = typeOf(test, test.b), out = typeOf(test, test.out);
  std::string iterators;
  for (size_t d = 0; d < test.shape.size(); ++d) {
    bool parallel = std::count(test.out.begin(), test.out.end(), static_cast<int>(d)) > 0;
    iterators += std::string(d ? ", " : "") + (parallel ? "\"parallel\"" : "\"reduction\"");
  }
  std::string text = "func.func @f" + std::to_string(index) + "(%a: " + a + ", %b: " + b + ") -> " +
                     out + " attributes {run.entry = #run.entry} {\n" + emptyOutput(test);
  std::string combine = "%r = arith.addf %s, %zero : f32";
  std::string init = "%e";
  if (test.combine != Combine::Store) {
    init = "%f";
    text += std::string("%i = arith.constant ") +
            (test.combine == Combine::Sum ? "0.0" : "0xFF800000") +
            " : f32\n%f = linalg.fill ins(%i : f32) outs(%e : " + out + ") -> " + out + "\n";
    combine = test.combine == Combine::Sum ? "%r = arith.addf %o, %s : f32"
                                           : "%r = arith.maximumf %o, %s : f32";
  }
  return text + "%zero = arith.constant -0.0 : f32\n%g = linalg.generic {indexing_maps = [" +
         mapOf(test, test.a) + ", " + mapOf(test, test.b) + ", " + mapOf(test, test.out) +
         "], iterator_types = [" + iterators + "]} ins(%a, %b : " + a + ", " + b + ") outs(" +
         init + " : " + out +
         ") {\n^bb0(%x: f32, %y: f32, %o: f32):\n%s = arith.subf %x, %y : f32\n" + combine +
         "\nlinalg.yield %r : f32 } -> " + out + "\nreturn %g : " + out + "\n}\n";
}

std::vector<float> expected(const Case &test, const std::vector<float> &a,
                            const std::vector<float> &b) {
  std::vector<double> sums(countOf(pick(test.shape, test.out)),
                           test.combine == Combine::Max ? -INFINITY : 0.0);
  std::vector<int64_t> at(test.shape.size(), 0);
  for (int64_t left = countOf(test.shape); left > 0; --left) {
    double value = a[offsetOf(test.shape, test.a, at)] - b[offsetOf(test.shape, test.b, at)];
    double &sum = sums[offsetOf(test.shape, test.out, at)];
    sum = test.combine == Combine::Store ? value
          : test.combine == Combine::Sum ? sum + value
                                         : std::max(sum, value);
    for (size_t d = at.size(); d-- > 0;) {
      if (++at[d] < test.shape[d])
        break;
      at[d] = 0;
    }
  }
  return {sums.begin(), sums.end()};
}

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> values(-2, 2);
  std::vector<float> result(count);
  for (float &value : result)
    value = values(generator);
  return result;
}

std::vector<int> subset(int bits, int rank) {
  std::vector<int> dims;
  for (int d = 0; d < rank; ++d)
    if (bits >> d & 1)
      dims.push_back(d);
  return dims;
}

class RowsTest : public testing::TestWithParam<std::string> {
protected:
  void check(const std::vector<Case> &cases) {
    std::string source;
    for (size_t i = 0; i < cases.size(); ++i)
      source += entryOf(cases[i], i);
    CompiledModel model(source, GetParam());
    ASSERT_EQ(model.error, "");
    for (size_t i = 0; i < cases.size(); ++i) {
      const Case &test = cases[i];
      std::vector<int64_t> aShape = pick(test.shape, test.a), bShape = pick(test.shape, test.b);
      auto a = randomFloats(countOf(aShape), 1), b = randomFloats(countOf(bShape), 2);
      RunResult result = model.run({Array::of(aShape, a), Array::of(bShape, b)}, {4}, i);
      ASSERT_EQ(result.outputs.size(), 1u) << entryOf(test, i);
      std::vector<float> got = result.outputs[0].as<float>(), want = expected(test, a, b);
      ASSERT_EQ(got.size(), want.size());
      for (size_t k = 0; k < got.size(); ++k)
        ASSERT_TRUE(got[k] == want[k] || std::fabs(got[k] - want[k]) <= 1e-4)
            << got[k] << " for " << want[k] << " in element " << k << " of\n"
            << entryOf(test, i);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Levels, RowsTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

std::vector<std::vector<int64_t>> shapes() {
  return {{0}, {1}, {15}, {17}, {65}, {5, 0}, {3, 5}, {7, 17}, {20, 63}, {2, 3, 40}, {2, 3, 4, 5}};
}

} // namespace

TEST_P(RowsTest, broadcasts) {
  std::vector<Case> cases;
  for (const auto &shape : shapes())
    for (int bits = 0; bits < 1 << shape.size(); ++bits) {
      int rank = shape.size();
      std::vector<int> all = subset(-1, rank);
      cases.push_back({shape, all, subset(bits, rank), all, Combine::Store, bits % 2 == 0});
    }
  check(cases);
}

TEST_P(RowsTest, reductionsOverEverySetOfAxes) {
  std::vector<Case> cases;
  for (const auto &shape : shapes())
    for (int bits = 0; bits < (1 << shape.size()) - 1; ++bits) {
      int rank = shape.size();
      std::vector<int> all = subset(-1, rank);
      cases.push_back({shape, all, {}, subset(bits, rank), Combine::Sum, bits % 2 == 0});
      cases.push_back({shape, all, all, subset(bits, rank), Combine::Max, bits % 2 == 1});
    }
  check(cases);
}

TEST_P(RowsTest, transposes) {
  std::vector<Case> cases;
  for (const std::vector<int64_t> &shape : std::vector<std::vector<int64_t>>{
           {3, 5}, {16, 16}, {33, 40}, {0, 4}, {2, 17, 33}, {2, 3, 4, 5}}) {
    std::vector<int> all = subset(-1, shape.size()), order = all;
    bool isDynamic = false;
    do {
      isDynamic = !isDynamic;
      cases.push_back({shape, order, {}, all, Combine::Store, isDynamic});
      cases.push_back({shape, order, all, all, Combine::Store, !isDynamic});
    } while (std::next_permutation(order.begin(), order.end()));
  }
  check(cases);
}
