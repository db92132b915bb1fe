//===- CompileReportTest.cpp - decisions and their report ------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Remarks become grouped decisions in an order that threads do not change; the JSON is bounded.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/CompileReport.h"
#include "lib/IR/NodeNames.h"
#include "lib/IR/Remarks.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

using namespace mlir;
using namespace optc;
using namespace optc::driver;

namespace {

/// An op that stands for an ONNX node.
OwningOpRef<ModuleOp> node(MLIRContext &context, StringRef name) {
  return ModuleOp::create(NameLoc::get(StringAttr::get(&context, name)));
}

TEST(Decisions, AreGroupedByStageAndReason) {
  MLIRContext context;
  DecisionCollector collector(context);
  auto a2 = node(context, "a2"), a10 = node(context, "a10"), b = node(context, "b");
  collector.beginStage("first");
  remarkMade("join", "chain", *a10, *b);
  remarkMade("join", "chain", *a2, *b);
  remarkRefused("join", "chain", *b, "no");
  collector.beginStage("second");
  remarkRefused("join", "chain", *b, "no");
  remarkRefused("join", "chain", *b, "never");
  std::vector<Decision> decisions = collector.take();
  ASSERT_EQ(decisions.size(), 4u);
  EXPECT_TRUE(decisions[0].isMade);
  EXPECT_EQ(decisions[0].stage, "first");
  EXPECT_EQ(decisions[0].op, "builtin.module");
  EXPECT_EQ(decisions[0].with, "builtin.module");
  EXPECT_EQ(decisions[0].nodes, (std::vector<std::string>{"a2 + b", "a10 + b"}));
  EXPECT_FALSE(decisions[1].isMade);
  EXPECT_EQ(decisions[1].reason, "no");
  EXPECT_EQ(decisions[2].stage, "second");
  EXPECT_EQ(decisions[2].reason, "never");
  EXPECT_TRUE(collector.take().empty());
}

TEST(Decisions, DoNotDependOnThreads) {
  MLIRContext context;
  DecisionCollector collector(context);
  std::vector<OwningOpRef<ModuleOp>> nodes;
  for (int i = 0; i < 100; ++i)
    nodes.push_back(node(context, "n" + std::to_string(i)));
  auto tell = [&](int start) {
    for (int i = start; i < 100; i += 4)
      remarkMade("pass", i % 3 ? "this" : "that", **std::next(nodes.begin(), i));
  };
  std::vector<std::thread> threads;
  for (int start = 3; start >= 0; --start)
    threads.emplace_back(tell, start);
  for (std::thread &thread : threads)
    thread.join();
  std::vector<Decision> decisions = collector.take();
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[0].nodes.size(), 34u);
  for (const Decision &decision : decisions)
    for (size_t i = 1; i < decision.nodes.size(); ++i)
      EXPECT_LT(StringRef(decision.nodes[i - 1]).compare_numeric(decision.nodes[i]), 0);
}

TEST(Decisions, NamesAreThoseOfAllParts) {
  MLIRContext context;
  auto name = [&](StringRef text) -> Location {
    return NameLoc::get(StringAttr::get(&context, text));
  };
  Location inner = FusedLoc::get(&context, {name("a"), name("b")});
  Location unnamed = name("");
  EXPECT_EQ(nodeNames(FusedLoc::get(&context, {unnamed, inner, name("c"), name("a")})).takeVector(),
            (SmallVector<StringRef>{"a", "b", "c"}));
  EXPECT_EQ(nodeName(FusedLoc::get(&context, {unnamed, inner})), "a");
  EXPECT_TRUE(nodeNames(UnknownLoc::get(&context)).empty());
}

TEST(CompileReport, IsBounded) {
  MLIRContext context;
  CompileReport report;
  PassManager passes(&context);
  passes.addPass(createCanonicalizerPass());
  passes.nest<func::FuncOp>().addPass(createCSEPass());
  report.addStage("fuse", passes);
  report.addCode("v3", "triple", 70);
  Decision emitted{"generate v3", "emit", true, "conv",
                   "kernel.conv", "",     "",   std::vector<std::string>(1000, "n")};
  report.decisions = {emitted};
  auto json = nlohmann::json::parse(report.toJson(8));
  EXPECT_EQ(json["stages"][0]["passes"], nlohmann::json({"canonicalize", "cse"}));
  EXPECT_EQ(json["code"][0]["kernels"]["conv"], 1000);
  EXPECT_EQ(json["decisions"][0]["count"], 1000);
  EXPECT_EQ(json["decisions"][0]["nodes"].size(), 8u);
  EXPECT_EQ(nlohmann::json::parse(report.toJson(5000))["decisions"][0]["nodes"].size(), 1000u);
}

/// `optc compare` compiles a model again by what the report says.
TEST(CodeOptions, ComeBackFromTheReport) {
  CodeOptions options;
  options.optimize = 1;
  options.precision = Precision::BF16;
  options.exact = true;
  options.forSize = true;
  EXPECT_FALSE(options.toJson().contains("triple")) << "none was asked for";
  options.triple = "aarch64-unknown-linux-gnu";
  options.levels = {"aarch64", "aarch64-bf16"};
  options.bounds = {{"n", 8}};
  json::Value read;
  std::string why;
  ASSERT_TRUE(json::parse(options.toJson().dump(), read, why)) << why;
  CodeOptions again = CodeOptions::fromJson(read);
  EXPECT_EQ(again.triple, "aarch64-unknown-linux-gnu");
  EXPECT_EQ(again.toJson(), options.toJson());
}

} // namespace
