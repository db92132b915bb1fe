//===- ObjectCode.cpp - LLVM's optimizer and code generator --------------===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See ObjectCode.h. All library functions are disabled, so that no loop becomes a call of
// memset.
//
//===----------------------------------------------------------------------===//
#include "lib/Target/Host/ObjectCode.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;
using namespace optc;
using namespace optc::host;

static std::unique_ptr<TargetMachine> createTargetMachine(const CpuLevel &level,
                                                          std::string &error) {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
  });
  Triple triple{StringRef(level.triple)};
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  TargetOptions options;
  // Multiply and add are fused where the input says that it may be (arith.fastmath).
  options.AllowFPOpFusion = FPOpFusion::Standard;
  options.FunctionSections = true;
  options.DataSections = true;
  std::unique_ptr<TargetMachine> machine(
      target->createTargetMachine(triple, level.llvmCpu, level.llvmFeatures, options, Reloc::PIC_,
                                  CodeModel::Small, CodeGenOptLevel::Aggressive));
  if (!machine)
    error = "LLVM has no code generator for it";
  return machine;
}

/// LLVM's passes for code whose loops are tiled, vectorized and unrolled already. Its default
/// pipeline for -O3 takes two thirds longer, a third of it to find that nothing is left to unroll,
/// and makes no model of the tests faster.
static constexpr StringLiteral pipeline =
    // Kernels are functions of their own: small ones end up where they are called.
    "cgscc(inline,function-attrs,function("
    "sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,"
    // Conditions that do not change, such as whether an operand is repeated, leave the loops.
    "loop-mssa(loop-rotate,licm,simple-loop-unswitch),instcombine<no-verify-fixpoint>,"
    "loop(loop-idiom,indvars,loop-deletion),"
    "gvn,simplifycfg,dse,loop-mssa(licm),"
    // Of what no emitter takes.
    "loop-vectorize,instcombine<no-verify-fixpoint>,simplifycfg,"
    "vector-combine,instcombine<no-verify-fixpoint>,loop-mssa(licm))),"
    "globaldce";

static void optimize(Module &module, TargetMachine &machine, TargetLibraryInfoImpl &library) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager sccs;
  ModuleAnalysisManager modules;
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  PassBuilder builder(&machine, tuning);
  // Before the builder registers its own, which knows a C library.
  functions.registerPass([&] { return TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  ModulePassManager passes;
  cantFail(builder.parsePassPipeline(passes, pipeline));
  passes.run(module, modules);
}

/// The only lane that a mask lets through, if it is a constant with one.
static std::optional<unsigned> singleLane(Value *mask) {
  auto *constant = dyn_cast<Constant>(mask);
  auto *type = dyn_cast<FixedVectorType>(mask->getType());
  std::optional<unsigned> found;
  for (unsigned i = 0; constant && type && i < type->getNumElements(); ++i) {
    Constant *lane = constant->getAggregateElement(i);
    if (!lane || (!lane->isNullValue() && !lane->isOneValue()) || (lane->isOneValue() && found))
      return std::nullopt;
    if (lane->isOneValue())
      found = i;
  }
  return found;
}

/// Stores of one lane become scalar ones. Of numbers that are narrowed before they are stored, the
/// code generator of LLVM 22 for AVX-512 would write 32 bits.
static void storeSingleLanes(Module &module) {
  SmallVector<IntrinsicInst *> stores;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<IntrinsicInst>(&instruction))
        if (call->getIntrinsicID() == Intrinsic::masked_store)
          stores.push_back(call);
  for (IntrinsicInst *call : stores) {
    std::optional<unsigned> lane = singleLane(call->getArgOperand(call->arg_size() - 1));
    Type *element = cast<VectorType>(call->getArgOperand(0)->getType())->getElementType();
    if (!lane || element->getPrimitiveSizeInBits() >= 32)
      continue;
    IRBuilder<> builder(call);
    Value *value = builder.CreateExtractElement(call->getArgOperand(0), uint64_t(*lane));
    Value *place = builder.CreateConstGEP1_64(element, call->getArgOperand(1), *lane);
    builder.CreateAlignedStore(value, place, Align(1));
    call->eraseFromParent();
  }
}

