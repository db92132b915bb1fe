#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the C and C++ sources with clang-tidy 22 by .clang-tidy, over the dev build in build/.

  tidy.py            what is due (selection.py), most of it without the SLOW checks
  tidy.py FILE...    these; a header is checked through one source that includes it
  tidy.py --all      every source by every check: many minutes

With the precompiled header of the build most checks take a part of a second, since clang reads of MLIR's headers only what
a source uses. The SLOW ones ask for the parents of what they see, or walk through everything, and have all of it read.
What passed is not checked again before it changes: build/tidy-cache keeps hashes of the source, the project's headers it
includes, its command, .clang-tidy and the version."""
import argparse
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from selection import BUILD, ROOT, due, output, representatives, sources

CACHE = BUILD / "tidy-cache"
TIDY = "clang-tidy-22"
SLOW = (
    "bugprone-bool-pointer-implicit-conversion",
    "bugprone-branch-clone",
    "bugprone-forward-declaration-namespace",
    "bugprone-implicit-widening-of-multiplication-result",
    "bugprone-inc-dec-in-conditions",
    "bugprone-infinite-loop",
    "bugprone-multiple-statement-macro",
    "bugprone-return-const-ref-from-parameter",
    "bugprone-sizeof-container",
    "bugprone-standalone-empty",
    "bugprone-std-namespace-modification",
    "bugprone-swapped-arguments",
    "bugprone-terminating-continue",
    "bugprone-throw-keyword-missing",
    "bugprone-throwing-static-initialization",
    "bugprone-undelegated-constructor",
    "bugprone-unused-raii",
    "bugprone-use-after-move",
    "misc-redundant-expression",
    "misc-static-assert",
    "misc-unconventional-assign-operator",
    "misc-use-internal-linkage",
    "performance-move-const-arg",
    "performance-unnecessary-copy-initialization",
    "performance-unnecessary-value-param",
    "readability-container-size-empty",
    "readability-identifier-naming",
    "readability-misleading-indentation",
    "readability-redundant-declaration",
    "readability-redundant-string-cstr",
    "readability-simplify-boolean-expr",
)
# What is due in a test run: so many changed sources, and one part in so many of all. See selection.py.
QUICK, THOROUGH = (40, 4), (8, 32)


def key_of(source, common):
    key = hashlib.sha256(common + source.command["command"].encode())
    for path in sorted(source.reads):
        key.update(f"\0{path}\0".encode() + path.read_bytes())
    return key.hexdigest()


def check(source, common, quick):
    """What is wrong with a source, or nothing."""
    key = key_of(source, common) if source.reads else "unknown"
    passed, passed_quick = CACHE / key, CACHE / f"{key}.quick"
    if passed.exists() or (quick and passed_quick.exists()):
        return ""
    less = ["--checks=" + ",".join(f"-{name}" for name in SLOW)] if quick else []
    run = subprocess.run([TIDY, "--quiet", "-p", CACHE, *less, source.path], cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0:
        if source.reads:
            (passed_quick if quick else passed).touch()
        return ""
    return run.stdout.strip() or run.stderr.strip() or f"{source.name}: {TIDY} ended with {run.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-j", type=int, default=os.cpu_count(), metavar="JOBS")
    args = parser.parse_args()
    try:
        common = f"{output(TIDY, '--version')}{(ROOT / '.clang-tidy').read_text()}{SLOW}".encode()
    except FileNotFoundError:
        sys.exit(f"tidy: {TIDY} is not installed; run tools/setup.sh")
    found = sources()
    # One command for each: clang-tidy would check a source once per program that compiles it.
    CACHE.mkdir(exist_ok=True)
    (CACHE / "compile_commands.json").write_text(json.dumps([source.command for source in found.values()]))
    if args.files:
        thorough = representatives([str(path.resolve().relative_to(ROOT)) for path in args.files], found)
    else:
        thorough = set(found) if args.all else due(found, *THOROUGH)
    chosen = thorough if args.files or args.all else thorough | due(found, *QUICK)
    failed = 0
    with ThreadPoolExecutor(args.j) as pool:
        for wrong in pool.map(lambda name: check(found[name], common, name not in thorough), sorted(chosen)):
            failed += bool(wrong)
            if wrong:
                print(wrong.replace(f"{ROOT}/", ""), flush=True)
    print(f"tidy: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
