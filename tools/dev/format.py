#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Formats the C and C++ sources with clang-format 22 by .clang-format.

  format.py [FILE...]     all tracked sources by default
  format.py --check       changes nothing; names the files that are not formatted, exit 1 if there are any"""
import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORMAT, SUFFIXES = "clang-format-22", {".c", ".cpp", ".h"}


def sources():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [Path(name) for name in listed.decode().split("\0") if Path(name).suffix in SUFFIXES]


def formatted(path):
    """(path, whether it is formatted)."""
    text = (ROOT / path).read_bytes()
    return path, subprocess.run([FORMAT, f"--assume-filename={path}"], input=text, cwd=ROOT, capture_output=True, check=True).stdout == text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    files = [p for p in args.files if p.suffix in SUFFIXES] or ([] if args.files else sources())
    try:
        with ThreadPoolExecutor() as pool:
            wrong = [path for path, is_formatted in pool.map(formatted, files) if not is_formatted]
    except FileNotFoundError:
        sys.exit(f"format: {FORMAT} is not installed; run tools/setup.sh")
    if wrong and not args.check:
        subprocess.run([FORMAT, "-i", *wrong], cwd=ROOT, check=True)
    for path in wrong:
        print(f"{path}: {'not formatted; run tools/dev/format.py' if args.check else 'formatted'}")
    print(f"format: {len(files) - len(wrong)} passed, {len(wrong) if args.check else 0} failed")
    return 1 if wrong and args.check else 0


if __name__ == "__main__":
    sys.exit(main())
