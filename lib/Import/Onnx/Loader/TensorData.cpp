//===- TensorData.cpp - checked bytes of ONNX tensors -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The data fields of TensorProto: raw_data holds the bytes as they are; the typed ones
// hold an element per entry, or for types below 8 bits a byte per entry (FLOAT6: an
// element of 6 bits).
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/TensorData.h"

#include "lib/Import/Onnx/Loader/Failure.h"

#include <algorithm>
#include <cstring>

namespace optc::onnximport {

using onnx::TensorProto;

int64_t checkedElements(const std::vector<int64_t> &dims, const std::string &where) {
  if (dims.size() > static_cast<size_t>(maxRank))
    fail(E1011,
         where + " has " + std::to_string(dims.size()) + " dimensions, at most 64 are supported");
  int64_t elements = 1;
  bool isEmpty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      fail(E1011, where + " has the negative dimension " + std::to_string(dim));
    isEmpty |= dim == 0;
    if (dim != 0 && __builtin_mul_overflow(elements, dim, &elements))
      fail(E1011, where + " has more elements than 64 bits can count");
  }
  return isEmpty ? 0 : elements;
}

size_t denseBytes(ElemType type, int64_t elements, const std::string &where) {
  size_t bits = 0;
  if (__builtin_mul_overflow(static_cast<size_t>(elements), elemBits(type), &bits))
    fail(E1011, where + " has more bytes than 64 bits can count");
  return bits / 8 + (bits % 8 != 0);
}

namespace {

ElemType elemType(const TensorProto &tensor, const std::string &where) {
  auto type = static_cast<ElemType>(tensor.data_type());
  if (elemName(type).empty() || type == ElemType::Undefined)
    fail(E1012, where + " has the unknown element type " + std::to_string(tensor.data_type()));
  return type;
}

std::vector<int64_t> dimsOf(const TensorProto &tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

template <typename Values> std::string rawBytes(const Values &values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(values[0]));
}

/// The low `bytes` bytes of every entry.
template <typename Values> std::string lowBytes(const Values &values, size_t bytes) {
  std::string out(values.size() * bytes, '\0');
  for (int i = 0; i < values.size(); ++i)
    std::memcpy(&out[static_cast<size_t>(i) * bytes], &values[i], bytes);
  return out;
}

std::string packSixBits(const google::protobuf::RepeatedField<int32_t> &values) {
  std::string out((static_cast<size_t>(values.size()) * 6 + 7) / 8, '\0');
  for (int i = 0; i < values.size(); ++i) {
    size_t bit = static_cast<size_t>(i) * 6;
    auto pair = static_cast<unsigned>(values[i] & 0x3f) << (bit % 8);
    out[bit / 8] = static_cast<char>(out[bit / 8] | (pair & 0xff));
    if (pair > 0xff)
      out[bit / 8 + 1] = static_cast<char>(pair >> 8);
  }
  return out;
}

/// The raw bytes of a tensor that uses one of the typed fields.
std::string typedBytes(const TensorProto &tensor, ElemType type) {
  switch (type) {
  case ElemType::F32:
  case ElemType::Complex64:
    return rawBytes(tensor.float_data());
  case ElemType::F64:
  case ElemType::Complex128:
    return rawBytes(tensor.double_data());
  case ElemType::I64:
    return rawBytes(tensor.int64_data());
  case ElemType::U64:
    return rawBytes(tensor.uint64_data());
  case ElemType::U32:
    return lowBytes(tensor.uint64_data(), 4);
  case ElemType::F6E2M3:
  case ElemType::F6E3M2:
    return packSixBits(tensor.int32_data());
  default:
    return lowBytes(tensor.int32_data(), std::max(1u, elemBits(type) / 8));
  }
}

} // namespace

void checkTensor(const TensorProto &tensor, const BlobStore &blobs, const std::string &where) {
  ElemType type = elemType(tensor, where);
  if (tensor.has_segment())
    fail(E1012, where + " is a segment of a tensor, which ONNX does not define a use for");
  int64_t elements = checkedElements(dimsOf(tensor), where);
  if (type == ElemType::String) {
    if (tensor.string_data_size() != elements)
      fail(E1013, where + " needs " + std::to_string(elements) + " strings, the file has " +
                      std::to_string(tensor.string_data_size()));
    return;
  }
  size_t needed = denseBytes(type, elements, where);
  size_t found = 0;
  if (const Blob *blob = blobs.find(tensor))
    found = blob->bytes;
  else if (tensor.has_raw_data())
    found = tensor.raw_data().size();
  else
    found = typedBytes(tensor, type).size();
  if (found != needed)
    fail(E1013, where + " needs " + std::to_string(needed) + " bytes, the file has " +
                    std::to_string(found));
}