LogicalResult optc::host::compileModule(Module &module, const CpuLevel &level, CodeKind kind,
                                        std::string &code, std::string &error) {
  std::unique_ptr<TargetMachine> machine = createTargetMachine(level, error);
  if (!machine)
    return failure();
  module.setTargetTriple(machine->getTargetTriple());
  module.setDataLayout(machine->createDataLayout());
  module.setPICLevel(PICLevel::BigPIC);
  for (Function &function : module) {
    function.addFnAttr("target-cpu", level.llvmCpu);
    function.addFnAttr("target-features", level.llvmFeatures);
    function.setDoesNotThrow();
  }
  raw_string_ostream message(error);
  if (verifyModule(module, &message))
    return failure();
  TargetLibraryInfoImpl library(machine->getTargetTriple());
  library.disableAllFunctions();
  optimize(module, *machine, library);
  storeSingleLanes(module);

  SmallVector<char, 0> buffer;
  raw_svector_ostream stream(buffer);
  legacy::PassManager passes;
  passes.add(new TargetLibraryInfoWrapperPass(library));
  auto type =
      kind == CodeKind::object ? CodeGenFileType::ObjectFile : CodeGenFileType::AssemblyFile;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, type)) {
    error = "LLVM cannot write this kind of file";
    return failure();
  }
  passes.run(module);
  code.append(buffer.begin(), buffer.end());
  return success();
}

/// Plain loops: these functions are called for a few bytes, if at all.
static constexpr StringLiteral helperSource = R"(
define ptr @memcpy(ptr %to, ptr %from, i64 %n) {
  %r = call ptr @memmove(ptr %to, ptr %from, i64 %n)
  ret ptr %r
}
define ptr @memmove(ptr %to, ptr %from, i64 %n) {
entry:
  %a = ptrtoint ptr %to to i64
  %b = ptrtoint ptr %from to i64
  %d = sub i64 %a, %b
  %up = icmp uge i64 %d, %n
  %step = select i1 %up, i64 1, i64 -1
  %last = add i64 %n, -1
  %begin = select i1 %up, i64 0, i64 %last
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %loop
loop:
  %i = phi i64 [ %begin, %entry ], [ %i.next, %loop ]
  %k = phi i64 [ %n, %entry ], [ %k.next, %loop ]
  %p = getelementptr i8, ptr %from, i64 %i
  %q = getelementptr i8, ptr %to, i64 %i
  %v = load volatile i8, ptr %p
  store i8 %v, ptr %q
  %i.next = add i64 %i, %step
  %k.next = add i64 %k, -1
  %more = icmp ne i64 %k.next, 0
  br i1 %more, label %loop, label %done
done:
  ret ptr %to
}
define ptr @memset(ptr %to, i32 %c, i64 %n) {
entry:
  %v = trunc i32 %c to i8
  %none = icmp eq i64 %n, 0
  br i1 %none, label %done, label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %q = getelementptr i8, ptr %to, i64 %i
  store volatile i8 %v, ptr %q
  %i.next = add i64 %i, 1
  %more = icmp ult i64 %i.next, %n
  br i1 %more, label %loop, label %done
done:
  ret ptr %to
}
)";

LogicalResult optc::host::compileHelpers(const CpuLevel &level, std::string &code,
                                         std::string &error) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(helperSource, diagnostic, context);
  if (!module) {
    error = diagnostic.getMessage().str();
    return failure();
  }
  for (Function &function : *module) {
    function.setVisibility(GlobalValue::HiddenVisibility);
    function.setDSOLocal(true);
  }
  return compileModule(*module, level, CodeKind::object, code, error);
}
