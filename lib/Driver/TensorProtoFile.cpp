//===- TensorProtoFile.cpp - ONNX .pb tensors -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads onnx.TensorProto from its wire format, so that the verbs without a compiler do
// without protobuf. Data is raw, or in the typed fields; narrow types are packed in both,
// two or four per byte from the low bits up.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/TensorFile.h"

#include <cstring>

namespace optc::driver {

namespace {
/// One field of a message.
struct Field {
  uint32_t number = 0;
  uint32_t wire = 0;
  uint64_t value = 0;     ///< wire types 0, 1 and 5
  std::string_view bytes; ///< wire type 2
};

class WireReader {
public:
  explicit WireReader(std::string_view bytes) : bytes(bytes) {}
  bool atEnd() const { return at == bytes.size(); }

  bool varint(uint64_t &value) {
    value = 0;
    for (int shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
      uint8_t byte = bytes[at++];
      value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return true;
    }
    return false;
  }

  bool fixed(int size, uint64_t &value) {
    if (bytes.size() - at < size_t(size))
      return false;
    value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    at += size;
    return true;
  }

  bool next(Field &field) {
    uint64_t tag, length;
    if (!varint(tag))
      return false;
    field.number = uint32_t(tag >> 3);
    field.wire = tag & 7;
    switch (field.wire) {
    case 0:
      return varint(field.value);
    case 1:
      return fixed(8, field.value);
    case 5:
      return fixed(4, field.value);
    case 2:
      if (!varint(length) || length > bytes.size() - at)
        return false;
      field.bytes = bytes.substr(at, length);
      at += length;
      return true;
    default:
      return false;
    }
  }

private:
  std::string_view bytes;
  size_t at = 0;
};

/// The fields of a TensorProto; `typed` holds the values of the one typed field in use.
struct Proto {
  std::vector<uint64_t> dims, typed;
  uint64_t dtype = 0;
  std::string_view name, raw;
  bool hasRaw = false, external = false, strings = false;
};
} // namespace

/// Appends the values of a repeated field: packed, or one of them.
static bool appendValues(const Field &field, int fixedSize, std::vector<uint64_t> &values) {
  if (field.wire != 2) {
    values.push_back(field.value);
    return true;
  }
  WireReader packed(field.bytes);
  while (!packed.atEnd()) {
    uint64_t value;
    if (!(fixedSize ? packed.fixed(fixedSize, value) : packed.varint(value)))
      return false;
    values.push_back(value);
  }
  return true;
}

static bool readField(const Field &field, Proto &proto) {
  switch (field.number) {
  case 1:
    return appendValues(field, 0, proto.dims);
  case 2:
    proto.dtype = field.value;
    return field.wire == 0;
  case 4: // float_data
    return appendValues(field, 4, proto.typed);
  case 5:  // int32_data
  case 7:  // int64_data
  case 11: // uint64_data
    return appendValues(field, 0, proto.typed);
  case 6:
    proto.strings = true;
    return true;
  case 8:
    proto.name = field.bytes;
    return field.wire == 2;
  case 9:
    proto.raw = field.bytes;
    proto.hasRaw = true;
    return field.wire == 2;
  case 10: // double_data
    return appendValues(field, 8, proto.typed);
  case 13:
    proto.external = true;
    return true;
  default:
    return true;
  }
}

/// Spreads values of `bits` width, packed from the low bits up, to one byte each.
static void unpackNarrow(std::string_view packed, int bits, Tensor &tensor) {
  size_t perByte = 8 / bits;
  for (size_t i = 0; i < tensor.bytes; ++i)
    tensor.data()[i] = (uint8_t(packed[i / perByte]) >> (i % perByte * bits)) & ((1 << bits) - 1);
}

/// The data as raw_data has it, from the typed fields.
static std::string rawOfTyped(const Proto &proto, const DTypeInfo &info) {
  size_t unit = info.kind == DTypeKind::Complex ? info.storageSize / 2 : info.storageSize;
  std::string raw;
  raw.reserve(proto.typed.size() * unit);
  for (uint64_t value : proto.typed) // little-endian: the low bytes are the value
    raw.append(reinterpret_cast<const char *>(&value), unit);
  return raw;
}

bool parseTensorProto(std::string_view bytes, NamedTensor &tensor, std::string &why) {
  auto fail = [&](const char *what) {
    why = what;
    return false;
  };
  Proto proto;
  for (WireReader reader(bytes); !reader.atEnd();) {
    Field field;
    if (!reader.next(field) || !readField(field, proto))
      return fail("it is not an ONNX TensorProto");
  }
  const DTypeInfo *info = findDType(int(proto.dtype < 1000 ? proto.dtype : 0));
  if (proto.strings || (info && info->kind == DTypeKind::String))
    return fail("it holds strings");
  if (proto.external)
    return fail("its data is in another file");
  if (!info || info->bits == 6)
    return fail("it has no element type that can be read");
  std::vector<int64_t> dims(proto.dims.begin(), proto.dims.end());
  int64_t size = bytesOf(dims, info->storageSize);
  std::string typed = proto.hasRaw ? std::string() : rawOfTyped(proto, *info);
  std::string_view raw = proto.hasRaw ? proto.raw : typed;
  uint64_t needed = size < 0 ? 0 : info->bits < 8 ? (uint64_t(size) * info->bits + 7) / 8 : size;
  if (size < 0 || raw.size() != needed)
    return fail("its shape needs another number of bytes than it has");
  if (!tensor.tensor.allocate(info->number, std::move(dims)))
    return fail("there is no memory for it");
  tensor.name = proto.name;
  if (info->bits < 8)
    unpackNarrow(raw, info->bits, tensor.tensor);
  else if (size)
    std::memcpy(tensor.tensor.data(), raw.data(), size);
  return true;
}

} // namespace optc::driver
