#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the C and C++ sources with clang-tidy 22 by .clang-tidy, over the dev build in build/.

  tidy.py            what the last commits changed, and a share of the rest (selection.py)
  tidy.py FILE...    these; a header is checked through one source that includes it
  tidy.py --all      every source: many minutes

A source takes seconds, which for all of them is more than a test run has. What passed is not checked again before it
changes: build/tidy-cache keeps hashes of the source, the project's headers it includes, its command, .clang-tidy and the
version. The precompiled header of the build is read as well, without which all would take four times as long."""
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
# 100 sources at most, of which two cores check one in a second.
MOST, SHARES = 50, 8


def key_of(source, common):
    key = hashlib.sha256(common + source.command["command"].encode())
    for path in sorted(source.reads):
        key.update(f"\0{path}\0".encode() + path.read_bytes())
    return key.hexdigest()


def check(source, common):
    """What is wrong with a source, or nothing."""
    passed = CACHE / key_of(source, common) if source.reads else None
    if passed and passed.exists():
        return ""
    run = subprocess.run([TIDY, "--quiet", "-p", CACHE, source.path], cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0:
        if passed:
            passed.touch()
        return ""
    return run.stdout.strip() or run.stderr.strip() or f"{source.name}: {TIDY} ended with {run.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("-j", type=int, default=os.cpu_count(), metavar="JOBS")
    args = parser.parse_args()
    try:
        common = output(TIDY, "--version").encode() + (ROOT / ".clang-tidy").read_bytes()
    except FileNotFoundError:
        sys.exit(f"tidy: {TIDY} is not installed; run tools/setup.sh")
    found = sources()
    # One command for each: clang-tidy would check a source once per program that compiles it.
    CACHE.mkdir(exist_ok=True)
    (CACHE / "compile_commands.json").write_text(json.dumps([source.command for source in found.values()]))
    named = [str(path.resolve().relative_to(ROOT)) for path in args.files]
    chosen = set(found) if args.all else representatives(named, found) if named else due(found, MOST, SHARES)
    failed = 0
    with ThreadPoolExecutor(args.j) as pool:
        for wrong in pool.map(lambda name: check(found[name], common), sorted(chosen)):
            failed += bool(wrong)
            if wrong:
                print(wrong.replace(f"{ROOT}/", ""), flush=True)
    print(f"tidy: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
