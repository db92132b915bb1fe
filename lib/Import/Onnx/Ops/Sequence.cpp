//===- Sequence.cpp - sequences and optionals ----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sequences whose length is known are resolved here: nothing of them is left in the module. A
// position that only the run knows picks among elements of one type, all of which are computed.
// An optional is what it holds.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/RuntimeChecks.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;
using mlir::Value;

using Elements = SmallVector<Value>;

static FailureOr<Elements> elementsOf(NodeImport &n, size_t index) {
  if (const Elements *found = n.sequence(index))
    return *found;
  return n.unsupported("operand " + Twine(index) + " is no sequence optc can hold");
}

namespace {
/// A position in a sequence; negative ones count from the end.
struct Position {
  std::optional<int64_t> known;
  Value dynamic; ///< tensor<i64>, checked
};
} // namespace

/// A position below `count`, which is the last if it is left out, in a sequence of `length`.
static FailureOr<Position> positionOperand(NodeImport &n, size_t index, int64_t count,
                                           int64_t length) {
  NNBuilder &b = n.b;
  if (count == 0)
    return n.invalid("its sequence is empty");
  if (!n.hasOperand(index))
    return Position{count - 1, {}};
  if (auto known = n.constantInts(index)) {
    int64_t position = known->size() == 1 ? known->front() : count;
    if (position < -length || position >= count)
      return n.invalid("position " + Twine(position) + " is none of " + Twine(count));
    return Position{position < 0 ? position + length : position, {}};
  }
  Value raw = b.convert(b.reshape(n.operand(index), ArrayRef<int64_t>()), b.getI64Type());
  std::string what = ("its position is none of " + Twine(count)).str();
  if (failed(n.demand(raw, ComparePredicate::Ge, static_cast<double>(-length), what)) ||
      failed(n.demand(raw, ComparePredicate::Lt, static_cast<double>(count), what)))
    return failure();
  Value isNegative = b.compare(ComparePredicate::Lt, raw, b.scalarLike(raw, 0));
  return Position{
      std::nullopt,
      b.select(isNegative, b.binary(BinaryKind::Add, raw, static_cast<double>(length)), raw)};
}

/// Positions of the run need elements that are alike.
static LogicalResult requireAlike(NodeImport &n, ArrayRef<Value> elements) {
  SymbolicShapes &shapes = n.b.getShapes();
  for (Value element : elements)
    if (element.getType() != elements.front().getType() ||
        ArrayRef(shapes.getShape(element)) != ArrayRef(shapes.getShape(elements.front())))
      return n.unsupported(
          "its position is known only at run time, and the elements of its sequence differ "
          "in type or size");
  return success();
}

/// `before` at positions below that of the run, else `from`.
static Value chosen(NNBuilder &b, const Position &at, int64_t position, Value before, Value from) {
  Value isBefore = b.compare(ComparePredicate::Lt, b.scalar(b.getI64Type(), position), at.dynamic);
  return b.select(isBefore, before, from);
}

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

static LogicalResult importConstruct(NodeImport &n) {
  Elements elements;
  for (size_t i = 0; i < n.numOperands(); ++i) {
    if (!n.operand(i))
      return n.unsupported("operand " + Twine(i) + " is a sequence; sequences hold tensors");
    elements.push_back(n.operand(i));
  }
  n.setSequence(0, std::move(elements));
  return success();
}

static LogicalResult importEmpty(NodeImport &n) {
  n.setSequence(0, {});
  return success();
}

static LogicalResult importInsert(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Elements> elements = elementsOf(n, 0);
  if (failed(elements))
    return failure();
  int64_t count = elements->size();
  Value added = n.operand(1);
  FailureOr<Position> at = positionOperand(n, 2, count + 1, count);
  if (failed(at))
    return failure();
  if (at->known) {
    elements->insert(elements->begin() + *at->known, added);
  } else {
    elements->push_back(added);
    if (failed(requireAlike(n, *elements)))
      return failure();
    Elements old = *elements;
    for (int64_t i = 0; i <= count; ++i) {
      Value isHere = b.compare(ComparePredicate::Eq, b.scalar(b.getI64Type(), i), at->dynamic);
      Value behind = i == 0 ? added : b.select(isHere, added, old[i - 1]);
      (*elements)[i] = i == count ? behind : chosen(b, *at, i, old[i], behind);
    }
  }
  n.setSequence(0, *elements);
  return success();
}

static LogicalResult importErase(NodeImport &n) {
  FailureOr<Elements> elements = elementsOf(n, 0);
  if (failed(elements))
    return failure();
  FailureOr<Position> at = positionOperand(n, 1, elements->size(), elements->size());
  if (failed(at))
    return failure();
  if (at->known) {
    elements->erase(elements->begin() + *at->known);
  } else {
    if (failed(requireAlike(n, *elements)))
      return failure();
    for (size_t i = 0; i + 1 < elements->size(); ++i)
      (*elements)[i] = chosen(n.b, *at, i, (*elements)[i], (*elements)[i + 1]);
    elements->pop_back();
  }
  n.setSequence(0, *elements);
  return success();
}

