//===- Einsum.cpp - sums of products by an equation ----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands are contracted in pairs, each as one matrix product. The labels of a pair are of
// four kinds:
//
//   batch   of both, and needed later          bhqd,bhkd->bhqk: b, h
//   summed  of both, and needed by nobody      d
//   rows    of the left only                   q
//   columns of the right only                  k
//
// and the product is [batch, rows, summed] x [batch, summed, columns]. The lowering reads
// transposed operands as they lie, so that only what has to be merged into one dimension and
// does not lie side by side would be copied. Several rows (or columns) are merged where
// that is free; else all but the last become leading dimensions over which the other side
// broadcasts. Without rows or without columns, as a matrix times a vector, it is a product
// element for element and a sum: each element is read but once.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/SizeValues.h"
#include "lib/Import/Onnx/EinsumEquation.h"
#include "lib/Import/Onnx/Importer.h"
#include <limits>

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;
using Label = EinsumLabel;
using Labels = EinsumLabels;

/// Of a dimension that no operand has: its size is 1.
static constexpr Label noLabel = -1;

namespace {
/// A tensor with a label for each dimension, no label twice.
struct Term {
  Value value;
  Labels labels;
};

/// The labels of a pair by what becomes of them.
struct Roles {
  Labels batch, summed, rows, columns;
};

class EinsumImport {
public:
  EinsumImport(NodeImport &n, EinsumEquation equation)
      : n(n), b(n.b), shapes(n.b.getShapes()), equation(std::move(equation)) {}
  LogicalResult run();

private:
  DimExpr sizeOf(const Term &term, Label label) const;
  size_t placeInResult(Label label) const;
  bool isNeeded(Label label, ArrayRef<Term> others) const;

  LogicalResult checkSizes() const;
  void takeDiagonals(Term &term) const;
  void dropOnes(MutableArrayRef<Term> terms) const;
  void sumOut(Term &term, ArrayRef<Term> others) const;

  /// The term with its dimensions in this order, and of size 1 those it does not have.
  Value arrange(const Term &term, ArrayRef<Label> order) const;
  /// The term with each group of labels as one dimension.
  Value arrangeGroups(const Term &term, ArrayRef<Labels> groups) const;

  double cost(const Term &lhs, const Term &rhs) const;
  std::pair<size_t, size_t> choosePair(ArrayRef<Term> terms) const;
  Roles findRoles(const Term &lhs, const Term &rhs, ArrayRef<Term> others) const;
  void leadUnlessMerged(Labels &free, const Term &term, Labels &leading) const;
  Term contract(Term lhs, Term rhs, ArrayRef<Term> others) const;
  Term multiply(const Term &lhs, const Term &rhs, const Roles &roles) const;
  Term multiplyMatrices(const Term &lhs, const Term &rhs, const Roles &roles) const;

  NodeImport &n;
  NNBuilder &b;
  SymbolicShapes &shapes;
  EinsumEquation equation;
};
} // namespace

static bool contains(ArrayRef<Label> labels, Label label) {
  return llvm::is_contained(labels, label);
}

static size_t placeOf(ArrayRef<Label> labels, Label label) {
  return llvm::find(labels, label) - labels.begin();
}

DimExpr EinsumImport::sizeOf(const Term &term, Label label) const {
  return shapes.getShape(term.value)[placeOf(term.labels, label)];
}

/// Behind all others for labels the result does not have.
size_t EinsumImport::placeInResult(Label label) const { return placeOf(equation.result, label); }

