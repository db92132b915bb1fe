//===- CopiesToLinalg.cpp - memref.copy becomes a linalg op --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Passes.td.
//
//===----------------------------------------------------------------------===//
#include "lib/Place/Place.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

using namespace mlir;

namespace optc::place {
#define GEN_PASS_DEF_PLACECOPIESTOLINALG
#include "lib/Place/Passes.h.inc"

namespace {
struct CopiesToLinalgPass : impl::PlaceCopiesToLinalgBase<CopiesToLinalgPass> {
  using PlaceCopiesToLinalgBase::PlaceCopiesToLinalgBase;

  void runOnOperation() override {
    getOperation()->walk([](memref::CopyOp copy) {
      if (copy.getSource() != copy.getTarget()) {
        OpBuilder builder(copy);
        linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(), copy.getTarget());
      }
      copy.erase();
    });
  }
};
} // namespace
} // namespace optc::place
