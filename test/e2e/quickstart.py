#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The job of tools/quickstart.sh once all is built: compiles three PP-OCR models and a ResNet,
reads the text of a picture drawn here, and compares with ONNX Runtime."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import numpy as np
import vs_ort
from harness import engines
from harness.compare import scaled_error

engines.use_models()
import catalog
import ocr
import picture

NAMES = ("ocr_det", "ocr_cls", "ocr_rec", "open_nsfw")
PICTURE = engines.ROOT / "build" / "quickstart.png"
LINES = [(30, 30, 36, "optc compiles ONNX models"), (60, 110, 30, "into one deployable file."),
         (40, 190, 42, "Hello, World! 2024"), (90, 280, 28, "CPU, CUDA and FPGA")]
TURNED = "This line is upside down"
# Mean of ImageNet per channel, blue first, as the ResNet was trained with.
RESNET_MEAN = (104, 117, 123)
LIMIT = 1e-4


def draw():
    page = picture.draw(640, 480, LINES)
    page.paste(picture.line(420, 60, TURNED).rotate(180), (100, 370))
    page.save(PICTURE)
    return page


class Watched:
    """Runs a model on optc and ONNX Runtime; remembers the first input of each shape and the
    largest difference seen."""

    def __init__(self, name):
        self.model = catalog.BY_NAME[name]
        self.artifact = vs_ort.ARTIFACTS / f"{name}.optc"
        built = engines.compile_model(self.model.path, self.artifact)
        print(f"  {name}.onnx ({self.model.path.stat().st_size / 1e6:.1f} MB) -> {name}.optc "
              f"({self.artifact.stat().st_size / 1e6:.1f} MB) in {built.seconds:.1f} s", flush=True)
        self.ours, self.theirs = vs_ort.OptcTimed(self.artifact), vs_ort.OrtTimed(self.model.path)
        self.name, self.input = name, next(iter(self.ours.inputs))
        self.error, self.shapes, self.largest = 0.0, set(), None

    def __call__(self, array):
        feeds = {self.input: array}
        got, want = (next(iter(engine.run(feeds).values())) for engine in (self.ours, self.theirs))
        self.error = max(self.error, scaled_error(want, got))
        self.shapes.add(array.shape)
        if self.largest is None or array.size > self.largest.size:
            self.largest = array
        return got

    def report(self):
        feeds = {self.input: self.largest}
        theirs, ours = vs_ort.measure([self.theirs.bind(feeds), self.ours.bind(feeds)], seconds=1.5)
        shape = "x".join(map(str, self.largest.shape))
        print(f"  {self.name:10} {shape:13} optc {min(ours) * 1e3:7.2f} ms   ONNX Runtime {min(theirs) * 1e3:7.2f} ms"
              f"   largest difference {self.error:.0e} of scale over {len(self.shapes)} input sizes", flush=True)
        return self.error <= LIMIT


def main():
    print("Compiling:")
    detect, classify, recognize, resnet = models = [Watched(name) for name in NAMES]
    page = draw()
    print(f"\nReading {PICTURE.relative_to(engines.ROOT)} with them:")
    metadata = recognize.theirs.session.get_modelmeta().custom_metadata_map
    lines = ocr.Reader(detect, classify, recognize, ocr.keys_of(metadata["character"])).read(page)
    for line in lines:
        print(f"  {line.text:30} {line.confidence:.0%} sure, at {line.box[:2]}")
    small = np.asarray(page.resize((224, 224)), np.float32)[None, :, :, ::-1] - np.array(RESNET_MEAN, np.float32)
    safe, unsafe = resnet(np.ascontiguousarray(small))[0]
    print(f"  ResNet-50-thin (is this picture safe for work?): {safe:.1%} safe, {unsafe:.1%} not")
    print("\nOne thread, the same inputs, both in turns:")
    agree = all([model.report() for model in models])
    wanted = [text for *_, text in LINES] + [TURNED]
    right = sum(text in [line.text for line in lines] for text in wanted)
    print(f"\nquickstart: {right} of {len(wanted)} lines read as drawn, results "
          f"{'agree' if agree else 'DO NOT AGREE'} with ONNX Runtime")
    return 0 if agree and right == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
