#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quantizes real models to 8 bits with optc and with ONNX Runtime, on the same samples, and compares accuracy, size and speed.

  quantizers.py [NAME...] [--calib N] [--eval N] [--seconds S] [--ablation]

Default: open_nsfw ocr_cls ocr_rec ocr_det minilm detector (of the form of YOLOv8n, see test/models/detector.py). The float model on ONNX Runtime is the teacher: "top1" is the share of rows of
the outputs whose largest element is the same (of the detector: the boxes that both find), "cosine" the mean of whole outputs. ONNX Runtime's quantize_static makes QDQ with
scales per channel (QUInt8 data, QInt8 weights, ranges by its default, the extremes); optc runs that model, too ("QDQ"). Times
are medians of one thread, all taken in turns. --ablation builds with optc's options off, one by one."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import numpy as np
import vs_ort
from harness import engines

engines.use_models()
import catalog
import detector
import onnx
import samples
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

NAMES = ("open_nsfw", "ocr_cls", "ocr_rec", "ocr_det", "minilm", "detector")
ABLATION = (["--range", "minmax"], ["--range", "percentile"], ["--range", "entropy"], ["--no-bias-correction"], ["--no-balance"])


class Feeds(quantization.CalibrationDataReader):
    def __init__(self, arrays):
        self.rest = iter(feeds_of(arrays))

    def get_next(self):
        return next(self.rest, None)


def feeds_of(arrays):
    for i in range(len(next(iter(arrays.values())))):
        yield {name: array[i:i + 1] for name, array in arrays.items()}


def agreement(name, want, got):
    """(top1, cosine)"""
    same, cosines = [], []
    for w, g in zip(want, got):
        same.append(w.reshape(-1, w.shape[-1]).argmax(1) == g.reshape(-1, g.shape[-1]).argmax(1))
        w, g = w.astype(np.float64).ravel(), g.astype(np.float64).ravel()
        cosines.append(w @ g / np.sqrt((w @ w) * (g @ g)))
    return detector.agreement(want, got) if name == "detector" else np.mean(np.concatenate(same)), np.mean(cosines)


def model_of(name, folder):
    """Its path, and what makes samples of a seed and a count."""
    if name != "detector":
        return catalog.BY_NAME[name].path, lambda count, seed: samples.samples(name, count, seed)
    detector.write(folder / "detector.onnx")
    return folder / "detector.onnx", lambda count, seed: detector.inputs(np.random.default_rng(seed), count)


def outputs_of(engine, arrays):
    return [next(iter(engine.run(feeds).values())) for feeds in feeds_of(arrays)]


def quantize_peer(path, target, arrays):
    """ONNX Runtime's quantizer on its preprocessed model; models of old opsets are lifted first."""
    model = onnx.load(path)
    if next(o.version for o in model.opset_import if not o.domain) < 13:
        model = onnx.version_converter.convert_version(model, 17)
    lifted, ready = target.with_suffix(".lifted.onnx"), target.with_suffix(".ready.onnx")
    onnx.save(model, lifted)
    quant_pre_process(lifted, ready, skip_symbolic_shape=True)
    quantization.quantize_static(ready, target, Feeds(arrays), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
                                 activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)


def build(path, artifact, *arguments):
    done = subprocess.run([engines.OPTC, "build", path, "-o", artifact, "-q", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{path}: {done.stderr}")
    return artifact


def bench(name, args, folder):
    path, make = model_of(name, folder)
    calibration, evaluation = make(args.calib, 1), make(args.eval, 2)
    calib = folder / "calib.npz"
    np.savez(calib, **calibration)
    quantize = ("--quantize", "int8", "--calib", calib, "--metric", "cosine")
    want = outputs_of(engines.OnnxRuntime(path), evaluation)
    if args.ablation:
        for options in ([], *ABLATION):
            top1, cosine = agreement(name, want, outputs_of(engines.OptcLibrary(build(path, folder / "a.optc", *quantize, *options)), evaluation))
            print(f"  {name:10} {' '.join(options) or 'all':24} top1 {top1:8.2%}   cosine {cosine:.5f}", flush=True)
        return
    qdq = folder / "qdq.onnx"
    quantize_peer(path, qdq, calibration)
    # Names, what runs, and the file whose size counts.
    rows = [("optc f32", vs_ort.OptcTimed(build(path, folder / "f.optc")), folder / "f.optc"),
            ("optc int8", vs_ort.OptcTimed(build(path, folder / "q.optc", *quantize)), folder / "q.optc"),
            ("optc QDQ", vs_ort.OptcTimed(build(qdq, folder / "qdq.optc")), folder / "qdq.optc"),
            ("ORT f32", vs_ort.OrtTimed(path), path), ("ORT QDQ", vs_ort.OrtTimed(qdq), qdq)]
    feeds = next(feeds_of(evaluation))
    times = vs_ort.measure([engine.bind(feeds) for _, engine, _ in rows], args.seconds)
    size = path.stat().st_size
    base = np.median(times[1])
    for (label, engine, file), taken in zip(rows, times):
        top1, cosine = agreement(name, want, outputs_of(engine, evaluation))
        print(f"  {name:10} {label:10} {np.median(taken) * 1e3:8.3f} ms  {np.median(taken) / base:5.2f} x   {file.stat().st_size / 1e6:7.2f} MB "
              f"({file.stat().st_size / size:6.1%})   top1 {top1:8.2%}   cosine {cosine:.5f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--calib", type=int, default=64)
    parser.add_argument("--eval", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--ablation", action="store_true")
    args = parser.parse_args()
    for name in args.names:
        with tempfile.TemporaryDirectory(prefix="optc-quantizers-") as folder:
            bench(name, args, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
