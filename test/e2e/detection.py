#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NonMaxSuppression, RoiAlign and MaxRoiPool against ONNX Runtime, or the ONNX reference where ONNX
Runtime has no kernel.

  detection.py [NAME...]

Static and dynamic sizes, both forms of boxes, every limit there or not, ties, NaN, no boxes, many
boxes; samples by number and by size, regions outside of the image; and what has to be refused."""
import itertools
import sys

import numpy as np
from onnx.reference import ReferenceEvaluator
from op_cases import OpCase, main, model

RNG = np.random.default_rng(7)


def reference(proto):
    evaluator = ReferenceEvaluator(proto)
    return lambda feeds: evaluator.run(None, feeds)


#===----------------------------------------------------------------------===#
# NonMaxSuppression
#===----------------------------------------------------------------------===#


def boxes(batch, count, centered=False, size=20.0):
    first = RNG.uniform(0, 100, (batch, count, 2))
    extent = RNG.uniform(0, size, (batch, count, 2))
    second = extent if centered else first + extent * RNG.choice([-1, 1], (batch, count, 2))
    return np.concatenate([first, second], 2).astype(np.float32)


def scores(batch, classes, count, levels=None):
    """Equal scores are frequent where there are few levels."""
    values = RNG.uniform(-1, 1, (batch, classes, count))
    return (np.round(values * levels) / levels if levels else values).astype(np.float32)


def nms_model(limits, static=None, centered=0, opset=11):
    """`limits` of max_output, iou, score thresholds that are operands."""
    b, c, n = static or ("B", "C", "N")
    kinds = {"m": "int64[1]", "i": "float[1]", "s": "float[1]"}
    names = [name if name in limits else "" for name in "mis"]
    while names and not names[-1]:
        names.pop()
    declared = "".join(f", {kinds[name]} {name}" for name in names if name)
    operands = "".join(f", {name}" for name in names).replace(", ,", ', "",').replace(", ,", ', "",')
    return model(f"""nms (float[{b}, {n}, 4] b, float[{b}, {c}, {n}] c{declared}) => (int64[K, 3] y) {{
      y = NonMaxSuppression <center_point_box = {centered}> (b, c{operands})
    }}""", opset, 8)


def nms_feeds(batch, classes, count, limits, centered=False, levels=None, m=5, i=0.3, s=0.2):
    feeds = {"b": boxes(batch, count, centered), "c": scores(batch, classes, count, levels)}
    given = {"m": np.array([m], np.int64), "i": np.array([i], np.float32), "s": np.array([s], np.float32)}
    return {**feeds, **{name: given[name] for name in limits}}


def greedy(feeds):
    """What is meant, by another way: all overlaps at once. No NaN."""
    rows = []
    low, high = np.minimum(feeds["b"][..., :2], feeds["b"][..., 2:]), np.maximum(feeds["b"][..., :2], feeds["b"][..., 2:])
    for batch, klass in itertools.product(range(feeds["c"].shape[0]), range(feeds["c"].shape[1])):
        score, kept = feeds["c"][batch, klass], []
        shared = np.minimum(high[batch, :, None], high[batch]) - np.maximum(low[batch, :, None], low[batch])
        shared = np.clip(shared, 0, None).prod(-1)
        area = (high[batch] - low[batch]).prod(-1)
        for box in np.argsort(-score, kind="stable"):
            if score[box] > feeds["s"][0] and len(kept) < feeds["m"][0]:
                if all(shared[box, k] <= feeds["i"][0] * (area[box] + area[k] - shared[box, k]) for k in kept):
                    kept.append(box)
        rows += [(batch, klass, box) for box in kept]
    return [np.array(rows, np.int64).reshape(-1, 3)]


def nan_scores():
    feeds = nms_feeds(1, 2, 40, "mis", m=40)
    feeds["c"][:, :, ::3] = np.nan
    return feeds


def nan_boxes():
    feeds = nms_feeds(1, 1, 6, "mis", m=40, s=-2)
    feeds["b"][0, 2] = np.nan
    return feeds


def spread_out(count):
    """Boxes of which none overlaps another, the most work there is."""
    side = int(np.ceil(np.sqrt(count)))
    place = np.stack(np.divmod(np.arange(count), side), -1).astype(np.float32)
    return {"b": np.concatenate([place, place + 0.5], -1)[None], "c": scores(1, 1, count),
            "m": np.array([2000], np.int64), "i": np.array([0.5], np.float32)}


def suppressions():
    for limits in ("", "m", "mi", "mis", "ms", "i"):
        feeds = [nms_feeds(*sizes, limits, levels=levels) for sizes in ((1, 1, 30), (2, 3, 50), (1, 4, 1)) for levels in (None, 4)]
        yield OpCase(f"nms limits {limits or 'none'}", nms_model(limits), feeds)
    for opset, centered in itertools.product((10, 11, 21), (0, 1)):
        yield OpCase(f"nms opset {opset} centered {centered}", nms_model("mis", (2, 3, 60), centered, opset),
                     [nms_feeds(2, 3, 60, "mis", centered, m=m, i=i) for m in (0, 1, 7, 100, 2 ** 62) for i in (0.0, 0.5, 1.0)])
    for sizes in ((1, 2, 0), (0, 2, 5), (1, 0, 5)):
        yield OpCase(f"nms nothing {sizes}", nms_model("mis"), [nms_feeds(*sizes, "mis")],
                     lambda feeds: [np.zeros((0, 3), np.int64)])
    yield OpCase("nms negative limit", nms_model("mis"), [nms_feeds(1, 2, 9, "mis", m=-4)])
    yield OpCase("nms nan scores", nms_model("mis"), [nan_scores() for _ in range(3)])
    yield OpCase("nms nan boxes", nms_model("mis"), [nan_boxes() for _ in range(3)])
    yield OpCase("nms ties", nms_model("mis"), [nms_feeds(2, 2, 300, "mis", levels=3, m=50) for _ in range(4)], greedy)
    yield OpCase("nms 20000 boxes", nms_model("mis"), [nms_feeds(1, 1, 20000, "mis", m=300, i=0.5)])
    yield OpCase("nms 20000 boxes apart", nms_model("mi"), [spread_out(20000)])
    yield OpCase("nms feeds a gather", model("""g (float[N, 4] b, float[N] s) => (float[K, 4] y) <int64[1] m = {300}, float[1] i = {0.5}> {
      axis = Constant <value = int64[1] {0}> ()
      axes = Constant <value = int64[2] {0, 1}> ()
      column = Constant <value = int64[1] {2}> ()
      end = Constant <value = int64[1] {3}> ()
      one = Constant <value = int64[1] {1}> ()
      b3 = Unsqueeze(b, axis)
      s3 = Unsqueeze(s, axes)
      all = NonMaxSuppression(b3, s3, m, i)
      picked = Slice(all, column, end, one)
      index = Squeeze(picked, one)
      y = Gather(b, index)
    }"""), [{"b": boxes(1, n)[0], "s": scores(1, 1, n)[0, 0]} for n in (1, 40, 900)])


def bad_suppressions():
    bad = lambda name, text, **sizes: OpCase(f"nms refuses {name}", nms_model("mis"), [{**nms_feeds(1, 2, 9, "mis"), **sizes}], refused=text)
    yield OpCase("nms refuses other boxes", model("""g (float[A, M, 4] b, float[A, C, N] s) => (int64[K, 3] y) {
      y = NonMaxSuppression(b, s)
    }"""), [{"b": boxes(1, 7), "s": scores(1, 2, 9)}], refused="size 1 of boxes and size 2 of scores must be equal, they are 7 and 9")
    yield bad("an overlap of 2", "iou_threshold must be between 0 and 1", i=np.array([2], np.float32))
    yield bad("an overlap of NaN", "iou_threshold must be between 0 and 1", i=np.array([np.nan], np.float32))
    yield OpCase("nms refuses five coordinates", model("""g (float[1, 6, 5] b, float[1, 1, 6] s) => (int64[K, 3] y) {
      y = NonMaxSuppression(b, s)
    }"""), [], refused="size 2 of boxes must be 4, it is 5")
    yield OpCase("nms refuses a constant overlap", model("""g (float[1, 6, 4] b, float[1, 1, 6] s) => (int64[K, 3] y) <int64[1] m = {3}, float[1] i = {-1.0}> {
      y = NonMaxSuppression(b, s, m, i)
    }"""), [], refused="iou_threshold is -1")


#===----------------------------------------------------------------------===#
# RoiAlign and MaxRoiPool
#===----------------------------------------------------------------------===#


def align_model(attributes, static=None, kind="float", opset=16):
    n, c, h, w, r = static or ("N", "C", "H", "W", "R")
    return model(f"""align ({kind}[{n}, {c}, {h}, {w}] x, {kind}[{r}, 4] r, int64[{r}] i) => ({kind}[A, B, D, E] y) {{
      y = RoiAlign {attributes and f"<{attributes}>"} (x, r, i)
    }}""", opset, 8)


def align_feeds(n, c, h, w, count, scale=1.0, dtype=np.float32):
    """Regions partly outside, some of them empty."""
    first = RNG.uniform(-0.3, 1.1, (count, 2)) * (w / scale, h / scale)
    extent = RNG.uniform(0, 0.8, (count, 2)) * (w / scale, h / scale)
    regions = np.concatenate([first, first + extent], 1)
    regions[::5, 2:] = regions[::5, :2]
    return {"x": RNG.standard_normal((n, c, h, w)).astype(dtype), "r": regions.astype(dtype),
            "i": RNG.integers(0, n, count)}


SIZES = ((1, 3, 12, 17, 9), (2, 5, 7, 4, 6), (3, 1, 1, 9, 4), (1, 32, 25, 25, 20))


HALF, OUTPUT_HALF = (f'coordinate_transformation_mode = "{name}", ' for name in ("half_pixel", "output_half_pixel"))


def alignments():
    variants = [(16, *v) for v in itertools.product((0, 1, 2), ("avg", "max"), (HALF, OUTPUT_HALF))]
    for opset, ratio, mode, how in (*variants, (10, 0, "avg", ""), (10, 3, "max", ""), (21, 2, "avg", HALF)):
        text = f'{how}mode = "{mode}", output_height = 3, output_width = 4, sampling_ratio = {ratio}, spatial_scale = 0.25'
        yield OpCase(f"align opset {opset} {mode} ratio {ratio} {how[34:-3]}", align_model(text, opset=opset),
                     [align_feeds(*s, scale=0.25) for s in SIZES], atol=1e-4)
    text = "output_height = 2, output_width = 2, sampling_ratio = {}"
    for ratio in (0, 2):
        yield OpCase(f"align static ratio {ratio}", align_model(text.format(ratio), SIZES[0]), [align_feeds(*SIZES[0])], atol=1e-4)
        yield OpCase(f"align double ratio {ratio}", align_model(text.format(ratio), kind="double"),
                     [align_feeds(*s, dtype=np.float64) for s in SIZES], rtol=1e-9, atol=1e-9)
        half = align_model(text.format(ratio), kind="float16")
        yield OpCase(f"align half ratio {ratio}", half, [align_feeds(*SIZES[0], dtype=np.float16)], half_oracle(half), 1e-2, 1e-2)
        yield OpCase(f"align no regions ratio {ratio}", align_model(text.format(ratio)), [align_feeds(1, 2, 5, 5, 0)],
                     lambda feeds: [np.zeros((0, 2, 2, 2), np.float32)])
    yield OpCase("align defaults", align_model("", opset=16), [align_feeds(*s) for s in SIZES], atol=1e-4)
    turned = align_feeds(*SIZES[0])
    turned["r"] = turned["r"][:, [2, 3, 0, 1]]
    for ratio in (0, 2):
        proto = align_model(text.format(ratio))
        yield OpCase(f"align turned corners ratio {ratio}", proto, [turned], reference(proto), atol=1e-4)


def half_oracle(proto):
    """ONNX's reference in f32, rounded at the end: in f16 its positions are."""
    wide = align_model("output_height = 2, output_width = 2, sampling_ratio = "
                       f"{next(a.i for a in proto.graph.node[0].attribute if a.name == 'sampling_ratio')}")
    run = reference(wide)
    return lambda feeds: [y.astype(np.float16) for y in run({k: v.astype(np.float32) if v.dtype == np.float16 else v for k, v in feeds.items()})]


