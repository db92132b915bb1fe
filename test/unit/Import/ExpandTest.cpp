//===- ExpandTest.cpp - ops with a function body ------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every op of ONNX that has a function body expands to ops that have none, keeps its
// origin and its types, wherever it stands and however its operands come.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

#include "onnx/defs/schema.h"

#include <chrono>
#include <set>

using namespace optc;
using namespace optc::onnximport;

namespace {

/// A node of each op with a body: its inputs as graph inputs, and the node.
struct Case {
  const char *inputs;
  const char *node;
};

const Case cases[] = {
    {"float[1,2,3] t, int64[4] s", "y = AffineGrid(t, s)"},
    {"int64 n", "y = BlackmanWindow(n)"},
    {"int64 n", "y = HammingWindow(n)"},
    {"int64 n", "y = HannWindow(n)"},
    {"float[2,3] x", "y = Celu(x)"},
    {"float[2,3] x", "y = Elu(x)"},
    {"float[2,3] x", "y = HardSigmoid(x)"},
    {"float[2,3] x", "y = HardSwish(x)"},
    {"float[2,3] x", "y = LeakyRelu(x)"},
    {"float[2,3] x", "y = Mish(x)"},
    {"float[2,3] x", "y = Relu(x)"},
    {"float[2,3] x", "y = Selu(x)"},
    {"float[2,3] x", "y = Shrink(x)"},
    {"float[2,3] x", "y = Softplus(x)"},
    {"float[2,3] x", "y = Softsign(x)"},
    {"float[2,3] x", "y = Swish(x)"},
    {"float[2,3] x", "y = ThresholdedRelu(x)"},
    {"float[2,3] x, float[3] s", "y = PRelu(x, s)"},
    {"float[2,4] x, float[2,4] g", "y = SwiGLU(x, g)"},
    {"float[2,3] x", "y, s, z = DynamicQuantizeLinear(x)"},
    {"float[2,3] a, float[2,3] b", "y = GreaterOrEqual(a, b)"},
    {"float[2,3] a, float[2,3] b", "y = LessOrEqual(a, b)"},
    {"float[2,3,4,5] x", "y = MeanVarianceNormalization(x)"},
    {"float[2,3] x, int64[1] a", "y = ReduceL1(x, a)"},
    {"float[2,3] x, int64[1] a", "y = ReduceL2(x, a)"},
    {"float[2,3] x, int64[1] a", "y = ReduceLogSum(x, a)"},
    {"float[2,3] x, int64[1] a", "y = ReduceLogSumExp(x, a)"},
    {"float[2,3] x, int64[1] a", "y = ReduceSumSquare(x, a)"},
    {"float[1,2,3,4] q, float[1,2,5,4] k, float[1,2,5,4] v", "y = Attention(q, k, v)"},
    {"float[2,3] x", "y = Bernoulli<seed = 1.0>(x)"},
    {"float[2,3] x, double[1] t", "y = CastLike(x, t)"},
    {"float[2,3] x, float l, float h", "y = Clip(x, l, h)"},
    {"float[2,3] x, float h", "y = Clip(x, , h)"},
    {"float[2,6] x, int64[2] s", "y = CenterCropPad(x, s)"},
    {"float[1,4,2,2] x", "y = DepthToSpace<blocksize = 2>(x)"},
    {"float[1,1,4,4] x", "y = SpaceToDepth<blocksize = 2>(x)"},
    {"float[2,3] x", "y = Gelu(x)"},
    {"float[1,4,5] x, float[4] s, float[4] b", "y = GroupNormalization<num_groups = 2>(x, s, b)"},
    {"float[2,3] x, float[3] s", "y = LayerNormalization(x, s)"},
    {"float[2,3] x, float[3] s", "y = RMSNormalization(x, s)"},
    {"float[2,3] x", "y = Softmax(x)"},
    {"float[2,3] x", "y = LogSoftmax(x)"},
    {"int64 a, int64 b, int64 c", "y = Range(a, b, c)"},
    {"float[1,2,3,4] x, float[1,3,2] c, float[1,3,2] s", "y = RotaryEmbedding(x, c, s)"},
    {"float[3,5] x, int64[3] t", "y = NegativeLogLikelihoodLoss(x, t)"},
    {"float[3,5] x, int64[3] t", "y = SoftmaxCrossEntropyLoss(x, t)"},
};

class ExpandTest : public LoaderTest {
protected:
  /// A graph of inputs and one node called `op`.
  static onnx::ModelProto single(const Case &one) {
    return parseGraph("g (" + std::string(one.inputs) + ") => (float[] y) { [op] " + one.node +
                      " }");
  }

  static bool hasBody(const Node &node) {
    const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(node.opType, 28, node.domain);
    return schema && (schema->HasFunction() || schema->HasContextDependentFunction());
  }

