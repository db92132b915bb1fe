//===- NpyFile.cpp - numpy's file formats ---------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// .npy (versions 1 to 3, both byte orders, both element orders) and .npz, which is a ZIP
// of them, stored or deflated.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/TensorFile.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace optc::driver {

static uint64_t littleEndian(std::string_view bytes, size_t at, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i)
    value |= uint64_t(uint8_t(bytes[at + i])) << (8 * i);
  return value;
}

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

namespace {
struct NpyHeader {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> dims;
};
} // namespace

/// The text after `'key':` and spaces, or empty.
static std::string_view valueOf(std::string_view header, std::string_view key) {
  size_t at = header.find("'" + std::string(key) + "':");
  if (at == header.npos)
    return {};
  at = header.find_first_not_of(' ', at + key.size() + 3);
  return at == header.npos ? std::string_view() : header.substr(at);
}

static bool parseShape(std::string_view text, std::vector<int64_t> &dims) {
  if (text.empty() || text[0] != '(')
    return false;
  for (size_t at = 1; at < text.size();) {
    char c = text[at];
    if (c == ')')
      return dims.size() <= 64;
    if (c == ' ' || c == ',') {
      ++at;
      continue;
    }
    int64_t dim = 0;
    size_t from = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      if (__builtin_mul_overflow(dim, 10, &dim) ||
          __builtin_add_overflow(dim, text[at] - '0', &dim))
        return false;
    if (at == from)
      return false;
    dims.push_back(dim);
  }
  return false;
}

static bool parseHeader(std::string_view text, NpyHeader &header) {
  std::string_view descr = valueOf(text, "descr"), order = valueOf(text, "fortran_order");
  size_t end = descr.size() > 1 ? descr.find('\'', 1) : descr.npos;
  if (end == descr.npos || descr[0] != '\'' || order.empty())
    return false;
  header.descr = descr.substr(1, end - 1);
  header.fortranOrder = order[0] == 'T';
  return parseShape(valueOf(text, "shape"), header.dims);
}

/// The type of a descr without its byte order, "f4"; `untyped` for the void types of numpy.
static const DTypeInfo *typeOfDescr(std::string_view name, bool &untyped) {
  untyped = name == "V1" || name == "V2";
  if (untyped)
    return findDType(std::string_view(name == "V1" ? "uint8" : "uint16"));
  size_t count;
  const DTypeInfo *all = dtypeTable(count);
  for (size_t i = 0; i < count; ++i) // the types bit for bit come after the native ones
    if (all[i].npy[0] && name == all[i].npy + 1)
      return &all[i];
  return nullptr;
}

static void swapBytes(Tensor &tensor, size_t size) {
  for (uint8_t *at = tensor.data(), *end = at + tensor.bytes; at != end; at += size)
    std::reverse(at, at + size);
}

/// Copies column-major bytes into the row-major tensor.
static void fromFortran(Tensor &tensor, std::string_view bytes, size_t size) {
  std::vector<int64_t> strides(tensor.dims.size()), index(tensor.dims.size(), 0);
  int64_t stride = 1, count = tensor.bytes / size, from = 0;
  for (size_t d = 0; d < strides.size(); stride *= tensor.dims[d], ++d)
    strides[d] = stride;
  for (int64_t to = 0; to < count; ++to) {
    std::memcpy(tensor.data() + to * size, bytes.data() + from * size, size);
    for (size_t d = strides.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < tensor.dims[d])
        break;
      from -= strides[d] * tensor.dims[d];
      index[d] = 0;
    }
  }
}

bool parseNpy(std::string_view bytes, Tensor &tensor, std::string &why) {
  auto fail = [&](const std::string &what) {
    why = what;
    return false;
  };
  if (bytes.size() < 12 || bytes.substr(0, 6) != "\x93NUMPY")
    return fail("it is not a .npy file");
  int lengthBytes = bytes[6] == 1 ? 2 : 4;
  size_t length = littleEndian(bytes, 8, lengthBytes), start = 8 + lengthBytes;
  NpyHeader header;
  if (length > bytes.size() - start || !parseHeader(bytes.substr(start, length), header))
    return fail("its header is damaged");
  std::string_view name = header.descr;
  bool big = !name.empty() && name[0] == '>', untyped = false;
  if (!name.empty() && std::strchr("<>|=", name[0]))
    name.remove_prefix(1);
  const DTypeInfo *type = typeOfDescr(name, untyped);
  if (!type)
    return fail("it has elements of type '" + header.descr + "', which is no tensor of numbers");
  std::string_view data = bytes.substr(start + length);
  int64_t size = bytesOf(header.dims, type->storageSize);
  if (size < 0 || uint64_t(size) != data.size())
    return fail("its shape needs another number of bytes than the " + std::to_string(data.size()) +
                " it has");
  if (!tensor.allocate(type->number, std::move(header.dims)))
    return fail("there is no memory for it");
  tensor.untyped = untyped;
  if (header.fortranOrder && size)
    fromFortran(tensor, data, type->storageSize);
  else if (size)
    std::memcpy(tensor.data(), data.data(), size);
  bool complex = type->kind == DTypeKind::Complex;
  if (big && type->storageSize > 1)
    swapBytes(tensor, type->storageSize / (complex ? 2 : 1));
  return true;
}

