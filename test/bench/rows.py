# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rows of the table of peers.py: a model, its inputs, and the ONNX files the engines get.

Every engine gets the same file, with the shapes of the row written into it, as static shapes are
what all of them run fastest; one that cannot take it gets the model as it was. Where a network
has several exports, each engine uses the one it is fastest with."""
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
import onnx
from onnx import helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "test"), str(ROOT / "test" / "models"), str(ROOT / "docs" / "examples" / "ocr")]
import architectures
import catalog
import inputs

FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Row:
    name: str
    exports: tuple               # names of test/models/catalog.py or of architectures.py
    feeds: Callable              # () -> inputs by name; an export takes those it has
    last_logits: bool = False    # cut to the logits of the last token
    target: float = 1.0          # best f32 peer / optc to reach, one thread
    bf16_target: float = 0.0     # the same of OpenVINO's bf16; 0: no row of that table

    @property
    def slug(self):
        return re.sub(r"\W+", "-", self.name)


def _case(model, name):
    return lambda: next(case.steps[-1] for case in inputs.cases(model) if case.name == name)


def _chunk():
    """One chunk of sound with the state a stream is in."""
    rng = np.random.default_rng(7)
    return {"input": (0.1 * rng.standard_normal((1, 576))).astype(np.float32),
            "state": rng.uniform(-0.5, 0.5, (2, 1, 128)).astype(np.float32), "sr": np.array(16000, np.int64)}


def _random(title, name, target=1.0):
    """An architecture with random weights."""
    return Row(title, (name,), lambda: architectures.image(name), target=target)


_SMOLLM2 = ("smollm2_op23", "smollm2_op17")
_SILERO = ("silero_vad_openvino_16k", "silero_vad")

ROWS = [
    Row("ResNet-50-thin 224", ("open_nsfw",), _case("open_nsfw", "1x224x224x3"), target=1.5, bf16_target=1.8),
    Row("PP-OCR det 640x640", ("ocr_det",), _case("ocr_det", "1x3x640x640"), target=1.6, bf16_target=1.35),
    Row("PP-OCR rec 48x320", ("ocr_rec",), _case("ocr_rec", "1x3x48x320"), target=1.05, bf16_target=1.1),
    Row("PP-OCR rec 48x320 batch 6", ("ocr_rec",), _case("ocr_rec", "6x3x48x320"), target=1.05, bf16_target=1.1),
    Row("PP-OCR cls 48x192", ("ocr_cls",), _case("ocr_cls", "1x3x48x192"), target=1.2, bf16_target=1.2),
    Row("MiniLM 1x128", ("minilm",), lambda: inputs.minilm_step(1, 128), bf16_target=1.05),
    Row("MiniLM 8x128", ("minilm",), lambda: inputs.minilm_step(8, 128), bf16_target=1.05),
    Row("MiniLM 1x512", ("minilm",), lambda: inputs.minilm_step(1, 512), bf16_target=1.05),
    Row("silero one chunk", _SILERO, _chunk, target=2.0),
    Row("SmolLM2 prefill 128", _SMOLLM2, lambda: inputs.smollm2_prefill(128), last_logits=True, target=1.05,
        bf16_target=1.1),
    Row("SmolLM2 prefill 512", _SMOLLM2, lambda: inputs.smollm2_prefill(512), last_logits=True, target=1.05,
        bf16_target=1.1),
    _random("DeepLabV3-MobileNetV3 224", "deeplab_v3", target=1.2),
    _random("MobileNetV2 224", "mobilenet_v2"),
    _random("EfficientNet-B0 224", "efficientnet_b0"),
    _random("ResNeXt-50 224", "resnext50"),
    _random("DenseNet-121 224", "densenet121"),
    _random("U-Net 256", "unet"),
    _random("YOLOv8n 640", "yolov8n"),
    _random("ViT-S/16 224", "vit_small"),
    _random("ConvNeXt-T 224", "convnext_tiny"),
    _random("Swin-T 224", "swin_tiny"),
]


def select(names):
    """Rows whose name or export begins with one of `names`; all for none."""
    chosen = [row for row in ROWS
              if not names or any(text.lower().startswith(name.lower()) for name in names
                                  for text in (row.name, *row.exports))]
    if not chosen:
        raise SystemExit("no such row; there are: " + ", ".join(row.name for row in ROWS))
    return chosen


def _cut_to_last(model):
    """The logits are computed for the last token only: its hidden state is sliced out in front
    of the last MatMul."""
    head = next(node for node in model.graph.node if "logits" in node.output)
    for name, value in (("last.start", [-1]), ("last.end", [np.iinfo(np.int64).max]), ("last.axis", [1])):
        model.graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), name))
    node = helper.make_node("Slice", [head.input[0], "last.start", "last.end", "last.axis"], ["last.hidden"],
                            name="/head/LastToken")
    head.input[0] = "last.hidden"
    model.graph.node.insert(list(model.graph.node).index(head), node)
    logits = next(value for value in model.graph.output if value.name == "logits")
    logits.type.tensor_type.shape.dim[1].dim_value = 1


def _pin(model, feeds):
    for value in model.graph.input:
        for dim, size in zip(value.type.tensor_type.shape.dim, np.shape(feeds[value.name])):
            dim.dim_value = size
    del model.graph.value_info[:]   # was inferred from the old shapes


def _bring_weights(model, source):
    """The external data of the model stands beside its copies, too. No link: ONNX refuses those."""
    for name in {entry.value for tensor in model.graph.initializer for entry in tensor.external_data
                 if entry.key == "location"}:
        there = FOLDER / "models" / name
        if not there.exists():
            shutil.copyfile(source / name, there)


def derive(row, export, feeds):
    """(path with the row's shapes written in, path without) of an export."""
    source = architectures.write(export) if export in architectures.ARCHITECTURES else catalog.BY_NAME[export].path
    (FOLDER / "models").mkdir(parents=True, exist_ok=True)
    paths = []
    for suffix in ("pinned", "dynamic"):
        model = onnx.load(str(source), load_external_data=False)
        _bring_weights(model, source.parent)
        if row.last_logits:
            _cut_to_last(model)
        if suffix == "pinned":
            _pin(model, feeds)
        paths.append(FOLDER / "models" / f"{row.slug}-{export}-{suffix}.onnx")
        paths[-1].write_bytes(model.SerializeToString(deterministic=True))
    return tuple(paths)
