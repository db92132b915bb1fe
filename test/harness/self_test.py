#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests of the test harness: it tells the ways a command can end apart, values survive the
folder protocol, the comparisons refuse what they must, and the table of peers.py says what failed."""
import contextlib
import io
import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "backend"), str(TESTS / "bench")]
import ml_dtypes
import numpy as np
from harness import compare, manifest, process

import report
import run as backend


def sh(script, timeout=5):
    return process.run(["/bin/sh", "-c", script], timeout)


class Process(unittest.TestCase):
    def test_outcomes(self):
        for script, outcome in (("exit 0", "ok"), ("exit 3", "unsupported"), ("exit 1", "error"), ("exit 6", "error"),
                                ("kill -SEGV $$", "crash"), ("exit 139", "crash")):
            self.assertEqual(sh(script).outcome, outcome, script)

    def test_timeout_ends_the_whole_group(self):
        result = sh("sleep 30 & sleep 30", timeout=0.3)
        self.assertEqual(result.outcome, "timeout")
        self.assertLess(result.seconds, 3)

    def test_both_streams(self):
        self.assertEqual(sorted(sh("echo a; echo b >&2").text.split()), ["a", "b"])


class Manifest(unittest.TestCase):
    def test_round_trip(self):
        values = [("f", np.arange(6, dtype=np.float32).reshape(2, 3)), ("scalar", np.float64(2)), ("empty", np.zeros((0, 3), np.int8)),
                  ("bf", np.array([1, 2], ml_dtypes.bfloat16)), ("i4", np.array([-8, 7], ml_dtypes.int4)),
                  ("f8", np.array([0.5], ml_dtypes.float8_e4m3fn)), ("text", np.array([["a", "ü"]], dtype=object)),
                  ("b", np.array([True])), ("none", None), ("list", [np.int64([1]), np.int64([2, 3])]), ("map", {1: 2.0})]
        with tempfile.TemporaryDirectory() as folder:
            manifest.write(folder, values)
            back = manifest.read(folder)
        self.assertEqual(list(back), [name for name, _ in values])
        for name, value in values:
            compare.close(value, back[name], 0, 0, name)


class Compare(unittest.TestCase):
    def refused(self, want, got, rtol=1e-3):
        with self.assertRaises(compare.Mismatch):
            compare.close(want, got, rtol, 1e-7)

    def test_refuses(self):
        x = np.ones((2, 3), np.float32)
        self.refused(x, x * 1.01)
        self.refused(x, x.astype(np.float64))
        self.refused(x, x.reshape(3, 2))
        self.refused(x, x * np.nan)
        self.refused([x], [x, x])
        self.refused(None, x)
        self.refused(np.array(["a"]), np.array(["b"]))

    def test_scaled_error(self):
        want = np.array([0.0, 100.0], np.float32)
        self.assertAlmostEqual(compare.scaled_error(want, want + np.float32(1)), 0.01)
        self.assertEqual(compare.scaled_error(want, want[:1]), np.inf)
        self.assertEqual(compare.scaled_error(want, want * np.nan), np.inf)
        self.assertEqual(compare.scaled_error(np.array([np.inf, 1]), np.array([1.0, 1])), np.inf)
        self.assertEqual(compare.scaled_error(np.array([np.inf, 1]), np.array([np.inf, 1])), 0)

    def test_argmax(self):
        want = np.array([[1.0, 2.0, 0.5]])
        self.assertTrue(compare.same_argmax(want, np.array([[1.5, 1.9, 0.0]])))
        self.assertFalse(compare.same_argmax(want, np.array([[2.5, 1.9, 0.0]])))
        self.assertTrue(compare.same_argmax(np.array([1.0, 1.00001]), np.array([1.1, 1.0])))


class Backend(unittest.TestCase):
    """One data set of y = x against stand-in engines."""
    X = np.arange(4, dtype=np.float32)

    def status(self, script):
        command = f"/bin/sh -c '{script}' sh {{inputs}} {{outputs}}"
        return backend.run_set(command, "model.onnx", [("y", self.X)], [("y", self.X)], (1e-3, 1e-7), 0.5)[0]

    def test_statuses(self):
        for script, status in (("cp $1/* $2", "pass"), ("exit 0", "mismatch"), ("exit 3", "unsupported"),
                               ("exit 1", "error"), ("kill -ABRT $$", "crash"), ("sleep 9", "timeout"),
                               ("cp $1/* $2; sed -i s/float/int32/ $2/manifest.json", "mismatch")):
            self.assertEqual(self.status(script), status, script)

    def test_regressions(self):
        results = [{"id": "node/a", "status": "pass", "message": ""}, {"id": "node/b", "status": "crash", "message": ""}]
        with tempfile.NamedTemporaryFile("w") as listed:
            listed.write("node/a\nnode/b\nnode/gone\n")
            listed.flush()
            self.assertEqual(backend.check_expected(results, listed.name, is_part=True), 1)
            self.assertEqual(backend.check_expected(results, listed.name, is_part=False), 2)


class Peers(unittest.TestCase):
    """The table of test/bench/peers.py, with results made up."""
    GOOD = {"load_ms": 1.0, "first_ms": 2.0, "rss_mb": 3.0, "wrong": False, "pinned": True, "error": 0.0, "cosine": 1.0}
    LIMITS = {1: {"threads": 1, "gflops": 100.0, "read_gbytes_per_s": 10.0, "vectors": "AVX2"}}

    def table(self, **results):
        table = report.Table(["optc", "optc-bf16", "onnxruntime", "openvino", "openvino-default"], self.LIMITS, "wall")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            table.head(1)
            table.add({"row": "r & d", "threads": 1, "target": 1.5, "bf16_target": 1.2, "engines": results})
            table.summary(1)
        return table, printed.getvalue()

    def time(self, ms, **more):
        return {**self.GOOD, "min_ms": ms, "median_ms": ms, **more}

    def test_best_peer_computes_in_f32(self):
        work = {"multiply_adds": 5e8, "bytes": 2e7, "kernels": 3, "uncounted": 0}
        results = {"optc": self.time(20.0, **work), "onnxruntime": self.time(40.0), "openvino": self.time(30.0),
                   "openvino-default": self.time(10.0), "optc-bf16": self.time(8.0)}
        table, text = self.table(**results)
        self.assertEqual(report.best_ratio(results), 1.5)
        self.assertIn("40.000 (2.00x)", text)
        self.assertIn("best f32 / optc: geometric mean 1.50 over 1 rows; 1 of 1 reach their target", text)
        self.assertIn("OV bf16 / optc bf16: geometric mean 1.25 over 1 rows; 1 of 1 reach their target", text)
        gflops, peak, memory = report.rates(results, self.LIMITS[1])
        self.assertAlmostEqual(gflops, 50)
        self.assertAlmostEqual(peak, 0.5)
        self.assertAlmostEqual(memory, 0.1)
        self.assertFalse(table.failed)
        json.dumps(table.as_json())

    def test_what_fails_or_is_wrong_does_not_count(self):
        results = {"optc": self.time(20.0, uncounted=1, kernels=3, multiply_adds=1, bytes=1),
                   "onnxruntime": {"failure": "no such op"}, "openvino": self.time(1.0, wrong=True, error=0.5)}
        table, text = self.table(**results)
        self.assertIsNone(report.best_ratio(results))
        self.assertIsNone(report.rates(results, self.LIMITS[1]))
        for part in ("wrong output", "fails", "r & d, ORT: no such op", "by 5.0e-01 of its scale"):
            self.assertIn(part, text)
        self.assertFalse(table.failed)
        self.assertTrue(self.table(optc={"failure": "crash"})[0].failed)
        self.assertTrue(self.table(optc=self.time(1.0, wrong=True))[0].failed)
        drawn = xml.etree.ElementTree.fromstring(report.plot(table.results))
        self.assertTrue(drawn.tag.endswith("svg"))


if __name__ == "__main__":
    outcome = unittest.main(exit=False, verbosity=0, buffer=True).result
    bad = len(outcome.failures) + len(outcome.errors)
    print(f"harness: {outcome.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
