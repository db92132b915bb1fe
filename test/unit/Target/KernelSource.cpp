//===- KernelSource.cpp - MLIR of single kernel ops -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See KernelSource.h.
//
//===----------------------------------------------------------------------===//
#include "test/unit/Target/KernelSource.h"
#include <functional>
#include <sstream>

using namespace optc::test;

namespace {

std::string join(size_t count, const std::function<std::string(size_t)> &item) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", " : "") + item(i);
  return text;
}

std::string tensorType(const Sizes &shape, const std::vector<bool> &dynamic = {}) {
  std::string text = "tensor<";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i < dynamic.size() && dynamic[i] ? "?" : std::to_string(shape[i])) + "x";
  return text + "f32>";
}

std::string list(const Sizes &values) {
  if (values.empty())
    return "array<i64>";
  return "array<i64: " + join(values.size(), [&](size_t i) { return std::to_string(values[i]); }) +
         ">";
}

int64_t product(const Sizes &sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result *= size;
  return result;
}

/// `affine_map<(d0, ..) -> (..)>` over `rank` dims.
std::string map(size_t rank, const std::vector<size_t> &results) {
  auto dim = [](size_t i) { return "d" + std::to_string(i); };
  return "affine_map<(" + join(rank, dim) + ") -> (" +
         join(results.size(), [&](size_t i) { return dim(results[i]); }) + ")>";
}

/// The result's place in memory, of the size of the input `like`.
std::string emptyLike(const std::string &type, const std::vector<bool> &dynamic,
                      const std::string &like = "%res") {
  std::string text, sizes;
  for (size_t i = 0; i < dynamic.size(); ++i) {
    if (!dynamic[i])
      continue;
    std::string n = std::to_string(i);
    text += "  %c" + n + " = arith.constant " + n + " : index\n  %s" + n + " = tensor.dim " + like +
            ", %c" + n + " : " + type + "\n";
    sizes += (sizes.empty() ? "%s" : ", %s") + n;
  }
  return text + "  %init = tensor.empty(" + sizes + ") : " + type + "\n";
}

const char *const epilogue = R"(
  ^bb0(%acc: f32, %p: f32, %q: f32):
    %zero = arith.constant 0.0 : f32
    %sum = arith.addf %acc, %p : f32
    %positive = arith.maximumf %sum, %zero : f32
    %stored = arith.addf %positive, %q : f32
    kernel.yield %stored : f32
  }
)";

/// A pack of %w, unless it is packed: the name and type of the packed weight.
struct Packed {
  std::string text, name, type;
};
Packed pack(const std::string &order, const Sizes &shape, const std::string &layout, int64_t groups,
            int64_t elements, bool already) {
  std::string type = tensorType({elements});
  if (already)
    return {"", "%w", type};
  std::ostringstream text;
  text << "  %place = tensor.empty() : " << type << "\n  %packed = kernel.pack " << order
       << " %w into %place {layout = " << layout << ", groups = " << groups << "} : ("
       << tensorType(shape) << ", " << type << ") -> " << type << "\n";
  return {text.str(), "%packed", type};
}

int64_t stored(int64_t columns) { return (columns + 7) / 8 * 8; }

std::string header(const std::string &name, const std::vector<std::string> &types,
                   const std::vector<std::string> &names, const std::string &result) {
  return "func.func @" + name + "(" +
         join(types.size(), [&](size_t i) { return names[i] + ": " + types[i]; }) + ") -> " +
         result + " attributes {optc.entry} {\n";
}

} // namespace

KernelCase optc::test::matmulCase(const std::string &name, const MatmulSpec &spec) {
  auto dimsOf = [&](const std::string &letters) {
    std::vector<size_t> dims;
    for (char letter : letters)
      dims.push_back(spec.dims.find(letter));
    return dims;
  };
  auto shapeOf = [&](const std::string &letters) {
    Sizes shape;
    for (size_t dim : dimsOf(letters))
      shape.push_back(spec.sizes[dim]);
    return shape;
  };
  auto dynamicOf = [&](const std::string &letters) {
    std::vector<bool> dynamic;
    for (char letter : letters)
      dynamic.push_back(spec.dynamic.find(letter) != std::string::npos);
    return dynamic;
  };
  auto typeOf = [&](const std::string &letters) {
    return tensorType(shapeOf(letters), dynamicOf(letters));
  };
  size_t rank = spec.result.size();
  char n = spec.dims[rank - 1], k = spec.dims[rank];
  std::string layout = "#kernel.panels<" + std::to_string(spec.panels) + ">";
  int64_t columns = spec.sizes[rank - 1], depth = spec.sizes[rank];
  std::string rhsLetters = spec.rhs;
  Packed rhs{"", "%w", typeOf(spec.rhs)};
  if (spec.panels > 0) {
    bool transposed = spec.rhs[0] == n;
    rhs = pack(transposed ? "nk" : "kn", shapeOf(spec.rhs), layout, 1, depth * stored(columns),
               spec.alreadyPacked);
    rhsLetters = std::string{k, n};
  }
  std::string weight = spec.alreadyPacked ? rhs.type : typeOf(spec.rhs);
  std::string lhs = typeOf(spec.lhs), result = typeOf(spec.result), bias = typeOf({n});
  std::ostringstream text;
  text << header(name, {lhs, weight, bias, result}, {"%x", "%w", "%bias", "%res"}, result)
       << rhs.text << emptyLike(result, dynamicOf(spec.result)) << "  %r = kernel.matmul %x, "
       << rhs.name << " with %bias, %res into %init {maps = [" << map(rank + 1, dimsOf(spec.lhs))
       << ", " << map(rank + 1, dimsOf(rhsLetters)) << ", " << map(rank + 1, dimsOf(spec.result))
       << "], extra_maps = [" << map(rank, {spec.result.find(n)}) << ", "
       << map(rank, dimsOf(spec.dims.substr(0, rank))) << "]";
  if (spec.panels > 0)
    text << ", layout = " << layout;
  text << "} : (" << lhs << ", " << rhs.type << ", " << bias << ", " << result << ", " << result
       << ") -> " << result << " {" << epilogue << "  return %r : " << result << "\n}\n";
  Sizes weightShape = spec.alreadyPacked ? Sizes{depth * stored(columns)} : shapeOf(spec.rhs);
  return {name,
          text.str(),
          {shapeOf(spec.lhs), weightShape, {columns}, shapeOf(spec.result)},
          shapeOf(spec.result),
          2.0 * product(spec.sizes)};
}

