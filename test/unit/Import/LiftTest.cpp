//===- LiftTest.cpp - old opsets ----------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What ONNX's version converter lacks or has wrong: each repair of LiftAdapters.cpp and
// LiftRewrites.cpp, and that nothing fails in silence.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

using namespace optc;
using namespace optc::onnximport;

namespace {

class LiftTest : public LoaderTest {
protected:
  void SetUp() override {
    LoaderTest::SetUp();
    options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  }
  std::unique_ptr<Model> lift(int opset, const std::string &graph) {
    auto model = loadProto(parseGraph(graph, opset));
    EXPECT_TRUE(model) << (diagnostics.empty() ? "" : diagnostics[0].message);
    return model;
  }
  static const Node &last(const Model &model) { return model.graph.nodes.back(); }
  static const ValueType &typeOf(const Model &model, ValueId value) {
    return model.value(value).type;
  }
};

TEST_F(LiftTest, opsetIsTheNewest) {
  auto model = lift(7, "g (float[2,3] x) => (float[2,3] y) { y = Relu(x) }");
  EXPECT_EQ(model->originalOpset, 7);
  EXPECT_GE(model->opsets.at(""), 28);
  EXPECT_EQ(last(*model).name, "Relu_y");
}

TEST_F(LiftTest, attributesThatBecameInputs) {
  auto model = lift(
      11, "g (float[2,3,4] x) => (float[] y) { [sum] y = ReduceSum<axes = [1], keepdims = 0>(x) }");
  EXPECT_EQ(last(*model).inputs.size(), 2u);
  EXPECT_EQ(model->graph.initializers.size(), 1u);
  EXPECT_EQ(last(*model).name, "sum");
}

TEST_F(LiftTest, resizeKeepsItsSamplingRule) {
  const char *graph = "g (float[1,1,4,4] x) => (float[] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}> "
                      "{ y = Resize<mode = \"linear\">(x, s) }";
  auto model = lift(10, graph);
  EXPECT_EQ(last(*model).stringAttr("coordinate_transformation_mode"), "asymmetric");
  EXPECT_EQ(last(*model).stringAttr("nearest_mode"), "floor");
  model = lift(9, "g (float[1,1,4,4] x) => (float[] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}> { y = "
                  "Upsample(x, s) }");
  EXPECT_EQ(last(*model).opType, "Resize");
  EXPECT_EQ(last(*model).stringAttr("coordinate_transformation_mode"), "asymmetric");
  model = lift(10, "g (float[1,1,4,4] x) => (float[] y) <float[4] s = {1.0, 1.0, 0.5, 0.5}> { y = "
                   "Resize(x, s) }");
  EXPECT_EQ(last(*model).stringAttr("nearest_mode"), "ceil");
  // Axes that grow and axes that shrink have different rules: one node for each, and for both where
  // the scales are not known.
  for (const char *graph :
       {"g (float[1,1,4,4] x) => (float[] y) <float[4] s = {1.0, 1.0, 0.5, 2.0}> { y = Resize(x, "
        "s) }",
        "g (float[1,1,4,4] x, float[4] s) => (float[] y) { y = Resize(x, s) }"}) {
    model = lift(10, graph);
    EXPECT_EQ(opsOf(*model), "Max Min Resize Resize");
    EXPECT_EQ(model->graph.nodes[2].stringAttr("nearest_mode"), "floor");
    EXPECT_EQ(last(*model).stringAttr("nearest_mode"), "ceil");
  }
}

/// Inference of opset 11 gives such a pool another window, which lies in the padding.
TEST_F(LiftTest, shapesAreThoseOfTheNewestOpset) {
  auto model = lift(11, "g (float[1,1,9] x) => (float[1,1,4] y) "
                        "{ y = AveragePool<kernel_shape = [2], strides = [3], ceil_mode = 1>(x) }");
  ASSERT_TRUE(model);
  EXPECT_EQ(typeOf(*model, model->graph.outputs[0]).dims[2].size, 3);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].code, E1063);
}

TEST_F(LiftTest, limitsHaveTheTypeOfTheData) {
  auto model = lift(10, "g (float16[2] x) => (float16[2] y) { y = Clip<max = 6.0>(x) }");
  EXPECT_EQ(last(*model).input(1), noValue);
  EXPECT_EQ(typeOf(*model, last(*model).input(2)).elem, ElemType::F16);
  model = lift(10, "g (double[2] x) => (double[4] y) { y = Pad<pads = [1, 1], value = 2.0>(x) }");
  EXPECT_EQ(typeOf(*model, last(*model).input(2)).elem, ElemType::F64);
}

