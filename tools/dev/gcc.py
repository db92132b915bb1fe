#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds with GCC 12 into build-gcc, where a warning is a failure.

  gcc.py          the libraries without MLIR and their unit tests, which it runs; and compiles what the last commits
                  changed, and a share of the rest (selection.py)
  gcc.py --all    builds everything, and runs lit and all unit tests: takes longer than the dev build

It needs the dev build, by which it sees which source reads which header."""
import argparse
import re
import subprocess
import sys

from selection import ROOT, due, sources

GCC = ROOT / "build-gcc"
TESTS = ("SupportTests", "ArtifactTests", "RuntimeTests", "CInterfaceTest", "TokenizerTests", "ChatTests")
EVERYTHING = ("all", "check-optc")


def run(*command):
    """Exit code and output, which is shown if it failed."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode, done.stdout


def built(targets):
    """(passed, failed) of compiling these objects and programs, each in its own right."""
    code, text = run("ninja", "-C", GCC, "-k", "0", "--quiet", *targets)
    failed = len(re.findall(r"^FAILED: ", text, re.MULTILINE))
    return max(len(targets) - failed, 0), failed or int(code != 0)


def tested(code, text):
    """(passed, failed) by the output of ctest."""
    total, bad = re.search(r"(\d+) tests? failed out of (\d+)", text).groups()[::-1] if "failed out of" in text else (0, 0)
    return int(total) - int(bad), int(bad) or int(code != 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    targets = EVERYTHING if args.all else [*TESTS, *sorted({found.object for found in chosen()})]
    results = []
    code, _ = run("cmake", "--preset", "gcc", "-DOPTC_WERROR=ON")
    if code:
        results.append((0, 1))
    else:
        results.append(built(targets))
        only = [] if args.all else ["-R", f"^({'|'.join(TESTS)})$"]
        results.append(tested(*run("ctest", "--test-dir", GCC, "--output-on-failure", "-j2", *only)))
    passed, failed = (sum(column) for column in zip(*results))
    print(f"gcc: {passed} passed, {failed} failed")
    return 1 if failed else 0


def chosen():
    """The sources that are due; GCC takes longer than clang-tidy, so they are fewer."""
    found = sources()
    return [found[name] for name in due(found, most=15, shares=16)]


if __name__ == "__main__":
    sys.exit(main())
