//===- RepairTest.cpp - models that break the letter of the format ------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What has one meaning loads, with a note; what has none or several stays an error.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

using namespace optc;
using namespace optc::onnximport;

namespace {

class RepairTest : public LoaderTest {
protected:
  /// Loads the model, which takes one note.
  std::unique_ptr<Model> loadNoted(const onnx::ModelProto &proto, ErrorCode note = E1007) {
    options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
    std::unique_ptr<Model> model = loadProto(proto);
    EXPECT_TRUE(model) << (diagnostics.empty() ? "" : diagnostics.back().message);
    EXPECT_EQ(diagnostics.size(), 1u);
    for (const Diagnostic &diagnostic : diagnostics) {
      EXPECT_FALSE(diagnostic.isError);
      EXPECT_EQ(diagnostic.code, note) << diagnostic.message;
    }
    return model;
  }
};

const char *const chain = "g (float[2] x) => (float[2] y) { t = Exp(x) y = Relu(t) }";

TEST_F(RepairTest, graphWithoutName) {
  onnx::ModelProto proto = parseGraph(chain);
  proto.mutable_graph()->clear_name();
  auto model = loadNoted(proto);
  ASSERT_TRUE(model);
  EXPECT_FALSE(model->graph.name.empty());
}

TEST_F(RepairTest, nodesOutOfOrder) {
  auto model = loadNoted(parseGraph("g (float[2] x) => (float[2] y) { y = Relu(b) b = Neg(a) "
                                    "c = Abs(x) a = Exp(c) }"));
  ASSERT_TRUE(model);
  EXPECT_EQ(opsOf(*model), "Abs Exp Neg Relu");
}

TEST_F(RepairTest, nodesOutOfOrderBecauseOfABranch) {
  auto model = loadNoted(
      parseGraph("g (bool c, float[2] x) => (float[2] y) { y = If(c) <"
                 "then_branch = a () => (float[2] p) { p = Neg(q) q = Exp(late) },"
                 "else_branch = b () => (float[2] r) { r = Identity(x) }> late = Abs(x) }"));
  ASSERT_TRUE(model);
  EXPECT_EQ(opsOf(*model), "Abs If");
  EXPECT_EQ(model->graph.nodes[1].find("then_branch")->graph->nodes[0].opType, "Exp");
}

TEST_F(RepairTest, sortedNodesStayWhereTheyAre) {
  options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  auto model = loadProto(parseGraph("g (float[2] x) => (float[2] y) { b = Neg(x) a = Exp(x) "
                                    "y = Add(a, b) }"));
  ASSERT_TRUE(model);
  EXPECT_EQ(opsOf(*model), "Neg Exp Add");
  EXPECT_TRUE(diagnostics.empty());
}

TEST_F(RepairTest, cyclesHaveNoOrder) {
  EXPECT_EQ(codeOf(parseGraph("g (float[2] x) => (float[2] y) { t = Add(x, v) [loop] v = Neg(t) "
                              "y = Exp(v) }")),
            E1002);
  EXPECT_NE(diagnostics[0].message.find("cycle"), std::string::npos);
  EXPECT_EQ(codeOf(parseGraph("g (bool c, float[2] x) => (float[2] y) { y = If(c) <"
                              "then_branch = a () => (float[2] p) { p = Neg(y) },"
                              "else_branch = b () => (float[2] r) { r = Identity(x) }> }")),
            E1002);
}

TEST_F(RepairTest, domainSpelledOut) {
  onnx::ModelProto proto = parseGraph(chain);
  for (onnx::NodeProto &node : *proto.mutable_graph()->mutable_node())
    node.set_domain("ai.onnx");
  EXPECT_EQ(codeOf(proto), NoError);
  proto.mutable_opset_import(0)->set_domain("ai.onnx");
  EXPECT_EQ(codeOf(proto), NoError);
}

TEST_F(RepairTest, importsTwice) {
  onnx::ModelProto proto = parseGraph(chain);
  *proto.add_opset_import() = proto.opset_import(0);
  proto.mutable_opset_import(1)->set_domain("ai.onnx");
  loadNoted(proto);
  proto.mutable_opset_import(1)->set_version(13);
  EXPECT_EQ(codeOf(proto), E1004);
}

TEST_F(RepairTest, importsWithoutUse) {
  onnx::ModelProto proto = parseGraph(chain);
  proto.add_opset_import()->set_domain("ai.onnx.ml");
  proto.mutable_opset_import(1)->set_version(99);
  loadNoted(proto);
  proto.mutable_graph()->mutable_node(0)->set_domain("ai.onnx.ml");
  EXPECT_EQ(codeOf(proto), E1003);
}

TEST_F(RepairTest, metadataTwice) {
  onnx::ModelProto proto = parseGraph(chain);
  for (const char *value : {"one", "two"}) {
    onnx::StringStringEntryProto &entry = *proto.add_metadata_props();
    entry.set_key("key");
    entry.set_value(value);
  }
  auto model = loadNoted(proto);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->metadata["key"], "two");
}

TEST_F(RepairTest, constantsNobodyUses) {
  onnx::ModelProto proto = parseGraph(chain);
  onnx::TensorProto &text = *proto.mutable_graph()->add_initializer();
  text.set_name("unused");
  text.set_data_type(onnx::TensorProto::STRING);
  text.add_dims(1);
  text.add_string_data("words");
  options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  auto model = loadProto(proto);
  ASSERT_TRUE(model);
  EXPECT_TRUE(model->graph.initializers.empty());
  // What is used inside a branch alone is used.
  model = loadProto(parseGraph("g (bool c) => (float[1] y) <float[1] w = {1.0}> { y = If(c) <"
                               "then_branch = a () => (float[1] p) { p = Neg(w) },"
                               "else_branch = b () => (float[1] r) { r = Exp(w) }> }"));
  ASSERT_TRUE(model);
  EXPECT_EQ(model->graph.initializers.size(), 1u);
}

TEST_F(RepairTest, groupNormalizationOfOpset18) {
  const char *graph = "g (float[2,4,3] x, float[2] s, float[2] b) => (float[2,4,3] y) "
                      "{ [norm] y = GroupNormalization<num_groups = 2, epsilon = 0.5>(x, s, b) }";
  options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  for (int opset : {18, 20}) {
    auto model = loadProto(parseGraph(graph, opset));
    ASSERT_TRUE(model) << diagnostics[0].message;
    EXPECT_EQ(opsOf(*model), "Reshape InstanceNormalization Shape Reshape");
    EXPECT_EQ(model->graph.nodes[1].name, "norm");
    EXPECT_EQ(model->graph.nodes[1].floatAttr("epsilon"), 0.5f);
  }
  auto model =
      loadProto(parseGraph("g (float[2,4,3] x, float[4] s, float[4] b) => (float[2,4,3] y) "
                           "{ y = GroupNormalization<num_groups = 2>(x, s, b) }",
                           21));
  ASSERT_TRUE(model);
  EXPECT_EQ(opsOf(*model), "GroupNormalization");
}

} // namespace