  void expectExpanded(const Model &model, const std::string &what) {
    std::set<std::string> names;
    forEachNode(model.graph, [&](const Node &node, const Graph &) {
      EXPECT_FALSE(hasBody(node)) << what << " left " << node.opType;
      EXPECT_NE(node.opType, "Constant");
      EXPECT_EQ(node.origin, "op") << what << " made " << node.name;
      EXPECT_TRUE(names.insert(node.name).second) << node.name;
      for (ValueId output : node.outputs)
        if (output != noValue && what.find("AffineGrid") == std::string::npos)
          EXPECT_NE(model.value(output).type.kind, ValueType::Kind::Unknown)
              << what << ": " << node.name;
    });
  }
};

TEST_F(ExpandTest, everyOpWithABody) {
  for (const Case &one : cases) {
    auto model = loadProto(single(one));
    ASSERT_TRUE(model) << one.node << ": " << diagnostics[0].message;
    expectExpanded(*model, one.node);
  }
}

TEST_F(ExpandTest, everyBodyIsTried) {
  std::set<std::string> tried = {"CausalConvWithState", "LinearAttention", "SequenceMap"};
  for (const Case &one : cases) {
    std::string node = one.node;
    size_t begin = node.find("= ") + 2;
    tried.insert(node.substr(begin, node.find_first_of("<(", begin) - begin));
  }
  for (const onnx::OpSchema &schema : onnx::OpSchemaRegistry::get_all_schemas())
    if (schema.domain().empty() && (schema.HasFunction() || schema.HasContextDependentFunction()))
      EXPECT_TRUE(tried.count(schema.Name())) << schema.Name();
}

TEST_F(ExpandTest, everyBodyInASubgraphWithOuterOperands) {
  for (const Case &one : cases) {
    std::string graph =
        "g (bool test, " + std::string(one.inputs) + ") => (float[] z) { [op] z = If(test) <" +
        "then_branch = left () => (float[] y) { [op2] " + one.node + " }," +
        "else_branch = right () => (float[] w) { w = Constant<value_floats = [1.0]>() }> }";
    auto model = loadProto(parseGraph(graph));
    // Both branches of If must agree in type: where they do not, the error says so.
    if (!model) {
      EXPECT_EQ(diagnostics[0].code, E1062) << one.node;
      continue;
    }
    forEachNode(model->graph, [&](const Node &node, const Graph &) {
      EXPECT_FALSE(hasBody(node)) << one.node << " left " << node.opType;
    });
  }
}

TEST_F(ExpandTest, operandsThatAreInitializers) {
  auto model =
      loadProto(parseGraph("g (float[2,3] x) => (float[2,3] y) <float[3] s = {1.0, 2.0, 3.0}> "
                           "{ [op] y = LayerNormalization(x, s) }"));
  ASSERT_TRUE(model);
  expectExpanded(*model, "LayerNormalization");
}

TEST_F(ExpandTest, nativeOpsStay) {
  std::vector<std::string> asked;
  options.isNative = [&](std::string_view domain, std::string_view op, const NodeView &node) {
    asked.emplace_back(op);
    EXPECT_EQ(domain, "");
    if (op == "Gelu") {
      EXPECT_EQ(node.stringAttr("approximate"), "none"); // the default
      EXPECT_EQ(node.inputType(0).elem, ElemType::F16);
      EXPECT_TRUE(node.hasInput(0));
      EXPECT_FALSE(node.hasInput(1));
    }
    return op == "Gelu";
  };
  auto model = loadProto(
      parseGraph("g (float16[2,3] x) => (float16[2,3] y) { t = Gelu(x) u = Relu(t) y = Neg(u) }"));
  ASSERT_TRUE(model);
  EXPECT_EQ(model->graph.nodes[0].opType, "Gelu");
  EXPECT_EQ(model->graph.nodes[0].stringAttr("approximate"), "none");
  EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()),
            (std::set<std::string>{"CastLike", "Gelu", "Relu"})); // Relu's body casts
}

TEST_F(ExpandTest, manyCallsStayFast) {
  std::string nodes, value = "x";
  for (int i = 0; i < 800; ++i) {
    std::string next = "v" + std::to_string(i);
    nodes += next + " = LayerNormalization(" + value + ", s) ";
    value = next;
  }
  auto start = std::chrono::steady_clock::now();
  auto model =
      loadProto(parseGraph("g (float[2,3] x) => (float[] y) <float[3] s = {1.0, 2.0, 3.0}> { " +
                           nodes + "y = Neg(" + value + ") }"));
  ASSERT_TRUE(model);
  EXPECT_GT(model->graph.nodes.size(), 800u * 10);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

} // namespace
