//===- Target.cpp - what code is generated for -----------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of targets.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Target.h"

using namespace optc;

static std::vector<TargetInfo> &allTargets() {
  static std::vector<TargetInfo> targets;
  return targets;
}

llvm::ArrayRef<TargetInfo> optc::getTargets() { return allTargets(); }

void optc::registerTarget(const TargetInfo &info) {
  if (!findTarget(info.name))
    allTargets().push_back(info);
}

const TargetInfo *optc::findTarget(llvm::StringRef name) {
  for (const TargetInfo &info : allTargets())
    if (name == info.name)
      return &info;
  return nullptr;
}

Error optc::unknownTarget(llvm::StringRef name) {
  std::string known;
  for (const TargetInfo &info : allTargets())
    known += (known.empty() ? "" : ", ") + std::string(info.name);
  return {E102, "unknown target '" + name.str() + "'; the targets are: " + known};
}
