#!/usr/bin/env python3
"""Writes docs/generated from what the sources state: ops of every dialect and passes of every
folder (by mlir-tblgen), errors (lib/Support/Errors.def), ONNX operators (the backend suite).

  docs.py [--check]     --check: exit 1 and name the pages that would change"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "generated"
TBLGEN = "/usr/lib/llvm-22/bin/mlir-tblgen"
INCLUDES = ["-I", str(ROOT), "-I", "/usr/lib/llvm-22/include"]
NOTE = "<!-- Made by tools/dev/docs.py from {}: edit that, then run it. -->\n"
ERROR = re.compile(r'^OPTC_ERROR\((\d+), (\d+), "((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)', re.MULTILINE)


def tblgen(path, *arguments):
    run = subprocess.run([TBLGEN, *arguments, *INCLUDES, str(path)], capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"docs: {path.relative_to(ROOT)}: {run.stderr.strip()[:500]}")
    text = re.sub(r"^<!--.*?-->\n", "", run.stdout, flags=re.DOTALL)
    lines = [line.rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def dialect_pages():
    for path in sorted((ROOT / "dialects").glob("*/*Ops.td")):
        name = path.parent.name
        if path.name == f"{name}Ops.td":
            yield f"Dialect{name}.md", path, tblgen(path, "-gen-dialect-doc", f"-dialect={name.lower()}")


def pass_page():
    text = "# Passes\n"
    for folder in ("dialects", "lib"):
        for path in sorted((ROOT / folder).rglob("*Passes.td")):
            text += f"\n## {path.parent.relative_to(ROOT)}\n\n" + tblgen(path, "-gen-pass-doc")
    return text


def error_page(path):
    text = "# Errors\n\n| Error | Exit code | Meaning | What to do |\n|---|---|---|---|\n"
    for number, code, meaning, action in ERROR.findall(path.read_text()):
        cells = (part.replace('\\"', '"').replace("|", "\\|") for part in (meaning, action))
        text += f"| OPTC-E{int(number):04} | {code} | {' | '.join(cells)} |\n"
    return text


def pages():
    """File name -> content of every page made here."""
    made = {name: NOTE.format(path.relative_to(ROOT)) + text for name, path, text in dialect_pages()}
    made["Passes.md"] = NOTE.format("the Passes.td files") + pass_page()
    errors = ROOT / "lib" / "Support" / "Errors.def"
    made["Errors.md"] = NOTE.format(errors.relative_to(ROOT)) + error_page(errors)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    OUT.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, text in pages().items():
        path = OUT / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if not check:
                path.write_text(text)
    operators = [sys.executable, str(ROOT / "test" / "backend" / "op_table.py")]
    if subprocess.run(operators + (["--check"] if check else []), stdout=subprocess.DEVNULL).returncode:
        stale.append("Operators.md")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run tools/dev/docs.py and commit")
    print(f"docs: {0 if check and stale else 1} passed, {1 if check and stale else 0} failed")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
