//===- RuntimeTest.cpp - runs of a model ----------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface on the sample module: checks of inputs, plans, failures, several
// contexts, bound outputs.
//
//===----------------------------------------------------------------------===//
#include "RuntimeFixture.h"

#include <thread>

using namespace optc;
using namespace optc::test;

namespace {

TEST_F(Runtime, Describes) {
  EXPECT_EQ(optc_model_level(model), leastLevel().name);
  EXPECT_EQ(optc_model_entry_count(model), 3u);
  EXPECT_STREQ(optc_model_entry_name(model, 0), "axpy");
  EXPECT_EQ(optc_model_entry_name(model, 3), nullptr);
  EXPECT_EQ(optc_model_input_count(model, 0), 2u);
  EXPECT_EQ(optc_model_find_input(model, 0, "y"), 1);
  EXPECT_EQ(optc_model_find_input(model, 0, "q"), -1);
  const optc_tensor_info *y = optc_model_input(model, 0, 1);
  ASSERT_TRUE(y);
  EXPECT_EQ(y->dtype, OPTC_FLOAT);
  EXPECT_EQ(y->rank, 1);
  EXPECT_EQ(y->dims[0], -1);
  EXPECT_STREQ(y->symbols[0], "n");
  EXPECT_EQ(optc_model_output(model, 2, 0)->rank, -1);
  EXPECT_EQ(optc_model_output(model, 2, 1), nullptr);
}

TEST_F(Runtime, ShapesChangeFromRunToRun) {
  for (uint32_t threads : {1u, 3u}) {
    optc_context *ctx = context(0, threads);
    for (int round = 0; round < 3; ++round)
      for (size_t n : {1u, 0u, 1000u, 17u, 300000u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u})
        runAxpy(ctx, n);
    EXPECT_GT(optc_context_memory(ctx), 300000u * 4);
    optc_context_destroy(ctx);
  }
}

TEST_F(Runtime, RefusesWrongInputs) {
  optc_context *ctx = context(0);
  float data[8] = {};
  std::string message;
  EXPECT_EQ(codeOf(optc_context_run(ctx)), 7007);
  EXPECT_EQ(set(ctx, 2, OPTC_FLOAT, {1}, data), 7004);
  EXPECT_EQ(set(ctx, 0, OPTC_DOUBLE, {1}, data), 7005);
  EXPECT_EQ(set(ctx, 0, OPTC_FLOAT, {1, 1}, data, &message), 7006);
  EXPECT_EQ(message, "OPTC-E7006: input 'x' has rank 2, the model needs [n]");
  EXPECT_EQ(set(ctx, 0, OPTC_FLOAT, {-1}, data), 7006);
  EXPECT_EQ(set(ctx, 0, OPTC_FLOAT, {int64_t(1) << 60}, data), 7006);
  EXPECT_EQ(set(ctx, 0, OPTC_FLOAT, {1}, nullptr), 7004);
  EXPECT_EQ(set(ctx, 0, OPTC_FLOAT, {3}, data), 0);
  EXPECT_EQ(set(ctx, 1, OPTC_FLOAT, {4}, data), 0);
  EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7006);
  EXPECT_EQ(message, "OPTC-E7006: 'n' is 3 in input 'x' and 4 in input 'y'; it must be the same");
  optc_tensor tensor;
  EXPECT_EQ(codeOf(optc_context_output(ctx, 0, &tensor)), 7011);
  EXPECT_EQ(codeOf(optc_context_output(ctx, 1, &tensor)), 7004);
  optc_context_destroy(ctx);
  EXPECT_EQ(codeOf(optc_context_create(model, 3, nullptr, &ctx)), 7004);
  EXPECT_EQ(codeOf(optc_context_run(nullptr)), 7004);
}

TEST_F(Runtime, FailuresOfTheModel) {
  for (uint32_t threads : {1u, 4u}) {
    optc_context *ctx = context(1, threads);
    int64_t value = 0;
    ASSERT_EQ(set(ctx, 0, OPTC_INT64, {}, &value), 0);
    std::string message;
    optc_tensor tensor;
    for (int round = 0; round < 20; ++round) {
      value = 1;
      EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7009);
      EXPECT_EQ(message, "OPTC-E7009: node 'a': 1 is not -2");
      EXPECT_EQ(codeOf(optc_context_output(ctx, 0, &tensor)), 7011);
      value = 2;
      EXPECT_EQ(codeOf(optc_context_run(ctx)), 7008);
      value = 3;
      EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7009);
      EXPECT_EQ(message, "OPTC-E7009: loop node: item 777");
      value = 4;
      EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7009);
      EXPECT_EQ(message, "OPTC-E7009: gather: index 77 of 10");
      value = 5;
      EXPECT_EQ(codeOf(optc_context_run(ctx)), 7003);
      value = 6;
      EXPECT_EQ(codeOf(optc_context_run(ctx)), 7008);
      value = 7;
      EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7008);
      EXPECT_EQ(message,
                "OPTC-E7008: node 'b': no memory for 70368744177664 bytes of scratch space");
      value = 9;
      EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 7009);
      EXPECT_EQ(message, "OPTC-E7009: node 'c': its iterations give rows of different sizes");
      for (value = 8; value <= 10;
           value += 2) // rows in a list that grows, and in one that need not
        EXPECT_EQ(codeOf(optc_context_run(ctx), &message), 0) << message;
      value = 42;
      EXPECT_EQ(codeOf(optc_context_run(ctx)), 0);
      ASSERT_EQ(codeOf(optc_context_output(ctx, 0, &tensor)), 0);
      EXPECT_EQ(*static_cast<const int64_t *>(tensor.data), 42);
    }
    optc_context_destroy(ctx);
  }
}

