//===- ShapeTransposed.cpp - transposes through ops of Shape.td ----------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TransposableOpInterface of what moves elements.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Builder.h"
#include "dialects/NN/SizeValues.h"
#include <map>

using namespace mlir;
using namespace optc::nn;

static bool isUnit(DimExpr size) { return getConstant(size) == 1; }

/// v with v[p[i]] = vector[offset + i].
static Value permuteElements(NNBuilder &b, Value vector, ArrayRef<int64_t> permutation,
                             int64_t offset = 0) {
  SmallVector<Value> parts;
  for (int64_t from : invertPermutation(permutation))
    parts.push_back(b.slice(vector, 0, offset + from, offset + from + 1));
  return b.concat(parts, 0);
}

unsigned ConcatOp::getNumTransposed() { return getInputs().size(); }

Value ConcatOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                  SmallVectorImpl<int64_t> &permutation) {
  int64_t axis = permutation[getAxis()];
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<ConcatOp>(copy).setAxis(axis); });
}

Value SliceOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                 SmallVectorImpl<int64_t> &permutation) {
  SmallVector<int64_t> axes = mapAxes(getAxes(), permutation);
  return rebuildOn(*this, b, data, [&](Operation *copy) { cast<SliceOp>(copy).setAxes(axes); });
}

Value PadOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                               SmallVectorImpl<int64_t> &permutation) {
  Value pads = b.concat({permuteElements(b, getPads(), permutation),
                         permuteElements(b, getPads(), permutation, permutation.size())},
                        0);
  return rebuildOn(*this, b, {data.front(), pads, getValue()});
}

Value ExpandOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                  SmallVectorImpl<int64_t> &permutation) {
  int64_t rank = permutation.size();
  if (NNBuilder::rankOf(getResult()) != rank || NNBuilder::typeOf(getShape()).getDimSize(0) != rank)
    return {};
  return rebuildOn(*this, b, {data.front(), permuteElements(b, getShape(), permutation)});
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

namespace {
/// Dimensions of a reshape's input and of its result with equal products.
struct DimGroup {
  SmallVector<int64_t> from, to;
};
} // namespace

static std::optional<SmallVector<DimGroup>> groupDims(ArrayRef<DimExpr> from, ArrayRef<DimExpr> to,
                                                      SymbolicShapes &shapes) {
  SmallVector<DimGroup> groups;
  size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    DimGroup group;
    DimExpr left = shapes.constant(1), right = left;
    auto takeLeft = [&] {
      left = shapes.mul(left, from[i]);
      group.from.push_back(i++);
    };
    auto takeRight = [&] {
      right = shapes.mul(right, to[j]);
      group.to.push_back(j++);
    };
    if (i < from.size() && isUnit(from[i]) && !(j < to.size() && isUnit(to[j]))) {
      takeLeft();
    } else if (j < to.size() && isUnit(to[j]) && !(i < from.size() && isUnit(from[i]))) {
      takeRight();
    } else {
      if (i == from.size() || j == to.size())
        return std::nullopt;
      takeLeft();
      takeRight();
      while (left != right) {
        auto a = getConstant(left), c = getConstant(right);
        bool growsLeft = a && c ? *a < *c : group.from.size() <= group.to.size();
        if (growsLeft ? i < from.size() : j == to.size() && i < from.size())
          takeLeft();
        else if (j < to.size())
          takeRight();
        else
          return std::nullopt;
      }
    }
    groups.push_back(group);
  }
  return groups;
}

/// reshape(transpose(x)) = transpose(reshape(x)), if every group of dimensions that the reshape
/// joins or splits is contiguous in x. Dimensions of size 1 are free.
Value ReshapeOp::buildOnTransposed(NNBuilder &b, ValueRange data,
                                   SmallVectorImpl<int64_t> &permutation) {
  Shape inner = b.getShapes().getShape(data.front());
  Shape from = b.getShapes().getShape(getInput()), to = b.getShapes().getShape(getResult());
  auto groups = groupDims(from, to, b.getShapes());
  if (!groups)
    return {};
  // Dimensions of x that are not 1, numbered; a group must be a run of these numbers.
  SmallVector<int64_t> number(inner.size(), -1);
  for (int64_t i = 0, next = 0, e = inner.size(); i < e; ++i)
    if (!isUnit(inner[i]))
      number[i] = next++;
  std::multimap<int64_t, const DimGroup *> ordered;
  int64_t previous = -1;
  for (const DimGroup &group : *groups) {
    int64_t first = -1, last = -1;
    for (int64_t dim : group.from) {
      int64_t at = number[permutation[dim]];
      if (at < 0)
        continue;
      if (last >= 0 && at != last + 1)
        return {};
      first = first < 0 ? at : first;
      last = at;
    }
    // Dimensions of 1 stay behind what they follow: one may grow and join it again.
    previous = first < 0 ? previous : first;
    ordered.emplace(previous, &group);
  }
  Shape sizes;
  SmallVector<int64_t> moved(to.size());
  for (auto [_, group] : ordered)
    for (int64_t dim : group->to) {
      moved[dim] = sizes.size();
      sizes.push_back(to[dim]);
    }
  permutation = moved;
  return reshapeTo(b, data.front(), sizes);
}
