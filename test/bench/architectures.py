#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ten architectures that people export, with random weights: rows of peers.py beside the real models.

  architectures.py [NAME...]      writes build/bench/architectures/NAME.onnx"""
import sys
from pathlib import Path

import numpy as np

from netbuilder import Net

FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench" / "architectures"


def _inverted(net, x, channels, inner, outputs, kernel, stride=1, dilation=1, act="relu6", excite=None):
    """Inverted residual of MobileNet and EfficientNet. `excite`: width and the two functions."""
    y = net.conv(x, channels, inner, act=act) if inner != channels else x
    y = net.conv(y, inner, inner, kernel, stride, dilation, group=inner, act=act)
    if excite:
        y = net.squeeze_excite(y, inner, *excite)
    y = net.conv(y, inner, outputs, gain=0.7)
    return net.add(x, y) if stride == 1 and channels == outputs else y


def mobilenet_v2(net):
    x, channels = net.conv("x", 3, 32, 3, 2, act="relu6"), 32
    for expand, outputs, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(count):
            x = _inverted(net, x, channels, expand * channels, outputs, 3, stride if i == 0 else 1)
            channels = outputs
    return net.classify(net.conv(x, 320, 1280, act="relu6"), 1280)


def efficientnet_b0(net):
    x, channels = net.conv("x", 3, 32, 3, 2, act="silu"), 32
    for expand, outputs, count, stride, kernel in ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
                                                   (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)):
        for i in range(count):
            x = _inverted(net, x, channels, expand * channels, outputs, kernel, stride if i == 0 else 1, act="silu",
                          excite=(channels // 4, "silu", "sigmoid"))
            channels = outputs
    return net.classify(net.conv(x, 320, 1280, act="silu"), 1280)


# kernel, inner, outputs, excites, act, stride, dilation of the last three as the segmentation model has them
_MOBILENET_V3 = ((3, 16, 16, 0, "relu", 1, 1), (3, 64, 24, 0, "relu", 2, 1), (3, 72, 24, 0, "relu", 1, 1),
                 (5, 72, 40, 1, "relu", 2, 1), (5, 120, 40, 1, "relu", 1, 1), (5, 120, 40, 1, "relu", 1, 1),
                 (3, 240, 80, 0, "hswish", 2, 1), (3, 200, 80, 0, "hswish", 1, 1), (3, 184, 80, 0, "hswish", 1, 1),
                 (3, 184, 80, 0, "hswish", 1, 1), (3, 480, 112, 1, "hswish", 1, 1), (3, 672, 112, 1, "hswish", 1, 1),
                 (5, 672, 160, 1, "hswish", 1, 2), (5, 960, 160, 1, "hswish", 1, 2), (5, 960, 160, 1, "hswish", 1, 2))


def deeplab_v3(net):
    """DeepLabV3 on MobileNetV3: dilations of 12, 24 and 36 on 14 x 14 places."""
    x, channels = net.conv("x", 3, 16, 3, 2, act="hswish"), 16
    for kernel, inner, outputs, excites, act, stride, dilation in _MOBILENET_V3:
        excite = (inner // 4 // 8 * 8, "relu", "hsigmoid") if excites else None
        x = _inverted(net, x, channels, inner, outputs, kernel, stride, dilation, act, excite)
        channels = outputs
    x = net.conv(x, 160, 960, act="hswish")
    branches = [net.conv(x, 960, 256, act="relu")]
    branches += [net.conv(x, 960, 256, 3, dilation=d, act="relu") for d in (12, 24, 36)]
    pooled = net.conv(net.op("GlobalAveragePool", x), 960, 256, act="relu")
    branches.append(net.resize(pooled, 256, 14))
    x = net.conv(net.concat(*branches), 1280, 256, act="relu")
    x = net.conv(net.conv(x, 256, 256, 3, act="relu"), 256, 21)
    return net.resize(x, 21, 224)


def resnext50(net):
    x = net.max_pool(net.conv("x", 3, 64, 7, 2, act="relu"), 3, 2, 1)
    channels = 64
    for width, outputs, count, stride in ((128, 256, 3, 1), (256, 512, 4, 2), (512, 1024, 6, 2), (1024, 2048, 3, 2)):
        for i in range(count):
            step = stride if i == 0 else 1
            y = net.conv(net.conv(x, channels, width, act="relu"), width, width, 3, step, group=32, act="relu")
            y = net.conv(y, width, outputs, gain=0.3)
            x = net.op("Relu", net.add(y, net.conv(x, channels, outputs, 1, step) if i == 0 else x))
            channels = outputs
    return net.classify(x, 2048)


def densenet121(net):
    """Batch normalizations stand in front of convolutions here and cannot join them."""
    def normed(x, channels):
        scale, shift = net.const(np.ones((channels, 1, 1), np.float32)), net.normal(channels, 1, 1, scale=0.05)
        return net.op("Relu", net.add(net.op("Mul", x, scale), shift))
    x = net.max_pool(net.conv("x", 3, 64, 7, 2, act="relu"), 3, 2, 1)
    channels = 64
    for block, count in enumerate((6, 12, 24, 16)):
        for _ in range(count):
            y = net.conv(normed(x, channels), channels, 128, act="relu")
            x, channels = net.concat(x, net.conv(y, 128, 32, 3)), channels + 32
        if block < 3:
            x, channels = net.conv(normed(x, channels), channels, channels // 2), channels // 2
            x = net.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    return net.classify(normed(x, channels), channels)


def unet(net):
    def double(x, channels, outputs):
        return net.conv(net.conv(x, channels, outputs, 3, act="relu"), outputs, outputs, 3, act="relu")
    x, channels, kept = "x", 3, []
    for width in (32, 64, 128, 256):
        x = double(x, channels, width)
        kept.append(x)
        x, channels = net.max_pool(x, 2, 2, 0), width
    x, channels = double(x, 256, 512), 512
    for width, skip in zip((256, 128, 64, 32), reversed(kept)):
        up = net.op("ConvTranspose", x, net.normal(channels, width, 2, 2, scale=channels ** -0.5),
                    net.normal(width, scale=0.05), kernel_shape=[2, 2], strides=[2, 2])
        x, channels = double(net.concat(skip, up), 2 * width, width), width
    return net.conv(x, 32, 2)


def yolov8n(net):
    """Backbone, neck and heads; raw boxes and scores of three scales."""
    def c2f(x, channels, outputs, count, shortcut):
        half = outputs // 2
        parts = list(net.op("Split", net.conv(x, channels, outputs, act="silu"), net.ints(half, half), outputs=2, axis=1))
        for _ in range(count):
            y = net.conv(net.conv(parts[-1], half, half, 3, act="silu"), half, half, 3, act="silu", gain=0.7)
            parts.append(net.add(parts[-1], y) if shortcut else y)
        return net.conv(net.concat(*parts), half * len(parts), outputs, act="silu")
    def up(x, channels, size):
        return net.resize(x, channels, size, "nearest")
    x = net.conv(net.conv("x", 3, 16, 3, 2, act="silu"), 16, 32, 3, 2, act="silu")
    x = net.conv(c2f(x, 32, 32, 1, True), 32, 64, 3, 2, act="silu")
    small = c2f(x, 64, 64, 2, True)
    middle = c2f(net.conv(small, 64, 128, 3, 2, act="silu"), 128, 128, 2, True)
    x = c2f(net.conv(middle, 128, 256, 3, 2, act="silu"), 256, 256, 1, True)
    pools = [net.conv(x, 256, 128, act="silu")]
    for _ in range(3):
        pools.append(net.max_pool(pools[-1], 5, 1, 2))
    deep = net.conv(net.concat(*pools), 512, 256, act="silu")
    neck = c2f(net.concat(up(deep, 256, 40), middle), 384, 128, 1, False)
    p3 = c2f(net.concat(up(neck, 128, 80), small), 192, 64, 1, False)
    p4 = c2f(net.concat(net.conv(p3, 64, 64, 3, 2, act="silu"), neck), 192, 128, 1, False)
    p5 = c2f(net.concat(net.conv(p4, 128, 128, 3, 2, act="silu"), deep), 384, 256, 1, False)
    heads = []
    for x, channels in ((p3, 64), (p4, 128), (p5, 256)):
        parts = [net.conv(net.conv(net.conv(x, channels, inner, 3, act="silu"), inner, inner, 3, act="silu"), inner, last)
                 for inner, last in ((64, 64), (80, 80))]
        heads.append(net.reshape(net.concat(*parts), 1, 144, -1))
    boxes, scores = net.op("Split", net.concat(*heads, axis=2), net.ints(64, 80), outputs=2, axis=1)
    boxes = net.op("Softmax", net.transpose(net.reshape(boxes, 1, 4, 16, -1), 0, 2, 1, 3), axis=1)
    boxes = net.conv(boxes, 16, 1)
    return net.concat(net.reshape(boxes, 1, 4, -1), net.op("Sigmoid", scores))


def _mlp(net, x, width, inner, act="gelu"):
    return net.linear(net.linear(x, width, inner, act=act), inner, width, gain=0.5)


def vit_small(net):
    width, tokens = 384, 197
    x = net.op("Conv", "x", net.normal(width, 3, 16, 16, scale=768 ** -0.5), net.normal(width, scale=0.05),
               kernel_shape=[16, 16], strides=[16, 16])
    x = net.transpose(net.reshape(x, 1, width, 196), 0, 2, 1)
    x = net.add(net.concat(net.normal(1, 1, width), x), net.normal(1, tokens, width, scale=0.2))
    for _ in range(12):
        x = net.add(x, net.attention(net.layer_norm(x, width), width, 6, 1, tokens))
        x = net.add(x, _mlp(net, net.layer_norm(x, width), width, 4 * width))
    x = net.op("Gather", net.layer_norm(x, width), net.const(np.int64(0)), axis=1)
    return net.linear(x, width, 1000)


def convnext_tiny(net):
    width, x = 96, None
    for stage, (outputs, count) in enumerate(((96, 3), (192, 3), (384, 9), (768, 3))):
        kernel = 4 if stage == 0 else 2
        if stage > 0:
            x = net.transpose(net.layer_norm(net.transpose(x, 0, 2, 3, 1), width), 0, 3, 1, 2)
        channels = 3 if stage == 0 else width
        x = net.op("Conv", x or "x", net.normal(outputs, channels, kernel, kernel, scale=(channels * kernel ** 2) ** -0.5),
                   net.normal(outputs, scale=0.05), kernel_shape=[kernel] * 2, strides=[kernel] * 2)
        width = outputs
        if stage == 0:
            x = net.transpose(net.layer_norm(net.transpose(x, 0, 2, 3, 1), width), 0, 3, 1, 2)
        for _ in range(count):
            y = net.transpose(net.conv(x, width, width, 7, group=width), 0, 2, 3, 1)
            y = _mlp(net, net.layer_norm(y, width), width, 4 * width)
            y = net.op("Mul", y, net.normal(width, scale=0.3))
            x = net.add(x, net.transpose(y, 0, 3, 1, 2))
    x = net.op("Flatten", net.op("GlobalAveragePool", x))
    return net.linear(net.layer_norm(x, width), width, 1000)


def _roll(net, x, shift, size):
    for axis in (1, 2):
        x = net.concat(net.slice(x, axis, shift, size), net.slice(x, axis, 0, shift), axis=axis)
    return x


def _shift_mask(size, window, shift):
    """0 between places of one region of the shifted image, -100 between others."""
    parts = [slice(0, -window), slice(-window, -shift), slice(-shift, None)]
    regions = np.zeros((size, size))
    for i, rows in enumerate(parts):
        for j, columns in enumerate(parts):
            regions[rows, columns] = 3 * i + j
    n = size // window
    regions = regions.reshape(n, window, n, window).transpose(0, 2, 1, 3).reshape(n * n, window * window)
    return np.where(regions[:, None] == regions[:, :, None], 0, -100).astype(np.float32)[:, None]


def swin_tiny(net):
    window, width, size = 7, 96, 56
    x = net.op("Conv", "x", net.normal(width, 3, 4, 4, scale=48 ** -0.5), net.normal(width, scale=0.05),
               kernel_shape=[4, 4], strides=[4, 4])
    x = net.layer_norm(net.transpose(x, 0, 2, 3, 1), width)
    for stage, (heads, count) in enumerate(((3, 2), (6, 2), (12, 6), (24, 2))):
        if stage > 0:
            corners = [net.slice(net.slice(x, 1, i, size, 2), 2, j, size, 2) for j in (0, 1) for i in (0, 1)]
            x = net.layer_norm(net.concat(*corners, axis=3), 4 * width)
            x = net.op("MatMul", x, net.normal(4 * width, 2 * width, scale=(4 * width) ** -0.5))
            width, size = 2 * width, size // 2
        n = size // window
        for block in range(count):
            shift = window // 2 if block % 2 and n > 1 else 0
            y = net.layer_norm(x, width)
            if shift:
                y = _roll(net, y, shift, size)
            y = net.transpose(net.reshape(y, 1, n, window, n, window, width), 0, 1, 3, 2, 4, 5)
            y = net.reshape(y, n * n, window * window, width)
            bias = net.normal(1, heads, window ** 2, window ** 2, scale=0.2)
            if shift:
                bias = net.add(bias, net.const(_shift_mask(size, window, shift)))
            y = net.attention(y, width, heads, n * n, window * window, bias)
            y = net.transpose(net.reshape(y, 1, n, n, window, window, width), 0, 1, 3, 2, 4, 5)
            y = net.reshape(y, 1, size, size, width)
            x = net.add(x, _roll(net, y, size - shift, size) if shift else y)
            x = net.add(x, _mlp(net, net.layer_norm(x, width), width, 4 * width))
    x = net.op("ReduceMean", net.layer_norm(x, width), axes=[1, 2], keepdims=0)
    return net.linear(x, width, 1000)


# Name: the function that builds it, and the side of its image.
ARCHITECTURES = {
    "deeplab_v3": (deeplab_v3, 224), "mobilenet_v2": (mobilenet_v2, 224), "efficientnet_b0": (efficientnet_b0, 224),
    "resnext50": (resnext50, 224), "densenet121": (densenet121, 224), "unet": (unet, 256), "yolov8n": (yolov8n, 640),
    "vit_small": (vit_small, 224), "convnext_tiny": (convnext_tiny, 224), "swin_tiny": (swin_tiny, 224),
}


def image(name):
    """The input of an architecture."""
    size = ARCHITECTURES[name][1]
    return {"x": np.random.default_rng(size).standard_normal((1, 3, size, size)).astype(np.float32)}


def write(name):
    """The path of the architecture's ONNX file, which is written if it is not there."""
    build, size = ARCHITECTURES[name]
    path = FOLDER / f"{name}.onnx"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        net = Net(name, [1, 3, size, size])
        net.save(path, build(net))
    return path


if __name__ == "__main__":
    for name in sys.argv[1:] or ARCHITECTURES:
        print(write(name))
