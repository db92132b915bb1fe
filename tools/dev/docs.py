#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/generated from what the sources state: ops of every dialect and passes of every
folder (by mlir-tblgen), errors (lib/Support/Errors.def), ONNX operators (the backend suite).
In hand-written pages it renews what they quote: below `<!-- quote FILE NAME -->` goes the part of
FILE between the comments `// [quote NAME]` and `// [end quote]`. Files that pages name must exist, as must
those in the first column of a README's table of files, which names all sources of its folder, and what a
source's comment refers to ("See Foo.h").

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
QUOTE = re.compile(r"^<!-- quote (\S+) (\S+) -->\n(?:~~~~.*?^~~~~\n)?", re.DOTALL | re.MULTILINE)
# `lib/Driver/Stages.cpp` and the like; after a space come arguments of a command.
NAMED = re.compile(r"`(?:\.venv/bin/python )?((?:dialects|docs|include|lib|test|tools)/[^\s`:]+)")
TABLE = re.compile(r"^\| *(?:File|Files)? *\|.*\n\|[-| ]+\|\n((?:\|.*\n?)+)", re.MULTILINE)
REFERRED = re.compile(r"\b(?:[Ss]ee|of|in|by) ((?:[\w]+/)*[A-Z]\w+\.(?:h|cpp|td|def|md))\b")
LINKED = re.compile(r"\]\(([^)#\s]+)\)")
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


def quoted(file, name):
    """The marked part of a file as a code block."""
    match = re.search(rf"^// \[quote {name}\]\n(.*?)^// \[end quote\]\n", (ROOT / file).read_text(), re.DOTALL | re.MULTILINE)
    if not match:
        raise SystemExit(f"docs: {file} has no part [quote {name}]")
    language = {".td": "tablegen", ".py": "python"}.get(Path(file).suffix, "cpp")
    # Tildes, since the quoted text may hold a block of its own.
    return f"~~~~{language}\n{match.group(1).rstrip()}\n~~~~\n"


def with_quotes(text):
    return QUOTE.sub(lambda m: f"<!-- quote {m.group(1)} {m.group(2)} -->\n" + quoted(m.group(1), m.group(2)), text)


def hand_written():
    """All committed pages but the generated ones."""
    files = subprocess.run(["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in files.split("\0") if name and not name.startswith("docs/generated/")]


def dead_names(path):
    """Files that a page names and that do not exist."""
    named = {name.rstrip("/") for name in NAMED.findall(path.read_text()) if not re.search(r"[<>*{]", name)}
    linked = {name for name in LINKED.findall(path.read_text()) if ":" not in name}
    return sorted(name for name in named if not (ROOT / name).exists()) + \
        sorted(name for name in linked if not (path.parent / name).exists())


def dead_files(readme):
    """What the first column of a README's table of files has too much, and sources that it lacks."""
    here = [path.relative_to(readme.parent) for path in readme.parent.rglob("*")]
    known = {str(path) for path in here} | {str(path.with_suffix("")) for path in here}
    named = {name for rows in TABLE.findall(readme.read_text()) for row in rows.splitlines()
             for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    for name in sorted(named):
        if not re.search(r"[<>*{]", name) and name.rstrip("/") not in known:
            yield f"{name}, which does not exist"
    for path in sorted(readme.parent.glob("*.cpp")) if named else ():
        if path.stem not in named and path.name not in named:
            yield f"no {path.name}"


def dead_references():
    """(source, file) for files that comments of sources refer to and that are nowhere."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    known = {part for name in files for part in ("/".join(name.split("/")[i:]) for i in range(name.count("/") + 1))}
    for name in files:
        if not name.endswith((".h", ".cpp", ".td", ".def")):
            continue
        for line in (ROOT / name).read_text().splitlines():
            comment = line.partition("//")[2]
            yield from ((name, found) for found in REFERRED.findall(comment) if found not in known)


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
    dead = []
    for path in hand_written():
        text, name = path.read_text(), str(path.relative_to(ROOT))
        dead += [f"{name} names {missing}, which does not exist" for missing in dead_names(path)]
        dead += [f"{name} names {wrong}" for wrong in (dead_files(path) if path.name == "README.md" else ())]
        if with_quotes(text) != text:
            stale.append(name)
            if not check:
                path.write_text(with_quotes(text))
    dead += [f"a comment of {name} names {missing}, which does not exist" for name, missing in dead_references()]
    operators = [sys.executable, str(ROOT / "test" / "backend" / "op_table.py")]
    if subprocess.run(operators + (["--check"] if check else []), stdout=subprocess.DEVNULL).returncode:
        stale.append("Operators.md")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run tools/dev/docs.py and commit")
    for line in dead:
        print(line)
    failed = bool(dead or (check and stale))
    print(f"docs: {0 if failed else 1} passed, {1 if failed else 0} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