bool EinsumImport::isNeeded(Label label, ArrayRef<Term> others) const {
  return contains(equation.result, label) ||
         llvm::any_of(others, [&](const Term &term) { return contains(term.labels, label); });
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

/// Sizes that are known and have one label are equal. One operand may have size 1 where another
/// has more, as in numpy; within one operand that is no diagonal.
LogicalResult EinsumImport::checkSizes() const {
  llvm::DenseMap<Label, std::pair<int64_t, size_t>> seen; // with the operand it is of
  for (auto [i, labels] : llvm::enumerate(equation.operands))
    for (auto [dim, label] : llvm::enumerate(labels)) {
      int64_t size = b.typeOf(n.operand(i)).getDimSize(dim);
      if (ShapedType::isDynamic(size))
        continue;
      auto [known, isNew] = seen.try_emplace(label, size, i);
      auto [other, operand] = known->second;
      if (!isNew && other != size && (operand == i || (other != 1 && size != 1)))
        return n.invalid("dimension " + nameOf(label) + " of its equation has size " +
                         Twine(other) + " in operand " + Twine(operand) + " and " + Twine(size) +
                         " in operand " + Twine(i));
      if (other == 1)
        known->second = {size, i};
    }
  return success();
}

/// Of a label that stands twice the elements are kept where both indices are equal: those
/// n + 1 apart where the two dimensions of size n lie together.
void EinsumImport::takeDiagonals(Term &term) const {
  for (size_t first = 0; first < term.labels.size(); ++first) {
    size_t second =
        first + 1 + placeOf(ArrayRef(term.labels).drop_front(first + 1), term.labels[first]);
    if (second == term.labels.size())
      continue;
    SmallVector<int64_t> order;
    Labels labels;
    for (size_t dim = 0; dim < term.labels.size(); ++dim)
      if (dim != first && dim != second) {
        order.push_back(dim);
        labels.push_back(term.labels[dim]);
      }
    labels.push_back(term.labels[first]);
    order.append({static_cast<int64_t>(first), static_cast<int64_t>(second)});
    Value square = b.transpose(term.value, order);
    int64_t last = b.rankOf(square) - 2;
    Value side = b.sizeOf(square, last);
    // Sizes written out: the count is checked, so that it is a square.
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < last; ++dim)
      sizes.push_back(b.sizeOf(square, dim));
    sizes.push_back(b.binary(BinaryKind::Mul, side, side));
    Value flat = b.reshape(square, b.concat(sizes, 0), /*allowZero=*/true);
    Value step = b.binary(BinaryKind::Add, side, b.ints({1}));
    term = {b.gather(flat, b.binary(BinaryKind::Mul, b.iota(side), step), last), labels};
    first = size_t(-1); // labels have moved
  }
}

/// A size of 1 that others broadcast is left out.
void EinsumImport::dropOnes(MutableArrayRef<Term> terms) const {
  DimExpr one = shapes.constant(1);
  for (Term &term : terms) {
    SmallVector<int64_t> dropped;
    for (size_t dim = 0; dim < term.labels.size(); ++dim) {
      Label label = term.labels[dim];
      auto isMore = [&](const Term &other) {
        return contains(other.labels, label) && sizeOf(other, label) != one;
      };
      if (sizeOf(term, label) == one && llvm::any_of(terms, isMore))
        dropped.push_back(dim);
    }
    if (dropped.empty())
      continue;
    term.value = b.squeeze(term.value, dropped);
    for (int64_t dim : llvm::reverse(dropped))
      term.labels.erase(term.labels.begin() + dim);
  }
}

/// Sums over what neither the result nor another term has.
void EinsumImport::sumOut(Term &term, ArrayRef<Term> others) const {
  SmallVector<int64_t> axes;
  Labels kept;
  for (auto [dim, label] : llvm::enumerate(term.labels))
    if (isNeeded(label, others))
      kept.push_back(label);
    else
      axes.push_back(dim);
  if (!axes.empty())
    term = {b.reduce(ReduceKind::Sum, term.value, axes, /*keepDims=*/false), kept};
}

Value EinsumImport::arrange(const Term &term, ArrayRef<Label> order) const {
  SmallVector<int64_t> permutation, missing;
  for (auto [dim, label] : llvm::enumerate(order))
    if (contains(term.labels, label))
      permutation.push_back(placeOf(term.labels, label));
    else
      missing.push_back(dim);
  Value value = llvm::is_sorted(permutation) ? term.value : b.transpose(term.value, permutation);
  return missing.empty() ? value : b.unsqueeze(value, missing);
}

