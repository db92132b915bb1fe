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
#include "dialects/QNN/Passes/Passes.h"
#include "dialects/QNN/QNN.h"
#include "dialects/Run/Run.h"
#include "dialects/State/Passes/Passes.h"
#include "lib/Conversion/NNToLinalg/NNToLinalg.h"
#include "lib/Fuse/Fuse.h"
#include "lib/Place/Place.h"
#include "lib/Profile/Profile.h"
#include "lib/Target/Cpu/Cpu.h"
#include "lib/Target/Host/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void optc::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<kernel::KernelDialect, nn::NNDialect, qnn::QNNDialect, state::StateDialect,
                  run::RunDialect>();
}

void optc::loadCompilerDialects(mlir::MLIRContext &context) {
  context.loadDialect<
      kernel::KernelDialect, nn::NNDialect, qnn::QNNDialect, run::RunDialect, state::StateDialect,
      mlir::LLVM::LLVMDialect, mlir::affine::AffineDialect, mlir::arith::ArithDialect,
      mlir::bufferization::BufferizationDialect, mlir::cf::ControlFlowDialect,
      mlir::func::FuncDialect, mlir::index::IndexDialect, mlir::linalg::LinalgDialect,
      mlir::math::MathDialect, mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
      mlir::tensor::TensorDialect, mlir::ub::UBDialect, mlir::vector::VectorDialect>();
}

void optc::registerAllTargets() { cpu::registerCpuTarget(); }

void optc::registerAllPasses() {
  mlir::registerAllPasses();
  cpu::registerCpuPasses();
  registerNNToLinalgPasses();
  fuse::registerFusePasses();
  host::registerHostPasses();
  kernel::registerKernelPasses();
  nn::registerNNPasses();
  place::registerPlacePasses();
  qnn::registerQNNPasses();
  state::registerStatePasses();
  profile::registerProfilePasses();
  mlir::PassPipelineRegistration<>("optc-place", "the place stage", [](mlir::OpPassManager &pm) {
    place::addPlacePasses(pm, cpu::getCpuPlaceOptions(2));
    pm.addPass(profile::createCountWork());
  });
  for (const CpuLevel *level : codeLevels())
    mlir::PassPipelineRegistration<>(
        "optc-cpu-" + std::string(level->name), "the CPU target's passes for one level",
        [level](mlir::OpPassManager &pm) { cpu::addCpuPasses(pm, *level); });
}
