//===- LoaderFixture.h - models for the loader's tests ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models are written in ONNX's text syntax, changed as protobuf where a test wants what
// the syntax cannot say, saved to a folder of the test and loaded from there.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_IMPORT_LOADERFIXTURE_H
#define OPTC_TEST_UNIT_IMPORT_LOADERFIXTURE_H

#include "lib/Import/Onnx/Loader.h"

#include "onnx/defs/parser.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace optc::onnximport {

class LoaderTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "optc-loader-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// A whole model in text syntax.
  static onnx::ModelProto parse(const std::string &text) {
    onnx::ModelProto model;
    auto status = onnx::OnnxParser::Parse(model, text);
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage() << "\n" << text;
    return model;
  }
  /// A graph "name (inputs) => (outputs) { nodes }" as a model of one opset.
  static onnx::ModelProto parseGraph(const std::string &graph, int opset = 28) {
    return parse("<ir_version: 13, opset_import: [\"\" : " + std::to_string(opset) + "]>\n" +
                 graph);
  }

  std::string write(const std::string &bytes, const std::string &name = "model.onnx") const {
    std::string path = (folder / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::unique_ptr<Model> loadBytes(const std::string &bytes) {
    diagnostics.clear();
    return load(write(bytes), options, diagnostics);
  }
  std::unique_ptr<Model> loadProto(const onnx::ModelProto &model) {
    return loadBytes(model.SerializeAsString());
  }

  /// The code of the first error of loading, NoError if it succeeds.
  ErrorCode codeOfBytes(const std::string &bytes) {
    std::unique_ptr<Model> model = loadBytes(bytes);
    for (const Diagnostic &diagnostic : diagnostics)
      if (diagnostic.isError)
        return diagnostic.code;
    EXPECT_TRUE(model);
    return NoError;
  }
  ErrorCode codeOf(const onnx::ModelProto &model) { return codeOfBytes(model.SerializeAsString()); }

  /// "Conv Relu": the ops of the main graph.
  static std::string opsOf(const Model &model) {
    std::string ops;
    for (const Node &node : model.graph.nodes)
      ops += (ops.empty() ? "" : " ") + node.opType;
    return ops;
  }

  std::filesystem::path folder;
  LoadOptions options;
  std::vector<Diagnostic> diagnostics;
};

} // namespace optc::onnximport

#endif // OPTC_TEST_UNIT_IMPORT_LOADERFIXTURE_H
