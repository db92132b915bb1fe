# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The runtime of another machine, run by qemu-user. One process (test/unit/Runtime/RunServer.cpp) serves
all models of this one: most of the time of a short run under an emulator is its start."""
import shutil
import struct
import subprocess

import numpy as np

from . import optc_runtime
from .builds import ROOT

BUILD = ROOT / "build-aarch64"
EMULATOR = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", "-cpu"]
CRASHED = -1   # the code of an OptcError when the server is gone


def missing():
    """What is not there to emulate with, or nothing."""
    if not shutil.which(EMULATOR[0]):
        return f"no {EMULATOR[0]}: run tools/setup.sh"
    return "" if (BUILD / "bin" / "RunServer").exists() else f"no {BUILD}: cmake --preset aarch64-runtime && ninja -C {BUILD.name}"


class Server:
    """The process, and its protocol."""
    running = {}   # by emulated processor

    def __init__(self, cpu):
        if missing():
            raise RuntimeError(missing())
        self.cpu = cpu
        self.process = subprocess.Popen([*EMULATOR, cpu, str(BUILD / "bin" / "RunServer")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @classmethod
    def get(cls, cpu):
        if cpu not in cls.running:
            cls.running[cpu] = Server(cpu)
        return cls.running[cpu]

    def ask(self, request, *parts):
        """Sends a request of numbers, text, and bytes; raises the OptcError it is answered with."""
        message = request.encode() + b"".join(map(_encode, parts))
        try:
            self.process.stdin.write(message)
            self.process.stdin.flush()
            code = self.number()
        except (BrokenPipeError, EOFError):
            self.running.pop(self.cpu, None)
            raise optc_runtime.OptcError(CRASHED, f"the emulated process ended with {self.process.wait()}") from None
        if code:
            raise optc_runtime.OptcError(code, self.text())

    def _bytes(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def number(self):
        return struct.unpack("<q", self._bytes(8))[0]

    def data(self):
        return self._bytes(self.number())

    def text(self):
        return self.data().decode()

    def texts(self):
        return [self.text() for _ in range(self.number())]


def _encode(part):
    if isinstance(part, int):
        return struct.pack("<q", part)
    data = part.encode() if isinstance(part, str) else part
    return struct.pack("<q", len(data)) + data


class Model:
    """An opened artifact with one context, as optc_runtime.Model."""

    def __init__(self, path, threads=1, level=None, cpu="max"):
        self.server, self.owner, self.model, self.context = Server.get(cpu), None, None, None
        self.server.ask("o", str(path), level or "")
        self.model, self.level = self.server.number(), self.server.text()
        self.inputs = {name: i for i, name in enumerate(self.server.texts())}
        self.outputs = self.server.texts()
        self._create_context(threads)

    def another(self, threads=1):
        other = object.__new__(Model)
        other.__dict__.update(self.__dict__, owner=self, context=None)
        other._create_context(threads)
        return other

    def _create_context(self, threads):
        self.server.ask("c", self.model, threads)
        self.context = self.server.number()

    def __del__(self):
        try:
            if self.context is not None:
                self.server.ask("d", self.context)
            if self.model is not None and not self.owner:
                self.server.ask("m", self.model)
        except optc_runtime.OptcError:
            pass   # the process has ended, and these with it

    def run(self, feeds):
        parts = []
        for name, value in feeds.items():
            array = np.ascontiguousarray(value).reshape(np.shape(value))
            parts += [self.inputs[name], optc_runtime.number_of(array.dtype), array.ndim, *array.shape, array.tobytes()]
        self.server.ask("r", self.context, len(feeds), *parts)
        return {name: self._output() for name in self.outputs}

    def _output(self):
        dtype, rank = optc_runtime.dtype_of(self.server.number()), self.server.number()
        shape = [self.server.number() for _ in range(rank)]
        return np.frombuffer(bytearray(self.server.data()), dtype).reshape(shape)
