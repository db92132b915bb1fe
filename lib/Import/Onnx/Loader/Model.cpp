//===- Model.cpp - small queries on the importer's structs --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names and widths of element types, and attribute lookup.
//
//===----------------------------------------------------------------------===//
#include "lib/Import/Onnx/Model.h"

namespace optc::onnximport {

namespace {
struct ElemInfo {
  const char *name;
  unsigned bits;
};

/// By the number of the type.
constexpr ElemInfo elemInfos[] = {
    {"undefined", 0},      {"float32", 32},     {"uint8", 8},          {"int8", 8},
    {"uint16", 16},        {"int16", 16},       {"int32", 32},         {"int64", 64},
    {"string", 0},         {"bool", 8},         {"float16", 16},       {"float64", 64},
    {"uint32", 32},        {"uint64", 64},      {"complex64", 64},     {"complex128", 128},
    {"bfloat16", 16},      {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},        {"int4", 4},           {"float4e2m1", 4},
    {"float8e8m0", 8},     {"uint2", 2},        {"int2", 2},           {"float6e2m3", 6},
    {"float6e3m2", 6}};

const ElemInfo *findElem(ElemType type) {
  auto number = static_cast<size_t>(type);
  return number < sizeof(elemInfos) / sizeof(elemInfos[0]) ? &elemInfos[number] : nullptr;
}
} // namespace

unsigned elemBits(ElemType type) {
  const ElemInfo *info = findElem(type);
  return info ? info->bits : 0;
}

std::string_view elemName(ElemType type) {
  const ElemInfo *info = findElem(type);
  return info ? info->name : std::string_view();
}

int64_t Tensor::numElements() const {
  int64_t count = 1;
  for (int64_t dim : dims)
    count *= dim;
  return count;
}

const Attribute *Node::find(std::string_view attribute) const {
  for (const Attribute &candidate : attributes)
    if (candidate.name == attribute)
      return &candidate;
  return nullptr;
}

std::optional<int64_t> Node::intAttr(std::string_view attribute) const {
  const Attribute *found = find(attribute);
  return found && found->kind == Attribute::Kind::Int ? std::optional(found->i) : std::nullopt;
}

std::optional<float> Node::floatAttr(std::string_view attribute) const {
  const Attribute *found = find(attribute);
  return found && found->kind == Attribute::Kind::Float ? std::optional(found->f) : std::nullopt;
}

std::optional<std::string> Node::stringAttr(std::string_view attribute) const {
  const Attribute *found = find(attribute);
  return found && found->kind == Attribute::Kind::String ? std::optional(found->s) : std::nullopt;
}

std::vector<int64_t> Node::intsAttr(std::string_view attribute) const {
  const Attribute *found = find(attribute);
  return found ? found->ints : std::vector<int64_t>();
}

} // namespace optc::onnximport
