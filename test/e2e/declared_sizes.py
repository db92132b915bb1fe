#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of a kilobyte that declare sizes of gigabytes: memory and time of the compiler are bounded by
what a file holds, not by what it declares.

  declared_sizes.py [--only REGEX] [-v]

Each compiles, or is refused with a reason, in less than SECONDS and PEAK_MB; then what --max-memory does."""
import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
from bad_models import FLOAT, INT64, model, save, value
from harness import builds, process
from harness.builds import OPTC
from onnx import SparseTensorProto, TensorProto, helper, numpy_helper

FACTOR = 6 if builds.is_sanitized() else 1
SECONDS, PEAK_MB = 10 * FACTOR, 400 * FACTOR
ADDRESSES = 6 << 30   # bytes; a sanitizer takes more
BUDGET = 7            # the exit code
LONG = 2 ** 31 - 1
I64 = np.int64
BOOL = TensorProto.BOOL


def node(kind, inputs, outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(","), outputs.split(","), **attributes)


def chain(x, *steps, weights=(), kind=FLOAT, outputs=("y",)):
    """Nodes that read x and constants."""
    return model(list(steps), [value("x", x, kind)], [value(o, None) for o in outputs], dict(weights))


def repeated(step, count):
    """x through `step` (from name, to name), `count` times, and out."""
    return [step(f"t{i}", f"t{i + 1}") for i in range(count)]


def vectors():
    """One long dimension of an input."""
    for kind, name in ((INT64, "int64"), (FLOAT, "float")):
        for op in ("Size", "Identity", "Neg", "Shape"):
            yield f"{op} of {name}[2^31]", chain((LONG,), node(op, "x"), kind=kind)
        yield f"Add of {name}[2^31]", chain((LONG,), node("Add", "x,x"), kind=kind)
        yield f"Concat of {name}[2^31]", chain((LONG,), node("Concat", "x,x", axis=0), kind=kind)
        yield f"Unsqueeze of {name}[2^31]", chain((LONG,), node("Unsqueeze", "x,a"), weights={"a": np.array([0], I64)}, kind=kind)
        yield f"Split of {name}[2^31]", chain((LONG,), node("Split", "x", "y,z", num_outputs=2), kind=kind, outputs="yz")
    short = {"a": np.array([1], I64), "b": np.array([7], I64), "z": np.array([0], I64), "half": np.float32(0.5)}
    yield "Slice of int64[2^31]", chain((LONG,), node("Slice", "x,a,b"), weights=short, kind=INT64)
    yield "Gather of int64[2^31]", chain((LONG,), node("Gather", "x,a"), weights=short, kind=INT64)
    yield "a shape of 2^31 sizes", chain((LONG,), node("ConstantOfShape", "x"), kind=INT64)
    yield "a Reshape to 2^31 sizes", model([node("Reshape", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "an Expand to 2^31 sizes", model([node("Expand", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Tile of 2^31 repeats", model([node("Tile", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Pad of 2^31 pads", model([node("Pad", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Slice of 2^31 axes", model([node("Slice", "f,x,x,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Slice of 2^31 starts", model([node("Slice", "f,x,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a ReduceSum of 2^31 axes", model([node("ReduceSum", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Squeeze of 2^31 axes", model([node("Squeeze", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "an Unsqueeze of 2^31 axes", model([node("Unsqueeze", "f,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Split into 2^31 sizes", model([node("Split", "f,x", "y,z")], [value("f"), value("x", (LONG,), INT64)], [value("y", None), value("z", None)])
    yield "a Resize of 2^31 sizes", model([node("Resize", "f,,,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a Resize of 2^31 scales", model([node("Resize", "f,,x")], [value("f"), value("x", (LONG,))])
    yield "a GatherND of 2^31 axes", model([node("GatherND", "f,x")], [value("f"), value("x", (1, LONG), INT64)])
    yield "an image of 2^31 sizes", model([node("Col2Im", "f,x,x")], [value("f"), value("x", (LONG,), INT64)])
    yield "a CenterCropPad to 2^31 sizes", model([node("CenterCropPad", "f,x")], [value("f"), value("x", (LONG,), INT64)])


def constants():
    """Constants that a few numbers of the file describe."""
    sizes = lambda *v: np.array(v, I64)
    one = np.ones((1,), np.float32)
    row = np.arange(64, dtype=np.float32)
    big = 1 << 30
    add = node("Add", "x,c")
    yield "Add of a constant expanded to 2^30", chain((1,), node("Expand", "w,s", "c"), add, weights={"w": one, "s": sizes(big)})
    yield "Add of a row expanded to 2^30", chain((1,), node("Expand", "w,s", "c"), add, weights={"w": row, "s": sizes(big // 64, 64)})
    yield "Add of a constant tiled to 2^30", chain((1,), node("Tile", "w,s", "c"), add, weights={"w": row, "s": sizes(big // 64)})
    yield "Add of a constant padded to 2^30", chain((1,), node("Pad", "w,s", "c"), add, weights={"w": row, "s": sizes(0, big - 64)})
    yield "Add of a filled constant of 2^30", chain((1,), node("ConstantOfShape", "s", "c"), add, weights={"s": sizes(big)})
    rng = {"s": np.float32(0), "e": np.float32(big), "d": np.float32(1)}
    yield "Add of a range of 2^30", chain((1,), node("Range", "s,e,d", "c"), add, weights=rng)
    yield "a range of 2^30 indices", chain((1, 4), node("Range", "s,e,d", "i"), node("Mod", "i,f", "c"), node("Gather", "x,c"),
                                           weights={"s": I64(0), "e": I64(big), "d": I64(1), "f": I64(1)})
    yield "OneHot of depth 2^30", chain((2,), node("OneHot", "x,d,v"), kind=INT64, weights={"d": I64(big), "v": np.array([0, 1], np.float32)})
    yield "EyeLike of 2^15 by 2^15", chain((1 << 15, 1 << 15), node("EyeLike", "x"))
    yield "a filled EyeLike of 2^15 by 2^15", chain((1,), node("ConstantOfShape", "s", "e"), node("EyeLike", "e", "c"), add,
                                                    weights={"s": sizes(1 << 15, 1 << 15)})
    yield "Resize of a constant to 2^30", chain((1,), node("Resize", "w,,,s", "c"), add,
                                                weights={"w": np.ones((1, 1, 1, 1), np.float32), "s": sizes(1, 1, 1 << 15, 1 << 15)})
    windows = helper.make_node("HannWindow", ["n"], ["c"])
    yield "a window of 2^30", chain((1,), windows, add, weights={"n": I64(big)})
    doubled = [node("Identity", "w", "t0"), *repeated(lambda a, b: node("Concat", f"{a},{a}", b, axis=0), 24), node("Add", "x,t24")]
    yield "a row doubled 24 times", chain((1,), *doubled, weights={"w": row})
    padded = [node("Identity", "w", "t0"), *repeated(lambda a, b: node("Pad", f"{a},s", b), 24), node("Add", "x,t24")]
    yield "a row padded 24 times by 2^26", chain((1,), *padded, weights={"w": row, "s": sizes(0, 1 << 26)})
    outer = [n for i in range(300) for n in (node("Add", f"{'x' if not i else f'y{i}'},o{i}", f"y{i + 1}"),
                                             node("Mul", f"a{i},b{i}", f"o{i}"))]
    outer = [n for i in range(300) for n in (outer[2 * i + 1], outer[2 * i])] + [node("Identity", "y300")]
    small = {f"{k}{i}": np.full((256, 1) if k == "a" else (1, 256), i + 1, np.float32) for i in range(300) for k in "ab"}
    yield "300 products of a column and a row", chain((1,), *outer, weights=small)
    yield "a filled constant of -32764", chain((1,), node("Sub", "four,many", "s"), node("ConstantOfShape", "s", "c"), add,
                                               weights={"four": sizes(4), "many": sizes(32768)})
    halves = {"w": one, "s": sizes(1 << 41), "two": sizes(2)}
    yield "Expand to 2^40 by 2^40, computed", chain((1, 1), node("Div", "s,two", "h"), node("Concat", "h,h", "t", axis=0), node("Expand", "x,t"), weights=halves)
    yield "MatMul of an expanded constant", chain((1, 1 << 15), node("Expand", "w,s", "c"), node("MatMul", "x,c"),
                                                  weights={"w": one, "s": sizes(1 << 15, 1 << 15)})
    yield "Conv of an expanded filter", chain((1, 1 << 12, 8, 8), node("Expand", "w,s", "c"), node("Conv", "x,c"),
                                              weights={"w": one, "s": sizes(1 << 12, 1 << 12, 3, 3)})
    yield "Conv of a filled filter", chain((1, 1 << 12, 8, 8), node("ConstantOfShape", "s", "c"), node("Conv", "x,c"),
                                           weights={"s": sizes(1 << 12, 1 << 12, 3, 3)})
    yield "an If over a huge constant", chain((1,), node("Expand", "w,s", "c"), node("ReduceSum", "c", "r", keepdims=0),
                                              node("Cast", "r", "go", to=BOOL), helper.make_node(
        "If", ["go"], ["y"], then_branch=branch("Neg"), else_branch=branch("Abs")), weights={"w": one, "s": sizes(big)})


def sparse(shape):
    """One value of a sparse tensor."""
    tensor = SparseTensorProto(dims=shape)
    tensor.values.CopyFrom(numpy_helper.from_array(np.ones(1, np.float32), "c"))
    tensor.indices.CopyFrom(numpy_helper.from_array(np.zeros(1, I64)))
    return tensor


def sparse_tensors():
    for count, size in ((1, 1 << 27), (40, 1 << 24)):
        proto = chain((1,), *[node("Add", f"{'x' if not i else f'y{i}'},c{i}", f"y{i + 1}") for i in range(count)], node("Identity", f"y{count}"))
        for i in range(count):
            proto.graph.sparse_initializer.append(sparse([size]))
            proto.graph.sparse_initializer[-1].values.name = f"c{i}"
        yield f"{count} sparse tensors of {size} numbers", proto


def branch(kind):
    return helper.make_graph([node(kind, "x", "t")], kind, [], [value("t", None)])


def attributes():
    """Numbers in attributes."""
    image = (1, 3, LONG, 8)
    yield "MaxPool of a window of 2^30", chain(image, node("MaxPool", "x", kernel_shape=[1 << 30, 2]))
    yield "AveragePool of a window of 2^30", chain(image, node("AveragePool", "x", kernel_shape=[1 << 30, 2]))
    yield "LpPool of a window of 2^30", chain(image, node("LpPool", "x", kernel_shape=[1 << 30, 2]))
    yield "AveragePool with pads of 2^30", chain((1, 3, 8, 8), node("AveragePool", "x", kernel_shape=[1 << 30, 2], pads=[1 << 30, 0, 1 << 30, 0], count_include_pad=1))
    weight = {"w": np.ones((4, 3, 3, 3), np.float32)}
    yield "Conv of an image of 2^31 rows", chain(image, node("Conv", "x,w"), weights=weight)
    yield "Conv with dilations of 2^28", chain(image, node("Conv", "x,w", dilations=[1 << 28, 1]), weights=weight)
    yield "Conv with pads of 2^28", chain((1, 3, 8, 8), node("Conv", "x,w", pads=[1 << 28] * 4), weights=weight)
    transposed = {"w": np.ones((3, 4, 3, 3), np.float32)}
    yield "ConvTranspose with strides of 2^14", chain((1, 3, 8, 8), node("ConvTranspose", "x,w", strides=[1 << 14, 1 << 14]), weights=transposed)
    yield "ConvTranspose with strides of 2^28", chain((1, 3, 8, 8), node("ConvTranspose", "x,w", strides=[1 << 28, 1]), weights=transposed)
    yield "ConvTranspose with output padding", chain((1, 3, 8, 8), node("ConvTranspose", "x,w", strides=[3000, 3000], output_padding=[2000, 2000]), weights=transposed)
    yield "LRN of 2^30 channels", chain((1, 3, 8, 8), node("LRN", "x", size=(1 << 30) + 1))
    yield "SpaceToDepth of 2^15", chain((1, 3, 1 << 15, 1 << 15), node("SpaceToDepth", "x", blocksize=1 << 15))
    yield "DepthToSpace of 2^12", chain((1, 1 << 24, 2, 2), node("DepthToSpace", "x", blocksize=1 << 12))
    yield "GroupNormalization of 2^20 groups", chain((1, 1 << 20, 4), node("GroupNormalization", "x,s,s", num_groups=1 << 20), weights={"s": np.ones(1 << 20, np.float32)})
    yield "TopK of 2^30", chain((LONG,), node("TopK", "x,k", "y,z"), weights={"k": np.array([1 << 30], I64)}, outputs="yz")
    yield "Softmax over 2^31", chain((2, LONG), node("Softmax", "x"))
    yield "ReduceSum over 2^31", chain((2, LONG), node("ReduceSum", "x"))
    yield "CumSum over 2^31", chain((2, LONG), node("CumSum", "x,a"), weights={"a": np.array(1, I64)})
    yield "MatMul over 2^31", model([node("MatMul", "x,z")], [value("x", (2, LONG)), value("z", (LONG, 2))])
    yield "Gemm over 2^31", model([node("Gemm", "x,z", transB=1)], [value("x", (2, LONG)), value("z", (4, LONG))])
    yield "Einsum over 2^31", model([node("Einsum", "x,z", equation="ij,kj->ik")], [value("x", (2, LONG)), value("z", (4, LONG))])
    yield "Gather of 2^31 rows", chain((LONG, 4), node("Gather", "x,i"), weights={"i": np.arange(5)})
    yield "ScatterND into 2^31", model([node("ScatterND", "x,i,u")], [value("x", (LONG,)), value("i", (4, 1), INT64), value("u", (4,))])
    yield "Resize to 2^31", chain((1, 1, 8, 8), node("Resize", "x,,,s", mode="linear"), weights={"s": np.array([1, 1, LONG, 2], I64)})
    yield "Resize of 2^31, cubic", chain((1, 1, LONG, 2), node("Resize", "x,,,s", mode="cubic"), weights={"s": np.array([1, 1, 16, 2], I64)})
    yield "Resize with antialias", chain((1, 1, LONG, 2), node("Resize", "x,,,s", mode="linear", antialias=1), weights={"s": np.array([1, 1, 16, 2], I64)})
    yield "a Split into parts of 2^28", chain((1 << 30,), node("Split", "x", "y,z,p,q", num_outputs=4), outputs="yzpq")
    yield "GridSample of 2^30", model([node("GridSample", "x,g")], [value("x", (1, 1, 4, LONG)), value("g", (1, 1, 1 << 30, 2))])
    yield "RandomNormal of 2^30", chain((1,), node("RandomNormal", "", "c", shape=[1 << 30]), node("Add", "x,c"))


def steps():
    """Sequences and loops."""
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        w, r = np.ones((1, gates * 4, 3), np.float32), np.ones((1, gates * 4, 4), np.float32)
        yield f"{op} of 2^30 steps", chain((1 << 30, 1, 3), node(op, "x,w,r", hidden_size=4), weights={"w": w, "r": r})
    body = helper.make_graph([node("Identity", "c", "d"), node("Neg", "s", "t"), node("Identity", "t", "row")], "body",
                             [value("i", (), INT64), value("c", (), BOOL), value("s", None)],
                             [value("d", None, BOOL), value("t", None), value("row", None)])
    weights = {"n": I64(1 << 40), "go": np.bool_(True)}
    yield "Loop of 2^40 trips", chain((2,), node("Loop", "n,go,x", "y,z", body=body), weights=weights, outputs="yz")
    known = helper.make_graph([node("Identity", "c", "d"), node("Mul", "s,two", "t")], "body",
                              [value("i", (), INT64), value("c", (), BOOL), value("s", None)], [value("d", None, BOOL), value("t", None)])
    yield "Loop of constants, 2^40 trips", chain((2,), node("Loop", "n,go,two", "k", body=known), node("Mul", "x,k"), weights={**weights, "two": np.float32(2)})
    scan = helper.make_graph([node("Neg", "r", "t")], "body", [value("r", None)], [value("t", None)])
    yield "Scan of 2^30 rows", chain((1 << 30, 2), node("Scan", "x", body=scan, num_scan_inputs=1))
    yield "ReverseSequence of 2^30", model([node("ReverseSequence", "x,l", batch_axis=1, time_axis=0)], [value("x", (1 << 30, 2)), value("l", (2,), INT64)])
    yield "DFT of 2^30", chain((1, 1 << 30, 1), node("DFT", "x"))
    yield "STFT of 2^30", chain((1, 1 << 30), node("STFT", "x,s,,l"), weights={"s": I64(16), "l": I64(1 << 20)})


def all_cases():
    for group in (vectors, constants, sparse_tensors, attributes, steps):
        for name, proto in group():
            yield name, proto


def complaint(result, codes):
    if result.outcome in ("crash", "timeout"):
        return f"{result.outcome}, code {result.code}, {result.seconds:.1f} s, {result.peak_mb:.0f} MB: {result.tail(200)}"
    if result.code not in codes:
        return f"exit code {result.code}: {result.tail(300)}"
    if result.seconds > SECONDS or result.peak_mb > PEAK_MB:
        return f"{result.seconds:.1f} s, {result.peak_mb:.0f} MB"
    return None


def compile_case(folder, proto):
    save(proto)(folder / "model.onnx")
    arguments = [OPTC, "model.onnx", "--level", "x86-64-v3", "-o", "model.optc"]
    result = process.run(arguments, 6 * SECONDS, cwd=folder, memory=ADDRESSES)
    return result, complaint(result, (process.OK, process.UNSUPPORTED))


def stops(*arguments, environment=None, **files):
    """Compiles a sound model within too little; what is wrong with how it ends, or None."""
    with tempfile.TemporaryDirectory(prefix="optc-limit-") as scratch:
        folder = Path(scratch)
        steps = [node("Identity", "x", "t0"), *repeated(lambda a, b: node("Add", f"{a},x", b), 400), node("Identity", "t400")]
        save(chain((2, 3), *steps))(folder / "model.onnx")
        (folder / "model.optc").write_bytes(b"older")
        for name, text in files.items():
            (folder / name).write_text(text)
        result = process.run([OPTC, *arguments], 6 * SECONDS, cwd=folder, environment=environment)
        left = {p.name for p in folder.iterdir()} - {"model.onnx", "model.optc", *files}
        if result.code != BUDGET or "OPTC-E5002" not in result.text or "--max-memory" not in result.text:
            return f"exit code {result.code}: {result.tail()}"
        if left or (folder / "model.optc").read_bytes() != b"older":
            return f"left behind {left}, or changed the older artifact"
        return None


def limits():
    little = "2M"
    yield "build", lambda: stops("build", "model.onnx", "-o", "model.optc", "--max-memory", little)
    yield "check", lambda: stops("check", "model.onnx", "--max-memory", little)
    yield "run", lambda: stops("run", "model.onnx", "--max-memory", little)
    yield "bench", lambda: stops("bench", "model.onnx", "--max-memory", little)
    yield "compare", lambda: stops("compare", "model.onnx", "model.optc", "--max-memory", little)
    yield "a variable", lambda: stops("build", "model.onnx", environment={"OPTC_MAX_MEMORY": little})
    yield "a file", lambda: stops("--config", "config.toml", "build", "model.onnx", **{"config.toml": f'[build]\nmax-memory = "{little}"\n'})


def enough():
    with tempfile.TemporaryDirectory(prefix="optc-limit-") as scratch:
        save(chain((2, 3), node("Neg", "x")))(Path(scratch, "model.onnx"))
        result = process.run([OPTC, "build", "model.onnx", "--max-memory", "2 GB"], 6 * SECONDS, cwd=scratch)
        return None if result.code == 0 else f"exit code {result.code}: {result.tail()}"


def nonsense(size):
    result = process.run([OPTC, "build", "model.onnx", "--max-memory", size], 6 * SECONDS)
    return None if result.code == process.USAGE and "--max-memory" in result.text else f"exit code {result.code}: {result.tail()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="regex on names")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    passed = failed = 0
    for name, proto in all_cases():
        if args.only and not re.search(args.only, name):
            continue
        with tempfile.TemporaryDirectory(prefix="optc-declared-") as scratch:
            result, problem = compile_case(Path(scratch), proto)
        passed, failed = passed + (not problem), failed + bool(problem)
        if problem or args.verbose:
            print(f"{'FAIL' if problem else 'ok  '} {name}: {problem or f'{result.code} {result.seconds:.1f} s {result.peak_mb:.0f} MB {result.tail(120)}'}", flush=True)
    for name, check in [*limits(), ("enough", enough), ("nothing", lambda: nonsense("0")), ("no number", lambda: nonsense("much"))]:
        name = f"--max-memory: {name}"
        if not args.only or re.search(args.only, name):
            problem = check()
            passed, failed = passed + (not problem), failed + bool(problem)
            if problem or args.verbose:
                print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}", flush=True)
    print(f"declared sizes: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