//===----------------------------------------------------------------------===//
// .npz
//===----------------------------------------------------------------------===//

namespace {
struct Member {
  std::string_view name;
  uint64_t method, packed, size, offset;
};
} // namespace

/// Sizes of 0xffffffff are in the ZIP64 field of the extra data, in this order.
static bool readZip64(std::string_view extra, Member &member) {
  for (size_t at = 0; at + 4 <= extra.size();) {
    size_t id = littleEndian(extra, at, 2), length = littleEndian(extra, at + 2, 2);
    at += 4;
    if (length > extra.size() - at)
      return false;
    size_t end = at + length;
    if (id == 1)
      for (uint64_t *field : {&member.size, &member.packed, &member.offset})
        if (*field == 0xffffffff) {
          if (end - at < 8)
            return false;
          *field = littleEndian(extra, at, 8);
          at += 8;
        }
    at = end;
  }
  return true;
}

/// The data of a member as stored.
static bool findData(std::string_view zip, const Member &member, std::string_view &data) {
  if (member.offset > zip.size() || zip.size() - member.offset < 30)
    return false;
  uint64_t start = member.offset + 30 + littleEndian(zip, member.offset + 26, 2) +
                   littleEndian(zip, member.offset + 28, 2);
  if (start > zip.size() || member.packed > zip.size() - start)
    return false;
  data = zip.substr(start, member.packed);
  return true;
}

/// Deflate grows data at most 1032 times, so a larger size is a lie.
static bool inflateMember(std::string_view data, uint64_t size, std::string &out) {
  if (size / 1032 > data.size() + 64 || data.size() > 0xffffffff || size > 0xffffffff)
    return false;
  out.resize(size);
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return false;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = data.size();
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = size;
  bool ok = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  return ok;
}

static bool readMember(std::string_view zip, const Member &member, NamedTensor &tensor,
                       std::string &why) {
  std::string_view data, name = member.name;
  std::string inflated;
  why = "it is damaged";
  if (!findData(zip, member, data) || (member.method != 0 && member.method != 8))
    return false;
  if (member.method == 8) {
    if (!inflateMember(data, member.size, inflated))
      return false;
    data = inflated;
  }
  if (name.size() > 4 && name.substr(name.size() - 4) == ".npy")
    name.remove_suffix(4);
  tensor.name = name;
  return parseNpy(data, tensor.tensor, why);
}

bool parseNpz(std::string_view bytes, std::vector<NamedTensor> &tensors, std::string &why) {
  why = "it is not a .npz file";
  size_t end = bytes.rfind("PK\5\6");
  if (end == bytes.npos || bytes.size() - end < 22)
    return false;
  uint64_t count = littleEndian(bytes, end + 10, 2), at = littleEndian(bytes, end + 16, 4);
  for (uint64_t i = 0; i < count; ++i) {
    why = "it is damaged";
    if (at > bytes.size() || bytes.size() - at < 46 || bytes.substr(at, 4) != "PK\1\2")
      return false;
    uint64_t nameSize = littleEndian(bytes, at + 28, 2), extra = littleEndian(bytes, at + 30, 2);
    uint64_t next = at + 46 + nameSize + extra + littleEndian(bytes, at + 32, 2);
    if (next > bytes.size())
      return false;
    Member member = {bytes.substr(at + 46, nameSize), littleEndian(bytes, at + 10, 2),
                     littleEndian(bytes, at + 20, 4), littleEndian(bytes, at + 24, 4),
                     littleEndian(bytes, at + 42, 4)};
    tensors.emplace_back();
    if (!readZip64(bytes.substr(at + 46 + nameSize, extra), member) ||
        !readMember(bytes, member, tensors.back(), why))
      return false;
    at = next;
  }
  return true;
}

} // namespace optc::driver
