# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command with limits on time and memory, and tells how it ended."""
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from .builds import is_sanitized

# Exit codes of optc.
OK, INTERNAL, USAGE, UNSUPPORTED, DAMAGED = 0, 1, 2, 3, 6
MEMORY = 16 << 30


@dataclass
class Result:
    code: int        # exit code; the negative signal number when killed by one
    text: str        # what it printed, both streams
    seconds: float
    peak_mb: float   # of resident memory
    timed_out: bool
    cpu_seconds: float = 0   # of all its threads

    @property
    def outcome(self):
        if self.timed_out:
            return "timeout"
        if self.code < 0 or self.code > 128:
            return "crash"
        return {OK: "ok", UNSUPPORTED: "unsupported"}.get(self.code, "error")

    def tail(self, size=400):
        return self.text.strip()[-size:]


class PeakMemory:
    """Most resident memory of a process, in MB, while the `with` block runs. The usage a parent gets
    from wait is no less than its own memory was when it forked."""

    def __init__(self, pid):
        self.file, self.peak, self.done = f"/proc/{pid}/status", 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.done.wait(0.02):
            try:
                with open(self.file) as status:
                    peak = next((line.split()[1] for line in status if line.startswith("VmHWM")), 0)
            except OSError:
                return
            self.peak = max(self.peak, int(peak) / 1024)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()


def run(argv, timeout, cwd=None, environment=None, memory=MEMORY):
    """Runs `argv` in a process group of its own, which is ended after `timeout` seconds."""
    start, expired = time.time(), threading.Event()
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
                                 env={**os.environ, **(environment or {})}, start_new_session=True)
        if not is_sanitized():
            resource.prlimit(child.pid, resource.RLIMIT_AS, (memory, memory))

        def end():
            expired.set()
            os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(timeout, end)
        timer.start()
        try:
            with PeakMemory(child.pid) as memory_of:
                _, status, usage = os.wait4(child.pid, 0)
        finally:
            timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode(errors="replace")
    return Result(child.returncode, text, time.time() - start, memory_of.peak or usage.ru_maxrss / 1024, expired.is_set(),
                  usage.ru_utime + usage.ru_stime)
