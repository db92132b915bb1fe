# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A detector of the form of YOLOv8n, with weights of its own.

Nobody trained it, but its values are spread as those of trained models are: filters with heavy tails, channels of unlike sizes and
some dead ones behind batch normalization (folded, with the statistics of real values: every node is run on pictures as soon as it is
there), scores of which few are high. Boxes (pixels) and scores (up to 1) are joined in one output, as exporters do it, which breaks
quantizers that give both one scale."""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import samples

SIZE, CLASSES, BINS = 320, 80, 16
STRIDES = (8, 16, 32)


class Net:
    """Nodes, and what each value is for some pictures."""

    def __init__(self, pictures, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights, self.values = [], {}, {"images": pictures}

    def constant(self, array, name):
        self.weights[name] = np.asarray(array)
        return name

    def op(self, kind, *inputs, outputs=1, **attributes):
        name = f"/{kind}_{len(self.nodes)}"
        names = [f"{name}_{i}" for i in range(outputs)]
        node = helper.make_node(kind, list(inputs), names, name=name, **attributes)
        self.nodes.append(node)
        known = {i: self.values[i] if i in self.values else self.weights[i] for i in dict.fromkeys(inputs) if i}
        infos = [helper.make_tensor_value_info(i, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for i, a in known.items()]
        graph = helper.make_graph([node], "one", infos, [helper.make_empty_tensor_value_info(n) for n in names])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        session = onnxruntime.InferenceSession(model.SerializeToString())
        self.values.update(zip(names, session.run(None, known)))
        return names[0] if outputs == 1 else names

    def conv(self, x, channels, kernel=1, stride=1, activated=True, mean=0.0, spread=1.0):
        """Convolution, batch normalization and SiLU; or a last layer with outputs of such a mean and spread."""
        rng, inner = self.rng, self.values[x].shape[1]
        filters = rng.standard_t(4, (channels, inner, kernel, kernel)) * rng.lognormal(0, 0.4, (1, inner, 1, 1))
        if x == "images":   # edges, not brightness
            filters -= filters.mean((1, 2, 3), keepdims=True)
        name = f"conv{len(self.nodes)}"
        weight, bias = f"{name}.weight", f"{name}.bias"
        pads = dict(strides=[stride] * 2, pads=[kernel // 2] * 4, kernel_shape=[kernel] * 2)
        self.weights[weight], self.weights[bias] = filters.astype(np.float32), np.zeros(channels, np.float32)
        raw = self.values[self.op("Conv", x, weight, bias, **pads)]
        self.nodes.pop()
        means, deviations = raw.mean((0, 2, 3)), raw.std((0, 2, 3)) + 1e-3
        gamma, beta = np.full(channels, spread), np.full(channels, mean)
        if activated:
            gamma, beta = rng.lognormal(-0.3, 0.5, channels), rng.normal(-0.2, 0.5, channels)
            gamma[rng.random(channels) < 0.04] = 1e-3
        scale = gamma / deviations
        self.weights[weight] = (filters * scale[:, None, None, None]).astype(np.float32)
        self.weights[bias] = (beta - means * scale).astype(np.float32)
        y = self.op("Conv", x, weight, bias, **pads)
        return self.op("Mul", y, self.op("Sigmoid", y)) if activated else y

    def c2f(self, x, channels, count, residual):
        first, second = self.op("Split", self.conv(x, channels), outputs=2, axis=1)
        parts = [first, second]
        for _ in range(count):
            y = self.conv(self.conv(parts[-1], channels // 2, 3), channels // 2, 3)
            parts.append(self.op("Add", parts[-1], y) if residual else y)
        return self.conv(self.op("Concat", *parts, axis=1), channels)

    def pyramid_pool(self, x, channels):
        parts = [self.conv(x, channels // 2)]
        for _ in range(3):
            parts.append(self.op("MaxPool", parts[-1], kernel_shape=[5, 5], pads=[2] * 4, strides=[1, 1]))
        return self.conv(self.op("Concat", *parts, axis=1), channels)

    def upsampled(self, x):
        scales = self.constant(np.array([1, 1, 2, 2], np.float32), "scales")
        return self.op("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def flat(self, x, channels):
        return self.op("Reshape", x, self.constant(np.array([0, channels, -1]), f"flat{channels}"))


def features(net):
    x = net.conv(net.conv("images", 16, 3, 2), 32, 3, 2)
    x = net.conv(net.c2f(x, 32, 1, True), 64, 3, 2)
    p3 = net.c2f(x, 64, 2, True)
    p4 = net.c2f(net.conv(p3, 128, 3, 2), 128, 2, True)
    p5 = net.pyramid_pool(net.c2f(net.conv(p4, 256, 3, 2), 256, 1, True), 256)
    n4 = net.c2f(net.op("Concat", net.upsampled(p5), p4, axis=1), 128, 1, False)
    n3 = net.c2f(net.op("Concat", net.upsampled(n4), p3, axis=1), 64, 1, False)
    n4 = net.c2f(net.op("Concat", net.conv(n3, 64, 3, 2), n4, axis=1), 128, 1, False)
    return n3, n4, net.c2f(net.op("Concat", net.conv(n4, 128, 3, 2), p5, axis=1), 256, 1, False)


def decoded(net, levels):
    """[n, 4 + classes, places]: centers and sizes in pixels, scores."""
    boxes, scores = [], []
    for level in levels:
        box = net.conv(net.conv(level, 64, 3), 64, 3)
        boxes.append(net.flat(net.conv(box, 4 * BINS, spread=2.0, activated=False), 4 * BINS))
        score = net.conv(net.conv(level, 80, 3), 80, 3)
        scores.append(net.flat(net.conv(score, CLASSES, mean=-9, spread=2.2, activated=False), CLASSES))
    places = np.concatenate([np.stack(np.meshgrid(*[np.arange(SIZE // s) + 0.5] * 2), 0).reshape(2, -1) for s in STRIDES], 1)
    steps = np.concatenate([np.full((SIZE // s) ** 2, s) for s in STRIDES])
    split = net.op("Reshape", net.op("Concat", *boxes, axis=2), net.constant(np.array([0, 4, BINS, -1]), "bins"))
    shares = net.op("Softmax", net.op("Transpose", split, perm=[0, 2, 1, 3]), axis=1)
    bins = net.constant(np.arange(BINS, dtype=np.float32).reshape(1, BINS, 1, 1), "steps_of_bins")
    sides = net.op("Reshape", net.op("Conv", shares, bins), net.constant(np.array([0, 4, -1]), "sides"))
    before, behind = net.op("Split", sides, outputs=2, axis=1)
    at = net.constant(places[None].astype(np.float32), "places")
    low, high = net.op("Sub", at, before), net.op("Add", at, behind)
    center = net.op("Div", net.op("Add", low, high), net.constant(np.float32(2), "two"))
    box = net.op("Mul", net.op("Concat", center, net.op("Sub", high, low), axis=1), net.constant(steps[None, None].astype(np.float32), "strides"))
    return net.op("Concat", box, net.op("Sigmoid", net.op("Concat", *scores, axis=2)), axis=1)


def inputs(rng, count):
    """Pictures from 0 to 1, as these models take them."""
    return {"images": np.stack([samples.scene(rng, SIZE).transpose(2, 0, 1) for _ in range(count)]).astype(np.float32) / 255}


def write(path, seed=7):
    net = Net(inputs(np.random.default_rng(seed), 24)["images"], seed)
    last = decoded(net, features(net))
    net.nodes[-1].output[0] = "output0"
    places = net.values[last].shape[2]
    graph = helper.make_graph(net.nodes, "detector", [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
                              [helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["batch", 4 + CLASSES, places])],
                              [numpy_helper.from_array(a, n) for n, a in net.weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def overlap(box, others):
    """Intersection over union of one box with others, each [x, y, x, y]."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    inner = np.prod(np.maximum(sides, 0), 1)
    return inner / (np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], 1) - inner + 1e-9)


