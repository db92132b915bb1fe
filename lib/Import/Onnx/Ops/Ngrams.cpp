//===- Ngrams.cpp - counts of short sequences ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TfIdfVectorizer of integers: every window is compared with every n-gram of its length.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

namespace {
/// The n-grams of one length: [count][length], and the number of the first among all.
struct Ngrams {
  int64_t length, first;
  ArrayRef<int64_t> items;
  int64_t count() const { return static_cast<int64_t>(items.size()) / length; }
};
} // namespace

/// The pool has all n-grams of length 1, then of length 2 and so on; `starts` is where each begins.
static FailureOr<SmallVector<Ngrams>> readPool(NodeImport &n, ArrayRef<int64_t> pool,
                                               ArrayRef<int64_t> starts) {
  SmallVector<Ngrams> all;
  int64_t first = 0, size = pool.size();
  for (auto [i, start] : llvm::enumerate(starts)) {
    int64_t end = i + 1 < starts.size() ? starts[i + 1] : size, length = i + 1;
    if (start < 0 || end < start || end > size || (end - start) % length)
      return n.invalid("ngram_counts and the pool do not go together");
    all.push_back({length, first, pool.slice(start, end - start)});
    first += all.back().count();
  }
  return all;
}

/// How often each n-gram is in the rows x [rows, items], its items `distance` apart, as [rows,
/// n-grams].
static Value countNgrams(NNBuilder &b, Value x, const Ngrams &grams, int64_t distance) {
  Value windows =
      b.binary(BinaryKind::Sub, b.sizeOf(x, 1), static_cast<double>(distance * (grams.length - 1)));
  windows = b.binary(BinaryKind::Max, windows, 0.0);
  Value isEqual;
  for (int64_t item = 0; item < grams.length; ++item) {
    SmallVector<int64_t> column;
    for (int64_t gram = 0; gram < grams.count(); ++gram)
      column.push_back(grams.items[gram * grams.length + item]);
    Value start = b.ints({item * distance});
    Value part = b.slice(x, 1, start, b.binary(BinaryKind::Add, start, windows));
    part = b.unsqueeze(part, {2});
    Value isHere = b.compare(ComparePredicate::Eq, part, b.ints(column));
    isEqual = isEqual ? b.binary(BinaryKind::And, isEqual, isHere) : isHere;
  }
  return b.reduce(ReduceKind::Sum, b.convert(isEqual, b.getF32Type()), {1}, /*keepDims=*/false);
}

/// Column j of the result adds up the n-grams whose index is j.
static Value placeCounts(NNBuilder &b, Value counts, ArrayRef<int64_t> indexes, int64_t width) {
  SmallVector<float> places(indexes.size() * width, 0);
  for (auto [gram, column] : llvm::enumerate(indexes))
    places[gram * width + column] = 1;
  auto type = RankedTensorType::get({static_cast<int64_t>(indexes.size()), width}, b.getF32Type());
  return b.make<MatmulOp>(b.getF32Type(), counts,
                          b.constant(DenseElementsAttr::get(type, ArrayRef<float>(places))));
}

static FailureOr<Value> weighted(NodeImport &n, Value counts, int64_t width) {
  NNBuilder &b = n.b;
  std::string mode = n.stringAttr("mode");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
    return n.invalid("unknown mode '" + mode + "'");
  if (mode == "TF")
    return counts;
  Value factors = b.scalar(b.getF32Type(), 1);
  if (const auto *given = n.node.find("weights"); given && !given->floats.empty()) {
    if (static_cast<int64_t>(given->floats.size()) != width)
      return n.invalid("it has " + Twine(given->floats.size()) + " weights for " + Twine(width) +
                       " columns");
    auto type = RankedTensorType::get({width}, b.getF32Type());
    factors = b.constant(DenseElementsAttr::get(type, ArrayRef<float>(given->floats)));
  }
  if (mode == "IDF")
    counts =
        b.convert(b.compare(ComparePredicate::Gt, counts, b.scalarLike(counts, 0)), b.getF32Type());
  return b.binary(BinaryKind::Mul, counts, factors);
}

/// The largest distance of an n-gram's elements that is counted: at most what fits into a row.
static FailureOr<int64_t> largestDistance(NodeImport &n, Value rows, int64_t length) {
  constexpr int64_t mostCounted = 256; // each is ops of its own
  int64_t skips = n.intAttr("max_skip_count"), columns = NNBuilder::typeOf(rows).getDimSize(1);
  if (skips < 0)
    return n.invalid("its max_skip_count is " + Twine(skips));
  if (length == 1)
    return 1;
  if (!ShapedType::isDynamic(columns))
    skips = std::min(skips, (columns - 1) / (length - 1) - 1);
  if (skips >= mostCounted)
    return n.unsupported("n-grams with a max_skip_count of " + Twine(skips) + "; up to " +
                         Twine(mostCounted - 1) +
                         " are supported, or shorter rows of a static length");
  return skips + 1;
}

static LogicalResult importTfIdf(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t rank = NNBuilder::rankOf(x), shortest = n.intAttr("min_gram_length"),
          longest = n.intAttr("max_gram_length");
  if (rank != 1 && rank != 2)
    return n.invalid("its operand has rank " + Twine(rank) + ", needed is 1 or 2");
  SmallVector<int64_t> pool = n.intsAttr("pool_int64s"), starts = n.intsAttr("ngram_counts"),
                       indexes = n.intsAttr("ngram_indexes");
  FailureOr<SmallVector<Ngrams>> all = readPool(n, pool, starts);
  if (failed(all))
    return failure();
  int64_t total = all->empty() ? 0 : all->back().first + all->back().count();
  if (static_cast<int64_t>(indexes.size()) != total || total == 0 ||
      *llvm::min_element(indexes) < 0)
    return n.invalid("it has " + Twine(indexes.size()) + " indexes for " + Twine(total) +
                     " n-grams");
  Value rows = b.convert(rank == 1 ? b.unsqueeze(x, {0}) : x, b.getI64Type());
  SmallVector<Value> parts;
  for (const Ngrams &grams : *all) {
    if (grams.count() == 0)
      continue;
    Value sum = b.scalar(b.getF32Type(), 0);
    sum = b.expand(sum, b.concat({b.sizeOf(rows, 0), b.ints({grams.count()})}, 0));
    bool isCounted = grams.length >= shortest && grams.length <= longest;
    FailureOr<int64_t> largest = largestDistance(n, rows, grams.length);
    if (failed(largest))
      return failure();
    for (int64_t distance = 1; isCounted && distance <= *largest; ++distance)
      sum = b.binary(BinaryKind::Add, sum, countNgrams(b, rows, grams, distance));
    parts.push_back(sum);
  }
  int64_t width = *llvm::max_element(indexes) + 1;
  FailureOr<Value> result = weighted(n, placeCounts(b, b.concat(parts, 1), indexes, width), width);
  if (failed(result))
    return failure();
  n.setResult(0, rank == 1 ? b.squeeze(*result, {0}) : *result);
  return success();
}

void optc::onnximport::registerNgrams(HandlerRegistry &r) { r.add("TfIdfVectorizer", importTfIdf); }
