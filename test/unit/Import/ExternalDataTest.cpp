//===- ExternalDataTest.cpp - weights in the file and beside it ---------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Large weights are views of the mapped file, external data is contained in the model's
// folder and inside its file.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

#include <cstring>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace optc;
using namespace optc::onnximport;

namespace {

constexpr int64_t count = 4096;

/// y = x + w with w of `count` floats 0, 1, 2, ...
onnx::ModelProto bigModel() {
  onnx::ModelProto model;
  onnx::OnnxParser::Parse(model, "<ir_version: 10, opset_import: [\"\" : 21]>"
                                 "g (float[4096] x) => (float[4096] y) { y = Add(x, w) }");
  onnx::TensorProto &w = *model.mutable_graph()->add_initializer();
  w.set_name("w");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(count);
  for (int64_t i = 0; i < count; ++i)
    w.add_float_data(static_cast<float>(i));
  return model;
}

std::string bytesOf(const onnx::TensorProto &tensor) {
  return std::string(reinterpret_cast<const char *>(tensor.float_data().data()),
                     static_cast<size_t>(tensor.float_data_size()) * sizeof(float));
}

class ExternalDataTest : public LoaderTest {
protected:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  /// Moves w of the big model to weights.bin and says so with these entries.
  onnx::ModelProto external(const Entries &entries) {
    onnx::ModelProto model = bigModel();
    onnx::TensorProto &w = *model.mutable_graph()->mutable_initializer(0);
    write(bytesOf(w), "weights.bin");
    w.clear_float_data();
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto &[key, value] : entries) {
      onnx::StringStringEntryProto &entry = *w.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    return model;
  }
  ErrorCode at(const std::string &location) { return codeOf(external({{"location", location}})); }
  ErrorCode range(const std::string &offset, const std::string &length) {
    return codeOf(external({{"location", "weights.bin"}, {"offset", offset}, {"length", length}}));
  }

  /// The file a piece of memory is a mapping of, "" for ordinary memory.
  static std::string mappedFile(const char *data) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      // "begin-end permissions offset device inode path"
      std::istringstream fields(line);
      uintptr_t begin = 0, end = 0;
      char dash = 0;
      std::string skipped, path;
      fields >> std::hex >> begin >> dash >> end >> skipped >> skipped >> skipped >> skipped;
      std::getline(fields >> std::ws, path);
      auto address = reinterpret_cast<uintptr_t>(data);
      if (address >= begin && address < end)
        return path;
    }
    return "";
  }

  void expectWeights(const Model &model, const std::string &file) {
    ASSERT_EQ(model.graph.initializers.size(), 1u);
    const Tensor &w = model.graph.initializers[0].tensor;
    ASSERT_EQ(w.bytes, size_t(count) * sizeof(float));
    float last = 0;
    std::memcpy(&last, w.data + w.bytes - sizeof(last), sizeof(last));
    EXPECT_EQ(last, static_cast<float>(count - 1));
    EXPECT_EQ(mappedFile(w.data), (folder / file).string());
  }
};

TEST_F(ExternalDataTest, weightsInTheModelAreViews) {
  onnx::ModelProto model = bigModel();
  auto loaded = loadProto(model);
  ASSERT_TRUE(loaded);
  expectWeights(*loaded, "model.onnx");
  onnx::TensorProto &w = *model.mutable_graph()->mutable_initializer(0);
  w.set_raw_data(bytesOf(w));
  w.clear_float_data();
  loaded = loadProto(model);
  ASSERT_TRUE(loaded);
  expectWeights(*loaded, "model.onnx");
}