// Every chunk of a loop takes blocks of 100,000 and of 50,000 bytes and gives them back: there are
// never more than two per thread, and they stay for the next runs.
TEST_F(Runtime, ScratchIsUsedAgain) {
  constexpr size_t perThread = 2 * (100000 + 64), other = 4096;
  for (uint32_t threads : {1u, 3u}) {
    optc_context *ctx = context(1, threads);
    int64_t value = 42;
    ASSERT_EQ(set(ctx, 0, OPTC_INT64, {}, &value), 0);
    for (int round = 0; round < 20; ++round) {
      ASSERT_EQ(codeOf(optc_context_run(ctx)), 0);
      EXPECT_GE(optc_context_memory(ctx), 150000u);
      EXPECT_LE(optc_context_memory(ctx), threads * perThread + other);
    }
    value = 3; // leaves a chunk between the two
    EXPECT_EQ(codeOf(optc_context_run(ctx)), 7009);
    EXPECT_LE(optc_context_memory(ctx), threads * perThread + other);
    optc_context_destroy(ctx);
  }
}

TEST_F(Runtime, BoundOutputs) {
  optc_context *ctx = context(2);
  int64_t size = 100;
  alignas(64) unsigned char buffer[200];
  ASSERT_EQ(set(ctx, 0, OPTC_INT64, {}, &size), 0);
  for (int offset : {0, 1}) { // in place, and copied
    ASSERT_EQ(codeOf(optc_context_bind_output(ctx, 0, buffer + offset, 150)), 0);
    std::fill(std::begin(buffer), std::end(buffer), 0xee);
    ASSERT_EQ(codeOf(optc_context_run(ctx)), 0);
    optc_tensor tensor;
    ASSERT_EQ(codeOf(optc_context_output(ctx, 0, &tensor)), 0);
    EXPECT_EQ(tensor.data, buffer + offset);
    EXPECT_EQ(tensor.dims[0], 100);
    EXPECT_EQ(buffer[offset + 99], 99);
    EXPECT_EQ(buffer[offset + 100], 0xee);
  }
  size = 151;
  EXPECT_EQ(codeOf(optc_context_run(ctx)), 7010);
  ASSERT_EQ(codeOf(optc_context_bind_output(ctx, 0, nullptr, 0)), 0);
  EXPECT_EQ(codeOf(optc_context_run(ctx)), 0);
  optc_context_destroy(ctx);
}

