#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every rule an op states (`nn.conv.R2` in its .td, with the dialect in front) has to be held and tested: named by a verifier
(.cpp of the dialect) or a marked trait of the .td, and by a *-invalid.mlir test. Every ONNX operator
a family of lib/Import/Onnx/Ops registers has to occur in a test/import/onnx/<family>*.mlir. Every pass
has to say what it needs, leaves and does not do, and to have an example that runs it.

  check_rules.py     lists what is missing, exit 1"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULE = re.compile(r"\b([a-z]+\.[a-z][a-z0-9_]*\.R\d+)\b")
STATED = re.compile(r"^\s*-\s+`([a-z]+\.[a-z][a-z0-9_]*\.R\d+)`(?! \.\.)", re.MULTILINE)
HANDLER = re.compile(r'\.add\("(?:[\w.]+:)?(\w+)"')
PASS = re.compile(r'Pass<"([a-z0-9-]+)".*?\n}', re.DOTALL)
MARKED = re.compile(r"/\*\s*((?:[a-z]+\.[a-z][a-z0-9_]*\.R\d+[,\s]*)+)\*/|//.*?\b([a-z]+\.[a-z][a-z0-9_]*\.R\d+)\b")


def named(paths, pattern=RULE):
    found = set()
    for path in paths:
        for match in pattern.finditer(path.read_text()):
            found |= set(RULE.findall(match.group(0)))
    return found


def check(dialect):
    """(number of rules, complaints) of one dialect folder."""
    definitions = list(dialect.rglob("*.td"))
    stated = [(rule, path) for path in definitions for rule in STATED.findall(path.read_text())]
    held = named(dialect.rglob("*.cpp")) | named(definitions, MARKED)
    tested = named((ROOT / "test" / "dialects" / dialect.name).glob("*-invalid.mlir"))
    problems = []
    for rule, path in stated:
        where = path.relative_to(ROOT)
        if rule.split(".")[0] != dialect.name.lower():
            problems.append(f"{where}: {rule} is not of this dialect")
        if rule not in held:
            problems.append(f"{where}: no verifier or marked trait names {rule}")
        if rule not in tested:
            problems.append(f"{where}: no *-invalid.mlir test names {rule}")
    twice = {rule for rule, path in stated if sum(r == rule for r, _ in stated) > 1}
    return len(stated), problems + [f"{dialect.relative_to(ROOT)}: {rule} is stated twice" for rule in sorted(twice)]


def check_imports():
    """(number of operators, complaints) of the import."""
    operators, problems = 0, []
    for source in sorted((ROOT / "lib" / "Import" / "Onnx" / "Ops").glob("*.cpp")):
        tests = (ROOT / "test" / "import" / "onnx").glob(f"{source.stem.lower()}*.mlir")
        text = "".join(path.read_text() for path in tests)
        names = HANDLER.findall(source.read_text())
        operators += len(names)
        problems += [f"{source.relative_to(ROOT)}: no test/import/onnx/{source.stem.lower()}*.mlir has {name}"
                     for name in names if not re.search(rf"\b{name} ?[<(]", text)]
    return operators, problems


def check_passes():
    """(number of passes, complaints)."""
    passes, problems = 0, []
    for path in sorted([*(ROOT / "dialects").rglob("*.td"), *(ROOT / "lib").rglob("*.td")]):
        for match in PASS.finditer(path.read_text()):
            passes += 1
            where, text = f"{path.relative_to(ROOT)}: {match.group(1)}", match.group(0)
            problems += [f"{where} lacks '{part}'" for part in ("- Needs: ", "- Leaves: ", "- Does not: ") if part not in text]
            example = re.search(r"Example: (test/\S+)", text)
            if not example or not (ROOT / example.group(1)).exists():
                problems.append(f"{where} has no example, or one that does not exist")
            elif match.group(1) not in "".join(re.findall(r"RUN:.*", (ROOT / example.group(1)).read_text())):
                problems.append(f"{where}: {example.group(1)} does not run it")
    return passes, problems


def main():
    total, problems = 0, []
    for dialect in sorted(p for p in (ROOT / "dialects").iterdir() if p.is_dir()):
        count, found = check(dialect)
        total += count
        problems += found
    operators, found = check_imports()
    problems += found
    passes, found = check_passes()
    problems += found
    for problem in problems:
        print(problem)
    print(f"rules: {total} rules, {operators} operators, {passes} passes, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
