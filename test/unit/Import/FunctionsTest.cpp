//===- FunctionsTest.cpp - functions a model brings along ---------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expansion of model-local functions: names, attributes, subgraphs, and the bounds that
// keep small files small.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

#include <set>

using namespace optc;
using namespace optc::onnximport;

namespace {

class FunctionsTest : public LoaderTest {
protected:
  /// A model that calls functions of the domain "f".
  static onnx::ModelProto withFunctions(const std::string &graph, const std::string &functions) {
    return parse("<ir_version: 10, opset_import: [\"\" : 21, \"f\" : 1]>\n" + graph + "\n" +
                 functions);
  }
  static std::string function(const std::string &text) {
    return "<domain: \"f\", opset_import: [\"\" : 21, \"f\" : 1]>\n" + text + "\n";
  }
};

TEST_F(FunctionsTest, nestedCallsKeepTheirOrigin) {
  auto model =
      loadProto(withFunctions("g (float[2] x) => (float[2] y) { [call] y = f.twice(x) }",
                              function("twice (a) => (b) { t = f.once(a) b = f.once(t) }") +
                                  function("once (a) => (b) { t = Abs(a) b = Neg(t) }")));
  ASSERT_TRUE(model) << diagnostics[0].message;
  EXPECT_EQ(opsOf(*model), "Abs Neg Abs Neg");
  std::set<std::string> names;
  for (const Node &node : model->graph.nodes) {
    EXPECT_EQ(node.origin, "call");
    EXPECT_EQ(node.name.rfind("call/" + node.opType + "_", 0), 0u) << node.name;
    EXPECT_TRUE(names.insert(node.name).second);
  }
}

TEST_F(FunctionsTest, attributesAndDefaults) {
  std::string functions =
      function("act <alpha: float = 0.25> (a) => (b) { b = Elu<alpha: float = @alpha>(a) }");
  options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  auto model = loadProto(withFunctions(
      "g (float[2] x) => (float[2] y) { t = f.act(x) y = f.act<alpha = 0.5>(t) }", functions));
  ASSERT_TRUE(model) << diagnostics[0].message;
  EXPECT_EQ(model->graph.nodes[0].floatAttr("alpha"), 0.25f);
  EXPECT_EQ(model->graph.nodes[1].floatAttr("alpha"), 0.5f);
}

TEST_F(FunctionsTest, subgraphsCaptureTheRightValues) {
  // The caller uses every name of the body for something else.
  auto model = loadProto(withFunctions(
      "g (bool c, float[2] a, float[2] t) => (float[2] b) { q = Neg(t) b = f.pick(c, a) }",
      function("pick (c, x) => (y) { t = Abs(x) y = If(c) <"
               "then_branch = m () => (float[2] p) { q = Exp(t) p = Neg(q) },"
               "else_branch = n () => (float[2] r) { r = Identity(x) }> }")));
  ASSERT_TRUE(model) << diagnostics[0].message;
  const Node &abs = model->graph.nodes[1], &branch = model->graph.nodes[2];
  EXPECT_EQ(abs.input(0), model->graph.inputs[1]);
  const Graph &then = *branch.find("then_branch")->graph;
  EXPECT_EQ(then.nodes[0].input(0), abs.output(0));
  EXPECT_NE(then.nodes[0].output(0), model->graph.nodes[0].output(0));
  EXPECT_EQ(branch.find("else_branch")->graph->nodes[0].input(0), model->graph.inputs[1]);
}

TEST_F(FunctionsTest, handedThroughOperandsAndMissingOnes) {
  auto model =
      loadProto(withFunctions("g (float[2] x) => (float[2] y, float[2] z) { y, z = f.both(x) }",
                              function("both (a, low) => (a, c) { c = Clip(a, low) }")));
  ASSERT_TRUE(model) << diagnostics[0].message;
  EXPECT_EQ(model->graph.nodes[0].opType, "Identity");
}

TEST_F(FunctionsTest, wrongNumberOfOperands) {
  EXPECT_EQ(codeOf(withFunctions("g (float[2] x) => (float[2] y) { [bad] y = f.one(x, x) }",
                                 function("one (a) => (b) { b = Abs(a) }"))),
            E1032);
  EXPECT_EQ(diagnostics[0].node, "bad");
}

TEST_F(FunctionsTest, circles) {
  EXPECT_EQ(codeOf(withFunctions("g (float[2] x) => (float[2] y) { y = f.one(x) }",
                                 function("one (a) => (b) { b = f.two(a) }") +
                                     function("two (a) => (b) { b = f.one(a) }"))),
            E1002);
}

TEST_F(FunctionsTest, exponentialCallsAreCountedNotMade) {
  std::string functions = function("f0 (a) => (b) { b = Abs(a) }");
  for (int i = 1; i <= 40; ++i) {
    std::string callee = "f.f" + std::to_string(i - 1);
    functions += function("f" + std::to_string(i) + " (a) => (b) { t = " + callee +
                          "(a) b = " + callee + "(t) }");
  }
  EXPECT_EQ(codeOf(withFunctions("g (float[2] x) => (float[2] y) { y = f.f40(x) }", functions)),
            E1031);
  EXPECT_EQ(codeOf(withFunctions("g (float[2] x) => (float[2] y) { y = f.f8(x) }", functions)),
            NoError);
  options.maxNodes = 100;
  EXPECT_EQ(codeOf(withFunctions("g (float[2] x) => (float[2] y) { y = f.f8(x) }", functions)),
            E1031);
}

} // namespace