static LogicalResult importAt(NodeImport &n) {
  FailureOr<Elements> elements = elementsOf(n, 0);
  if (failed(elements))
    return failure();
  FailureOr<Position> at = positionOperand(n, 1, elements->size(), elements->size());
  if (failed(at))
    return failure();
  if (!at->known && failed(requireAlike(n, *elements)))
    return failure();
  Value result = at->known ? (*elements)[*at->known] : elements->back();
  if (!at->known)
    for (int64_t i = static_cast<int64_t>(elements->size()) - 2; i >= 0; --i)
      result = chosen(n.b, *at, i, result, (*elements)[i]);
  n.setResult(0, result);
  return success();
}

static LogicalResult importLength(NodeImport &n) {
  FailureOr<Elements> elements = elementsOf(n, 0);
  if (failed(elements))
    return failure();
  n.setResult(0, n.b.scalar(n.b.getI64Type(), elements->size()));
  return success();
}

//===----------------------------------------------------------------------===//
// From and to tensors
//===----------------------------------------------------------------------===//

/// How long the parts along the axis are.
static FailureOr<SmallVector<int64_t>> partLengths(NodeImport &n, std::optional<int64_t> size) {
  auto known = n.constantInts(1);
  if (n.hasOperand(1) && !known)
    return n.unsupported("the sizes of its parts are known only at run time; make them a constant");
  if (known && NNBuilder::rankOf(n.operand(1)) == 1)
    return *known;
  int64_t each = known ? known->front() : 1;
  if (each < 1)
    return n.invalid("its parts have the size " + Twine(each));
  if (!size)
    return n.unsupported(
        "how many parts it makes is known only at run time, as the size of its axis is");
  SmallVector<int64_t> lengths(*size / each, each);
  if (*size % each)
    lengths.push_back(*size % each);
  return lengths;
}

static LogicalResult importSplit(NodeImport &n) {
  NNBuilder &b = n.b;
  Value x = n.operand(0);
  int64_t axis = b.axisOf(x, n.intAttr("axis"));
  auto size = getConstant(b.getShapes().getShape(x)[axis]);
  FailureOr<SmallVector<int64_t>> lengths = partLengths(n, size);
  if (failed(lengths))
    return failure();
  int64_t total = 0;
  for (int64_t length : *lengths)
    total += length;
  if (size && total != *size)
    return n.invalid("its parts have " + Twine(total) + " elements along an axis of " +
                     Twine(*size));
  if (!size && failed(requireSize(n, x, axis, total, "its operand")))
    return failure();
  Elements parts;
  int64_t start = 0;
  for (int64_t length : *lengths) {
    Value part = b.slice(x, axis, start, start + length);
    bool isDropped = !n.hasOperand(1) && !n.intAttr("keepdims", 1);
    parts.push_back(isDropped ? b.squeeze(part, {axis}) : part);
    start += length;
  }
  n.setSequence(0, std::move(parts));
  return success();
}

static LogicalResult importConcat(NodeImport &n) {
  NNBuilder &b = n.b;
  FailureOr<Elements> elements = elementsOf(n, 0);
  if (failed(elements))
    return failure();
  if (elements->empty())
    return n.invalid("its sequence is empty");
  bool isNew = n.intAttr("new_axis");
  int64_t rank = NNBuilder::rankOf(elements->front()) + isNew, axis = n.intAttr("axis");
  if (axis < -rank || axis >= rank)
    return n.invalid("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
  axis = axis < 0 ? axis + rank : axis;
  if (isNew)
    for (Value &element : *elements)
      element = b.unsqueeze(element, {axis});
  n.setResult(0, b.concat(*elements, axis));
  return success();
}

//===----------------------------------------------------------------------===//
// Optionals
//===----------------------------------------------------------------------===//

static LogicalResult importOptional(NodeImport &n) {
  if (const Elements *elements = n.sequence(0)) {
    n.setSequence(0, *elements);
    return success();
  }
  if (!n.operand(0))
    return n.unsupported("an optional without a value");
  n.setResult(0, n.operand(0));
  return success();
}

static LogicalResult importHasElement(NodeImport &n) {
  NNBuilder &b = n.b;
  bool has = n.operand(0) || n.sequence(0);
  n.setResult(0, b.constant(DenseElementsAttr::get(RankedTensorType::get({}, b.getI1Type()), has)));
  return success();
}

void optc::onnximport::registerSequence(HandlerRegistry &r) {
  r.addForSequences("SequenceConstruct", importConstruct);
  r.addForSequences("SequenceEmpty", importEmpty);
  r.addForSequences("SequenceInsert", importInsert);
  r.addForSequences("SequenceErase", importErase);
  r.addForSequences("SequenceAt", importAt);
  r.addForSequences("SequenceLength", importLength);
  r.add("SplitToSequence", importSplit);
  r.addForSequences("ConcatFromSequence", importConcat);
  r.addForSequences("Optional", importOptional);
  r.addForSequences("OptionalGetElement", importOptional);
  r.addForSequences("OptionalHasElement", importHasElement);
}
