//===- VerbsTest.cpp - the verbs without a compiler -----------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole command lines on the sample module: exit codes, messages, output.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Verbs.h"
#include "SampleArtifact.h"
#include "lib/Driver/BenchProfile.h"
#include "lib/Driver/ConfigFile.h"
#include "lib/Driver/ReportText.h"
#include "lib/Driver/Session.h"
#include "lib/Driver/TensorFile.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace optc;
using namespace optc::driver;

namespace {

constexpr const char *report =
    R"({"report_version": 1, "compiler": {"optc": "0.1.0", "llvm": "22.1.8"},
 "options": {"optimize": 2, "levels": ["x86-64-v3"]},
 "stages": [{"name": "fuse", "passes": ["fold", "cse"]}],
 "weights": {"model_bytes": 900, "packed_bytes": 2500, "plain_bytes": 3200000},
 "arena": [{"entry": "main", "buffers": 3, "bytes": 4096, "lower_bound_bytes": 4000},
           {"entry": "next", "buffers": 2}],
 "code": [{"level": "x86-64-v3", "triple": "t", "bytes": 70, "kernels": {"pool": 1, "conv": 12}}],
 "decisions": [{"stage": "fuse", "pass": "join", "result": "refused", "what": "chain", "op": "a", "with": "b",
                "reason": "no", "count": 3, "nodes": ["n1 + n2", "n3"]},
               {"stage": "generate x86-64-v3", "pass": "emit", "result": "made", "what": "conv", "op": "c",
                "count": 1, "nodes": ["n4"]}]})";

struct Result {
  int code;
  std::string out, err;
};

class Verbs : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "/optc-verbs-" + std::to_string(getpid());
    ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
    artifact::Writer writer;
    test::addSampleModule(writer);
    writer.add("report.json", report);
    ASSERT_FALSE(writer.write(folder + "/m.optc", test::sampleModuleManifest()));
    const float x[] = {1, 2, 3};
    ASSERT_FALSE(writeNpy(folder + "/x.npy", 1, {3}, x));
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// What run and bench compile with.
  ModelCompiler compiler;

  /// Runs `optc ARGS`, where % stands for the folder.
  Result optc(std::string args) {
    for (size_t at; (at = args.find('%')) != args.npos;)
      args.replace(at, 1, folder);
    CLI::App app("test", "optc");
    app.set_config("--config");
    app.config_formatter(std::make_shared<ConfigFile>());
    app.allow_config_extras(CLI::config_extras_mode::error);
    Action action;
    addRun(app, action, compiler);
    addBench(app, action, compiler);
    addInspect(app, action);
    addExplain(app, action);
    bindEnvironment(app);
    std::vector<std::string> words{"optc"};
    std::istringstream stream(args);
    for (std::string word; stream >> word;)
      words.push_back(word);
    std::vector<char *> argv;
    for (std::string &word : words)
      argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Result result{runCommandLine(app, action, argv.size(), argv.data()), "", ""};
    std::fflush(stdout);
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    return result;
  }
  std::string folder;
};

TEST_F(Verbs, RunWritesOutputs) {
  Result result = optc("run %/m.optc --input x=%/x.npy --input y=%/x.npy --output-dir %/out");
  ASSERT_EQ(result.code, 0) << result.err;
  std::vector<NamedTensor> z;
  ASSERT_FALSE(readTensorFile(folder + "/out/z.npy", z));
  ASSERT_EQ(z[0].tensor.bytes, 3 * sizeof(float));
  std::vector<float> values(3);
  std::memcpy(values.data(), z[0].tensor.data(), z[0].tensor.bytes);
  EXPECT_EQ(values, std::vector<float>({4.5f, 7.5f, 10.5f}));
  result = optc("run %/m.optc --input x=%/x.npy --input y=%/x.npy --threads 1");
  EXPECT_EQ(result.out, "z: float[3] 4.5 7.5 10.5\n");
}

TEST_F(Verbs, RunRefuses) {
  auto expect = [&](const std::string &args, int code, const std::string &part) {
    Result result = optc("run " + args);
    EXPECT_EQ(result.code, code) << args;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  };
  expect("", 2, "OPTC-E0102");
  expect("%/none.optc", 2, "OPTC-E0101");
  expect("%/m.optc --frob", 2, "OPTC-E0102");
  expect("%/m.optc --threads many", 2, "OPTC-E0102");
  expect("%/m.optc --input x=%/x.npy", 2, "input 'y' got no value");
  expect("%/m.optc --input q=%/x.npy", 2, "it has 'x', 'y'");
  expect("%/m.optc --input %/x.npy", 2, "NAME=FILE");
  expect("%/m.optc --entry nope", 2, "OPTC-E0103");
  expect("%/m.optc --entry check --input v=%/x.npy", 2,
         "element type float, the model needs int64");
  expect("%/m.optc --inputs %", 2, "OPTC-E0101");
  expect("%/x.npy --inputs %", 6, "OPTC-E6001");
  expect("%/m.optc --input x=%/x.npy --input y=%/x.npy --output-dir %/x.npy", 2, "OPTC-E0101");
}

