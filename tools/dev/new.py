#!/usr/bin/env python3
"""Writes the skeleton of an op, a pass or a target, with tests that fail until it is filled in.

  new.py op NAME --family FAMILY       an op of the nn dialect; the family may be a new one
  new.py pass nn-VERB-OBJECT           a pass of the nn dialect
  new.py target NAME                   a target, which is registered and refuses every op
  new.py --root DIR ...                in another checkout"""
import argparse
import re
import sys
from pathlib import Path

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
    return place::PlaceOptions{{options.profile}};
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


def camel(name):
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))


def header(file, what, sentence):
    dashes = "-" * max(3, 68 - len(file) - len(what))
    return HEADER.format(file=file, what=what, dashes=dashes, sentence=sentence)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(path)


def insert(path, before, text):
    """Puts `text` before the last line that begins with `before`."""
    lines = path.read_text().splitlines(keepends=True)
    at = max(i for i, line in enumerate(lines) if line.startswith(before))
    write(path, "".join(lines[:at]) + text + "".join(lines[at:]))


def append(path, text, start):
    write(path, (path.read_text() if path.exists() else start) + text)


def new_family(root, family):
    guard, folder = f"OPTC_NN_{family.upper()}_TD", root / "dialects" / "NN"
    write(folder / "Ops" / f"{family}.td",
          header(f"{family}.td", "FILL IN", "FILL IN: what these ops have in common.") +
          f'#ifndef {guard}\n#define {guard}\n\ninclude "dialects/NN/NNDialect.td"\n\n#endif // {guard}\n')
    write(folder / "Ops" / f"{family}.cpp", header(f"{family}.cpp", "FILL IN", f"Shape rules and folds of {family}.td.") +
          '#include "dialects/NN/NN.h"\n\nusing namespace mlir;\nusing namespace optc::nn;\n')
    insert(folder / "Families.def", "#undef F", f"F({family})\n")
    insert(folder / "NNOps.td", "#endif", f'include "dialects/NN/Ops/{family}.td"\n')


def new_op(root, name, family):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not re.fullmatch(r"[A-Z][A-Za-z]*", family):
        raise SystemExit("new: the op is snake_case, the family CamelCase")
    ops, tests = root / "dialects" / "NN" / "Ops", root / "test" / "dialects" / "NN"
    if any(f'"{name}"' in path.read_text() for path in ops.glob("*.td")):
        raise SystemExit(f"new: nn.{name} exists")
    if not (ops / f"{family}.td").exists():
        new_family(root, family)
    names = {"name": name, "Name": camel(name)}
    insert(ops / f"{family}.td", "#endif", OP.format(**names).lstrip() + "\n")
    append(ops / f"{family}.cpp", RULES.format(**names), "")
    test = family.lower()
    append(tests / f"{test}.mlir", ROUND_TRIP.format(**names), "// RUN: optc-opt %s | optc-opt | FileCheck %s\n")
    append(tests / f"{test}-invalid.mlir", NEGATIVE.format(**names),
           "// RUN: optc-opt %s --split-input-file --verify-diagnostics\n")
    print(f"next: the import and the lowering, see docs/AddAnOp.md; then `grep -rn 'FILL IN' dialects test`")


def new_pass(root, flag):
    if not re.fullmatch(r"nn(-[a-z0-9]+)+", flag):
        raise SystemExit("new: a pass is called nn-<verb>-<object>")
    folder, test = root / "dialects" / "NN", flag.removeprefix("nn-")
    file = camel(test)
    source = folder / "Passes" / f"{file}.cpp"
    if source.exists():
        raise SystemExit(f"new: {source} exists")
    names = {"flag": flag, "test": test, "file": file, "Class": "NN" + file, "macro": "NN" + file.upper()}
    insert(folder / "NNPasses.td", "#endif", PASS.format(**names))
    write(source, header(source.name, "FILL IN", "FILL IN: the idea, and why it is right.") + PASS_SOURCE.format(**names))
    cmake = folder / "CMakeLists.txt"
    write(cmake, re.sub(r"(SOURCES Passes/)", rf"SOURCES Passes/{file}.cpp Passes/", cmake.read_text(), count=1))
    write(root / "test" / "dialects" / "NN" / f"{test}.mlir", PASS_TEST.format(**names))
    print("next: its place in lib/Driver/Stages.cpp; then `grep -rn 'FILL IN' dialects test`")


def new_target(root, name):
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        raise SystemExit("new: a target is called by one word in lower case")
    folder, driver = root / "lib" / "Target" / camel(name), root / "lib" / "Driver"
    if folder.exists():
        raise SystemExit(f"new: {folder} exists")
    names = {"name": name, "Name": camel(name), "macro": name.upper()}
    file = camel(name)
    write(folder / f"{file}.h", header(f"{file}.h", "FILL IN", "FILL IN: what code it makes.") + TARGET_HEADER.format(**names))
    write(folder / f"{file}Target.cpp", header(f"{file}Target.cpp", "FILL IN", "FILL IN: how.") + TARGET_SOURCE.format(**names))
    write(folder / "README.md", f"# The target {name}\n\nFILL IN: what it makes, its files, its rules.\n")
    licence = "# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
    write(folder / "CMakeLists.txt", licence + f"optc_add_library(Optc{file} MLIR SOURCES {file}Target.cpp LINK OptcKernel OptcPlace OptcTarget)\n")
    append(root / "lib" / "Target" / "CMakeLists.txt", f"add_subdirectory({file})\n", "")
    registry = driver / "Registry.cpp"
    text = registry.read_text()
    text = re.sub(r"(void optc::registerAllTargets\(\) \{)(.*?)( ?\n?\})",
                  lambda m: f"{m[1]}\n" + "".join(f"  {call.strip()};\n" for call in m[2].split(";") if call.strip()) +
                  f"  {name}::register{file}Target();\n}}", text, count=1, flags=re.DOTALL)
    write(registry, text.replace('#include "lib/Target/Cpu/Cpu.h"\n', f'#include "lib/Target/Cpu/Cpu.h"\n#include "lib/Target/{file}/{file}.h"\n'))
    cmake = driver / "CMakeLists.txt"
    write(cmake, cmake.read_text().replace("LINK OptcCpu OptcCpuKernels", f"LINK OptcCpu OptcCpuKernels Optc{file}", 1))
    print("next: docs/AddATarget.md; then `grep -rn 'FILL IN' lib`")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    kinds = parser.add_subparsers(dest="kind", required=True)
    op = kinds.add_parser("op")
    op.add_argument("name")
    op.add_argument("--family", required=True)
    kinds.add_parser("pass").add_argument("flag")
    kinds.add_parser("target").add_argument("name")
    args = parser.parse_args()
    if args.kind == "target":
        new_target(args.root, args.name)
    elif args.kind == "op":
        new_op(args.root, args.name, args.family)
    else:
        new_pass(args.root, args.flag)


if __name__ == "__main__":
    sys.exit(main())