Value EinsumImport::arrangeGroups(const Term &term, ArrayRef<Labels> groups) const {
  // What lies together is merged first: a reshape in front of the transpose costs nothing.
  Term merged = term;
  Labels order;
  for (const Labels &group : groups) {
    order.push_back(group.empty() ? noLabel : group.front());
    size_t first = group.empty() ? 0 : placeOf(merged.labels, group.front());
    bool liesTogether =
        ArrayRef(merged.labels).drop_front(first).take_front(group.size()) == ArrayRef(group);
    if (group.size() < 2)
      continue;
    if (!liesTogether) {
      Labels moved;
      for (Label label : merged.labels)
        if (!contains(group, label))
          moved.push_back(label);
      first = moved.size();
      moved.append(group);
      merged = {arrange(merged, moved), moved};
    }
    Shape sizes = shapes.getShape(merged.value);
    sizes[first] = shapes.product(ArrayRef(sizes).slice(first, group.size()));
    sizes.erase(sizes.begin() + first + 1, sizes.begin() + first + group.size());
    merged.labels.erase(merged.labels.begin() + first + 1,
                        merged.labels.begin() + first + group.size());
    merged.value =
        b.reshape(merged.value, buildReshapeSizes(b, merged.value, sizes), /*allowZero=*/true);
  }
  return arrange(merged, order);
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

/// How many products a pair takes, where sizes that are not known count as middling ones.
double EinsumImport::cost(const Term &lhs, const Term &rhs) const {
  constexpr int64_t unknown = 64;
  double products = 1;
  for (Label label : lhs.labels)
    products *= getConstant(sizeOf(lhs, label)).value_or(unknown);
  for (Label label : rhs.labels)
    if (!contains(lhs.labels, label))
      products *= getConstant(sizeOf(rhs, label)).value_or(unknown);
  return products;
}

/// The cheapest pair, the first of those that cost the same.
std::pair<size_t, size_t> EinsumImport::choosePair(ArrayRef<Term> terms) const {
  std::pair<size_t, size_t> best(0, 1);
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < terms.size(); ++i)
    for (size_t k = i + 1; k < terms.size(); ++k)
      if (double products = cost(terms[i], terms[k]); products < least) {
        least = products;
        best = {i, k};
      }
  return best;
}

Roles EinsumImport::findRoles(const Term &lhs, const Term &rhs, ArrayRef<Term> others) const {
  Roles roles;
  for (Label label : lhs.labels)
    if (!contains(rhs.labels, label))
      roles.rows.push_back(label);
    else
      (isNeeded(label, others) ? roles.batch : roles.summed).push_back(label);
  for (Label label : rhs.labels)
    if (!contains(lhs.labels, label))
      roles.columns.push_back(label);
  auto isBefore = [&](Label left, Label right) {
    return placeInResult(left) < placeInResult(right);
  };
  for (Labels *labels : {&roles.batch, &roles.rows, &roles.columns})
    llvm::stable_sort(*labels, isBefore);
  // What is summed is merged: in the order in which it lies together in one of the two.
  auto first = llvm::search(lhs.labels, roles.summed);
  if (first == lhs.labels.end())
    llvm::stable_sort(roles.summed, [&](Label left, Label right) {
      return placeOf(rhs.labels, left) < placeOf(rhs.labels, right);
    });
  return roles;
}

/// Rows or columns that do not lie together in this order: all but the last become leading
/// dimensions. So do all where the other side has no batch.
void EinsumImport::leadUnlessMerged(Labels &free, const Term &term, Labels &leading) const {
  if (free.size() < 2 || llvm::search(term.labels, free) != term.labels.end())
    return;
  leading.append(free.begin(), free.end() - 1);
  free.erase(free.begin(), free.end() - 1);
}

/// Element for element, and summed. Where something is summed one of the two has all labels: they
/// stay in its order, so that it is read as it lies.
Term EinsumImport::multiply(const Term &lhs, const Term &rhs, const Roles &roles) const {
  Labels order = lhs.labels.size() >= rhs.labels.size() ? lhs.labels : rhs.labels;
  if (roles.summed.empty()) {
    order.assign(roles.batch.begin(), roles.batch.end());
    order.append(roles.rows);
    order.append(roles.columns);
    llvm::stable_sort(
        order, [&](Label left, Label right) { return placeInResult(left) < placeInResult(right); });
  }
  Type type = b.elementOf(lhs.value);
  auto operand = [&](const Term &term) {
    bool isWide =
        roles.summed.empty() || !isa<FloatType>(type) || type.getIntOrFloatBitWidth() > 16;
    Value value = arrange(term, order);
    return isWide ? value : b.convert(value, b.getF32Type()); // halves are summed in f32
  };
  Value left = operand(lhs), product = b.binary(BinaryKind::Mul, left, operand(rhs));
  Labels kept;
  SmallVector<int64_t> axes;
  for (auto [dim, label] : llvm::enumerate(order))
    if (contains(roles.summed, label))
      axes.push_back(dim);
    else
      kept.push_back(label);
  if (!axes.empty())
    product = b.reduce(ReduceKind::Sum, product, axes, /*keepDims=*/false);
  return {b.convert(product, type), kept};
}

