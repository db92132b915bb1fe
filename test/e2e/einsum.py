#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Einsum against numpy, which ONNX's reference uses.

  einsum.py [--seed N] [--random N] [-v]

Equations of exported models and of every form there is, then random ones, several nodes a model. Each
model is compiled with known sizes, with a symbol for each letter, and with sizes that are not known
to be equal. Wrong equations have to be refused with the node's name."""
import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import numpy as np
import onnx
from onnx import TensorProto, helper
from harness import engines
from harness.compare import Mismatch, close

LEVEL = ["--level", "x86-64-v3"]   # kernels have tests of their own at all levels

# Equation and the shapes of its operands.
EXPORTED = [
    ("ij,jk->ik", [(3, 4), (4, 5)]),
    ("bhid,bhjd->bhij", [(2, 3, 5, 8), (2, 3, 7, 8)]),         # attention: scores
    ("bhij,bhjd->bhid", [(2, 3, 5, 7), (2, 3, 7, 8)]),         # attention: values
    ("bhwc,hkc->bhwk", [(2, 6, 5, 8), (6, 7, 8)]),             # SAM: relative heights
    ("bhwc,wkc->bhwk", [(2, 6, 5, 8), (5, 7, 8)]),             # SAM: relative widths
    ("nij,ixy->njxy", [(2, 9, 16), (9, 4, 4)]),
    ("...hd,hde->...he", [(2, 3, 4, 5), (4, 5, 6)]),
    ("bsd,dhe->bshe", [(2, 5, 8), (8, 4, 3)]),
    ("bshe,hed->bsd", [(2, 5, 4, 3), (4, 3, 8)]),
    ("ibnd,jbnd->bnij", [(5, 2, 3, 4), (6, 2, 3, 4)]),         # XLNet
    ("bnij,jbnd->ibnd", [(2, 3, 5, 6), (6, 2, 3, 4)]),
    ("bcxd,bcyd->bcxy", [(2, 3, 5, 4), (2, 3, 6, 4)]),         # Longformer
    ("bclhn,bcshn,bhcls,bcshp->bclhp", [(2, 3, 4, 2, 5), (2, 3, 4, 2, 5), (2, 2, 3, 4, 4), (2, 3, 4, 2, 6)]),  # Mamba-2
    ("bclhn,bhcl,bclhp->bchpn", [(2, 3, 4, 2, 5), (2, 2, 3, 4), (2, 3, 4, 2, 6)]),
    ("bhzc,bchpn->bzhpn", [(2, 2, 4, 3), (2, 3, 2, 5, 4)]),
    ("i,d->id", [(5,), (8,)]),                                 # rotary angles
    ("bnd,bd->bn", [(2, 5, 8), (2, 8)]),
    ("nchw,nc->nhw", [(2, 3, 4, 5), (2, 3)]),
]
FORMS = [
    ("ij->ji", [(3, 4)]), ("ij", [(3, 4)]), ("ba", [(3, 4)]), ("bA", [(3, 4)]), ("ii", [(4, 4)]), ("ii->i", [(4, 4)]),
    ("iij->ji", [(3, 3, 4)]), ("iji->j", [(3, 4, 3)]), ("iii->i", [(3, 3, 3)]), ("ijij->ij", [(2, 3, 2, 3)]),
    ("...ii->...i", [(2, 3, 4, 4)]), ("i...i", [(3, 2, 3)]), ("ijk->", [(2, 3, 4)]), ("ijk->j", [(2, 3, 4)]),
    ("...->...", [(2, 3)]), ("...j->j...", [(2, 3, 4)]), ("->", [()]), ("...", [()]), ("i->i...", [(3,)]),
    ("i,i->", [(5,), (5,)]), ("i,i->i", [(5,), (5,)]), ("i,i", [(5,), (5,)]), ("ij,ij->", [(3, 4), (3, 4)]),
    ("i,", [(5,), ()]), ("ij,j->i", [(3, 4), (4,)]), ("j,ij->i", [(4,), (3, 4)]), ("i,ij", [(3,), (3, 4)]),
    ("ij,kj->ki", [(3, 4), (5, 4)]), (" i j , j k -> i k ", [(3, 4), (4, 5)]), ("aB,BC->Ca", [(3, 4), (4, 5)]),
    ("ij,kl->", [(3, 4), (2, 5)]), ("ij,kl->li", [(3, 4), (2, 5)]), ("ij,jk,kl->il", [(3, 4), (4, 5), (5, 2)]),
    ("i,j,k->kji", [(2,), (3,), (4,)]), ("ii,ij,jj->i", [(3, 3), (3, 4), (4, 4)]), ("ab,ab,ab->b", [(3, 4)] * 3),
    ("...ij,...jk->...ik", [(2, 3, 4), (2, 4, 5)]), ("...ij,jk", [(2, 3, 4, 5), (5, 2)]),
    ("...i,...i->...", [(2, 1, 4), (1, 3, 4)]), ("...ij,...jk->...ik", [(1, 3, 4), (5, 4, 2)]),
    ("ij...,jk...->ik...", [(2, 3, 4), (3, 5, 4)]), ("...a,...b->...ab", [(2, 3), (2, 4)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]), ("i,i->i", [(1,), (3,)]), ("bij,bjk->bik", [(1, 2, 3), (4, 3, 5)]),
    ("abcd,cdef->abef", [(2, 3, 4, 5), (4, 5, 2, 3)]), ("abcd,defc->abef", [(2, 3, 4, 5), (5, 2, 3, 4)]),
    ("acbd,bcde->aeb", [(2, 3, 4, 5), (4, 3, 5, 2)]), ("xayb,yxcd->dacyxb", [(2, 3, 4, 5), (4, 2, 3, 2)]),
    ("ij,jk->ik", [(3, 0), (0, 4)]), ("ij,jk->ik", [(0, 3), (3, 4)]), ("ij->j", [(0, 3)]),
]
REFUSED = [
    ("ij,jk->ik", [(3, 4), (5, 6)]), ("ij->ik", [(3, 4)]), ("ij->ii", [(3, 4)]), ("i.j->ij", [(3, 4)]),
    ("ij,jk", [(3, 4)]), ("ijk->ij", [(3, 4)]), ("i1->i", [(3, 4)]), ("...i...->i", [(3, 4)]),
    ("...i->i", [(3, 4)]), ("ii->i", [(3, 4)]), ("ij->j->i", [(3, 4)]), ("i-j->i", [(3, 4)]),
    ("", [(3, 4)]),
]
TYPES = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "i32": np.int32, "i64": np.int64, "u8": np.uint8, "i8": np.int8}
TOLERANCE = {np.float32: (1e-5, 1e-5), np.float64: (1e-12, 1e-12), np.float16: (4e-3, 4e-3)}


