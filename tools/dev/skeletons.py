# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The texts that new.py writes. Each has FILL IN where a person has to decide."""

HEADER = """//===- {file} - {what} {dashes}===//
//
// Part of optc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// {sentence}
//
//===----------------------------------------------------------------------===//
"""
OP = """
def NN_{Name}Op : NN_Op<"{name}"> {{
  let summary = "FILL IN: what it computes, in one line";
  let description = [{{
    FILL IN: the formula, and when it is the wrong op.

    Rules:
    - `nn.{name}.R1` FILL IN.

    Example:
    ```mlir
    %y = nn.{name} %x : tensor<?x8xf32> -> tensor<?x8xf32>
    ```
  }}];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}}
"""
RULES = """
LogicalResult {Name}Op::inferShapes(SymbolicShapes &shapes) {{
  // FILL IN: one check per rule, then the shape.
  shapes.setShape(getResult(), shapes.getShape(getInput()));
  return success();
}}
"""
ROUND_TRIP = """
// CHECK-LABEL: @{name}
// CHECK: FILL IN
func.func @{name}(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {{
  %y = nn.{name} %x : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}}
"""
NEGATIVE = """
// -----

func.func @{name}_rule(%x: tensor<?x8xf32>) {{
  // expected-error @+1 {{{{[nn.{name}.R1] FILL IN}}}}
  %y = nn.{name} %x : tensor<?x8xf32> -> tensor<?x8xf32>
  return
}}
"""
PASS = """def {Class} : Pass<"{flag}", "::mlir::func::FuncOp"> {{
  let summary = "FILL IN: what it does, in one line";
  let description = [{{
    - Needs: FILL IN.
    - Leaves: FILL IN.
    - Does not: FILL IN.

    Example: test/dialects/NN/{test}.mlir
  }}];
  let dependentDialects = ["::optc::nn::NNDialect"];
}}

"""
PASS_SOURCE = """#include "dialects/NN/Passes/Passes.h"

namespace optc::nn {{
#define GEN_PASS_DEF_{macro}
#include "dialects/NN/NNPasses.h.inc"
}} // namespace optc::nn

using namespace mlir;
using namespace optc::nn;

namespace {{
struct {file} : optc::nn::impl::{Class}Base<{file}> {{
  void runOnOperation() override {{
    auto rewrite = [](NNBuilder &b) {{
      // FILL IN
    }};
    if (failed(rewriteFunction(getOperation(), rewrite)))
      signalPassFailure();
  }}
}};
}} // namespace
"""
PASS_TEST = """// RUN: optc-opt %s --{flag} | FileCheck %s

// CHECK-LABEL: @fires
// CHECK: FILL IN
func.func @fires(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {{
  %y = nn.unary relu %x : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}}
"""
TARGET_HEADER = """#ifndef OPTC_TARGET_{macro}_{macro}_H
#define OPTC_TARGET_{macro}_{macro}_H

namespace optc::{name} {{

/// The target "{name}" of lib/Target/Target.h.
void register{Name}Target();

}} // namespace optc::{name}

#endif // OPTC_TARGET_{macro}_{macro}_H
"""
TARGET_SOURCE = """#include "lib/Target/Target.h"
#include "lib/Target/{Name}/{Name}.h"

using namespace mlir;
using namespace optc;

namespace {{
class {Name}Target : public Target {{
public:
  explicit {Name}Target(const CodeOptions &options) : options(options) {{}}

  StringRef getName() const override {{ return "{name}"; }}
  std::string whyNot(Operation *op) const override {{
    bool isTaken = isa<ModuleOp, func::FuncOp>(op); // FILL IN
    return isTaken ? "" : "FILL IN: what it takes instead";
  }}
  void addSelectPasses(OpPassManager &pm) const override {{
    // FILL IN: kernels of this target, weights packed for them; the rest becomes linalg.
  }}
  // FILL IN: std::nullopt if the target keeps tensors.
  std::optional<place::PlaceOptions> getPlaceOptions() const override {{
    return place::PlaceOptions{{}};
  }}
  LogicalResult generate(ModuleOp module, CodeSink &sink) const override {{
    auto addPasses = [](OpPassManager &pm) {{
      // FILL IN
    }};
    if (failed(sink.run("generate {name}", module, addPasses)))
      return failure();
    std::string code; // FILL IN
    sink.addCode({{"code/{name}/main", "{name}", "", "", std::move(code)}});
    return success();
  }}

private:
  CodeOptions options;
}};
}} // namespace

static Error create(const CodeOptions &options, std::unique_ptr<Target> &target) {{
  // FILL IN: options that it cannot serve are errors.
  target = std::make_unique<{Name}Target>(options);
  return {{}};
}}

void optc::{name}::register{Name}Target() {{
  registerTarget({{"{name}", "FILL IN", {{}}, create}});
}}
"""
IMPORT = """
static LogicalResult import{Name}(NodeImport &n) {{
  // FILL IN: what it cannot do it refuses by name.
  n.setResult(0, n.b.make<{Name}Op>(n.b.elementOf(n.operand(0)), n.operand(0)));
  return success();
}}
"""
IMPORT_FAMILY = """#include "lib/Import/Onnx/Importer.h"

using namespace mlir;
using namespace optc::nn;
using namespace optc::onnximport;

void optc::onnximport::register{Family}(HandlerRegistry &r) {{
}}
"""
IMPORT_TEST = """
// -----

// CHECK-LABEL: // model {name}{{{{$}}}}
// CHECK: nn.{name} FILL IN
{name} (float[N, 8] x) => (float[N, 8] y) {{
  y = {Onnx}(x)
}}
"""
LOWER = """
namespace {{
struct Lower{Name} : NNPattern<{Name}Op> {{
  using NNPattern::NNPattern;
  LogicalResult matchAndRewrite({Name}Op op, OpAdaptor adaptor, Rewriter &b) const override {{
    return b.notifyMatchFailure(op, "FILL IN: a kernel op, or linalg");
  }}
}};
}} // namespace
"""
LOWER_FAMILY = """#include "lib/Conversion/NNToLinalg/Lowering.h"

using namespace mlir;
using namespace optc::nn;

void optc::nn::populate{Family}(RewritePatternSet &patterns, LoweringState &state) {{
}}
"""
LOWER_TEST = """
// CHECK-LABEL: @{name}
// CHECK: FILL IN
func.func @{name}(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {{
  %y = nn.{name} %x : tensor<?x8xf32> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}}
"""
KERNEL = """#ifndef OPTC_KERNEL_{macro}_TD
#define OPTC_KERNEL_{macro}_TD

include "dialects/Kernel/KernelDialect.td"

def Kernel_{Name}Op : Kernel_DestinationOp<"{name}"> {{
  let summary = "FILL IN: what it computes, in one line";
  let description = [{{
    FILL IN: the formula, on tensors and on memrefs.

    Rules:
    - `kernel.{name}.R1` FILL IN.

    Example:
    ```mlir
    %y = kernel.{name} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
    ```
  }}];
  let arguments = (ins AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$input,
      AnyTypeOf<[AnyRankedTensor, AnyMemRef]>:$init);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{{
    `ins` `(` $input `:` type($input) `)` `outs` `(` $init `:` type($init) `)` attr-dict
    (`->` type($results)^)?
  }}];
  let hasVerifier = 1;
}}

#endif // OPTC_KERNEL_{macro}_TD
"""
KERNEL_RULES = """#include "dialects/Kernel/Kernel.h"

using namespace mlir;
using namespace optc::kernel;

LogicalResult {Name}Op::verify() {{
  // FILL IN: one check per rule.
  return success();
}}
"""
DECOMPOSE = """#include "dialects/Kernel/Passes/Decompose.h"

using namespace mlir;
using namespace optc;
using namespace optc::kernel;

static FailureOr<Value> decompose{Name}(RewriterBase &rewriter, {Name}Op op) {{
  // FILL IN: linalg ops that compute the same; returns what replaces the result.
  return rewriter.notifyMatchFailure(op, "FILL IN");
}}

void kernel::populateDecompose{Name}(RewritePatternSet &patterns, const DecomposeFilter &filter) {{
  patterns.add<DecomposeOp<{Name}Op>>(patterns.getContext(), decompose{Name}, filter);
}}
"""
EMIT = """#include "lib/Target/Cpu/Kernels/Kernels.h"

using namespace mlir;
using namespace optc;
using namespace optc::cpu;

static bool canEmit(kernel::{Name}Op op, StringRef &reason) {{
  reason = "FILL IN"; // until then it is decomposed
  return false;
}}

static LogicalResult emitKernel(OpBuilder &builder, kernel::{Name}Op op, const CpuLevel &level) {{
  return op.emitOpError("FILL IN: loops in front of it");
}}

void cpu::add{Name}Emitters(KernelEmitters &emitters) {{
  emitters.add<kernel::{Name}Op>(canEmit, emitKernel);
}}
"""
KERNEL_TEST = """// RUN: optc-opt %s {flags}| FileCheck %s

// CHECK-LABEL: @{name}
// CHECK: {check}
func.func @{name}(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xf32> {{
  %y = kernel.{name} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}}
"""
KERNEL_NEGATIVE = """// RUN: optc-opt %s --split-input-file --verify-diagnostics

func.func @rule(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) {{
  // expected-error @+1 {{{{[kernel.{name}.R1] FILL IN}}}}
  %y = kernel.{name} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return
}}
"""
DIALECT = """#ifndef OPTC_{macro}_DIALECT_TD
#define OPTC_{macro}_DIALECT_TD

include "mlir/IR/OpBase.td"

def {Name}_Dialect : Dialect {{
  let name = "{name}";
  let cppNamespace = "::optc::{name}";
  let summary = "FILL IN";
  let description = [{{
    FILL IN: why it exists, and what its ops are about.
  }}];
}}

class {Name}_Op<string mnemonic, list<Trait> traits = []> : Op<{Name}_Dialect, mnemonic, traits>;

#endif // OPTC_{macro}_DIALECT_TD
"""
DIALECT_OPS = """#ifndef OPTC_{macro}_OPS_TD
#define OPTC_{macro}_OPS_TD

include "dialects/{Name}/{Name}Dialect.td"
include "dialects/{Name}/Ops/Basic.td"

#endif // OPTC_{macro}_OPS_TD
"""
DIALECT_FAMILY = """#ifndef OPTC_{macro}_BASIC_TD
#define OPTC_{macro}_BASIC_TD

include "dialects/{Name}/{Name}Dialect.td"

def {Name}_NoneOp : {Name}_Op<"none"> {{
  let summary = "FILL IN";
  let description = [{{
    FILL IN: one op per idea; the family is what a reader would look for.

    Example:
    ```mlir
    {name}.none
    ```
  }}];
  let assemblyFormat = "attr-dict";
}}

#endif // OPTC_{macro}_BASIC_TD
"""
DIALECT_HEADER = """#ifndef OPTC_DIALECTS_{macro}_{macro}_H
#define OPTC_DIALECTS_{macro}_{macro}_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

#include "dialects/{Name}/{Name}Dialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/{Name}/{Name}Ops.h.inc"

#endif // OPTC_DIALECTS_{macro}_{macro}_H
"""
DIALECT_SOURCE = """#include "dialects/{Name}/{Name}.h"

using namespace mlir;
using namespace optc::{name};

#include "dialects/{Name}/{Name}Dialect.cpp.inc"

void {Name}Dialect::initialize() {{
  addOperations<
#define GET_OP_LIST
#include "dialects/{Name}/{Name}Ops.cpp.inc"
      >();
}}

#define GET_OP_CLASSES
#include "dialects/{Name}/{Name}Ops.cpp.inc"
"""
DIALECT_CMAKE = """# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
optc_read_families(families ${{CMAKE_CURRENT_SOURCE_DIR}}/Families.def)
list(TRANSFORM families REPLACE "(.+)" "Ops/\\\\1.cpp" OUTPUT_VARIABLE familySources)
optc_add_dialect({Name} {name} SOURCES {Name}Dialect.cpp ${{familySources}})
"""
DIALECT_TEST = """// RUN: optc-opt %s | optc-opt | FileCheck %s

// CHECK-LABEL: @none
// CHECK: FILL IN
func.func @none() {{
  {name}.none
  return
}}
"""