def bad_alignments():
    text = "output_height = 2, output_width = 2, sampling_ratio = {}"
    for ratio, index in itertools.product((0, 2), (-1, 3)):
        feeds = align_feeds(3, 2, 6, 6, 4)
        feeds["i"][2] = index
        yield OpCase(f"align refuses image {index} ratio {ratio}", align_model(text.format(ratio)), [feeds],
                     refused=f"batch index {index} is out of range for 3 images")
    feeds = align_feeds(3, 2, 6, 6, 4)
    yield OpCase("align refuses fewer indices", model("""g (float[N, C, H, W] x, float[R, 4] r, int64[S] i) => (float[A, B, D, E] y) {
      y = RoiAlign(x, r, i) }""", 16), [{**feeds, "i": feeds["i"][:3]}],
                 refused="size 0 of the regions and size 0 of the batch indices must be equal, they are 4 and 3")
    feeds = align_feeds(1, 2, 6, 6, 4)
    feeds["r"][1, 2] = np.nan
    yield OpCase("align refuses NaN by size", align_model(text.format(0)), [feeds], refused="not a number or too large")
    yield OpCase("align refuses an empty image", align_model(text.format(2)), [align_feeds(1, 2, 0, 6, 4)], refused="must not be 0")


def pools():
    for bins in ("1, 1", "3, 2", "7, 7"):
        proto = model(f"""pool (float[N, C, H, W] x, float[R, 5] r) => (float[A, B, D, E] y) {{
          y = MaxRoiPool <pooled_shape = [{bins}], spatial_scale = 0.5> (x, r) }}""", 21, 8)
        feeds = []
        for sizes in SIZES:
            made = align_feeds(*sizes, scale=0.5)
            made["r"] = np.concatenate([made.pop("i")[:, None], np.round(made["r"])], 1).astype(np.float32)
            feeds.append(made)
        yield OpCase(f"pool {bins}", proto, feeds)


def cases():
    yield from suppressions()
    yield from bad_suppressions()
    yield from alignments()
    yield from bad_alignments()
    yield from pools()


if __name__ == "__main__":
    sys.exit(main("detection", cases(), __doc__))
