//===- FormatTest.cpp - files that are no good models -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each class of malformed model gives its own id; no damage makes the loader crash.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

#include <random>

using namespace optc;
using namespace optc::onnximport;

namespace {

const char *const sample = R"(g (float[N,2] x) => (float[N,2] y) <float[2] w = {1.0, 2.0}> {
  [scale] t = Mul(x, w)
  [act] y = Relu(t)
})";

class FormatTest : public LoaderTest {};

TEST_F(FormatTest, goodModelLoads) {
  options.isNative = [](std::string_view, std::string_view, const NodeView &) { return true; };
  std::unique_ptr<Model> model = loadProto(parseGraph(sample));
  ASSERT_TRUE(model);
  EXPECT_EQ(model->graph.inputs.size(), 1u);
  EXPECT_EQ(model->graph.initializers.size(), 1u);
  EXPECT_EQ(model->value(model->graph.inputs[0]).type.dims[0].symbol, "N");
  EXPECT_EQ(model->graph.nodes[0].name, "scale");
}

TEST_F(FormatTest, filesThatAreNoModels) {
  EXPECT_EQ(codeOfBytes(""), E1001);
  EXPECT_EQ(codeOfBytes("this is not a model\n"), E1001);
  EXPECT_EQ(codeOfBytes(std::string(4096, '\0')), E1001);
  load((folder / "nowhere.onnx").string(), options, diagnostics);
  EXPECT_EQ(diagnostics.back().code, E101);
  load(folder.string(), options, diagnostics);
  EXPECT_EQ(diagnostics.back().code, E101);
}

TEST_F(FormatTest, everyTruncationIsRefused) {
  std::string bytes = parseGraph(sample).SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(codeOfBytes(bytes.substr(0, size)), NoError) << size;
}

TEST_F(FormatTest, randomDamageNeverCrashes) {
  std::string bytes = parseGraph(sample).SerializeAsString();
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 1 + round % 3; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    for (const Diagnostic &diagnostic : (loadBytes(damaged), diagnostics))
      EXPECT_EQ(diagnostic.message.find('\n'), std::string::npos);
  }
}

TEST_F(FormatTest, deepNestingIsRefused) {
  std::string content;
  for (int level = 0; level < 3000; ++level) {
    std::string outer = "\x32"; // GraphProto.node, NodeProto.attribute, AttributeProto.g in turn
    outer[0] = level % 3 == 0 ? '\x32' : level % 3 == 1 ? '\x2a' : '\x0a';
    for (size_t size = content.size();; size >>= 7) {
      outer += static_cast<char>((size & 127) | (size > 127 ? 128 : 0));
      if (size <= 127)
        break;
    }
    content = outer + content;
  }
  std::string size;
  for (size_t rest = content.size();; rest >>= 7) {
    size += static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0));
    if (rest <= 127)
      break;
  }
  EXPECT_EQ(codeOfBytes("\x3a" + size + content), E1001);
}

TEST_F(FormatTest, opsets) {
  onnx::ModelProto model = parseGraph(sample);
  model.mutable_opset_import(0)->set_version(99);
  EXPECT_EQ(codeOf(model), E1003);
  model.mutable_opset_import(0)->set_version(0);
  EXPECT_EQ(codeOf(model), E1003);
  model.mutable_opset_import(0)->set_version(21);
  *model.add_opset_import() = model.opset_import(0);
  model.mutable_opset_import(1)->set_domain("ai.onnx");
  EXPECT_EQ(codeOf(model), NoError);
  model.mutable_opset_import(1)->set_version(20);
  EXPECT_EQ(codeOf(model), E1004);
}

TEST_F(FormatTest, names) {
  for (const std::string &name :
       {std::string("a\0b", 3), std::string(1 << 20, 'n'), std::string("\xff")}) {
    onnx::ModelProto model = parseGraph(sample);
    model.mutable_graph()->mutable_node(0)->set_name(name);
    EXPECT_EQ(codeOf(model), E1006);
  }
}

TEST_F(FormatTest, graphs) {
  onnx::ModelProto model = parseGraph(sample);
  model.mutable_graph()->clear_output();
  EXPECT_EQ(codeOf(model), E1005);
  EXPECT_EQ(codeOf(parseGraph("g (float[2] x) => (float[2] y) { y = Relu(nowhere) }")), E1002);
  EXPECT_EQ(codeOf(parseGraph("g (float[2] x) => (float[2] y) { y = Add(x, y) }")), E1002);
  EXPECT_EQ(codeOf(parseGraph("g (float[2] x) => (float[2] y) { y = Frobnicate(x) }")), E2001);
  EXPECT_EQ(codeOf(parseGraph("g (float[2] x) => (float[2] y) { y = Relu<axis = 1>(x) }")), E1002);
  model = parseGraph(sample);
  model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  EXPECT_EQ(codeOf(model), E1015);
}

TEST_F(FormatTest, outputsNeedNoType) {
  onnx::ModelProto model = parseGraph(sample);
  model.mutable_graph()->mutable_output(0)->clear_type();
  std::unique_ptr<Model> loaded = loadProto(model);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->value(loaded->graph.outputs[0]).type.elem, ElemType::F32);
}

TEST_F(FormatTest, wrongClaimsDoNotCount) {
  std::unique_ptr<Model> model =
      loadProto(parseGraph("g (float[2,3] x) => (float[7] y) { y = Relu(x) }"));
  ASSERT_TRUE(model);
  const ValueInfo &output = model->value(model->graph.outputs[0]);
  EXPECT_EQ(output.type.dims.size(), 2u);
  EXPECT_EQ(output.claimed.dims.size(), 1u);
}

TEST_F(FormatTest, inputShapes) {
  onnx::ModelProto model = parseGraph(sample);
  auto &dims = *model.mutable_graph()
                    ->mutable_input(0)
                    ->mutable_type()
                    ->mutable_tensor_type()
                    ->mutable_shape();
  dims.mutable_dim(0)->set_dim_value(-1); // how some exporters write "unknown"
  EXPECT_EQ(codeOf(model), NoError);
  dims.mutable_dim(0)->set_dim_value(-5);
  EXPECT_EQ(codeOf(model), E1011);
  dims.mutable_dim(0)->set_dim_value(int64_t(1) << 62);
  EXPECT_EQ(codeOf(model), E1011);
  for (int i = 0; i < 1000; ++i)
    dims.add_dim()->set_dim_value(1);
  EXPECT_EQ(codeOf(model), E1011);
}

TEST_F(FormatTest, weights) {
  auto change = [](auto edit) {
    onnx::ModelProto model = parseGraph(sample);
    edit(*model.mutable_graph()->mutable_initializer(0));
    return model;
  };
  using onnx::TensorProto;
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.set_dims(0, -2); })), E1011);
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.add_dims(INT64_MAX); })), E1011);
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.set_data_type(777); })), E1012);
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.mutable_segment(); })), E1012);
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.add_float_data(3); })), E1013);
  EXPECT_EQ(codeOf(change([](TensorProto &t) { t.clear_float_data(), t.set_raw_data("1234567"); })),
            E1013);
  EXPECT_EQ(
      codeOf(change([](TensorProto &t) { t.clear_float_data(), t.set_raw_data("123456789"); })),
      E1013);
}

TEST_F(FormatTest, messagesAreOneCleanLine) {
  onnx::ModelProto model = parseGraph(sample);
  model.mutable_graph()->mutable_node(0)->set_input(1, "no\nsuch\x1b[31mvalue");
  EXPECT_EQ(codeOf(model), E1002);
  for (char c : diagnostics[0].message)
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

} // namespace
