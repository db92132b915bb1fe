//===- optc-opt.cpp - the pass runner ------------------------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs any pass of optc or MLIR on any module.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Registry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  optc::registerAllDialects(registry);
  optc::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "optc modular optimizer driver\n", registry));
}
