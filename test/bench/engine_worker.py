# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One engine in one process, told by peers.py what to do: engines' threads that spin, and their
memory, would otherwise mix.

  engine_worker.py ENGINE THREADS    one JSON object per line in, one out

  {"do": "load", "model": FILE, "feeds": FILE.npz, "outputs": FILE.npz}
      -> {"load_ms", "first_ms", "rss_mb", ...}; writes the outputs of the first run
  {"do": "burst", "seconds": S}      -> {"wall": [seconds of each run], "cpu": [the same of CPU time]}

A failure answers {"failure": TEXT}. What libraries print goes to stderr."""
import json
import os
import sys
import time
from pathlib import Path

import numpy as np


def resident_mb():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


BARE_MB = resident_mb()   # of Python and numpy


class OnnxRuntime:
    def __init__(self, threads):
        import onnxruntime
        self.module, self.threads = onnxruntime, threads

    def load(self, model):
        options = self.module.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = self.module.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.inputs = [i.name for i in self.session.get_inputs()]

    def bind(self, feeds):
        self.binding = self.session.io_binding()
        for name in self.inputs:
            self.binding.bind_ortvalue_input(name, self.module.OrtValue.ortvalue_from_numpy(feeds[name]))
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.binding.copy_outputs_to_cpu()))


class OpenVino:
    precision = {"INFERENCE_PRECISION_HINT": "f32"}

    def __init__(self, threads):
        import openvino
        self.module, self.threads = openvino, threads

    def load(self, model):
        core = self.module.Core()
        config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": self.threads, **self.precision}
        self.compiled = core.compile_model(core.read_model(model), "CPU", config)
        self.request = self.compiled.create_infer_request()

    def bind(self, feeds):
        self.kept = []
        for port in self.compiled.inputs:
            name = next(iter(port.names & feeds.keys()))
            array = np.ascontiguousarray(feeds[name])
            tensor = self.module.Tensor(array, shared_memory=array.size > 0)
            self.kept.append(array)
            self.request.set_tensor(port, tensor)

    def run(self):
        self.request.start_async()   # infer() would copy the outputs
        self.request.wait()

    def outputs(self):
        return {name: np.array(self.request.get_tensor(port).data)
                for port in self.compiled.outputs for name in port.names}


class OpenVinoDefault(OpenVino):
    precision = {}


class Iree:
    FLAGS = ["--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
             "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]

    def __init__(self, threads):
        import iree.runtime
        self.module, self.threads = iree.runtime, threads
        if threads > 1:
            iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")

    def compile(self, model):
        from iree.compiler.tools import compile_file
        import subprocess
        source, binary = Path(model).with_suffix(".mlir"), Path(model).with_suffix(".vmfb")
        if binary.exists() and binary.stat().st_mtime > Path(model).stat().st_mtime:
            return str(binary)
        importer = Path(sys.executable).parent / "iree-import-onnx"
        subprocess.run([importer, model, "-o", source, "--opset-version", "17"], check=True, stdout=sys.stderr)
        compile_file(str(source), input_type="onnx", output_file=str(binary), extra_args=self.FLAGS)
        source.unlink()
        return str(binary)

    def load(self, model):
        runtime = self.module
        self.config = runtime.Config("local-task" if self.threads > 1 else "local-sync")
        module = runtime.VmModule.mmap(self.config.vm_instance, model)
        context = runtime.SystemContext(vm_modules=[runtime.create_hal_module(self.config.vm_instance,
                                                                              self.config.device), module],
                                        config=self.config)
        exported = [name for name in module.function_names if not name.startswith("__") and not name.endswith("$async")]
        self.function = runtime.FunctionInvoker(context.vm_context, self.config.device,
                                                module.lookup_function(exported[0]))

    def bind(self, feeds):
        self.arguments = [self.module.asdevicearray(self.config.device, value) for value in feeds.values()]

    def run(self):
        self.results = self.function(*self.arguments)

    def outputs(self):
        results = self.results if isinstance(self.results, (tuple, list)) else [self.results]
        return {str(i): result.to_host() for i, result in enumerate(results)}


class Optc:
    def __init__(self, threads):
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        from harness import optc_runtime
        self.module, self.threads = optc_runtime, threads

    def load(self, model):
        self.model = self.module.Model(model, self.threads)

    def bind(self, feeds):
        self.model.set_inputs({name: feeds[name] for name in self.model.inputs})
        self.run = self.model.execute

    def outputs(self):
        return {name: self.model.output(name) for name in self.model.outputs}

    def describe(self):
        work = self.model.work()
        return {"multiply_adds": work.multiply_adds, "bytes": work.bytes, "kernels": work.kernels,
                "uncounted": work.uncounted, "level": self.model.level, "activations_mb": self.model.memory / 1e6}


ENGINES = {"optc": Optc, "onnxruntime": OnnxRuntime, "openvino": OpenVino, "openvino-default": OpenVinoDefault,
           "iree": Iree}


def load(engine, request):
    with np.load(request["feeds"]) as stored:
        feeds = {name: stored[name] for name in stored.files}
    model, answer = request["model"], {}
    if hasattr(engine, "compile"):
        start = time.perf_counter()
        model = engine.compile(model)
        answer["compile_s"] = time.perf_counter() - start
    start = time.perf_counter()
    engine.load(model)
    loaded = time.perf_counter()
    engine.bind(feeds)
    engine.run()
    first = time.perf_counter()
    np.savez(request["outputs"], **engine.outputs())
    answer |= {"load_ms": (loaded - start) * 1e3, "first_ms": (first - loaded) * 1e3}
    for _ in range(2):
        engine.run()
    answer["rss_mb"] = resident_mb() - BARE_MB
    if hasattr(engine, "describe"):
        answer |= engine.describe()
    return answer


def burst(engine, request):
    """Runs for `seconds`, at least once, after one run that finds the caches cold."""
    engine.run()
    wall, cpu, end = [], [], time.perf_counter() + request["seconds"]
    while True:
        spent, start = time.process_time(), time.perf_counter()
        engine.run()
        now = time.perf_counter()
        wall.append(now - start)
        cpu.append(time.process_time() - spent)
        if now >= end:
            return {"wall": wall, "cpu": cpu}


def main():
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    engine = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if engine is None:
                engine = ENGINES[sys.argv[1]](int(sys.argv[2]))
            answer = {"load": load, "burst": burst}[request["do"]](engine, request)
        except Exception as error:   # the table says what went wrong, and goes on
            answer = {"failure": f"{type(error).__name__}: {error}"}
        channel.write(json.dumps(answer) + "\n")
        channel.flush()


if __name__ == "__main__":
    main()
