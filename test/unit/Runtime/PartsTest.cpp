//===- PartsTest.cpp - planner, pool and sort -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of the runtime that need no model.
//
//===----------------------------------------------------------------------===//
#include "lib/Runtime/ArenaPlan.h"
#include "lib/Runtime/Argsort.h"
#include "lib/Runtime/ThreadPool.h"
#include "lib/Support/HalfFloat.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <thread>

using namespace optc;
using namespace optc::runtime;

namespace {

TEST(ArenaPlan, SharesDisjointLives) {
  ArenaPlan plan;
  const int64_t lives[] = {0, 1, 1, 2, 2, 3};
  ASSERT_TRUE(planArena({64, 128, 64}, lives, plan));
  EXPECT_EQ(plan.offsets, (std::vector<int64_t>{128, 0, 128}));
  EXPECT_EQ(plan.size, 192);
}

/// With the largest first, the one that comes last fits only on top of three others: 448 bytes.
TEST(ArenaPlan, TriesOtherOrders) {
  ArenaPlan plan;
  const int64_t lives[] = {2, 2, 2, 3, 3, 5, 2, 2};
  ASSERT_TRUE(planArena({128, 128, 192, 128}, lives, plan));
  EXPECT_EQ(plan.size, 384);
}

TEST(ArenaPlan, RandomPlansDoNotOverlap) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    size_t count = random() % 60;
    std::vector<int64_t> bytes(count), lives(2 * count);
    for (size_t i = 0; i < count; ++i) {
      bytes[i] = random() % 5 ? random() % 5000 : 0;
      lives[2 * i] = random() % 40;
      lives[2 * i + 1] = lives[2 * i] + random() % 10;
    }
    ArenaPlan plan;
    ASSERT_TRUE(planArena(bytes, lives.data(), plan));
    for (size_t a = 0; a < count; ++a) {
      ASSERT_EQ(plan.offsets[a] % 64, 0);
      ASSERT_LE(plan.offsets[a] + bytes[a], plan.size);
      for (size_t b = 0; b < a; ++b) {
        bool together = lives[2 * a] <= lives[2 * b + 1] && lives[2 * b] <= lives[2 * a + 1];
        bool overlap = plan.offsets[a] < plan.offsets[b] + bytes[b] &&
                       plan.offsets[b] < plan.offsets[a] + bytes[a];
        ASSERT_FALSE(together && overlap);
      }
    }
  }
}

TEST(ArenaPlan, RefusesOverflow) {
  ArenaPlan plan;
  const int64_t lives[] = {0, 1, 0, 1};
  EXPECT_FALSE(planArena({-1, 0}, lives, plan));
  EXPECT_FALSE(planArena({INT64_MAX, 0}, lives, plan));
  EXPECT_FALSE(planArena({INT64_MAX / 2 + 1, INT64_MAX / 2 + 1}, lives, plan));
}

struct Counted {
  std::vector<std::atomic<uint8_t>> *hits;
  ThreadPool *nested = nullptr;
};

void countRange(void *data, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    (*static_cast<Counted *>(data)->hits)[i].fetch_add(1, std::memory_order_relaxed);
}

TEST(ThreadPool, ChunksCoverAndDivideEvenly) {
  for (int64_t trip : {1, 2, 7, 18, 50, 1000, 1 << 20})
    for (int64_t count = 1; count <= std::min<int64_t>(trip, 40); ++count) {
      EXPECT_EQ(chunkRange(trip, count, 0).begin, 0);
      EXPECT_EQ(chunkRange(trip, count, count - 1).end, trip);
      for (int64_t i = 0; i < count; ++i) {
        Range range = chunkRange(trip, count, i);
        EXPECT_GE(range.end - range.begin, trip / count);
        EXPECT_LE(range.end - range.begin, (trip + count - 1) / count);
        if (i > 0) {
          EXPECT_EQ(range.begin, chunkRange(trip, count, i - 1).end);
        }
      }
      // Two threads that take half of the chunks each.
      if (count % 2 == 0) {
        EXPECT_LE(trip - 2 * chunkRange(trip, count, count / 2).begin, 1);
      }
    }
}