TEST_F(Verbs, OptionsFromEnvironmentAndConfig) {
  std::ofstream(folder + "/c.toml") << "[run]\nentry = \"nope\"\n";
  EXPECT_NE(optc("--config %/c.toml run %/m.optc").err.find("'nope'"), std::string::npos);
  std::ofstream(folder + "/c.json") << "{\"run\": {\"entry\": \"json\", \"input\": [\"x=%\"]}}";
  EXPECT_NE(optc("--config %/c.json run %/m.optc").err.find("'json'"), std::string::npos);
  for (const char *bad : {"[run]\nentree = 1\n", "{\"run\": {\"entree\": 1}}",
                          "{\"run\": ", "{\"run\": {\"entry\": null}}"}) {
    std::ofstream(folder + "/bad") << bad;
    Result result = optc("--config %/bad run %/m.optc");
    EXPECT_EQ(result.code, 2) << bad;
    EXPECT_NE(result.err.find("OPTC-E0102"), std::string::npos) << result.err;
  }
  setenv("OPTC_ENTRY", "other", 1);
  EXPECT_NE(optc("run %/m.optc").err.find("'other'"), std::string::npos);
  unsetenv("OPTC_ENTRY");
}

TEST_F(Verbs, CompilesOnnxWhenThereIsACompiler) {
  compiler = [&](const std::string &model, const SessionOptions &, int &descriptor) -> Error {
    EXPECT_EQ(model, folder + "/m.onnx");
    artifact::Writer writer;
    test::addSampleModule(writer);
    descriptor = memfd_create("artifact", MFD_CLOEXEC);
    return writer.writeFd(descriptor, test::sampleModuleManifest());
  };
  Result result = optc("run %/m.onnx --input x=%/x.npy --input y=%/x.npy");
  EXPECT_EQ(result.out, "z: float[3] 4.5 7.5 10.5\n") << result.err;
  compiler = [](const std::string &, const SessionOptions &, int &) {
    return Error(E106, "no\nsuch\top");
  };
  result = optc("run %/m.onnx");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.err, "error: OPTC-E0106: no such op\n");
}

TEST_F(Verbs, Bench) {
  Result result = optc("bench %/m.optc --shape n=1000 --duration 0.02 --json --threads 1");
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char *part :
       {"\"latency_ms\": {\"min\": ", "\"median\": ", "\"p90\": ", "\"p99\": ", "\"load_ms\": ",
        "\"first_ms\": ", "\"peak_rss_mb\": ", "\"x\": \"float[1000]\""})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  for (const char *part :
       {"\"gflops\": ", "\"share_of_peak\": ", "\"gbytes_per_s\": ", "\"share_of_bandwidth\": ",
        "\"multiply_adds\": 1000, ", "\"operations\": 2000, \"bytes\": 12000, ",
        "\"uncounted_kernels\": 0, ", "\"machine\": {\"threads\": 1, "})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("profile"), std::string::npos) << result.out;
  result = optc("bench %/m.optc --shape x=7 --duration 0");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("work      1.4e-08 GFLOP, 8.4e-05 MB: "), std::string::npos)
      << result.out;
  EXPECT_EQ(optc("bench %/m.optc --shape x=7 --shape y=8 --duration 0").code, 2);
  EXPECT_EQ(optc("bench %/m.optc --shape x=1xx2").code, 2);
  EXPECT_EQ(optc("bench %/m.optc --shape q=1").code, 2);
  EXPECT_EQ(optc("bench %/m.optc --input x=%/x.npy --duration 0").code, 0);
}

TEST(Report, Text) {
  json::Value value;
  std::string why;
  ASSERT_TRUE(json::parse(report, value, why)) << why;
  EXPECT_EQ(reportText(value, /*withNodes=*/false), R"(compiler    optc 0.1.0, LLVM 22.1.8, -O2
weights     900 B in the model; 2.5 KB packed and 3.2 MB plain in the artifact
memory      'main': 3 buffers in one arena of 4.1 KB, at least 4.0 KB alive at once
memory      'next': 2 buffers in one arena, its size follows from the inputs' shapes
target      x86-64-v3 (t): 70 B for 13: 12 conv, 1 pool
passes      fuse: fold cse
fuse, join
  refused 3 x chain of a and b: no
)");
  EXPECT_NE(reportText(value, /*withNodes=*/true).find(R"(  refused 3 x chain of a and b: no
      n1 + n2
      n3
      and 1 more
generate x86-64-v3, emit
  made 1 x conv of c
      n4
)"),
            std::string::npos);
}

