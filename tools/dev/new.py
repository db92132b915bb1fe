#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the skeleton of an op, a kernel op, a pass, a dialect or a target, with tests that fail until it is
filled in. Everything compiles at once; `grep -rn 'FILL IN'` says what is left.

  new.py op NAME --family FAMILY       an op of the nn dialect with its import and lowering; the family may be
                                       a new one, the ONNX operator another one (--onnx OPERATOR)
  new.py kernel NAME                   an op of the kernel dialect in a family of its own, with its form in
                                       linalg and its emitter for CPUs
  new.py pass nn-VERB-OBJECT           a pass of the nn dialect
  new.py dialect NAME                  a dialect, which is registered
  new.py target NAME                   a target, which is registered and refuses every op
  new.py --root DIR ...                in another checkout"""
import argparse
import re
import sys
from pathlib import Path

import skeletons as text


def camel(name):
    return "".join(part.capitalize() for part in re.split(r"[-_]", name))


def header(file, what, sentence):
    dashes = "-" * max(3, 68 - len(file) - len(what))
    return text.HEADER.format(file=file, what=what, dashes=dashes, sentence=sentence)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    print(path)


def insert(path, before, content):
    """Puts `content` before the last line that begins with `before`."""
    lines = path.read_text().splitlines(keepends=True)
    at = max(i for i, line in enumerate(lines) if line.startswith(before))
    write(path, "".join(lines[:at]) + content + "".join(lines[at:]))


def append(path, content, start):
    write(path, (path.read_text() if path.exists() else start) + content)


def new_family(root, family):
    guard, folder = f"OPTC_NN_{family.upper()}_TD", root / "dialects" / "NN"
    write(folder / "Ops" / f"{family}.td",
          header(f"{family}.td", "FILL IN", "FILL IN: what these ops have in common.") +
          f'#ifndef {guard}\n#define {guard}\n\ninclude "dialects/NN/NNDialect.td"\n\n#endif // {guard}\n')
    write(folder / "Ops" / f"{family}.cpp", header(f"{family}.cpp", "FILL IN", f"Shape rules and folds of {family}.td.") +
          '#include "dialects/NN/NN.h"\n\nusing namespace mlir;\nusing namespace optc::nn;\n')
    insert(folder / "Families.def", "#undef F", f"F({family})\n")
    insert(folder / "NNOps.td", "#endif", f'include "dialects/NN/Ops/{family}.td"\n')


def add_to_function(path, start, definition, call):
    """Puts `definition` in front of the function that begins as `start`, a pattern, and `call` first in it."""
    source = path.read_text()
    found = re.search(start, source)
    if not found:
        raise SystemExit(f"new: {path} has no '{start}'")
    before, after = source[:found.start()].rstrip("\n"), source[found.end():]
    write(path, f"{before}\n{definition}\n{found.group(0)}\n{found.expand(call)}{after}")


def new_import(root, family, names):
    """The handler of an ONNX operator."""
    folder, tests = root / "lib" / "Import" / "Onnx" / "Ops", root / "test" / "import" / "onnx"
    source = folder / f"{family}.cpp"
    if not source.exists():
        write(source, header(source.name, "FILL IN", "FILL IN: what these operators have in common.") +
              text.IMPORT_FAMILY.format(**names))
        insert(folder / "Families.def", "#undef F", f"F({family})\n")
    add_to_function(source, rf"void (?:optc::onnximport::)?register{family}\(HandlerRegistry &(\w+)\) {{", text.IMPORT.format(**names),
                    r'  \1.add("{Onnx}", import{Name});'.format(**names))
    append(tests / f"{family.lower()}.mlir", text.IMPORT_TEST.format(**names),
           "// REQUIRES: onnx\n// RUN: %import-onnx %s | FileCheck %s\n")


def new_lowering(root, family, names):
    """The pattern of an nn op."""
    folder, tests = root / "lib" / "Conversion" / "NNToLinalg", root / "test" / "conversion" / "NNToLinalg"
    source = folder / f"{family}.cpp"
    if not source.exists():
        write(source, header(source.name, "FILL IN", "FILL IN: what becomes of these ops.") + text.LOWER_FAMILY.format(**names))
        insert(folder / "Families.def", "#undef F", f"F({family})\n")
    add_to_function(source, rf"void (?:optc::nn::)?populate{family}\(RewritePatternSet &patterns, LoweringState &state\) {{",
                    text.LOWER.format(**names), "  patterns.add<Lower{Name}>(patterns.getContext(), state);".format(**names))
    append(tests / f"{family.lower()}.mlir", text.LOWER_TEST.format(**names),
           "// RUN: optc-opt %s --convert-nn-to-linalg | FileCheck %s\n")


def new_op(root, name, family, onnx):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not re.fullmatch(r"[A-Z][A-Za-z]*", family):
        raise SystemExit("new: the op is snake_case, the family CamelCase")
    ops, tests = root / "dialects" / "NN" / "Ops", root / "test" / "dialects" / "NN"
    if any(f'"{name}"' in path.read_text() for path in ops.glob("*.td")):
        raise SystemExit(f"new: nn.{name} exists")
    if not (ops / f"{family}.td").exists():
        new_family(root, family)
    names = {"name": name, "Name": camel(name)}
    insert(ops / f"{family}.td", "#endif", text.OP.format(**names).lstrip() + "\n")
    append(ops / f"{family}.cpp", text.RULES.format(**names), "")
    test = family.lower()
    append(tests / f"{test}.mlir", text.ROUND_TRIP.format(**names), "// RUN: optc-opt %s | optc-opt | FileCheck %s\n")
    append(tests / f"{test}-invalid.mlir", text.NEGATIVE.format(**names),
           "// RUN: optc-opt %s --split-input-file --verify-diagnostics\n")
    names |= {"Family": family, "Onnx": onnx or camel(name)}
    new_import(root, family, names)
    new_lowering(root, family, names)
    print("next: docs/AddAnOp.md; then `grep -rn 'FILL IN' dialects lib test`")


def new_pass(root, flag):
    if not re.fullmatch(r"nn(-[a-z0-9]+)+", flag):
        raise SystemExit("new: a pass is called nn-<verb>-<object>")
    folder, test = root / "dialects" / "NN", flag.removeprefix("nn-")
    file = camel(test)
    source = folder / "Passes" / f"{file}.cpp"
    if source.exists():
        raise SystemExit(f"new: {source} exists")
    names = {"flag": flag, "test": test, "file": file, "Class": "NN" + file, "macro": "NN" + file.upper()}
    insert(folder / "NNPasses.td", "#endif", text.PASS.format(**names))
    write(source, header(source.name, "FILL IN", "FILL IN: the idea, and why it is right.") + text.PASS_SOURCE.format(**names))
    cmake = folder / "CMakeLists.txt"
    write(cmake, re.sub(r"(SOURCES Passes/)", rf"SOURCES Passes/{file}.cpp Passes/", cmake.read_text(), count=1))
    write(root / "test" / "dialects" / "NN" / f"{test}.mlir", text.PASS_TEST.format(**names))
    print("next: its place in lib/Driver/Stages.cpp; then `grep -rn 'FILL IN' dialects test`")


def new_kernel(root, name):
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SystemExit("new: a kernel op is called in snake_case")
    family = camel(name)
    dialect, cpu, tests = root / "dialects" / "Kernel", root / "lib" / "Target" / "Cpu" / "Kernels", root / "test"
    if (dialect / "Ops" / f"{family}.td").exists():
        raise SystemExit(f"new: kernel.{name} exists")
    names = {"name": name, "Name": family, "macro": family.upper()}
    for path, what, skeleton in [(dialect / "Ops" / f"{family}.td", "the op", text.KERNEL),
                                 (dialect / "Ops" / f"{family}.cpp", "its rules", text.KERNEL_RULES),
                                 (dialect / "Passes" / f"Decompose{family}.cpp", "its form in linalg", text.DECOMPOSE),
                                 (cpu / f"{family}.cpp", "its loops", text.EMIT)]:
        write(path, header(path.name, "FILL IN", f"FILL IN: {what}.") + skeleton.format(**names))
    insert(dialect / "KernelOps.td", "#endif", f'include "dialects/Kernel/Ops/{family}.td"\n')
    for families in (dialect, dialect / "Passes", cpu):
        insert(families / "Families.def", "#undef F", f"F({family})\n")
    file = name.replace("_", "-")
    for path, flags, check in [(tests / "dialects" / "Kernel" / f"{file}.mlir", "| optc-opt ", "FILL IN"),
                               (tests / "dialects" / "Kernel" / f"decompose-{file}.mlir", "--kernel-decompose ", "FILL IN"),
                               (tests / "target" / "Cpu" / f"emit-{file}.mlir", "--cpu-decline-kernels ", "FILL IN")]:
        write(path, text.KERNEL_TEST.format(**names, flags=flags, check=check))
    write(tests / "dialects" / "Kernel" / f"{file}-invalid.mlir", text.KERNEL_NEGATIVE.format(**names))
    print("next: docs/AddAKernel.md; then `grep -rn 'FILL IN' dialects lib test`")


def add_to_registry(path, include, anchor):
    """Adds the dialect to the two lists of dialects."""
    source = path.read_text()
    for list_end in ("run::RunDialect,", "run::RunDialect>();"):
        source = source.replace(list_end, list_end.replace("run::RunDialect", f"run::RunDialect, {anchor}"), 1)
    write(path, source.replace('#include "dialects/Run/Run.h"\n', f'#include "dialects/Run/Run.h"\n#include "{include}"\n'))


def new_dialect(root, name):
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        raise SystemExit("new: a dialect is called by one word in lower case")
    folder, driver, file = root / "dialects" / camel(name), root / "lib" / "Driver", camel(name)
    if folder.exists():
        raise SystemExit(f"new: {folder} exists")
    names = {"name": name, "Name": file, "macro": name.upper()}
    for path, what, skeleton in [(folder / f"{file}Dialect.td", "the dialect and the base class of its ops", text.DIALECT),
                                 (folder / f"{file}Ops.td", "one include per family, as in Families.def", text.DIALECT_OPS),
                                 (folder / "Ops" / "Basic.td", "the first family", text.DIALECT_FAMILY),
                                 (folder / f"{file}.h", "the dialect and its ops", text.DIALECT_HEADER),
                                 (folder / f"{file}Dialect.cpp", "registers the ops", text.DIALECT_SOURCE)]:
        write(path, header(path.name, f"the {name} dialect", f"FILL IN: {what}.") + skeleton.format(**names))
    write(folder / "Ops" / "Basic.cpp", header("Basic.cpp", "FILL IN", "FILL IN: rules and folds of Basic.td.") +
          f'#include "dialects/{file}/{file}.h"\n')
    write(folder / "README.md", f"# The {name} dialect: FILL IN\n\nFILL IN: invariants, files, what was not added and why.\n")
    licence = "// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
    write(folder / "Families.def", licence + f"// The op families of the {name} dialect: F(Name) = Ops/Name.td + Ops/Name.cpp.\nF(Basic)\n#undef F\n")
    write(folder / "CMakeLists.txt", text.DIALECT_CMAKE.format(**names))
    append(root / "dialects" / "CMakeLists.txt", f"add_subdirectory({file})\n", "")
    add_to_registry(driver / "Registry.cpp", f"dialects/{file}/{file}.h", f"{name}::{file}Dialect")
    cmake = driver / "CMakeLists.txt"
    write(cmake, cmake.read_text().replace("LINK OptcCpu ", f"LINK Optc{file} OptcCpu ", 1))
    write(root / "test" / "dialects" / file / "basic.mlir", text.DIALECT_TEST.format(**names))
    print("next: docs/AddADialect.md; then `grep -rn 'FILL IN' dialects test`")


def new_target(root, name):
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        raise SystemExit("new: a target is called by one word in lower case")
    folder, driver = root / "lib" / "Target" / camel(name), root / "lib" / "Driver"
    if folder.exists():
        raise SystemExit(f"new: {folder} exists")
    names = {"name": name, "Name": camel(name), "macro": name.upper()}
    file = camel(name)
    write(folder / f"{file}.h", header(f"{file}.h", "FILL IN", "FILL IN: what code it makes.") + text.TARGET_HEADER.format(**names))
    write(folder / f"{file}Target.cpp", header(f"{file}Target.cpp", "FILL IN", "FILL IN: how.") + text.TARGET_SOURCE.format(**names))
    write(folder / "README.md", f"# The target {name}\n\nFILL IN: what it makes, its files, its rules.\n")
    licence = "# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n"
    write(folder / "CMakeLists.txt", licence + f"optc_add_library(Optc{file} MLIR SOURCES {file}Target.cpp LINK OptcKernel OptcPlace OptcTarget)\n")
    append(root / "lib" / "Target" / "CMakeLists.txt", f"add_subdirectory({file})\n", "")
    registry = driver / "Registry.cpp"
    source = registry.read_text()
    source = re.sub(r"(void optc::registerAllTargets\(\) \{)(.*?)( ?\n?\})",
                  lambda m: f"{m[1]}\n" + "".join(f"  {call.strip()};\n" for call in m[2].split(";") if call.strip()) +
                  f"  {name}::register{file}Target();\n}}", source, count=1, flags=re.DOTALL)
    write(registry, source.replace('#include "lib/Target/Cpu/Cpu.h"\n', f'#include "lib/Target/Cpu/Cpu.h"\n#include "lib/Target/{file}/{file}.h"\n'))
    cmake = driver / "CMakeLists.txt"
    write(cmake, cmake.read_text().replace(" OptcCpu ", f" OptcCpu Optc{file} ", 1))
    print("next: docs/AddATarget.md; then `grep -rn 'FILL IN' lib`")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    kinds = parser.add_subparsers(dest="kind", required=True)
    op = kinds.add_parser("op")
    op.add_argument("name")
    op.add_argument("--family", required=True)
    op.add_argument("--onnx", help="the ONNX operator, by default the op's name in CamelCase")
    kinds.add_parser("kernel").add_argument("name")
    kinds.add_parser("dialect").add_argument("name")
    kinds.add_parser("pass").add_argument("flag")
    kinds.add_parser("target").add_argument("name")
    args = parser.parse_args()
    if args.kind == "op":
        new_op(args.root, args.name, args.family, args.onnx)
    elif args.kind in ("kernel", "dialect", "target"):
        {"kernel": new_kernel, "dialect": new_dialect, "target": new_target}[args.kind](args.root, args.name)
    else:
        new_pass(args.root, args.flag)


if __name__ == "__main__":
    sys.exit(main())
