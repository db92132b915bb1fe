//===- AttentionTest.cpp - the attention kernel against plain loops --------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes that leave tails in every dim and need several blocks of keys and queries, known and
// unknown at compile time; all bounds, alone and together; rows without any key.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/KernelFixture.h"

using namespace optc::test;

namespace {

class AttentionTest : public KernelFixture {
protected:
  /// With the sizes of `dynamic` not known at compile time.
  void add(AttentionSpec spec, const std::string &dynamic = "bst") {
    spec.dynamic = dynamic;
    cases.push_back(attentionCase("attention" + std::to_string(cases.size()), spec));
  }
  void addBoth(const AttentionSpec &spec) {
    add(spec, "");
    add(spec);
  }
  /// Heads before queries: [b, n, s, ..].
  static AttentionSpec usual(const Sizes &sizes) {
    return {sizes, "bnsd", "bntd", "bnte", "bnse", "", false, "", "", {}, {}};
  }
  void TearDown() override { compare(cases); }

  std::vector<KernelCase> cases;
};

INSTANTIATE_TEST_SUITE_P(Levels, AttentionTest, testing::ValuesIn(levelsHere()),
                         [](const auto &info) { return levelTestName(info.param); });

} // namespace

TEST_P(AttentionTest, sizes) {
  for (const Sizes &sizes : {Sizes{1, 2, 1, 7, 13, 8, 4}, Sizes{2, 1, 1, 97, 61, 32, 32},
                             Sizes{1, 1, 1, 101, 307, 20, 24}, Sizes{1, 1, 1, 211, 541, 64, 64},
                             Sizes{1, 1, 1, 5, 256, 17, 33}, Sizes{1, 1, 1, 3, 1, 1, 1}})
    addBoth(usual(sizes));
}

TEST_P(AttentionTest, singleQuery) {
  for (const Sizes &sizes :
       {Sizes{1, 2, 1, 1, 13, 8, 4}, Sizes{2, 3, 1, 1, 300, 64, 64}, Sizes{1, 1, 1, 1, 1, 20, 24}})
    addBoth(usual(sizes));
  AttentionSpec grouped{
      {2, 3, 4, 1, 277, 64, 40}, "bnrsd", "bntd", "bnte", "bsnre", "bt", false, "", "", {}, {}};
  add(grouped);
  grouped.bounds = "after = 0, guarded";
  grouped.offset = {276, 120};
  add(grouped);
}

TEST_P(AttentionTest, layouts) {
  // Heads side by side behind the queries, as projections make them; transposed keys.
  add({{2, 3, 1, 19, 23, 16, 16}, "bsnd", "btnd", "btne", "bsne", "", false, "", "", {}, {}});
  add({{2, 2, 3, 19, 23, 16, 8}, "bsnrd", "bndt", "btne", "bsnre", "", false, "", "", {}, {}});
  add({{1, 1, 3, 19, 23, 16, 8}, "rsd", "td", "te", "rse", "", false, "", "", {}, {}}, "st");
}

TEST_P(AttentionTest, masks) {
  for (std::string mask : {"bt", "st", "bnst", "bst", "bs"})
    for (bool hasHoles : {false, true}) {
      AttentionSpec spec = usual({2, 3, 1, 29, 83, 16, 16});
      spec.mask = mask;
      spec.hasHoles = hasHoles;
      add(spec);
    }
  AttentionSpec grouped{
      {2, 2, 3, 13, 70, 16, 16}, "bnrsd", "bntd", "bnte", "bnrse", "bnrst", false, "", "", {}, {}};
  add(grouped);
}

TEST_P(AttentionTest, rowsWithoutKeys) {
  for (std::string bounds : {"", "guarded"}) {
    AttentionSpec spec = usual({2, 2, 1, 31, 3, 16, 16});
    spec.bounds = bounds;
    spec.mask = "bnst";
    spec.hasHoles = true;
    add(spec);
    spec = usual({2, 2, 1, 31, 40, 16, 16});
    spec.bounds = (bounds.empty() ? "" : bounds + ", ") + "after = 0";
    spec.offset = {-7, 3}; // the first queries come before all keys
    add(spec);
    spec = usual({2, 2, 1, 5, 0, 16, 16});
    spec.bounds = bounds;
    add(spec, "t");
  }
}

TEST_P(AttentionTest, bounds) {
  for (std::string bounds : {"after = 0", "before = 5", "before = 5, after = 0",
                             "before = 40, after = 3", "after = 1000"}) {
    AttentionSpec spec = usual({2, 2, 1, 131, 307, 16, 16});
    spec.bounds = bounds;
    spec.offset = {176, 11};
    add(spec);
  }
  AttentionSpec spec = usual({2, 2, 1, 131, 307, 16, 16});
  spec.bounds = "before = 5, after = 0";
  addBoth(spec);
  spec.bounds += ", guarded";
  spec.lengths = {307, 142};
  addBoth(spec);
  spec.offset = {176, 11};
  addBoth(spec);
}
