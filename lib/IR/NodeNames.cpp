//===- NodeNames.cpp - the ONNX nodes an op comes from -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See NodeNames.h.
//
//===----------------------------------------------------------------------===//
#include "lib/IR/NodeNames.h"

using namespace mlir;

static void collect(Location loc, llvm::SetVector<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc); name && !name.getName().empty())
    names.insert(name.getName().getValue());
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collect(part, names);
}

llvm::SetVector<StringRef> optc::nodeNames(Location loc) {
  llvm::SetVector<StringRef> names;
  collect(loc, names);
  return names;
}

std::string optc::nodeName(Location loc) {
  llvm::SetVector<StringRef> names = nodeNames(loc);
  return names.empty() ? "" : names.front().str();
}
