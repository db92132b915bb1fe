//===- TypesTest.cpp - what type inference may refuse -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's inference computes elements of shapes on the way, and throws where it can not. Only
// contradictions of types are errors of the model.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

using namespace optc;
using namespace optc::onnximport;

namespace {

class TypesTest : public LoaderTest {
protected:
  std::unique_ptr<Model> loadGraph(const std::string &graph) {
    options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
    std::unique_ptr<Model> model = loadProto(parseGraph(graph));
    EXPECT_TRUE(model) << (diagnostics.empty() ? "" : diagnostics[0].message);
    return model;
  }
  /// "3 ?" of the first output.
  static std::string sizesOf(const Model &model) {
    std::string text;
    for (const Dim &dim : model.value(model.graph.outputs[0]).type.dims)
      text += (text.empty() ? "" : " ") + (dim.isKnown() ? std::to_string(dim.size) : "?");
    return text;
  }
  /// An initializer of so many elements, all 1.
  static void addConstant(onnx::ModelProto &model, const std::string &name, int type,
                          int64_t count) {
    onnx::TensorProto &tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    tensor.add_dims(count);
    for (int64_t i = 0; i < count; ++i)
      if (type == onnx::TensorProto::INT64)
        tensor.add_int64_data(1);
      else
        tensor.add_int32_data(1);
  }
};

const char *const branches =
    "g (bool c, float[3,5] x, float[7,5] z) => (float[] y) { y = If(c) <"
    "then_branch = a () => (float[] p) { s = Shape(x) i = Constant<value = int64[1] {0}>() "
    "n = Gather(s, i) p = Expand(one, n) },"
    "else_branch = b () => (float[] q) { s = Shape(z) i = Constant<value = int64[1] {1}>() "
    "n = Gather(s, i) q = Expand(one, n) }> one = Constant<value_float = 1.0>() }";

TEST_F(TypesTest, namesAlikeInBranches) {
  // By name, the second branch would have the elements of the first.
  auto model = loadGraph(branches);
  ASSERT_TRUE(model);
  for (auto [branch, size] : {std::pair("then_branch", 3), std::pair("else_branch", 5)}) {
    const Graph &graph = *model->graph.nodes[0].find(branch)->graph;
    EXPECT_EQ(model->value(graph.outputs[0]).type.dims[0].size, size) << branch;
  }
}

TEST_F(TypesTest, namesOfABranchUsedAgainBehindIt) {
  auto model = loadGraph("g (bool c, float[3,5] x) => (int64[] y, int64[2] s) { y = If(c) <"
                         "then_branch = a () => (int64[2] p) { s = Shape(x) p = Identity(s) },"
                         "else_branch = b () => (int64[2] q) { s = Shape(x) q = Neg(s) }> "
                         "s = Shape(x) }");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->value(model->graph.outputs[1]).name, "s");
}

TEST_F(TypesTest, namesHiddenByABranch) {
  // The constant of the branch, not that of the graph around it.
  auto model =
      loadGraph("g (bool c) => (int64[] y) <int64[2] k = {1, 2}> { y = If(c) <"
                "then_branch = a () => (int64[] p) <int64[3] k = {1, 2, 3}> { p = Neg(k) },"
                "else_branch = b () => (int64[] q) { q = Neg(k) }> }");
  ASSERT_TRUE(model);
  const Graph &inner = *model->graph.nodes[0].find("then_branch")->graph;
  EXPECT_EQ(inner.nodes[0].inputs[0], inner.initializers[0].value);
  // A result with the name of a value that is visible there is an error.
  EXPECT_EQ(codeOf(parseGraph("g (bool c, float[2] x) => (float[2] y) { t = Exp(x) y = If(c) <"
                              "then_branch = a () => (float[2] t) { t = Neg(x) },"
                              "else_branch = b () => (float[2] q) { q = Neg(t) }> }")),
            E1002);
}

TEST_F(TypesTest, longConstants) {
  for (int type : {onnx::TensorProto::INT64, onnx::TensorProto::INT32}) {
    std::string element = type == onnx::TensorProto::INT64 ? "int64" : "int32";
    for (const char *body :
         {"y = Unsqueeze(k, a)", "y = Cast<to = 7>(k)", "y = Add(k, k)", "y = Mul(k, k)",
          "y = Sub(k, k)", "y = Concat<axis = 0>(k, k)", "y = Gather(k, b)", "y = Slice(k, a, b)",
          "t = Unsqueeze(k, a) y = Squeeze(t, a)"}) {
      onnx::ModelProto proto =
          parseGraph("g (" + element + "[2] x) => (" +
                     (std::string(body).find("Cast") == 4 ? "int64" : element) +
                     "[] y) <int64[1] a = {0}, int64[1] b = {1}> { " + body + " }");
      addConstant(proto, "k", type, 1000);
      EXPECT_EQ(codeOf(proto), NoError)
          << element << " " << body << ": " << (diagnostics.empty() ? "" : diagnostics[0].message);
    }
  }
}

TEST_F(TypesTest, contradictionsStayErrors) {
  // Next to what inference cannot do.
  onnx::ModelProto proto =
      parseGraph("g (float[2,3] x, float[4,5] z) => (int64[] y, float[] v) "
                 "<int64[1] a = {0}> { y = Unsqueeze(k, a) [bad] v = Add(x, z) }");
  addConstant(proto, "k", onnx::TensorProto::INT64, 1000);
  EXPECT_EQ(codeOf(proto), E1062);
  EXPECT_EQ(diagnostics[0].node, "bad");
}

TEST_F(TypesTest, claimsOfBranchesAreKeptApart) {
  auto model = loadGraph("g (bool c, float[3] x) => (float[] y) { y = If(c) <"
                         "then_branch = a () => (float[3] p) { p = Neg(x) },"
                         "else_branch = b () => (float[N] p) { p = Exp(x) }> }");
  ASSERT_TRUE(model);
  const Graph &second = *model->graph.nodes[0].find("else_branch")->graph;
  EXPECT_EQ(model->value(second.outputs[0]).claimed.dims[0].symbol, "N");
}

} // namespace