def random_equation(rng):
    """An equation over few letters, with an ellipsis, diagonals and sums."""
    letters = rng.sample("abcdeXYZ", rng.randint(2, 5))
    size = {letter: rng.choice([1, 2, 3, 4, 5]) for letter in letters}
    dots = [rng.choice([1, 2, 3]) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
    terms, shapes = [], []
    for _ in range(rng.choice([1, 2, 2, 2, 3, 4])):
        term = [rng.choice(letters) for _ in range(rng.randint(0, 4))]
        shape = [[size[letter]] for letter in term]
        if dots and rng.random() < 0.7:
            place = rng.randint(0, len(term))
            term.insert(place, "...")
            shape.insert(place, [s if rng.random() < 0.8 else 1 for s in dots])
        terms.append("".join(term))
        shapes.append(tuple(s for part in shape for s in part))
    equation = ",".join(terms)
    if rng.random() < 0.75:
        used = sorted(set(equation) & set(letters))
        result = rng.sample(used, rng.randint(0, len(used)))
        if "..." in equation:
            result.insert(rng.randint(0, len(result)), "...")
        equation += "->" + "".join(result)
    return equation, shapes


def symbols(equation, index, rank, mode):
    """The names of sizes of an operand: a letter's where letters have one size."""
    term = equation.split("->")[0].split(",")[index].replace(" ", "")
    before, _, after = term.partition("...")
    names = [*before, *[None] * (rank - len(before) - len(after)), *after]
    names = names if len(names) == rank else [None] * rank
    return [f"{name}_" if name and mode == "letters" else f"o{index}d{dim}" for dim, name in enumerate(names)]


def has_ones(equation, shapes):
    """Whether a letter has size 1 in one operand and more in another: then its name is no size."""
    sizes = {}
    for term, shape in zip(equation.split("->")[0].replace(" ", "").split(","), shapes):
        before, _, after = term.partition("...")
        for letter, size in [*zip(before, shape), *zip(reversed(after), reversed(shape))]:
            sizes.setdefault(letter, set()).add(size)
    return any(len(s) > 1 for s in sizes.values())


def make_model(cases, dtype, mode):
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes, inputs, outputs = [], [], []
    for k, (equation, shapes) in enumerate(cases):
        names = [f"x{k}_{i}" for i in range(len(shapes))]
        for i, (name, shape) in enumerate(zip(names, shapes)):
            dims = list(shape)
            if mode != "static":
                dims = [f"n{k}_{s}" for s in symbols(equation, i, len(shape), mode)]
            inputs.append(helper.make_tensor_value_info(name, elem, dims))
        nodes.append(helper.make_node("Einsum", names, [f"y{k}"], f"node{k}", equation=equation))
        outputs.append(helper.make_tensor_value_info(f"y{k}", elem, None))
    graph = helper.make_graph(nodes, "einsum", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)


def values(rng, shape, dtype):
    if np.issubdtype(dtype, np.floating):
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0 if dtype == np.uint8 else -9, 10, shape).astype(dtype)


