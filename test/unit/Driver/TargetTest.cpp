//===- TargetTest.cpp - a second target ---------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One compile for two targets: each gets its own kernels, memory, code and weights, and the
// artifact runs on the CPU as it does without the other.
//
//===----------------------------------------------------------------------===//
#include "lib/Artifact/Reader.h"
#include "lib/Driver/Compile.h"
#include "optc/runtime.h"
#include "test/unit/Driver/TextTarget.h"

#include "onnx/defs/parser.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace optc;
using namespace optc::driver;

namespace {

class TargetTest : public ::testing::Test {
protected:
  void SetUp() override {
    registerTextTarget();
    std::string pattern = (std::filesystem::temp_directory_path() / "optc-target-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    options.code.levels = {"x86-64-v3"};
    options.targets = {"cpu", "text"};
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string &nodes) const {
    onnx::ModelProto model;
    std::string text = "<ir_version: 10, opset_import: [\"\" : 21]> g (float[N, 2, 4, 4] x) => "
                       "(float[N, 2, 4, K] y) "
                       "<float[4, 3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}> { " +
                       nodes + " }";
    auto status = onnx::OnnxParser::Parse(model, text);
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
    std::string path = folder / "model.onnx";
    std::ofstream(path, std::ios::binary) << model.SerializeAsString();
    return path;
  }

  Error build(const std::string &nodes) {
    Progress progress(/*quiet=*/true);
    CompiledModel compiled;
    Error error = compileModel(write(nodes), options, progress, compiled);
    report = error ? "" : compiled.reportJson();
    return error || !options.emit.empty() ? error : compiled.write(artifact());
  }
  std::string artifact() const { return folder / "model.optc"; }

  std::filesystem::path folder;
  CompileOptions options;
  std::string report;
};

const char *product = "a = MatMul(x, w) y = Relu(a)";

std::string textOf(const artifact::Reader &reader, const std::string &name) {
  bool found;
  artifact::Span span = reader.entry(name, found);
  return found ? std::string(reinterpret_cast<const char *>(span.data), span.size) : "(none)";
}

TEST_F(TargetTest, EachHasCodeAndWeightsOfItsOwn) {
  Error error = build(product);
  ASSERT_FALSE(error) << error.message;
  std::unique_ptr<artifact::Reader> reader;
  ASSERT_FALSE(artifact::Reader::open(artifact(), {}, reader));
  const artifact::Manifest &manifest = reader->manifest();
  ASSERT_EQ(manifest.code.size(), 2u);
  EXPECT_EQ(manifest.code[0].kind, "text");
  EXPECT_EQ(manifest.code[0].path, "code/text/main.txt");
  EXPECT_EQ(textOf(*reader, "code/text/main.txt"), "kernel.matmul\n");
  EXPECT_EQ(manifest.code[1].kind, "elf");
  EXPECT_EQ(manifest.code[1].level, "x86-64-v3");
  EXPECT_EQ(manifest.weightsPath, "weights/main.bin");
  ASSERT_EQ(manifest.targetWeights.size(), 1u);
  EXPECT_EQ(manifest.targetWeights[0].target, "text");
  EXPECT_EQ(manifest.targetWeights[0].size, 66u);
  EXPECT_EQ(textOf(*reader, "weights/text.bin"), "0123456789" + std::string(54, '\0') + "01");
  for (const char *stage :
       {"\"select\"", "\"place\"", "\"generate x86-64-v3\"", "\"generate text\""})
    EXPECT_NE(report.find(stage), std::string::npos) << stage;
}

TEST_F(TargetTest, TheCpuDoesNotNoticeTheOther) {
  ASSERT_FALSE(build(product));
  std::unique_ptr<artifact::Reader> both, alone;
  ASSERT_FALSE(artifact::Reader::open(artifact(), {}, both));
  std::string code = "code/x86_64-unknown-linux-gnu/x86-64-v3.so", with = textOf(*both, code);
  optc_model *model = nullptr;
  optc_error *error = optc_model_open(artifact().c_str(), nullptr, &model);
  ASSERT_EQ(error, nullptr) << optc_error_message(error);
  optc_model_destroy(model);
  options.targets = {"cpu"};
  ASSERT_FALSE(build(product));
  ASSERT_FALSE(artifact::Reader::open(artifact(), {}, alone));
  EXPECT_EQ(textOf(*alone, code), with);
  EXPECT_EQ(alone->manifest().code.size(), 1u);
  EXPECT_TRUE(alone->manifest().targetWeights.empty());
}

TEST_F(TargetTest, WithoutCpuThereIsNothingToRun) {
  options.targets = {"text"};
  ASSERT_FALSE(build(product));
  optc_model *model = nullptr;
  optc_error *error = optc_model_open(artifact().c_str(), nullptr, &model);
  ASSERT_NE(error, nullptr);
  EXPECT_NE(std::string(optc_error_message(error)).find("the artifact has code for no processor"),
            std::string::npos);
  optc_error_destroy(error);
}

TEST_F(TargetTest, RefusalsNameTargetAndNode) {
  const char *nodes =
      "[pool] p = MaxPool<kernel_shape = [2, 2], pads = [0, 0, 1, 1]>(x) y = MatMul(p, w) ";
  CheckResult result;
  Error error = checkModel(write(nodes), options, result);
  ASSERT_FALSE(error) << error.message;
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].node, "pool");
  EXPECT_EQ(result.findings[0].op, "MaxPool");
  EXPECT_EQ(
      result.findings[0].reason,
      "the target 'text' has no code for it: text knows matrix products and elementwise ops only");
  EXPECT_EQ(build(nodes).code, E2001);
}

TEST_F(TargetTest, BadTargetsAreRefused) {
  options.targets = {"cpu", "gpu"};
  EXPECT_EQ(build(product).message, "unknown target 'gpu'; the targets are: text, cpu");
  options.targets = {"text", "text"};
  EXPECT_EQ(build(product).message, "--target gives 'text' twice");
  options.targets = {"text"};
  options.code.precision = Precision::BF16;
  EXPECT_EQ(build(product).message, "the target 'text' computes in f32 only");
  options.code.precision = Precision::F32;
  options.emit = "asm";
  EXPECT_EQ(build(product).message, "the target 'text' cannot print 'asm'");
}

TEST_F(TargetTest, EmitAsksTheFirstTarget) {
  options.targets = {"text"};
  options.emitPath = folder / "words";
  for (const char *what : {"words", "generate"}) {
    options.emit = what;
    ASSERT_FALSE(build(product));
    std::string text;
    std::ifstream(options.emitPath) >> text;
    EXPECT_EQ(text, "kernel.matmul");
  }
}

} // namespace