def found(output, least=0.25, most=0.5):
    """The boxes of a picture by non-maximum suppression within each class: (class, box) each."""
    scores, kinds = output[4:].max(0), output[4:].argmax(0)
    corners = np.concatenate([output[:2] - output[2:4] / 2, output[:2] + output[2:4] / 2]).T
    kept = []
    for place in np.argsort(-scores):
        if scores[place] < least:
            break
        rivals = np.array([box for kind, box in kept if kind == kinds[place]]).reshape(-1, 4)
        if not (overlap(corners[place], rivals) > most).any():
            kept.append((kinds[place], corners[place]))
    return kept


def agreement(want, got, least=0.5):
    """2 * matched / (boxes of one + boxes of the other): a match has the same class, and overlaps."""
    matched, count = 0, 0
    for w, g in zip(want, got):
        ours, theirs = found(w[0]), found(g[0])
        count += len(ours) + len(theirs)
        for kind, box in ours:
            rest = [i for i, (other, _) in enumerate(theirs) if other == kind]
            shares = overlap(box, np.array([theirs[i][1] for i in rest]).reshape(-1, 4)) if rest else np.zeros(0)
            if shares.size and shares.max() >= least:
                theirs.pop(rest[int(shares.argmax())])
                matched += 2
    return matched / max(count, 1)