Tensor readTensor(const TensorProto &tensor, const BlobStore &blobs) {
  Tensor result;
  result.name = tensor.name();
  result.elem = static_cast<ElemType>(tensor.data_type());
  result.dims = dimsOf(tensor);
  if (result.elem == ElemType::String) {
    result.strings.assign(tensor.string_data().begin(), tensor.string_data().end());
    return result;
  }
  if (const Blob *blob = blobs.find(tensor)) {
    result.data = blob->data;
    result.bytes = blob->bytes;
    result.owner = blob->owner;
    return result;
  }
  auto bytes = std::make_shared<const std::string>(
      tensor.has_raw_data() ? tensor.raw_data() : typedBytes(tensor, result.elem));
  result.data = bytes->data();
  result.bytes = bytes->size();
  result.owner = bytes;
  return result;
}

/// Positions of the values in the dense tensor, each checked.
static std::vector<int64_t> sparsePositions(const onnx::SparseTensorProto &sparse,
                                            const BlobStore &blobs, int64_t count,
                                            const std::string &where) {
  Tensor indices = readTensor(sparse.indices(), blobs);
  size_t rank = static_cast<size_t>(sparse.dims_size());
  std::vector<int64_t> linear{count}, coordinates{count, static_cast<int64_t>(rank)};
  if (indices.elem != ElemType::I64 || (indices.dims != linear && indices.dims != coordinates))
    fail(E1014, where + " needs int64 indices of shape [" + std::to_string(count) + "] or [" +
                    std::to_string(count) + ", " + std::to_string(rank) + "]");
  int64_t elements = checkedElements({sparse.dims().begin(), sparse.dims().end()}, where);
  std::vector<int64_t> positions;
  const char *at = indices.data;
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = 0;
    for (size_t axis = 0; axis < (indices.dims == linear ? 1 : rank);
         ++axis, at += sizeof(int64_t)) {
      int64_t index = 0;
      std::memcpy(&index, at, sizeof(index));
      int64_t size = indices.dims == linear ? elements : sparse.dims(static_cast<int>(axis));
      if (index < 0 || index >= size)
        fail(E1014, where + " has the index " + std::to_string(index) + " out of range");
      position = position * size + index;
    }
    positions.push_back(position);
  }
  return positions;
}

onnx::TensorProto densify(const onnx::SparseTensorProto &sparse, BlobStore &blobs, size_t &room) {
  std::string where = "sparse tensor " + quote(sparse.values().name());
  Tensor values = readTensor(sparse.values(), blobs);
  size_t width = elemBits(values.elem) / 8;
  if (width == 0 || values.dims.size() != 1)
    fail(E1014, where + " needs a list of values of whole bytes");
  std::vector<int64_t> dims(sparse.dims().begin(), sparse.dims().end());
  size_t bytes = denseBytes(values.elem, checkedElements(dims, where), where);
  constexpr size_t timesHeld = 1000;
  room += timesHeld * values.bytes;
  if (bytes > room)
    fail(E1014, where + " would take " + std::to_string(bytes) + " bytes when made dense, of " +
                    std::to_string(values.bytes) + " that it has");
  room -= bytes;
  auto dense = std::make_shared<std::string>(bytes, '\0');
  const char *value = values.data;
  for (int64_t position : sparsePositions(sparse, blobs, values.dims[0], where)) {
    std::memcpy(&(*dense)[static_cast<size_t>(position) * width], value, width);
    value += width;
  }
  onnx::TensorProto tensor;
  tensor.set_name(sparse.values().name());
  tensor.set_data_type(sparse.values().data_type());
  *tensor.mutable_dims() = sparse.dims();
  if (bytes <= BlobStore::inlineBytes)
    tensor.set_raw_data(*dense);
  else
    tensor.MergeFrom(blobs.marker(blobs.add({dense->data(), bytes, dense})));
  return tensor;
}

} // namespace optc::onnximport
