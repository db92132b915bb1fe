#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the ONNX backend suite through `optc run` and reports by kind and operator.

  run.py [--only REGEX] [--kinds node,simple] [--jobs N] [--expect FILE] [-o OUT.json]
  run.py --dynamic [--each N]                           no size known at compile time
  run.py --command 'engine {model} {inputs} {outputs}'     another engine, same protocol

One process per data set; `{inputs}` and `{outputs}` are folders as test/harness/manifest.py
describes. `optc check` judges the first case of every operator and those that are unsupported, and
has to say the same; where it does not, that is a regression, too. pass, mismatch, unsupported (exit 3), error (another exit code), crash (a signal)
and timeout are told apart. --expect takes a list of case ids, one per line ('#' starts a
comment): any of them that does not pass is a regression, counted as failed, exit 1; the other
cases that do not pass count as skipped. --update writes the passing cases to that file, under
its comments. --each N runs the first N listed cases of every operator."""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import onnx

import cases
import generate
from harness import compare, manifest, process, verdict

ROOT = Path(__file__).resolve().parents[2]
COMMAND = f"{ROOT}/build/bin/optc run {{model}} --inputs {{inputs}} --output-dir {{outputs}}"
FAILURES = ("mismatch", "disagree", "error", "crash", "timeout")


def run_set(command, model, inputs, expected, tolerance, timeout):
    """Runs one data set: (status, message)."""
    with tempfile.TemporaryDirectory(prefix="optc-backend-") as scratch:
        source, target = Path(scratch, "in"), Path(scratch, "out")
        source.mkdir()
        target.mkdir()
        manifest.write(source, inputs)
        argv = [part.format(model=model, inputs=source, outputs=target) for part in shlex.split(command)]
        result = process.run(argv, timeout, cwd=scratch)
        if result.outcome != "ok":
            return result.outcome, f"exit {result.code}: {result.tail()}"
        try:
            got = manifest.read(target)
            for name, value in expected:
                if name not in got:
                    raise compare.Mismatch(f"no output '{name}'")
                compare.close(value, got[name], *tolerance, where=f"output '{name}'")
        except (compare.Mismatch, OSError, KeyError, ValueError) as error:
            return "mismatch", str(error)
    return "pass", ""


def run_case(case, args):
    start = time.time()
    model = onnx.load(case.model, load_external_data=False)
    status, message, path = "error", "no data sets", case.model
    with tempfile.TemporaryDirectory(prefix="optc-backend-") as scratch:
        if args.dynamic:
            path = Path(scratch, "model.onnx")
            cases.with_dynamic_inputs(model, path)
        for inputs, outputs in cases.data_sets(case, model.graph):
            status, message = run_set(args.command, path, inputs, outputs, cases.tolerances(case), args.timeout)
            if status != "pass":
                break
        if status == "unsupported" or (status in ("pass", "mismatch") and case.id in args.checked):
            outcome = "unsupported" if status == "unsupported" else "ok"
            wrong = args.command == COMMAND and verdict.disagreement(path, outcome)
            status, message = ("disagree", wrong) if wrong else (status, message)
    return {"id": case.id, "kind": case.kind, "op": case.op, "ops": case.ops, "expanded": case.expanded,
            "status": status, "message": message, "seconds": round(time.time() - start, 3)}


def kind_of(result):
    if result["kind"] != "node":
        return result["kind"]
    return "node (expanded)" if result["expanded"] else "node (direct)"


def table(results, key):
    rows = collections.defaultdict(collections.Counter)
    for result in results:
        rows[key(result)][result["status"]] += 1
        rows[key(result)]["total"] += 1
    return rows


def print_kinds(results):
    columns = ("total", "pass", "unsupported", *FAILURES)
    print(f"{'kind':20}" + "".join(f"{c:>13}" for c in columns))
    rows = sorted(table(results, kind_of).items()) + [("all", collections.Counter(
        total=len(results), **collections.Counter(r["status"] for r in results)))]
    for kind, row in rows:
        print(f"{kind:20}" + "".join(f"{row[c]:>13}" for c in columns))


def reason(result):
    """The part of a message that many cases share: its error line, without what is quoted."""
    lines = [line for line in result["message"].splitlines() if "OPTC-E" in line or "rror" in line]
    text = re.sub(r"'[^']*'|\"[^\"]*\"|\d{2,}", "*", lines[0] if lines else result["message"])
    return f"{result['status']}: {re.sub(r'^.*?(OPTC-E)', 'OPTC-E', text)[:110]}"


def print_details(results):
    failed = [r for r in results if r["status"] != "pass"]
    print("\nmost frequent reasons, with one case each")
    groups = collections.defaultdict(list)
    for result in failed:
        groups[reason(result)].append(result["id"])
    for text, ids in sorted(groups.items(), key=lambda item: -len(item[1]))[:25]:
        print(f"{len(ids):6}  {text}   {ids[0]}")
    print("\noperators with cases that do not pass: passed/total")
    rows = table(results, lambda r: r["op"])
    for op, row in sorted(rows.items(), key=lambda item: item[1]["pass"] - item[1]["total"]):
        if row["pass"] < row["total"]:
            print(f"  {op} {row['pass']}/{row['total']}", end="")
    print()


def read_list(path):
    """Case ids of a list, and the comments at its top."""
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    comments = [line for line in lines if line.startswith("#")]
    return [line for line in lines if line and not line.startswith("#")], comments


def write_list(path, ids):
    _, comments = read_list(path)
    Path(path).write_text("".join(line + "\n" for line in comments + sorted(ids)))


def first_of_each(selected, count, listed):
    """At most `count` cases of every operator, of those that are listed."""
    seen, kept = collections.Counter(), []
    for case in selected:
        if case.id in listed and seen[case.op] < count:
            seen[case.op] += 1
            kept.append(case)
    return kept


def check_expected(results, path, is_part):
    """Compares with the list of passing cases: the number of regressions. `is_part` says that
    only some cases ran."""
    expected = set(read_list(path)[0])
    ran = {r["id"]: r for r in results}
    missing = [] if is_part else sorted(expected - ran.keys())
    lost = [r for r in results if r["status"] == "disagree" or (r["id"] in expected and r["status"] != "pass")]
    for id_ in missing:
        print(f"REGRESSED {id_}: did not run")
    for result in lost:
        print(f"REGRESSED {result['id']}: {result['status']}: {result['message'][:200]}")
    new = sum(r["status"] == "pass" and r["id"] not in expected for r in results)
    if new:
        print(f"{new} cases pass that {Path(path).name} does not list (--update adds them)")
    return len(lost) + len(missing)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=Path, default=generate.DEFAULT)
    parser.add_argument("--command", default=COMMAND)
    parser.add_argument("--kinds", type=lambda text: text.split(","))
    parser.add_argument("--only", help="regex on case ids")
    parser.add_argument("--dynamic", action="store_true", help="with every input dimension unknown at compile time")
    parser.add_argument("--each", type=int, metavar="N", help="only the first N listed cases of every operator")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--expect", type=Path)
    parser.add_argument("--update", action="store_true", help="write the passing cases to the --expect file")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every case that does not pass")
    parser.add_argument("-o", "--out", type=Path)
    args = parser.parse_args()
    if args.each and not args.expect:
        parser.error("--each needs the list of --expect")
    return args


def run_all(selected, args):
    results = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for result in pool.map(lambda case: run_case(case, args), selected):
            results.append(result)
            if args.verbose and result["status"] != "pass":
                print(f"{result['status']:12}{result['id']}: {result['message'][-200:]!r}", flush=True)
            if sys.stdout.isatty() and len(results) % 20 == 0:
                print(f"\r{len(results)}/{len(selected)}", end="\r", flush=True)
    return results


def main():
    args = parse_arguments()
    if args.tests == generate.DEFAULT:
        generate.ensure(args.tests)
    selected = cases.find(args.tests, args.kinds, args.only)
    if args.each:
        selected = first_of_each(selected, args.each, set(read_list(args.expect)[0]))
    args.checked = {case.id for case in first_of_each(selected, 1, {case.id for case in selected})}
    start = time.time()
    results = run_all(selected, args)
    print_kinds(results)
    if len(results) > 1:
        print_details(results)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps({"onnx": onnx.__version__, "command": args.command, "tests": results}, indent=1))
    regressions = 0
    passing = [r["id"] for r in results if r["status"] == "pass"]
    if args.expect and args.update:
        write_list(args.expect, passing)
    elif args.expect:
        regressions = check_expected(results, args.expect, bool(args.kinds or args.only or args.each))
    counts = collections.Counter(r["status"] for r in results)
    failed = sum(counts[f] for f in FAILURES)
    print(f"{counts['unsupported']} unsupported, {failed} with another fault, {time.time() - start:.0f} s")
    print(f"backend: {len(passing)} passed, {regressions} failed, {len(results) - len(passing) - regressions} skipped")
    return 1 if regressions else 0


if __name__ == "__main__":
    sys.exit(main())
