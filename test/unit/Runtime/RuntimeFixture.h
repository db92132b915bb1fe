//===- RuntimeFixture.h - the sample module, opened -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tests of the C interface share.
//
//===----------------------------------------------------------------------===//
#ifndef OPTC_TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H
#define OPTC_TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H

#include "SampleArtifact.h"
#include "optc/runtime.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace optc::test {

/// Destroys the error and returns its code; 0 on success.
inline int codeOf(optc_error *error, std::string *message = nullptr) {
  int code = optc_error_code(error);
  if (message)
    *message = optc_error_message(error);
  optc_error_destroy(error);
  return code;
}

class Runtime : public testing::Test {
protected:
  void SetUp() override {
    path = testing::TempDir() + "/optc-runtime-" + std::to_string(getpid()) + ".optc";
    artifact::Writer writer;
    addSampleModule(writer);
    ASSERT_FALSE(writer.write(path, sampleModuleManifest()));
    ASSERT_EQ(codeOf(optc_model_open(path.c_str(), nullptr, &model)), 0);
  }
  void TearDown() override {
    optc_model_destroy(model);
    unlink(path.c_str());
  }
  optc_context *context(size_t entry, uint32_t threads = 1) {
    optc_context_options options = {};
    options.struct_size = sizeof(options);
    options.threads = threads;
    optc_context *made = nullptr;
    EXPECT_EQ(codeOf(optc_context_create(model, entry, &options, &made)), 0);
    return made;
  }
  std::string path;
  optc_model *model = nullptr;
};

inline int set(optc_context *context, size_t index, int32_t dtype, std::vector<int64_t> dims,
               const void *data, std::string *message = nullptr) {
  optc_tensor tensor = {dtype, int32_t(dims.size()), dims.data(), data};
  return codeOf(optc_context_set_input(context, index, &tensor), message);
}

inline void runAxpy(optc_context *context, size_t n) {
  std::vector<float> x(n + 1), y(n + 1);
  for (size_t i = 0; i <= n; ++i) {
    x[i] = float(i % 1000);
    y[i] = 3;
  }
  // One float off: not aligned.
  ASSERT_EQ(set(context, 0, OPTC_FLOAT, {int64_t(n)}, x.data() + 1), 0);
  ASSERT_EQ(set(context, 1, OPTC_FLOAT, {int64_t(n)}, y.data() + 1), 0);
  ASSERT_EQ(codeOf(optc_context_run(context)), 0);
  optc_tensor z;
  ASSERT_EQ(codeOf(optc_context_output(context, 0, &z)), 0);
  ASSERT_EQ(z.rank, 1);
  ASSERT_EQ(z.dims[0], int64_t(n));
  ASSERT_EQ(reinterpret_cast<uintptr_t>(z.data) % 64, 0u);
  for (size_t i = 0; i < n; ++i)
    ASSERT_EQ(static_cast<const float *>(z.data)[i], 2 * x[i + 1] + 4.5f) << i;
}

} // namespace optc::test

#endif // OPTC_TEST_UNIT_RUNTIME_RUNTIMEFIXTURE_H
