//===- Conv.cpp - convolutions -------------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape rules of Conv.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/NN/Contractions.h"
#include "dialects/NN/NN.h"
#include "dialects/NN/Windows.h"

using namespace mlir;
using namespace optc::nn;

LogicalResult ConvOp::inferShapes(SymbolicShapes &shapes) {
  Shape input = shapes.getShape(getInput()), filter = shapes.getShape(getFilter());
  auto filterType = cast<ShapedType>(getFilter().getType());
  if (input.size() != filter.size() || input.size() < 3 || input.size() > 5)
    return emitOpError("[nn.conv.R1] input and filter have ranks ")
           << input.size() << " and " << filter.size() << ", needed is one rank from 3 to 5";
  for (int64_t size : getWindow())
    if (ShapedType::isDynamic(size))
      return emitOpError("[nn.conv.R1] the window sizes of the filter must be static, it has type ")
             << filterType;
  Windows windows{getWindow(), getStrides(), getDilations(), getPads()};
  size_t rank = input.size() - 2;
  if (failed(windows.verify(*this, "nn.conv.R2", rank)))
    return failure();
  int64_t group = getGroup();
  auto channels = getConstant(input.back()), perGroup = getConstant(filter[1]),
       outputs = getConstant(filter[0]);
  if (!channels || !perGroup || !outputs)
    return emitOpError("[nn.conv.R3] the channels must be static: the input has type ")
           << getInput().getType() << ", the filter " << filterType;
  if (group <= 0 || *channels != *perGroup * group || *outputs % group != 0)
    return emitOpError("[nn.conv.R3] ")
           << group << " groups of " << *perGroup << " channels for " << *channels << " input and "
           << *outputs << " output channels";
  ArrayRef<int64_t> phases = getPhases();
  bool isPositive = llvm::all_of(phases, [](int64_t phase) { return phase > 0; });
  if ((!phases.empty() && phases.size() != rank) || !isPositive ||
      *outputs % (group * getNumPhases()) != 0)
    return emitOpError("[nn.conv.R6] phases [")
           << phases << "] of " << rank << " spatial dimensions and " << group
           << " groups do not divide " << *outputs << " filters";
  Shape result = {input.front()};
  for (size_t i = 0; i < rank; ++i) {
    DimExpr count = windows.count(shapes, i, input[1 + i]);
    if (auto known = getConstant(count); known && *known < 1)
      return emitOpError("[nn.conv.R4] spatial dimension ")
             << i << " of the padded input is smaller than the window's extent of "
             << windows.extent(i);
    result.push_back(phases.empty() ? count : shapes.mul(count, shapes.constant(phases[i])));
  }
  result.push_back(shapes.constant(*outputs / getNumPhases()));
  if (failed(verifyContractedTypes(*this, "nn.conv.R5")))
    return failure();
  shapes.setShape(getResult(), result);
  return success();
}

bool ConvOp::isDepthwise() {
  ArrayRef<int64_t> filter = cast<ShapedType>(getFilter().getType()).getShape();
  return filter[1] == 1 && filter[0] == static_cast<int64_t>(getGroup()) && getPhases().empty();
}

bool ConvOp::sumsPairs() {
  // Of one filter per channel, two taps of a row are a pair.
  if (isDepthwise())
    return getWindow().size() > 1 && getWindow().back() > 1;
  ArrayRef<int64_t> filter = cast<ShapedType>(getFilter().getType()).getShape();
  // Of one channel, the places of a window's row are neighbours.
  bool isFlat = filter[1] == 1 && getGroup() == 1;
  return filter[1] % 2 == 0 ||
         (isFlat && getWindow().back() % 2 == 0 && getDilations().back() == 1);
}
