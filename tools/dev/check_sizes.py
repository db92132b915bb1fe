#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds files and functions to their sizes, sources to their licence, and keeps paths of one machine out of the tree.

  check_sizes.py [--list]     exit 1 on a breach; --list shows the largest of both

Refused: files over 800 lines, functions over 100, tabs, paths of 90 characters, home or
temporary folders of a machine in any tracked file. Wanted: 300 (500 with a reason) and 60."""
import argparse
import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES, FUNCTION_LINES, PATH_LENGTH = 800, 100, 90
SOURCES = {".h", ".cpp", ".c", ".td", ".py", ".sh"}
LICENSED, LICENCE = SOURCES | {".def", ".cmake"}, "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
# A line that opens a function body: ends in `) ... {`, and is no control statement or lambda.
OPENS = re.compile(r"^(\s*)(?!\s|class\b|struct\b|enum\b|union\b)(?!.*\b(?:if|for|while|switch|catch|namespace)\s*\(?.*\{$)[^#/;=]*\)[^;=()]*\{$")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|root|home/\w+|tmp/\w+)/")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [Path(name) for name in listed.decode().split("\0") if name]


def cpp_functions(lines):
    """(first line, length) of function bodies, found by their indentation."""
    for number, line in enumerate(lines):
        opening = OPENS.match(line)
        if not opening:
            continue
        # The opening line may be a continuation, deeper than the function itself.
        for end in range(number + 1, len(lines)):
            indent = len(lines[end]) - len(lines[end].lstrip())
            if indent <= len(opening.group(1)) and lines[end].strip()[:1] == "}":
                yield number + 1, end - number + 1
                break


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def functions(path, text):
    if path.suffix == ".py":
        return python_functions(text)
    return cpp_functions(text.splitlines()) if path.suffix in (".h", ".cpp", ".c") else ()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    files, bodies, problems = [], [], []
    for path in tracked():
        if len(str(path)) >= PATH_LENGTH:
            problems.append(f"{path}: the path has {len(str(path))} characters")
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        problems += [f"{path}:{n}: path of one machine: {line.strip()[:80]}"
                     for n, line in enumerate(text.splitlines(), 1) if MACHINE_PATH.search(line)]
        if (path.suffix in LICENSED or path.name == "CMakeLists.txt") and LICENCE not in text:
            problems.append(f"{path}: no licence line: {LICENCE}")
        if path.suffix not in SOURCES:
            continue
        if "\t" in text:
            problems.append(f"{path}: has tabs")
        files.append((text.count("\n"), str(path)))
        bodies += [(length, f"{path}:{line}") for line, length in functions(path, text)]
    problems += [f"{where}: file of {n} lines (limit {FILE_LINES})" for n, where in files if n > FILE_LINES]
    problems += [f"{where}: function of {n} lines (limit {FUNCTION_LINES})" for n, where in bodies if n > FUNCTION_LINES]
    if args.list:
        for what, found in (("files", files), ("functions", bodies)):
            print(f"largest {what}:", *(f"\n  {n:5} {where}" for n, where in sorted(found, reverse=True)[:10]))
    print("\n".join(problems) if problems else "", end="\n" if problems else "")
    print(f"sizes: {len(files)} sources, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