TEST_F(Runtime, ContextsOnThreadsOutliveTheModelHandle) {
  std::vector<optc_context *> contexts;
  for (int i = 0; i < 4; ++i)
    contexts.push_back(context(0, 2));
  optc_model_destroy(model);
  model = nullptr;
  std::vector<std::thread> threads;
  for (optc_context *ctx : contexts)
    threads.emplace_back([ctx] {
      for (size_t round = 0; round < 50; ++round)
        runAxpy(ctx, 100 + round * 10);
      optc_context_destroy(ctx);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(Runtime, OptionsOfOpen) {
  const std::string level(leastLevel().name);
  for (int flags = 0; flags < 4; ++flags) {
    optc_model_options options = {sizeof(options), flags & 1, flags & 2, level.c_str()};
    optc_model *other = nullptr;
    ASSERT_EQ(codeOf(optc_model_open(path.c_str(), &options, &other)), 0);
    std::swap(model, other);
    optc_context *ctx = context(0);
    runAxpy(ctx, 10);
    optc_context_destroy(ctx);
    std::swap(model, other);
    optc_model_destroy(other);
  }
  optc_model_options options = {sizeof(options), 0, 0, "x86-64-v3"};
  optc_model *other = nullptr;
  EXPECT_EQ(codeOf(optc_model_open(path.c_str(), &options, &other)), 7001);
  EXPECT_EQ(codeOf(optc_model_open(nullptr, nullptr, &other)), 7004);
  EXPECT_EQ(codeOf(optc_model_open("/nonexistent", nullptr, &other)), 101);
  EXPECT_EQ(other, nullptr);
}

TEST_F(Runtime, FromMemoryAtAnyAlignment) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes = "x" + std::string(std::istreambuf_iterator<char>(file), {});
  optc_model *fileModel = model;
  ASSERT_EQ(codeOf(optc_model_open_memory(bytes.data() + 1, bytes.size() - 1, nullptr, &model)), 0);
  optc_context *ctx = context(0);
  runAxpy(ctx, 10);
  optc_context_destroy(ctx);
  optc_model_destroy(model);
  model = fileModel;
}

int openWith(const artifact::Manifest &manifest, const std::string &level,
             const char *module = OPTC_SAMPLE_MODULE) {
  std::string path = testing::TempDir() + "/optc-bad-" + std::to_string(getpid()) + ".optc";
  artifact::Writer writer;
  test::addSampleModule(writer, level, module);
  EXPECT_FALSE(writer.write(path, manifest));
  optc_model *model = nullptr;
  int code = codeOf(optc_model_open(path.c_str(), nullptr, &model));
  EXPECT_EQ(model != nullptr, code == 0);
  optc_model_destroy(model);
  unlink(path.c_str());
  return code;
}

/// Of a later compiler: another form of the module's structs, or functions this runtime lacks.
/// y of axpy has a default: {3, 3}.
TEST(RuntimeDefaults, InputsThatMayBeLeftOut) {
  artifact::Manifest manifest = sampleModuleManifest();
  manifest.entries[0].inputs[1].defaultValue = artifact::Default{64, {2}};
  manifest.entries[0].constants = {"k"};
  auto pack = [&](const std::string &defaults) {
    artifact::Writer writer;
    addSampleModule(writer);
    writer.add(artifact::defaultsName, defaults);
    std::string path = testing::TempDir() + "/optc-defaults-" + std::to_string(getpid()) + ".optc";
    EXPECT_FALSE(writer.write(path, manifest));
    optc_model *model = nullptr;
    int code = codeOf(optc_model_open(path.c_str(), nullptr, &model));
    unlink(path.c_str());
    return std::make_pair(code, model);
  };
  std::string values(64, '\0');
  const float three[2] = {3, 3};
  auto [code, model] =
      pack(values + std::string(reinterpret_cast<const char *>(three), sizeof(three)));
  ASSERT_EQ(code, 0);
  EXPECT_EQ(optc_model_input_default(model, 0, 0), nullptr);
  const optc_tensor *value = optc_model_input_default(model, 0, 1);
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->dims[0], 2);
  EXPECT_EQ(static_cast<const float *>(value->data)[1], 3);
  EXPECT_STREQ(optc_model_constant(model, 0, 0), "k");
  EXPECT_EQ(optc_model_constant(model, 0, 1), nullptr);
  EXPECT_EQ(optc_model_input_default(model, 9, 0), nullptr);
  optc_context *context = nullptr;
  ASSERT_EQ(codeOf(optc_context_create(model, 0, nullptr, &context)), 0);
  EXPECT_EQ(codeOf(optc_context_run(context)), E7007) << "x has no default";
  float x[2] = {2, 4}, y[2] = {10, 20};
  ASSERT_EQ(set(context, 0, OPTC_FLOAT, {2}, x), 0);
  ASSERT_EQ(codeOf(optc_context_run(context)), 0);
  optc_tensor z;
  ASSERT_EQ(codeOf(optc_context_output(context, 0, &z)), 0);
  EXPECT_EQ(static_cast<const float *>(z.data)[1], 2 * 4 + 3 + 0.5f + 1);
  ASSERT_EQ(set(context, 1, OPTC_FLOAT, {2}, y), 0);
  ASSERT_EQ(codeOf(optc_context_run(context)), 0);
  ASSERT_EQ(codeOf(optc_context_output(context, 0, &z)), 0);
  EXPECT_EQ(static_cast<const float *>(z.data)[1], 2 * 4 + 20 + 0.5f + 1);
  optc_context_destroy(context);
  optc_model_destroy(model);
  EXPECT_EQ(pack(values).first, E6005) << "the default lies behind the end";
  manifest.entries[0].inputs[1].defaultValue = artifact::Default{0, {2, 2}};
  EXPECT_EQ(pack(values).first, E6005) << "the default has another rank";
}

TEST(RuntimeLoad, CodeOfANewerInterface) {
  artifact::Manifest manifest = test::sampleModuleManifest();
  const std::string base(test::leastLevel().name);
  EXPECT_EQ(openWith(manifest, base, OPTC_NEWER_MODULE), 7003);
  EXPECT_EQ(openWith(manifest, base, OPTC_WIDER_MODULE), 7003);
}

TEST(RuntimeLoad, CodeThatDoesNotFit) {
  artifact::Manifest manifest = test::sampleModuleManifest();
  const std::string base(test::leastLevel().name);
  EXPECT_EQ(openWith(manifest, base), 0);
  EXPECT_EQ(openWith(manifest, base + "-v9"), 7001);
  manifest.entries[0].name = "other";
  EXPECT_EQ(openWith(manifest, base), 7003);
  manifest = test::sampleModuleManifest();
  manifest.entries[0].inputs.pop_back();
  EXPECT_EQ(openWith(manifest, base), 7003);
  artifact::Writer writer;
  writer.add(test::codePath(base), "not an ELF file");
  std::string path = testing::TempDir() + "/optc-noelf-" + std::to_string(getpid()) + ".optc";
  ASSERT_FALSE(writer.write(path, manifest));
  optc_model *model = nullptr;
  EXPECT_EQ(codeOf(optc_model_open(path.c_str(), nullptr, &model)), 7002);
  unlink(path.c_str());
}

} // namespace
