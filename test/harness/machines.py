# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machines that suites compile for and run on: this one, and an emulated one."""
from dataclasses import dataclass

from . import emulated, optc_runtime


@dataclass(frozen=True)
class Machine:
    name: str
    arguments: tuple   # of a build for it
    levels: dict       # of its code, by precision
    engine: type       # opens artifacts: engine(path, threads=.., level=..)


MACHINES = {machine.name: machine for machine in (
    Machine("here", (), {"f32": ("x86-64-v3", "x86-64-v4"), "bf16": ("x86-64-v3", "x86-64-v4", "x86-64-v4-bf16")}, optc_runtime.Model),
    Machine("aarch64", ("--triple", "aarch64-linux-gnu"), {"f32": ("aarch64",), "bf16": ("aarch64", "aarch64-bf16")}, emulated.Model),
)}


def add_option(parser):
    parser.add_argument("--machine", choices=MACHINES, default="here", help="aarch64: cross-compile, and run under qemu-user")