TEST(ThreadPool, EveryItemOnce) {
  for (unsigned workers : {0u, 1u, 3u, 7u}) {
    ThreadPool pool(workers, true);
    std::mt19937 random(workers);
    for (int round = 0; round < 3000; ++round) {
      pool.followCaller();
      std::vector<std::atomic<uint8_t>> hits(1 + random() % 200);
      Counted counted{&hits};
      uint32_t chunks = 1 + random() % hits.size();
      pool.run(countRange, &counted, hits.size(), chunks);
      for (auto &hit : hits)
        ASSERT_EQ(hit.load(), 1);
      if (round % 500 == 0) // workers fall asleep
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
}

void nestedRange(void *data, int64_t begin, int64_t end) {
  Counted *counted = static_cast<Counted *>(data);
  for (int64_t i = begin; i < end; ++i) {
    struct Inner {
      Counted *counted;
      int64_t base;
    } inner{counted, i * 10};
    counted->nested->run(
        [](void *data, int64_t begin, int64_t end) {
          Inner *inner = static_cast<Inner *>(data);
          countRange(inner->counted, inner->base + begin, inner->base + end);
        },
        &inner, 10, 5);
  }
}

TEST(ThreadPool, NestedLoopsRunInPlace) {
  ThreadPool pool(3, false);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::atomic<uint8_t>> hits(1000);
    Counted counted{&hits, &pool};
    pool.run(nestedRange, &counted, 100, 20);
    for (auto &hit : hits)
      ASSERT_EQ(hit.load(), 1);
  }
}

/// Sorts with std::stable_sort on doubles, NaN largest.
template <typename T, typename F>
void checkSort(int64_t type, const std::vector<T> &keys, F value) {
  for (bool descending : {false, true})
    for (int64_t k : {int64_t(keys.size()), int64_t(keys.size() / 3)}) {
      std::vector<int64_t> expected(keys.size()), got(k);
      std::iota(expected.begin(), expected.end(), 0);
      auto less = [&](auto a, auto b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
      std::stable_sort(expected.begin(), expected.end(), [&](int64_t a, int64_t b) {
        auto x = value(keys[a]), y = value(keys[b]);
        return descending ? less(y, x) : less(x, y);
      });
      expected.resize(k);
      ASSERT_TRUE(argsortRow(keys.data(), got.data(), keys.size(), k, type, descending));
      ASSERT_EQ(got, expected) << "type " << type;
    }
}

template <typename T> void checkIntegers(int64_t type) {
  std::mt19937_64 random(type);
  for (size_t count : {0u, 1u, 2u, 1000u}) {
    std::vector<T> keys(count);
    for (T &key : keys)
      key = random() % 3 ? T(random()) : T(random() % 4);
    checkSort(type, keys, [](T v) { return v; });
  }
}

template <typename T, typename Make, typename F>
void checkFloats(int64_t type, Make make, F value) {
  std::mt19937 random(type);
  const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, -NAN, 1, -1, 1e-7f};
  std::vector<T> keys(1000);
  for (T &key : keys)
    key = make(random() % 2 ? special[random() % 9] : float(int(random() % 2000) - 1000) / 7);
  checkSort(type, keys, value);
}

TEST(Argsort, AllTypesStable) {
  checkFloats<float>(0, [](float v) { return v; }, [](float v) { return v; });
  checkFloats<double>(1, [](float v) { return v; }, [](double v) { return v; });
  checkIntegers<int8_t>(2);
  checkIntegers<int16_t>(3);
  checkIntegers<int32_t>(4);
  checkIntegers<int64_t>(5);
  checkIntegers<uint8_t>(6);
  checkIntegers<uint16_t>(7);
  checkIntegers<uint32_t>(8);
  checkIntegers<uint64_t>(9);
  checkFloats<uint16_t>(10, halfOfFloat, floatOfHalf);
  checkFloats<uint16_t>(11, bfloat16OfFloat, floatOfBfloat16);
}

} // namespace