Term EinsumImport::multiplyMatrices(const Term &lhs, const Term &rhs, const Roles &roles) const {
  Labels rows = roles.rows, columns = roles.columns, leading = roles.batch;
  leadUnlessMerged(rows, lhs, leading);
  leadUnlessMerged(columns, rhs, leading);
  if (roles.batch.empty() && columns.size() == roles.columns.size()) {
    // The usual form of a product with weights: leading dimensions on the left only.
    leading.assign(roles.rows.begin(), roles.rows.end() - 1);
    rows.assign(1, roles.rows.back());
  }
  llvm::stable_sort(
      leading, [&](Label left, Label right) { return placeInResult(left) < placeInResult(right); });
  auto groupsOf = [&](const Term &term, const Labels &row, const Labels &column) {
    SmallVector<Labels> groups;
    bool isAny = false; // leading dimensions in front of all the term has are left out
    for (Label label : leading)
      if ((isAny |= contains(term.labels, label)))
        groups.push_back(contains(term.labels, label) ? Labels{label} : Labels());
    groups.append({row, column});
    return groups;
  };
  Value left = arrangeGroups(lhs, groupsOf(lhs, rows, roles.summed));
  Value product = b.make<MatmulOp>(b.elementOf(lhs.value), left,
                                   arrangeGroups(rhs, groupsOf(rhs, roles.summed, columns)));
  Shape sizes = shapes.getShape(product);
  sizes.truncate(sizes.size() - 2);
  Labels labels = leading;
  for (auto [term, free] : {std::pair(&lhs, &rows), std::pair(&rhs, &columns)})
    for (Label label : *free) {
      sizes.push_back(sizeOf(*term, label));
      labels.push_back(label);
    }
  return {reshapeTo(b, product, sizes), labels};
}

Term EinsumImport::contract(Term lhs, Term rhs, ArrayRef<Term> others) const {
  Roles roles = findRoles(lhs, rhs, others);
  if (roles.summed.empty() || roles.rows.empty() || roles.columns.empty())
    return multiply(lhs, rhs, roles);
  // Rows come before columns where the result has both.
  bool isSwapped = contains(equation.result, roles.rows.back()) &&
                   placeInResult(roles.columns.back()) < placeInResult(roles.rows.back());
  if (isSwapped) {
    std::swap(lhs, rhs);
    std::swap(roles.rows, roles.columns);
  }
  return multiplyMatrices(lhs, rhs, roles);
}

LogicalResult EinsumImport::run() {
  if (failed(checkSizes()))
    return failure();
  SmallVector<Term> terms;
  for (auto [i, labels] : llvm::enumerate(equation.operands)) {
    terms.push_back({n.operand(i), labels});
    takeDiagonals(terms.back());
  }
  dropOnes(terms);
  for (size_t i = 0; i < terms.size(); ++i) {
    std::swap(terms[i], terms.back());
    sumOut(terms.back(), ArrayRef(terms).drop_back());
    std::swap(terms[i], terms.back());
  }
  while (terms.size() > 1) {
    auto [first, second] = choosePair(terms);
    Term lhs = terms[first], rhs = terms[second];
    terms.erase(terms.begin() + second);
    terms.erase(terms.begin() + first);
    terms.insert(terms.begin() + first, contract(lhs, rhs, terms));
  }
  n.setResult(0, arrange(terms.front(), equation.result));
  return success();
}

static LogicalResult importEinsum(NodeImport &n) {
  SmallVector<int64_t> ranks;
  for (size_t i = 0; i < n.numOperands(); ++i)
    ranks.push_back(n.b.rankOf(n.operand(i)));
  std::string error;
  auto equation = EinsumEquation::parse(n.stringAttr("equation"), ranks, error);
  if (failed(equation))
    return n.invalid(error);
  return EinsumImport(n, *equation).run();
}

namespace optc::onnximport {
void registerEinsum(HandlerRegistry &registry) { registry.add("Einsum", importEinsum); }
} // namespace optc::onnximport
