# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`optc check` is a build that stops early: both say the same of every model."""
from . import process
from .builds import OPTC

SECONDS = 60


def disagreement(model, outcome, cwd=None):
    """What is wrong with `optc check` of a model whose build ended with `outcome`, or nothing."""
    if outcome not in ("ok", "unsupported"):
        return ""
    check = process.run([OPTC, "check", model], SECONDS, cwd=cwd, memory=64 << 30)
    if check.outcome == outcome:
        return ""
    return f"its build ends with '{outcome}', but `optc check` with '{check.outcome}': {check.tail()}"
