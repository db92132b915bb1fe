//===- WireCutter.cpp - parses a model without copying its weights ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A table says which fields of which message lead to a TensorProto; everything else
// is copied to the reduced message as it is.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Loader/WireCutter.h"

#include "lib/Import/Onnx/Loader/Failure.h"

#include <cstdint>
#include <limits>

namespace optc::onnximport {

namespace {

enum class Message { Model, Graph, Node, Attribute, Sparse, Tensor, Function, Training, Other };

/// The message kind inside a length-delimited field; the numbers are those of onnx.proto.
Message childKind(Message kind, uint64_t field) {
  switch (kind) {
  case Message::Model:
    return field == 7    ? Message::Graph
           : field == 20 ? Message::Training
           : field == 25 ? Message::Function
                         : Message::Other;
  case Message::Graph:
    return field == 1    ? Message::Node
           : field == 5  ? Message::Tensor
           : field == 15 ? Message::Sparse
                         : Message::Other;
  case Message::Node:
    return field == 5 ? Message::Attribute : Message::Other;
  case Message::Attribute:
    return field == 5 || field == 10    ? Message::Tensor
           : field == 6 || field == 11  ? Message::Graph
           : field == 22 || field == 23 ? Message::Sparse
                                        : Message::Other;
  case Message::Sparse:
    return field == 1 || field == 2 ? Message::Tensor : Message::Other;
  case Message::Function:
    return field == 7 ? Message::Node : field == 11 ? Message::Attribute : Message::Other;
  case Message::Training:
    return field == 1 || field == 2 ? Message::Graph : Message::Other;
  case Message::Tensor:
  case Message::Other:
    break;
  }
  return Message::Other;
}

[[noreturn]] void failDamaged() {
  fail(E1001, "the file is not an ONNX model, or it is damaged or truncated");
}

/// A position in a message; every read is checked against its end.
struct Cursor {
  const char *at;
  const char *end;

  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at == end)
        failDamaged();
      auto byte = static_cast<uint8_t>(*at++);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return value;
    }
    failDamaged();
  }
  Cursor take(uint64_t bytes) {
    if (bytes > static_cast<uint64_t>(end - at))
      failDamaged();
    Cursor part{at, at + bytes};
    at += bytes;
    return part;
  }
};

/// One field: its number and its value, an integer or (if length-delimited) a content.
struct Field {
  const char *begin;
  const char *end;
  uint64_t number;
  uint64_t value;
  bool isDelimited;
  Cursor content;
};

Field readField(Cursor &cursor) {
  Field field{cursor.at, nullptr, 0, 0, false, {nullptr, nullptr}};
  uint64_t tag = cursor.varint();
  field.number = tag >> 3;
  switch (tag & 7) {
  case 0:
    field.value = cursor.varint();
    break;
  case 1:
    cursor.take(8);
    break;
  case 2:
    field.isDelimited = true;
    field.content = cursor.take(cursor.varint());
    break;
  case 5:
    cursor.take(4);
    break;
  default: // Groups are not part of ONNX.
    failDamaged();
  }
  if (field.number == 0)
    failDamaged();
  field.end = cursor.at;
  return field;
}

void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

class Cutter {
public:
  Cutter(const std::shared_ptr<const MappedFile> &file, BlobStore &blobs)
      : file_(file), blobs_(blobs) {}

  /// Protobuf itself stops at 100 levels.
  static constexpr int maxDepth = 100;

  void cut(Message kind, Cursor cursor, std::string &out, int depth) {
    if (depth > maxDepth)
      fail(E1001, "the file nests messages deeper than " + std::to_string(maxDepth) + " levels");
    if (kind == Message::Tensor)
      return cutTensor(cursor, out);
    while (cursor.at != cursor.end) {
      Field field = readField(cursor);
      Message child = field.isDelimited ? childKind(kind, field.number) : Message::Other;
      if (child == Message::Other) {
        out.append(field.begin, field.end);
        continue;
      }
      std::string reduced;
      cut(child, field.content, reduced, depth + 1);
      appendVarint(out, field.number << 3 | 2);
      appendVarint(out, reduced.size());
      out += reduced;
    }
  }

private:
  /// Leaves out raw_data (9), and float_data (4) and double_data (10), which packed are
  /// raw data too, if they are large.
  void cutTensor(Cursor cursor, std::string &out) {
    Field large{nullptr, nullptr, 0, 0, false, {nullptr, nullptr}};
    uint64_t type = 0;
    while (cursor.at != cursor.end) {
      Field field = readField(cursor);
      if (field.number == 2)
        type = field.value;
      auto bytes = static_cast<size_t>(field.content.end - field.content.at);
      bool isData = field.number == 9 || field.number == 4 || field.number == 10;
      if (!field.isDelimited || !isData || bytes <= BlobStore::inlineBytes) {
        out.append(field.begin, field.end);
        continue;
      }
      if (large.number)
        fail(E1001, "a tensor of the file has its data twice");
      large = field;
    }
    if (!large.number)
      return;
    if (!holds(large.number, type)) {
      out.append(large.begin, large.end);
      return;
    }
    auto bytes = static_cast<size_t>(large.content.end - large.content.at);
    out += blobs_.marker(blobs_.add({large.content.at, bytes, file_})).SerializeAsString();
  }

  /// Whether the bytes of this data field are those of a tensor of this type.
  static bool holds(uint64_t field, uint64_t type) {
    using onnx::TensorProto;
    if (field == 4)
      return type == TensorProto::FLOAT || type == TensorProto::COMPLEX64;
    if (field == 10)
      return type == TensorProto::DOUBLE || type == TensorProto::COMPLEX128;
    return true;
  }

  const std::shared_ptr<const MappedFile> &file_;
  BlobStore &blobs_;
};

} // namespace

onnx::ModelProto parseModel(const std::shared_ptr<const MappedFile> &file, BlobStore &blobs) {
  std::string reduced;
  Cursor all{file->data(), file->data() + file->size()};
  Cutter(file, blobs).cut(Message::Model, all, reduced, 0);
  if (reduced.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    fail(E1001, "the file has more than 2 GB of nodes and small tensors");
  onnx::ModelProto model;
  if (!model.ParseFromArray(reduced.data(), static_cast<int>(reduced.size())))
    failDamaged();
  // Protobuf takes an empty file, or bytes that look like unknown fields, for a model.
  if (!model.has_graph())
    failDamaged();
  return model;
}

} // namespace optc::onnximport
