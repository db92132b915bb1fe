#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How often the compiler chooses the best variant of a kernel, on the layers of all models.

  variants.py [ROW...] [--family contraction,depthwise,winograd] [--level LEVEL] [--precision f32|bf16]
              [--worst 8] [-o OUT.json]

Rows are those of rows.py. VariantBench compiles each distinct layer in every variant (panel width,
rows of blocks and tiles, tiles of Winograd) and measures them in turns on one thread with cold weights.
Given are per family the share of layers whose choice is within 5 % of the best variant, the geometric
mean of choice over best, the same of the layers' summed time, and how much two measurements of the same
code differ. `--from OUT.json` sums up an earlier run again."""
import argparse
import json
import math
import subprocess
import sys

import rows

OPTC, BENCH = rows.ROOT / "build" / "bin" / "optc", rows.ROOT / "build" / "bin" / "VariantBench"
FOLDER = rows.FOLDER / "variants"
FAMILIES = ("contraction", "depthwise", "winograd")
NEAR = 1.05


def kernel_module(row, precision):
    """The row's model as kernel ops, of its first export that compiles."""
    for export in row.exports:
        pinned, _ = rows.derive(row, export, row.feeds())
        path = FOLDER / f"{row.slug}-{precision}.mlir"
        with open(path, "w") as out:
            done = subprocess.run([OPTC, pinned, "--precision", precision, "--emit=kernel"], stdout=out,
                                  stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            return path
    raise SystemExit(f"variants: {row.name} does not compile: {done.stderr.strip()}")


def measure(family, args):
    modules = [kernel_module(row, args.precision) for row in rows.select(args.rows)]
    process = subprocess.Popen([BENCH, args.level, family, *modules], stdout=subprocess.PIPE, text=True)
    layers = []
    for line in process.stdout:
        layers.append(json.loads(line))
        print(f"\r{family}: {len(layers)} layers", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if process.wait() != 0:
        raise SystemExit(f"variants: VariantBench ended with code {process.returncode}")
    return layers


def judge(layer):
    """Adds the choice's time, the best variant, the loss and the noise. The choice is the first entry and
    the last."""
    times = layer["times"]
    layer["chosen"] = min(times[0]["us"], times[-1]["us"])
    layer["noise"] = max(times[0]["us"], times[-1]["us"]) / layer["chosen"] - 1
    layer["best"] = min(times, key=lambda one: one["us"])
    layer["loss"] = layer["chosen"] / layer["best"]["us"]
    layer["count"] = sum(layer["models"].values())


def summary(layers):
    near = sum(layer["loss"] <= NEAR for layer in layers)
    chosen = sum(layer["chosen"] * layer["count"] for layer in layers)
    best = sum(layer["best"]["us"] * layer["count"] for layer in layers)
    return {"layers": len(layers), "near": near / len(layers),
            "loss": math.exp(sum(math.log(layer["loss"]) for layer in layers) / len(layers)),
            "time_loss": chosen / best, "noise": sorted(layer["noise"] for layer in layers)[len(layers) // 2]}


def show(family, layers, worst):
    failed = [layer for layer in layers if not layer["times"]]
    for layer in failed:
        print(f"{family}: {layer['name']} was not measured: {layer.get('error', 'no variant')}")
    layers = [layer for layer in layers if layer["times"]]
    if not layers:
        return len(failed)
    for layer in layers:
        judge(layer)
    total = summary(layers)
    print(f"{family}: {total['layers']} layers, {100 * total['near']:.0f} % within {100 * NEAR - 100:.0f} % of the best; "
          f"geometric mean {total['loss']:.3f}, of all time {total['time_loss']:.3f}; noise {100 * total['noise']:.1f} %")
    for layer in sorted(layers, key=lambda one: -one["loss"])[:worst]:
        rate = 2e-3 * layer["products"] / layer["chosen"]
        print(f"  {layer['loss']:.3f}  {layer['chosen']:8.1f} us {rate:4.0f} GFLOP/s  {layer['name']}  "
              f"best: {layer['best']['us']:.1f} us {layer['best']['variant']}")
    return len(failed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--family", default=",".join(FAMILIES))
    parser.add_argument("--level", default="x86-64-v4")
    parser.add_argument("--precision", default="f32", choices=("f32", "bf16"))
    parser.add_argument("--worst", type=int, default=8)
    parser.add_argument("--from", dest="source", metavar="OUT.json")
    parser.add_argument("-o", dest="output", metavar="OUT.json")
    args = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    families = args.family.split(",")
    if args.source:
        found = json.load(open(args.source))["families"]
    else:
        found = {family: measure(family, args) for family in families}
    print(f"level {args.level}, {args.precision}" if not args.source else args.source)
    failed = sum(show(family, found[family], args.worst) for family in families if family in found)
    if args.output:
        with open(args.output, "w") as out:
            json.dump({"level": args.level, "precision": args.precision, "families": found}, out, indent=1)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