KernelCase optc::test::convCase(const std::string &name, const ConvSpec &spec) {
  Sizes input = {spec.batch}, result = {spec.batch};
  std::vector<bool> dynamic(spec.input.size() + 1, spec.dynamic);
  dynamic.push_back(false);
  for (size_t i = 0; i < spec.input.size(); ++i) {
    input.push_back(spec.input[i]);
    result.push_back(
        (spec.input[i] - (spec.window[i] - 1) * spec.dilations[i] - 1) / spec.strides[i] + 1);
    if (!spec.phases.empty())
      result.back() *= spec.phases[i];
  }
  input.push_back(spec.channels);
  result.push_back(spec.outputs);
  int64_t phases = product(spec.phases);
  Sizes filter = {spec.outputs * phases, spec.channels / spec.groups};
  filter.insert(filter.end(), spec.window.begin(), spec.window.end());
  int64_t depth = product(filter) / filter[0];
  std::string layout =
      spec.panels > 0 ? "#kernel.panels<" + std::to_string(spec.panels) + ">" : "#kernel.taps";
  int64_t columns = spec.outputs / spec.groups;
  int64_t elements = spec.groups * phases * depth * (spec.panels > 0 ? stored(columns) : columns);
  if (spec.winograd > 0) {
    layout = "#kernel.winograd<" + std::to_string(spec.winograd) + ", panels = <" +
             std::to_string(spec.panels) + ">>";
    elements = elements / 9 * (spec.winograd + 2) * (spec.winograd + 2);
  }
  Packed weight =
      pack("filter", filter, layout, spec.groups * phases, elements, spec.alreadyPacked);
  size_t rank = result.size();
  std::vector<size_t> all;
  for (size_t i = 0; i < rank; ++i)
    all.push_back(i);
  std::string x = tensorType(input, dynamic), y = tensorType(result, dynamic);
  std::string bias = tensorType({spec.outputs});
  std::string weightInput = spec.alreadyPacked ? weight.type : tensorType(filter);
  std::ostringstream text;
  text << header(name, {x, weightInput, bias, y}, {"%x", "%w", "%bias", "%res"}, y) << weight.text
       << emptyLike(y, dynamic) << "  %r = kernel.conv %x, " << weight.name
       << " with %bias, %res into %init {window = " << list(spec.window)
       << ", strides = " << list(spec.strides) << ", dilations = " << list(spec.dilations)
       << ", groups = " << spec.groups << ", phases = " << list(spec.phases)
       << ", layout = " << layout << ", extra_maps = [" << map(rank, {rank - 1}) << ", "
       << map(rank, all) << "]} : (" << x << ", " << weight.type << ", " << bias << ", " << y
       << ", " << y << ") -> " << y << " {" << epilogue << "  return %r : " << y << "\n}\n";
  Sizes weightShape = spec.alreadyPacked ? Sizes{elements} : filter;
  return {name,
          text.str(),
          {input, weightShape, {spec.outputs}, result},
          result,
          2.0 * product(result) * depth};
}