TEST_F(LiftTest, hardmaxOverTwoAxes) {
  auto model = lift(11, "g (float[2,3,4] x) => (float[2,3,4] y) { y = Hardmax(x) }");
  EXPECT_EQ(opsOf(*model), "Shape Flatten Hardmax Reshape");
}

TEST_F(LiftTest, slopesPerChannel) {
  auto model = lift(6, "g (float[1,3,4,4] x) => (float[1,3,4,4] y) <float[3] s = {1.0, 2.0, 3.0}> "
                       "{ y = PRelu(x, s) }");
  EXPECT_EQ(opsOf(*model), "Unsqueeze PRelu");
  EXPECT_EQ(typeOf(*model, last(*model).input(1)).dims.size(), 3u);
  model = lift(7, "g (float[1,3,4,4] x) => (float[1,3,4,4] y) <float[4] s = {1.0, 2.0, 3.0, 4.0}> "
                  "{ y = PRelu(x, s) }");
  EXPECT_EQ(opsOf(*model), "PRelu");
}

TEST_F(LiftTest, broadcastFromAnAxis) {
  auto model = lift(
      6,
      "g (bool[2,3,4] x, bool[3] z) => (bool[2,3,4] y) { y = And<broadcast = 1, axis = 1>(x, z) }");
  EXPECT_EQ(opsOf(*model), "Unsqueeze And");
  EXPECT_EQ(typeOf(*model, last(*model).input(1)).dims.size(), 2u);
  model = lift(6, "g (float[N,3,4,5] x, float[3] z) => (float[N,3,4,5] y) "
                  "{ y = Add<broadcast = 1, axis = 1>(x, z) }");
  EXPECT_EQ(typeOf(*model, last(*model).input(1)).dims.size(), 3u);
  model =
      lift(6, "g (float[2,3] x, float[3] z) => (float[2,3] y) { y = Sub<broadcast = 1>(x, z) }");
  EXPECT_EQ(opsOf(*model), "Sub");
}

TEST_F(LiftTest, castNamesItsTypeInWords) {
  auto model = lift(5, "g (float[2] x) => (int64[2] y) { y = Cast<to = \"INT64\">(x) }");
  EXPECT_EQ(last(*model).intAttr("to"), 7);
}

TEST_F(LiftTest, scanWithBatch) {
  auto graph = [](const std::string &batch) {
    return "g (float[" + batch + ",2] s, float[" + batch +
           ",3,2] x) => (float[] y, float[] z) { [scan] y, z = Scan(, s, x) "
           "<num_scan_inputs = 1, body = b (float[2] a, float[2] n) => (float[2] o, float[2] p) "
           "{ o = Add(a, n) p = Identity(o) }> }";
  };
  auto model = lift(8, graph("1"));
  EXPECT_EQ(opsOf(*model), "Squeeze Squeeze Scan Unsqueeze Unsqueeze");
  EXPECT_EQ(typeOf(*model, model->graph.outputs[1]).dims.size(), 3u);
  EXPECT_EQ(codeOf(parseGraph(graph("4"), 8)), E1042);
  EXPECT_EQ(diagnostics[0].node, "scan");
}

TEST_F(LiftTest, failuresAreErrors) {
  EXPECT_EQ(
      codeOf(parseGraph(
          "g (float[2] x, float[1] t, float[1] a) => (float[] y) { [bad] y = Tile(x, t, a) }", 5)),
      E1042);
  EXPECT_EQ(diagnostics[0].node, "bad");
  EXPECT_EQ(codeOf(parseGraph(
                "g (float[2,3,4] x, float[3] a, float[3] b, float[3] c, float[3] d) => (float[] y) "
                "{ y = BatchNormalization<is_test = 0>(x, a, b, c, d) }",
                6)),
            E1041);
}

TEST_F(LiftTest, modelsOfOtherDomainsAlone) {
  auto model = loadProto(parse("<ir_version: 8, opset_import: [\"ai.onnx.ml\" : 3]>"
                               "g (float[2] x) => (float[2] y) { y = ai.onnx.ml.Binarizer(x) }"));
  ASSERT_TRUE(model) << diagnostics[0].message;
  EXPECT_EQ(model->originalOpset, 0);
}

TEST_F(LiftTest, inputsWithDefaultsAreConstants) {
  auto model = lift(
      9, "g (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1.0, 2.0}> { y = Add(x, w) }");
  EXPECT_EQ(model->graph.inputs.size(), 1u);
  EXPECT_EQ(model->constantInputs, std::vector<std::string>{"w"});
}

} // namespace