/// The report of an artifact may hold anything.
TEST(Report, TextOfOtherContents) {
  for (const char *other :
       {"[]", "7", "null", "{}", "{\"code\": 3, \"decisions\": {\"a\": []}}",
        "{\"decisions\": [1, [], {\"nodes\": [null, 2]}], \"arena\": [{\"bytes\": \"x\"}]}",
        "{\"model\": {\"onnx_nodes\": [1, 2], \"lifted_opsets\": 1}, \"weights\": {}}"}) {
    json::Value value;
    std::string why;
    ASSERT_TRUE(json::parse(other, value, why)) << why;
    reportText(value, /*withNodes=*/true);
  }
}

TEST_F(Verbs, BenchOfWorkThatDataDecides) {
  ASSERT_FALSE(writeNpy(folder + "/v.npy", 7, {}, std::vector<int64_t>{42}.data()));
  Result result = optc("bench %/m.optc --entry check --input v=%/v.npy --duration 0");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("not counted: 1 of 1 kernels"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("GFLOP,"), std::string::npos) << result.out;
  result = optc("bench %/m.optc --entry check --input v=%/v.npy --duration 0 --json");
  EXPECT_NE(result.out.find("\"gflops\": null, \"share_of_peak\": null"), std::string::npos)
      << result.out;
}

TEST_F(Verbs, BenchProfile) {
  Result result = optc("bench %/m.optc --shape n=1000 --duration 0 --profile");
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char *part : {"outside kernels", "elementwise: /x/Mul Add", "\n", "limit%"})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  result = optc("bench %/m.optc --shape n=1000 --duration 0 --profile --json");
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char *part :
       {"\"profile\": {\"kernels\": [{\"nodes\": [\"/x/Mul\", \"/x/Add\"], ",
        "\"family\": \"elementwise\", \"calls\": 1, \"ms\": ", "\"multiply_adds\": 1000, ",
        "\"bound\": \"", "\"outside_ms\": ", "\"spread_ms\": "})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  result = optc("bench %/m.optc --entry grow --profile");
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("OPTC-E0109"), std::string::npos) << result.err;
}

TEST_F(Verbs, BenchMachine) {
  Result result = optc("bench --machine --threads 1");
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find(" GFLOP/s f32 ("), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" GB/s read from memory, 1 thread\n"), std::string::npos) << result.out;
  result = optc("bench --machine --threads 1 --json");
  EXPECT_EQ(result.out.find("{\"threads\": 1, \"gflops\": "), 0u) << result.out;
  EXPECT_EQ(optc("bench").code, 2);
}

TEST(ShortNodes, NamesWhatIsFused) {
  EXPECT_EQ(shortNodes("", 20), "-");
  EXPECT_EQ(shortNodes("Conv_1", 20), "Conv_1");
  EXPECT_EQ(shortNodes("/a/b/MatMul\n/a/b/Add\n/a/c/Mul", 40), "/a/b/MatMul Add c/Mul");
  EXPECT_EQ(shortNodes("/a/b/MatMul\n/a/b/Add\n/a/c/Mul", 20), "/a/b/MatMul Add +1");
  EXPECT_EQ(shortNodes("/a/b/MatMul\n/a/b/Add\n/a/c/Mul", 12), "/a/b/MatMul +2");
  EXPECT_EQ(shortNodes("/a/very/long/path/MatMul", 12), "...th/MatMul");
}

TEST_F(Verbs, InspectAndExplain) {
  Result result = optc("inspect %/m.optc --verify");
  EXPECT_EQ(result.code, 0);
  for (const char *part : {"input   x: float[n]", "output  w: uint8[...]", "weights/main.bin",
                           "passes      fuse: fold cse", "all digests are right"})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  result = optc("inspect %/m.optc --json");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("\"report_version\": 1"), std::string::npos);
  EXPECT_EQ(optc("inspect %/x.npy").code, 6);
  EXPECT_NE(optc("explain OPTC-E7005").out.find("exit code 2"), std::string::npos);
  EXPECT_NE(optc("explain").out.find("OPTC-E6001"), std::string::npos);
  EXPECT_EQ(optc("explain OPTC-E4242").code, 2);
}

} // namespace
