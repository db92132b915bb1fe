#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Feeds optc what it must refuse, and checks how it refuses.

  bad_input.py [--only REGEX] [-v]

Bad models, real models with random damage, bad inputs of a run, and damaged artifacts (each byte
of headers, directory and manifest flipped, some of the rest; cut at every KB). Each has to end within
10 seconds, not by a signal, with
the right exit code, an error of at most two lines with an OPTC-E id that names what is at
fault, and without a file left behind."""
import argparse
import concurrent.futures
import os
import re
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import bad_axes
import bad_models
import bad_mutations
import bad_runs
import numpy as np
from harness import builds, optc_runtime, process, verdict
from harness.builds import OPTC

SECONDS = 60 if builds.is_sanitized() else 10
LINE = 500   # characters
# Numbers of the errors about artifacts, of Errors.def.
DAMAGED_ERRORS = (6000, 6999)
# All damages go through the library; every so-manieth through the command, too.
DAMAGE_STEP = 101
ID = re.compile(r"OPTC-E\d{4}\b")


def complaint(result, codes, mentions="", lines=2):
    """What is wrong with the way a command ended, or None."""
    text = result.text.strip()
    # A refusal is quick; a model that compiles in spite of its damage takes as long as it takes.
    if result.timed_out or (result.code and result.seconds > SECONDS):
        return f"took {result.seconds:.0f} s"
    if result.outcome == "crash":
        return f"crash, code {result.code}: {result.tail(200)}"
    if result.code not in codes:
        return f"exit code {result.code}, expected {' or '.join(map(str, codes))}: {result.tail(300)}"
    if result.code == 0:
        return None
    if not ID.search(text):
        return f"no error id: {result.tail(200)}"
    if len(text.splitlines()) > lines or any(len(line) > LINE for line in text.splitlines()):
        return f"error of {len(text.splitlines())} lines, {len(text)} characters: {text[:300]}"
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text):
        return f"control characters in the error: {text[:200]!r}"
    if mentions and mentions not in text:
        return f"does not name {mentions}: {text[:300]}"
    return None


def left_behind(folder, before):
    new = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p not in before)
    return f"left behind: {', '.join(new)}" if new else None


def compile_bad(bad):
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch:
        folder = Path(scratch, "model")
        folder.mkdir()
        bad.write(folder / "model.onnx")
        before = {p for p in Path(scratch).rglob("*")}
        result = process.run([OPTC, "model.onnx", "--level", "x86-64-v3", "-o", "model.optc"], 12 * SECONDS, cwd=folder)
        problem = complaint(result, bad.codes, bad.mentions) or verdict.disagreement("model.onnx", result.outcome, cwd=folder)
        return problem or (left_behind(Path(scratch), before) if result.code else None)


def build(model, folder):
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    result = process.run([OPTC, folder / "model.onnx", "-o", folder / "model.optc"], 6 * SECONDS)
    if result.code:
        raise RuntimeError(f"a sound model does not compile: {result.tail()}")
    return folder / "model.optc"


def run_bad(bad):
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch:
        folder = Path(scratch)
        artifact = build(bad.model, folder)
        arguments = bad.arguments(folder)
        before = set(folder.rglob("*"))
        result = process.run([OPTC, "run", artifact, *arguments], 3 * SECONDS, cwd=folder)
        problem = complaint(result, bad.codes, bad.mentions)
        return problem or (left_behind(folder, before) if result.code else None)


def structure(path):
    """Offsets of all bytes that are not entry data: local headers, directory; and the manifest."""
    data = path.read_bytes()
    offsets = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            start = info.header_offset
            name = int.from_bytes(data[start + 26:start + 28], "little")
            extra = int.from_bytes(data[start + 28:start + 30], "little")
            offsets += range(start, start + 30 + name + extra)
            if info.filename == "manifest.json":
                begin = start + 30 + name + extra
                offsets += range(begin, begin + info.file_size)
        offsets += range(archive.start_dir, len(data))
    return data, offsets


def damaged(path):
    """(name, content) of every damage to the artifact."""
    data, offsets = structure(path)
    inside = sorted(set(range(0, len(data), max(1, len(data) // 400))) - set(offsets))
    inside = [i for i in inside if data[i:i + 8].strip(b"\0")]   # not the padding between entries
    for offset in [*offsets, *inside]:
        changed = bytearray(data)
        changed[offset] ^= 0xFF
        yield f"artifact: byte {offset} of {len(data)} flipped", bytes(changed)
    for size in range(0, len(data), 1024):
        yield f"artifact: cut at {size} of {len(data)}", data[:size]
    yield "artifact: cut by one byte", data[:-1]
    yield "artifact: one byte more", data + b"\0"
    yield "artifact: twice", data + data
    yield "artifact: is text", b"optc" * 2000


def run_damaged(content):
    """Through the command."""
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch:
        folder = Path(scratch)
        (folder / "model.optc").write_bytes(content)
        x = bad_runs.npy(folder, np.zeros((2, 16), np.float32))
        before = set(folder.rglob("*"))
        result = process.run([OPTC, "run", folder / "model.optc", "--input", f"x={x}", "--output-dir", folder / "out"],
                             3 * SECONDS, cwd=folder)
        return complaint(result, (process.DAMAGED,)) or left_behind(folder, before)


def open_damaged(artifact):
    """Every damage through the library, in a process of its own; prints what is wrong."""
    library = optc_runtime.load()
    for count, (name, content) in enumerate(damaged(Path(artifact)), 1):
        print(f"at {name}", flush=True)
        start = time.time()
        try:
            optc_runtime.try_open(library, content)
            print(f"WRONG {name}: was opened")
        except optc_runtime.OptcError as error:
            if not DAMAGED_ERRORS[0] <= error.code <= DAMAGED_ERRORS[1] or len(str(error).splitlines()) > 2:
                print(f"WRONG {name}: {error}")
        if time.time() - start > SECONDS:
            print(f"WRONG {name}: took {time.time() - start:.0f} s")
    print(f"opened {count}")


def all_damages(artifact, count):
    """Runs open_damaged; the last name it printed is at fault when it ends by a signal."""
    result = process.run([sys.executable, __file__, "--open-damaged", artifact], 600)
    lines = result.text.splitlines()
    wrong = [line for line in lines if line.startswith("WRONG")]
    if wrong or f"opened {count}" not in lines:
        last = "" if f"opened {count}" in lines else f"; ended with {result.code} {lines[-1:]}"
        return f"{len(wrong)} of {count} wrong: {wrong[:5]}{last}"
    return None


def check_lists_all():
    """`optc check` names every unsupported node at once."""
    nodes = [bad_models.node("Frobnicate", ("x",), ("a",)), bad_models.node("Transmogrify", ("a",), ("b",)),
             bad_models.node("Frobnicate", ("b",), ("y",))]
    for i, node in enumerate(nodes):
        node.name = f"/strange/{i}"
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch:
        path = Path(scratch, "model.onnx")
        path.write_bytes(bad_models.model(nodes).SerializeToString())
        result = process.run([OPTC, "check", path], SECONDS)
        missing = [node.name for node in nodes if node.name not in result.text]
        problem = complaint(result, (process.UNSUPPORTED,), lines=20)
        return problem or (f"does not list {missing}: {result.tail()}" if missing else None)


def keeps_older_output():
    """A compile that fails leaves an artifact of the same name as it was."""
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch:
        folder = Path(scratch)
        artifact = build(bad_models.good(), folder)
        before = artifact.read_bytes()
        (folder / "model.onnx").write_bytes(b"no model")
        process.run([OPTC, folder / "model.onnx", "-o", artifact], SECONDS)
        return None if artifact.exists() and artifact.read_bytes() == before else "the older artifact is gone"


def usage(arguments):
    return lambda: complaint(process.run([OPTC, *arguments], SECONDS), (process.USAGE,))


def all_checks(scratch):
    """(name, function) of every check; a function returns what is wrong or None."""
    for bad in [*bad_models.all_models(), *bad_axes.all_axes(), *bad_mutations.all_mutations()]:
        yield bad.name, lambda bad=bad: compile_bad(bad)
    for bad in bad_runs.all_runs():
        yield bad.name, lambda bad=bad: run_bad(bad)
    yield "check lists all unsupported nodes", check_lists_all
    yield "a failed compile keeps the older artifact", keeps_older_output
    yield "usage: no arguments", usage([])
    yield "usage: unknown flag", usage(["model.onnx", "--frobnicate"])
    yield "usage: output in a missing folder", usage([scratch / "model.onnx", "-o", scratch / "nowhere" / "m.optc"])
    yield "usage: artifact is missing", usage(["run", "nowhere.optc"])
    yield "usage: inspect a missing artifact", usage(["inspect", "nowhere.optc"])
    try:
        artifact = build(bad_models.good(), scratch)
    except RuntimeError as error:
        yield "artifact: all damages", lambda error=error: str(error)
        return
    damages = list(damaged(artifact))
    yield f"artifact: all {len(damages)} damages, by the library", lambda: all_damages(artifact, len(damages))
    for name, content in damages[::DAMAGE_STEP] + damages[-4:]:
        yield name, lambda content=content: run_damaged(content)


def attempt(check):
    try:
        return check()
    except RuntimeError as error:
        return str(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="regex on names")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--open-damaged", metavar="ARTIFACT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.open_damaged:
        return open_damaged(args.open_damaged)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-bad-") as scratch, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        checks = [c for c in all_checks(Path(scratch)) if not args.only or re.search(args.only, c[0])]
        for (name, _), problem in zip(checks, pool.map(lambda check: attempt(check[1]), checks)):
            failed += problem is not None
            if problem or args.verbose:
                print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}", flush=True)
    print(f"bad input: {len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
