//===- LabelJudge.cpp - right and wrong by labels -------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See LabelJudge.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/LabelJudge.h"
#include "lib/Driver/TensorElements.h"
#include "lib/Driver/TensorFile.h"

#include <algorithm>

namespace optc::driver {

std::optional<std::vector<int64_t>> integersOf(int dtype, const void *data, size_t count) {
  const DTypeInfo *type = findDType(dtype);
  if (!type || (type->kind != DTypeKind::SignedInt && type->kind != DTypeKind::UnsignedInt))
    return std::nullopt;
  std::vector<int64_t> numbers;
  bool isRead = withElements(dtype, data, [&](const auto *elements) {
    for (size_t i = 0; i < count; ++i)
      numbers.push_back(static_cast<int64_t>(elements[i]));
  });
  return isRead ? std::optional(std::move(numbers)) : std::nullopt;
}

Error LabelJudge::fail(const std::string &what) const {
  return {E8002, "--labels '" + path + "': " + what};
}

Error LabelJudge::open(const std::string &file) {
  path = file;
  std::vector<NamedTensor> tensors;
  if (Error error = readTensorFile(path, tensors))
    return error;
  if (tensors.size() != 1)
    return fail("it holds " + std::to_string(tensors.size()) + " arrays, and not one of labels");
  const Tensor &tensor = tensors.front().tensor;
  auto numbers = integersOf(tensor.dtype, tensor.data(), static_cast<size_t>(tensor.elements()));
  if (!numbers)
    return fail("labels are integers, and not " + typeText(tensor.dtype, tensor.dims));
  labels = std::move(*numbers);
  return {};
}

Error LabelJudge::look(const Session &, const Outputs &expected) {
  if (expected.size() != 1)
    return fail("the model has " + std::to_string(expected.size()) +
                " outputs of floats, labels are of one");
  size_t length = expected.front().getRowLength();
  if (expected.front().countRows() == 0)
    return fail("output '" + expected.front().name + "' has no rows of scores of classes");
  if (firstRows.empty())
    firstRows.push_back(0);
  firstRows.push_back(firstRows.back() + expected.front().countRows());
  classes = classes ? std::min(classes, length) : length;
  return {};
}

Error LabelJudge::check() const {
  size_t samples = firstRows.size() - 1, rows = firstRows.back();
  if (labels.size() != rows)
    return fail("it has " + std::to_string(labels.size()) + " labels for " +
                std::to_string(samples) + " samples" +
                (rows == samples ? "" : " with " + std::to_string(rows) + " rows of outputs"));
  for (size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0 || static_cast<size_t>(labels[i]) >= classes)
      return fail("label " + std::to_string(i) + " is " + std::to_string(labels[i]) +
                  ", the classes are 0 to " + std::to_string(classes - 1));
  return {};
}

SampleLoss LabelJudge::judge(size_t sample, const Outputs &expected, const Outputs &actual) const {
  SampleLoss result;
  size_t length = expected.front().getRowLength();
  size_t first = firstRows[sample], count = firstRows[sample + 1] - first;
  for (size_t row = 0; row < count; ++row) {
    auto isRight = [&](const Outputs &outputs) {
      const float *scores = outputs.front().values.data() + row * length;
      return indexOfLargest(scores, length) == static_cast<size_t>(labels[first + row]);
    };
    bool model = isRight(expected), made = isRight(actual);
    ++result.rows;
    result.model += model;
    result.made += made;
    result.lost += model && !made;
    result.won += made && !model;
  }
  return result;
}

} // namespace optc::driver