TEST_F(ExternalDataTest, constantsInSubgraphsAreViews) {
  onnx::ModelProto model =
      parseGraph("g (bool c, float[4096] x) => (float[4096] y) { y = If(c) <"
                 "then_branch = a () => (float[4096] p) { p = Add(x, w) },"
                 "else_branch = b () => (float[4096] q) { q = Identity(x) }> }",
                 21);
  onnx::GraphProto *branch = nullptr;
  for (auto &attribute : *model.mutable_graph()->mutable_node(0)->mutable_attribute())
    if (attribute.name() == "then_branch")
      branch = attribute.mutable_g();
  onnx::NodeProto add = branch->node(0);
  onnx::NodeProto &constant = *branch->mutable_node(0);
  constant.Clear();
  constant.set_op_type("Constant");
  constant.add_output("w");
  onnx::AttributeProto &value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  onnx::TensorProto w = bigModel().graph().initializer(0);
  value.mutable_t()->set_raw_data(bytesOf(w));
  value.mutable_t()->set_data_type(w.data_type());
  *value.mutable_t()->mutable_dims() = w.dims();
  *branch->add_node() = add;
  auto loaded = loadProto(model);
  ASSERT_TRUE(loaded) << diagnostics[0].message;
  const Attribute *then = loaded->graph.nodes[0].find("then_branch");
  ASSERT_EQ(then->graph->initializers.size(), 1u);
  EXPECT_EQ(mappedFile(then->graph->initializers[0].tensor.data), (folder / "model.onnx").string());
}

TEST_F(ExternalDataTest, externalWeightsAreViews) {
  auto loaded =
      loadProto(external({{"location", "weights.bin"}, {"offset", "0"}, {"length", "16384"}}));
  ASSERT_TRUE(loaded) << diagnostics[0].message;
  expectWeights(*loaded, "weights.bin");
}

TEST_F(ExternalDataTest, locations) {
  EXPECT_EQ(at("weights.bin"), NoError);
  EXPECT_EQ(at("./weights.bin"), NoError);
  write("", "../optc-outside.bin");
  std::filesystem::create_directory(folder / "sub");
  ASSERT_EQ(::symlink("/etc/hostname", (folder / "link").c_str()), 0);
  ASSERT_EQ(::symlink("/etc", (folder / "folder").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  ASSERT_EQ(::link(write("hard", "hard.bin").c_str(), (folder / "hard2.bin").c_str()), 0);
  for (const char *location : {"nowhere.bin", "", "/etc/hostname", "../optc-outside.bin",
                               "a/../../optc-outside.bin", "sub/../../optc-outside.bin", "link",
                               "folder/hostname", "pipe", "sub", "/dev/zero", "hard2.bin"})
    EXPECT_EQ(at(location), E1021) << location;
  EXPECT_EQ(at(std::string("weights.bin\0x", 13)), E1021);
  std::filesystem::remove(folder / "../optc-outside.bin");
}

TEST_F(ExternalDataTest, ranges) {
  EXPECT_EQ(range("0", "16384"), NoError);
  EXPECT_EQ(range("4", "16384"), E1023);
  EXPECT_EQ(range("18446744073709551615", "16384"), E1023);
  EXPECT_EQ(range("0", "16380"), E1013);
  EXPECT_EQ(range("0", "1099511627776"), E1013);
  for (const char *text :
       {"-4", "0x10", "", " 0", "4 ", "9999999999999999999999999999999999999999", "1e3"})
    EXPECT_EQ(range(text, "16384"), E1022) << text;
  EXPECT_EQ(codeOf(external({{"location", "weights.bin"}, {"location", "other.bin"}})), E1022);
  EXPECT_EQ(codeOf(external({{"offset", "0"}})), E1021);
}

TEST_F(ExternalDataTest, forgedMarkersAreFiles) {
  EXPECT_EQ(codeOf(external({{"location", "#"}, {"optc.blob", "0"}})), E1021);
}

TEST_F(ExternalDataTest, linksOnlyIfAllowed) {
  onnx::ModelProto model = external({{"location", "cached.bin"}});
  std::filesystem::create_symlink(folder / "weights.bin", folder / "cached.bin");
  EXPECT_EQ(codeOf(model), E1021);
  options.allowSymlinks = true;
  EXPECT_EQ(codeOf(model), NoError);
  EXPECT_EQ(at("../weights.bin"), E1021);
  EXPECT_EQ(at("/etc/hostname"), E1021);
}

} // namespace
