//===- ScriptTest.cpp - commands that judge -------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Numbers that commands print, and commands that print none.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Script.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace optc;
using namespace optc::driver;

static std::string errorOf(const std::string &command, const std::string &artifact = "x") {
  double score = 0;
  return runScript(command, artifact, score).message;
}

TEST(Script, theLastLineIsTheScore) {
  double score = 0;
  EXPECT_FALSE(runScript("  printf  a\\n%s\\n\\n ", "1.5e-1", score));
  EXPECT_DOUBLE_EQ(score, 0.15);
  EXPECT_FALSE(runScript("seq", "30000", score)); // more than a pipe holds
  EXPECT_DOUBLE_EQ(score, 30000);
}

TEST(Script, whatIsNoScoreIsRefused) {
  EXPECT_EQ(errorOf(" "), "--script ' ': there is no command in it");
  EXPECT_EQ(errorOf("false"), "--script 'false': it ended with exit code 1");
  EXPECT_EQ(errorOf("true"),
            "--script 'true': it printed nothing, and its last line is to be a number");
  EXPECT_EQ(errorOf("echo 1"), "--script 'echo 1': its last line is to be a number, and not '1 x'");
  EXPECT_NE(errorOf("echo", "nan"), "");
  EXPECT_NE(errorOf("no-such-command").find("cannot run 'no-such-command': "), std::string::npos);
}

TEST(Script, noShellReadsTheWords) {
  EXPECT_EQ(errorOf("echo $HOME;1"),
            "--script 'echo $HOME;1': its last line is to be a number, and not '$HOME;1 x'");
}

TEST(Script, temporaryFilesAreRemoved) {
  std::string path = testing::TempDir() + "optc-script-test";
  {
    TemporaryFile file(path);
    std::ofstream(path) << "x";
  }
  EXPECT_FALSE(std::ifstream(path).good());
}