KernelCase optc::test::poolCase(const std::string &name, const PoolSpec &spec) {
  Sizes input = {spec.batch}, result = {spec.batch};
  std::vector<bool> dynamic(spec.input.size() + 1, spec.dynamic);
  dynamic.push_back(false);
  for (size_t i = 0; i < spec.input.size(); ++i) {
    input.push_back(spec.input[i]);
    int64_t room =
        spec.input[i] + spec.begin[i] + spec.end[i] - (spec.window[i] - 1) * spec.dilations[i] - 1;
    result.push_back((room + (spec.ceil ? spec.strides[i] - 1 : 0)) / spec.strides[i] + 1);
  }
  input.push_back(spec.channels);
  result.push_back(spec.channels);
  size_t rank = result.size();
  std::vector<size_t> all;
  for (size_t i = 0; i < rank; ++i)
    all.push_back(i);
  std::string x = tensorType(input, dynamic), y = tensorType(result, dynamic);
  std::ostringstream text;
  text << header(name, {x, y}, {"%x", "%res"}, y) << emptyLike(y, dynamic) << "  %r = kernel.pool "
       << spec.kind << " %x with %res into %init {window = " << list(spec.window)
       << ", strides = " << list(spec.strides) << ", dilations = " << list(spec.dilations)
       << ", pads_begin = " << list(spec.begin) << ", pads_end = " << list(spec.end)
       << (spec.countPads ? ", count_pads" : "") << ", extra_maps = [" << map(rank, all) << "]} : ("
       << x << ", " << y << ", " << y << ") -> " << y << R"( {
  ^bb0(%acc: f32, %q: f32):
    %stored = arith.addf %acc, %q : f32
    kernel.yield %stored : f32
  }
)"
       << "  return %r : " << y << "\n}\n";
  return {name, text.str(), {input, result}, result, 1.0 * product(result) * product(spec.window)};
}

KernelCase optc::test::attentionCase(const std::string &name, const AttentionSpec &spec) {
  const std::string dims = "bnrstde";
  std::string maps, operandTypes, operands;
  auto places = [&](const std::string &letters) {
    std::vector<size_t> positions;
    for (char letter : letters)
      positions.push_back(dims.find(letter));
    return positions;
  };
  auto shapeOf = [&](const std::string &letters) {
    Sizes shape;
    for (size_t place : places(letters))
      shape.push_back(spec.sizes[place]);
    return shape;
  };
  auto dynamicOf = [&](const std::string &letters) {
    std::vector<bool> dynamic;
    for (char letter : letters)
      dynamic.push_back(spec.dynamic.find(letter) != std::string::npos);
    return dynamic;
  };
  auto typeOf = [&](const std::string &letters) {
    return tensorType(shapeOf(letters), dynamicOf(letters));
  };
  std::string text;
  auto add = [&](const std::string &operand, const std::string &letters, const std::string &type) {
    maps += map(dims.size(), places(letters)) + ", ";
    operandTypes += type + ", ";
    operands += operand;
  };
  add("%q", spec.query, typeOf(spec.query));
  add(", %k", spec.key, typeOf(spec.key));
  add(", %v", spec.value, typeOf(spec.value));
  for (const auto &[keyword, numbers] :
       {std::pair("offset", spec.offset), std::pair("lengths", spec.lengths)}) {
    if (numbers.empty())
      continue;
    std::string type = "tensor<" + std::to_string(numbers.size()) + "xi64>";
    text +=
        std::string("  %") + keyword + " = arith.constant dense<[" +
        join(numbers.size(), [&, list = numbers](size_t i) { return std::to_string(list[i]); }) +
        "]> : " + type + "\n";
    add(std::string(" ") + keyword + " %" + keyword, "b", type);
  }
  std::vector<std::string> types = {typeOf(spec.query), typeOf(spec.key), typeOf(spec.value)},
                           names = {"%q", "%k", "%v"};
  std::vector<Sizes> inputs = {shapeOf(spec.query), shapeOf(spec.key), shapeOf(spec.value)};
  if (!spec.mask.empty()) {
    add(" with %mask", spec.mask, typeOf(spec.mask));
    types.push_back(typeOf(spec.mask));
    names.push_back("%mask");
    inputs.push_back(shapeOf(spec.mask));
  }
  // An input of the result's shape tells its sizes.
  std::string result = typeOf(spec.result);
  types.push_back(result);
  names.push_back("%res");
  inputs.push_back(shapeOf(spec.result));
  std::string score = spec.mask.empty() ? "    kernel.yield %scaled : f32\n"
                      : spec.hasHoles   ? R"(    %least = arith.constant 0.3 : f32
    %none = arith.constant 0xFF800000 : f32
    %seen = arith.cmpf ogt, %m, %least : f32
    %y = arith.select %seen, %scaled, %none : f32
    kernel.yield %y : f32
)"
                                        : R"(    %y = arith.addf %scaled, %m : f32
    kernel.yield %y : f32
)";
  maps += map(dims.size(), places(spec.result));
  text = header(name, types, names, result) + text + emptyLike(result, dynamicOf(spec.result)) +
         "  %r = kernel.attention " + operands + " into %init {maps = [" + maps + "]" +
         (spec.bounds.empty() ? "" : ", " + spec.bounds) + "} : (" + operandTypes + result +
         ") -> " + result + " {\n  ^bb0(%x: f32" + (spec.mask.empty() ? "" : ", %m: f32") + R"():
    %scale = arith.constant 0.3 : f32
    %scaled = arith.mulf %x, %scale : f32
)" + score +
         "  }\n  return %r : " + result + "\n}\n";
  const Sizes &n = spec.sizes;
  double work = 2.0 * n[0] * n[1] * n[2] * n[3] * n[4] * (n[5] + n[6]);
  return {name, text, inputs, shapeOf(spec.result), work};
}
