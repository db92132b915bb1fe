//===- RulesTest.cpp - nodes that ONNX accepts and nobody can run -------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One model per rule of ModelRules.h, and the node that breaks it in the diagnostic.
//
//===----------------------------------------------------------------------===//
#include "LoaderFixture.h"

using namespace optc;
using namespace optc::onnximport;

namespace {

class RulesTest : public LoaderTest {
protected:
  /// Loads a graph whose node called `bad` breaks a rule.
  ErrorCode codeOfGraph(const std::string &graph) {
    ErrorCode code = codeOf(parseGraph(graph));
    if (code != NoError)
      EXPECT_EQ(diagnostics.back().node, "bad") << diagnostics.back().message;
    return code;
  }
  ErrorCode conv(const std::string &attributes, const std::string &x = "float[1,4,8,8]") {
    return codeOfGraph("g (" + x + " x, float[6,2,3,3] w) => (float[] y) { [bad] y = Conv<" +
                       attributes + ">(x, w) }");
  }
};

TEST_F(RulesTest, splitCount) {
  EXPECT_EQ(codeOfGraph("g (float[4] x) => (float[] y, float[] z) "
                        "{ [bad] y, z = Split<num_outputs = 1099511627776>(x) }"),
            E1051);
}

TEST_F(RulesTest, axes) {
  EXPECT_EQ(codeOfGraph("g (float[2,3] x) => (float[2,3] y) "
                        "{ [bad] y = Softmax<axis = -9223372036854775808>(x) }"),
            E1052);
  EXPECT_EQ(
      codeOfGraph("g (float[2,3] x) => (float[] y) { [bad] y = Transpose<perm = [70, 0]>(x) }"),
      E1052);
  EXPECT_EQ(codeOfGraph("g (float[2,3] x) => (float[] y) { [bad] y = Softmax<axis = 7>(x) }"),
            E1062);
}

TEST_F(RulesTest, windows) {
  EXPECT_EQ(conv("group = 2"), NoError);
  for (const char *wrong :
       {"group = 0", "group = -2", "group = 4", "group = 1", "group = 2, strides = [0, 1]",
        "group = 2, dilations = [0, 1]", "group = 2, pads = [-1, 0, 0, 0]",
        "group = 2, pads = [1099511627776, 0, 0, 0]", "group = 2, kernel_shape = [5, 5]",
        "group = 2, auto_pad = \"SIDEWAYS\""})
    EXPECT_EQ(conv(wrong), E1052) << wrong;
  EXPECT_EQ(conv("group = 2", "float[1,4,1,2]"), E1052);
  EXPECT_EQ(
      codeOfGraph(
          "g (float[1,1,8,8] x) => (float[] y) { [bad] y = MaxPool<kernel_shape = [0, 2]>(x) }"),
      E1052);
}

TEST_F(RulesTest, recurrentDirection) {
  EXPECT_EQ(codeOfGraph("g (float[5,1,3] x, float[1,16,3] w, float[1,16,4] r) => (float[] y) "
                        "{ [bad] y = LSTM<hidden_size = 4, direction = \"sideways\">(x, w, r) }"),
            E1052);
}

TEST_F(RulesTest, constantOperands) {
  EXPECT_EQ(codeOfGraph("g () => (int64[] y) <int64 a = {0}, int64 b = {9}, int64 c = {0}> "
                        "{ [bad] y = Range(a, b, c) }"),
            E1053);
  EXPECT_EQ(codeOfGraph("g (float[1,1,4,4] x) => (float[] y) <float[4] s = {1.0, 1.0, -2.0, 1.0}> "
                        "{ [bad] y = Resize(x, , s) }"),
            E1053);
  EXPECT_EQ(
      codeOfGraph("g (float[3,2] x) => (float[] y) <int64[1] i = {99}> { [bad] y = Gather(x, i) }"),
      E1053);
  EXPECT_EQ(
      codeOfGraph(
          "g (float[2,3] x) => (float[] y) <int64[2] s = {5, 5}> { [bad] y = Reshape(x, s) }"),
      E1053);
}

TEST_F(RulesTest, sizesBeyondAllMemory) {
  EXPECT_EQ(codeOfGraph("g () => (float[] y) <int64[1] s = {1125899906842624}> "
                        "{ [bad] y = ConstantOfShape(s) }"),
            E1054);
  EXPECT_EQ(
      codeOfGraph("g (float[1,1] x) => (float[] y) <int64[2] s = {1099511627776, 1099511627776}> "
                  "{ [bad] y = Expand(x, s) }"),
      E1054);
}

TEST_F(RulesTest, contradictionsAreListedAtOnce) {
  EXPECT_EQ(codeOf(parseGraph("g (float[2,3] x, float[4,5] z) => (float[] y, float[] v) "
                              "{ [one] y = Add(x, z) [two] v = MatMul(x, z) }")),
            E1062);
  ASSERT_EQ(diagnostics.size(), 2u);
  EXPECT_EQ(diagnostics[0].node + diagnostics[1].node, "onetwo");
}

TEST_F(RulesTest, operandsLeftOut) {
  EXPECT_EQ(codeOfGraph("g (float[2] x) => (float[] y) { [bad] y = Concat<axis = 0>(x, , x) }"),
            E1032);
  EXPECT_EQ(codeOf(parse("<ir_version: 10, opset_import: [\"\": 21, \"local\": 1]>\n"
                         "g (float[2] x) => (float[2] y) { y = local.twice(x) }\n"
                         "<domain: \"local\", opset_import: [\"\": 21]>\n"
                         "twice (a, b) => (c) { c = Add(a, b) }")),
            E1032);
}

TEST_F(RulesTest, nodesInSubgraphs) {
  auto branch = [&](const std::string &node, const std::string &constants) {
    return codeOfGraph("g (bool c, float[1,1,3] x) => (float[] y) <" + constants +
                       "> { y = If(c) <then_branch = a () => (float[] p) { [bad] " + node +
                       " }, else_branch = b () => (float[] q) { q = Identity(x) }> }");
  };
  EXPECT_EQ(branch("p = Range(i, j, i)", "float i = {0}, float j = {3}"), E1053);
  // What does not fit the input is an error only if the branch is taken.
  EXPECT_EQ(branch("p = Gather(x, i)", "int64[1] i = {99}"), 0);
  EXPECT_EQ(branch("p = Conv(x, w)", "float[1,1,5] w = {1, 1, 1, 1, 1}"), 0);
  EXPECT_EQ(codeOfGraph("g (int64 n, float[1,2] x) => (float[] y) <bool go = {1}, int64[1] i = "
                        "{99}> { y = Loop(n, go) <"
                        "body = b (int64 k, bool c) => (bool m, float[1,2] p) { m = Identity(c) "
                        "[bad] p = Gather(x, i) }> }"),
            E1053);
}

} // namespace
