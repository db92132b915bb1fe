//===- Registry.cpp - dialects and passes of the tools -------------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See Registry.h.
//
//===----------------------------------------------------------------------===//
#include "lib/Driver/Registry.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/Kernel/Passes/Passes.h"
#include "dialects/NN/NN.h"
#include "dialects/NN/Passes/Passes.h"
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "lib/Fuse/Fuse.h"
#include "lib/Place/Place.h"
#include "lib/Target/Cpu/Cpu.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void optc::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<kernel::KernelDialect, nn::NNDialect>();
}

void optc::registerAllPasses() {
  mlir::registerAllPasses();
  cpu::registerCpuPasses();
  fuse::registerFusePasses();
  registerNNToLinalgPasses();
  fuse::registerFusePasses();
  kernel::registerKernelPasses();
  nn::registerNNPasses();
  place::registerPlacePasses();
  mlir::PassPipelineRegistration<>("optc-place", "the place stage",
                                     [](mlir::OpPassManager &pm) { place::addPlacePasses(pm); });
  for (const cpu::CpuLevel &level : cpu::cpuLevels())
    mlir::PassPipelineRegistration<>(
        ("optc-cpu-" + level.name).str(), "the CPU target's passes for one level",
        [&level](mlir::OpPassManager &pm) { cpu::addCpuPasses(pm, level); });
}
