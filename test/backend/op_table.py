#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/generated/Operators.md: for each ONNX operator, how many of its backend cases pass
(test/backend/passing.txt), so that "supported" is what the tests show.

  op_table.py [--check]     --check: exit 1 if the page is not what would be written"""
import argparse
import collections
import sys
from pathlib import Path

import onnx

import cases
import generate

HERE = Path(__file__).resolve().parent
PAGE = generate.ROOT / "docs" / "generated" / "Operators.md"
HEADER = """# ONNX operators

Made by `test/backend/op_table.py` from the cases of the ONNX {version} backend suite that pass
(`test/backend/passing.txt`). An operator whose cases all pass is supported as far as the suite
tests it; "some" names how many do. Cases of function bodies count for their operator.

{total} of {count} cases pass; {full} operators with all their cases, {part} with some, {none} with none.

"""


def rows(found, passing):
    table = collections.defaultdict(collections.Counter)
    for case in found:
        if case.kind == "node":
            table[case.op.removeprefix("ai.onnx.")][case.id in passing] += 1
    return {op: (row[True], row[True] + row[False]) for op, row in sorted(table.items())}


def page(found, passing):
    table = rows(found, passing)
    of = lambda test: [(op, row) for op, row in table.items() if test(*row)]
    full, part = of(lambda p, n: p == n), of(lambda p, n: 0 < p < n)
    none = of(lambda p, n: p == 0)
    text = HEADER.format(version=onnx.__version__, total=sum(c.id in passing for c in found), count=len(found),
                         full=len(full), part=len(part), none=len(none))
    sections = (("All cases pass", full, "{0}"), ("Some cases pass", part, "{0} ({1}/{2})"), ("None", none, "{0}"))
    for title, entries, form in sections:
        listed = ", ".join(form.format(op, *row) for op, row in entries)
        text += f"## {title}\n\n{listed or '-'}\n\n"
    return text.rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    generate.ensure(generate.DEFAULT)
    passing = set((HERE / "passing.txt").read_text().split())
    text = page(cases.find(generate.DEFAULT, None, None), passing)
    if args.check:
        same = PAGE.exists() and PAGE.read_text() == text
        print("operators: 1 passed, 0 failed" if same else
              f"{PAGE.name} is out of date: run test/backend/op_table.py\noperators: 0 passed, 1 failed")
        return 0 if same else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