def expected(equation, operands):
    wide = np.float64 if np.issubdtype(operands[0].dtype, np.floating) else np.int64
    result = np.einsum(equation.replace(" ", ""), *[x.astype(wide) for x in operands])
    return np.asarray(result).astype(operands[0].dtype)


def check(cases, dtype, mode, folder, rng, verbose):
    """(passed, failed) of one model."""
    model = folder / "einsum.onnx"
    model.write_bytes(make_model(cases, dtype, mode).SerializeToString())
    try:
        engines.compile_model(model, folder / "einsum.optc", arguments=LEVEL)
        feeds = {f"x{k}_{i}": values(rng, shape, dtype) for k, (_, shapes) in enumerate(cases) for i, shape in enumerate(shapes)}
        results = engines.OptcLibrary(folder / "einsum.optc").run(feeds)
    except Exception as error:   # the runtime has errors of its own
        if len(cases) == 1:
            print(f"MISS {cases[0]} {np.dtype(dtype)} {mode}: {error}")
            return 0, 1
        parts = [check([case], dtype, mode, folder, rng, verbose) for case in cases]
        return tuple(map(sum, zip(*parts)))
    failed = 0
    for k, (equation, shapes) in enumerate(cases):
        want = expected(equation, [feeds[f"x{k}_{i}"] for i in range(len(shapes))])
        try:
            close(want, results[f"y{k}"], *TOLERANCE.get(dtype, (0, 0)), where=f"'{equation}' of {shapes}")
            if verbose:
                print(f"  '{equation}' {shapes} {np.dtype(dtype)} {mode}: ok")
        except Mismatch as mismatch:
            print(f"MISS {np.dtype(dtype)} {mode}: {mismatch}")
            failed += 1
    return len(cases) - failed, failed


def is_refused(equation, shapes, folder):
    """Refused as a bad model, by the node's name."""
    model = folder / "bad.onnx"
    model.write_bytes(make_model([(equation, shapes)], np.float32, "static").SerializeToString())
    try:
        engines.compile_model(model, folder / "bad.optc", arguments=LEVEL)
    except engines.CompileError as error:
        if "node0" in str(error) and "exit 3" in str(error):
            return True
        print(f"MISS '{equation}' of {shapes}: {error}")
        return False
    print(f"MISS '{equation}' of {shapes}: compiles")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", type=int, default=60, help="number of random equations")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    chance, rng = random.Random(args.seed), np.random.default_rng(args.seed)
    known = EXPORTED + FORMS
    drawn = [random_equation(chance) for _ in range(args.random)]
    plan = [(known, np.float32, "static"), (known, np.float32, "letters"), (EXPORTED, np.float32, "unknown")]
    plan += [(EXPORTED[k::6] + FORMS[k::6], dtype, "static") for k, dtype in enumerate(list(TYPES.values())[1:])]
    plan += [(drawn, np.float32, "static"), (drawn, np.float32, "letters")]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="optc-einsum-") as scratch:
        for cases, dtype, mode in plan:
            if mode != "static":
                cases = [case for case in cases if not has_ones(*case)]
            for start in range(0, len(cases), 20):
                good, bad = check(cases[start:start + 20], dtype, mode, Path(scratch), rng, args.verbose)
                passed, failed = passed + good, failed + bad
        for equation, shapes in REFUSED:
            good = is_refused(equation, shapes, Path(scratch))
            passed, failed = passed + good, failed + (not good)
    print(f"einsum: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
