# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What peers.py prints, writes and draws."""
import math
import platform
import statistics
import time
from importlib import metadata
from pathlib import Path
from xml.sax.saxutils import escape

# Peers that compute in f32: optc is compared with the best of these.
F32 = ("onnxruntime", "openvino", "iree")
BF16 = "openvino-default"   # the one optc-bf16 is compared with
SHORT = {"onnxruntime": "ORT", "openvino": "OV f32", "openvino-default": "OV bf16", "iree": "IREE", "optc": "optc",
         "optc-dynamic": "dynamic", "optc-bf16": "optc bf16"}


def usable(result):
    return "min_ms" in result and not result["wrong"]


def ratio(results, engine, ours="optc"):
    """How many times the time of optc an engine takes; None where one of both has no time."""
    if not usable(results.get(ours, {})) or not usable(results.get(engine, {})):
        return None
    return results[engine]["min_ms"] / results[ours]["min_ms"]


def best_ratio(results):
    found = [r for r in (ratio(results, engine) for engine in F32) if r]
    return min(found) if found else None


def rates(results, limits):
    """GFLOP/s of optc, its share of the peak, and of the bandwidth of memory."""
    optc = results.get("optc", {})
    if not usable(optc) or optc.get("uncounted", 1) or not optc.get("kernels"):
        return None
    seconds = optc["min_ms"] / 1e3
    gflops, gbytes = 2 * optc["multiply_adds"] / seconds / 1e9, optc["bytes"] / seconds / 1e9
    share = lambda rate, limit: rate / limit if limit else math.nan
    return gflops, share(gflops, limits["gflops"]), share(gbytes, limits["read_gbytes_per_s"])


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values)))


class Table:
    def __init__(self, engines, limits, clock):
        self.engines, self.limits, self.clock, self.results = engines, limits, clock, []
        self.peers = [engine for engine in engines if engine != "optc"]
        self.bf16 = "optc-bf16" in engines and BF16 in engines

    @property
    def failed(self):
        return any("failure" in (optc := one["engines"].get("optc", {})) or optc.get("wrong") for one in self.results)

    def head(self, threads):
        limit = self.limits[threads]
        print(f"\n{threads} thread{'s' if threads > 1 else ''}; this machine: {limit['gflops'] or 0:.1f} GFLOP/s f32 "
              f"({limit['vectors']}), {limit['read_gbytes_per_s'] or 0:.1f} GB/s read")
        what = "ms of CPU time" if self.clock == "cpu" else "ms"
        print(f"{what} are the least of all runs (optc: and the median); x is the time over optc's\n")
        peers = "".join(f"{SHORT[engine]:>18}" for engine in self.peers)
        print(f"{'':26}{'optc ms':>10}{'median':>10}{peers}{'best f32 x':>12}{'target':>8}"
              + (f"{'bf16 x':>8}{'target':>8}" if self.bf16 else "") + f"{'GFLOP/s':>9}{'peak':>6}{'mem':>6}")

    def add(self, one):
        self.results.append(one)
        results = one["engines"]
        optc = results.get("optc", {})
        cells = f"{optc['min_ms']:10.3f}{optc['median_ms']:10.3f}" if "min_ms" in optc else f"{'-':>10}{'-':>10}"
        for engine in self.peers:
            cells += f"{self.cell(results, engine):>18}"
        best, rate = best_ratio(results), rates(results, self.limits[one["threads"]])
        cells += f"{best:12.2f}" if best else f"{'-':>12}"
        cells += f"{one['target']:8.2f}"
        if self.bf16:
            times = ratio(results, BF16, "optc-bf16")
            cells += (f"{times:8.2f}" if times else f"{'-':>8}") + (f"{one['bf16_target']:8.2f}" if one["bf16_target"] else f"{'-':>8}")
        cells += f"{rate[0]:9.1f}{100 * rate[1]:5.0f}%{100 * rate[2]:5.0f}%" if rate else f"{'-':>9}{'-':>6}{'-':>6}"
        print(f"{one['row']:26}{cells}", flush=True)

    @staticmethod
    def cell(results, engine):
        result = results.get(engine, {})
        if "min_ms" not in result:
            return "fails"
        if result["wrong"]:
            return "wrong output"
        times = ratio(results, engine)
        return f"{result['min_ms']:.3f}" + (f" ({times:.2f}x)" if times else "")

    def summary(self, threads):
        here = [one for one in self.results if one["threads"] == threads]
        print()
        for engine in self.peers:
            found = [r for r in (ratio(one["engines"], engine) for one in here) if r]
            if found:
                print(f"{SHORT[engine]:8} / optc: geometric mean {geometric_mean(found):.2f} over {len(found)} rows, "
                      f"least {min(found):.2f}")
        found = [(best, one["target"]) for one in here if (best := best_ratio(one["engines"]))]
        if found:
            print(f"best f32 / optc: geometric mean {geometric_mean([best for best, _ in found]):.2f} over {len(found)} "
                  f"rows; {sum(best >= target for best, target in found)} of {len(found)} reach their target")
        found = [(r, one["bf16_target"]) for one in here
                 if one["bf16_target"] and (r := ratio(one["engines"], BF16, "optc-bf16"))]
        if found:
            print(f"{SHORT[BF16]} / optc bf16: geometric mean {geometric_mean([r for r, _ in found]):.2f} over {len(found)} "
                  f"rows; {sum(r >= target for r, target in found)} of {len(found)} reach their target")
        self.resources(here)
        self.notes(here)

    def resources(self, here):
        print("\nload ms + first run ms | resident MB beyond Python (| seconds to compile)")
        print(f"{'':26}" + "".join(f"{SHORT[engine]:>27}" for engine in self.engines))
        for one in here:
            cells = ""
            for engine in self.engines:
                result = one["engines"].get(engine, {})
                text = f"{result['load_ms']:.0f} + {result['first_ms']:.1f} | {result['rss_mb']:.0f}" if "rss_mb" in result else "-"
                if result.get("compile_s", 0) >= 0.1:
                    text += f" | {result['compile_s']:.0f}"
                cells += f"{text:>27}"
            print(f"{one['row']:26}{cells}")

    def notes(self, here):
        print()
        for one in here:
            for engine, result in one["engines"].items():
                where = f"{one['row']}, {SHORT[engine]}"
                if "failure" in result:
                    print(f"{where}: {' '.join(result['failure'].split())[:300]}")
                elif result.get("wrong"):
                    print(f"{where}: output differs from ONNX Runtime's by {result['error']:.1e} of its scale, "
                          f"cosine {result['cosine']:.4f}")
                elif not result.get("pinned", True) and engine != "optc-dynamic":
                    print(f"{where}: runs the model with dynamic shapes; it does not take the fixed ones")

    def as_json(self):
        versions = {name: metadata.version(name) for name in ("numpy", "onnx", "onnxruntime")}
        requirements = (Path(__file__).parent / "requirements.txt").read_text()
        pins = [line for line in requirements.splitlines() if "==" in line]
        return {"date": time.strftime("%Y-%m-%d"), "system": platform.platform(), "engines": pins, "python": versions,
                "clock": self.clock, "machine": self.limits, "results": self.results}


def print_collapse(found, limit):
    print("optc alone, ms: least at one thread, median at two, median at two with one CPU busy\n")
    for one in found:
        print(f"{one['row']:26}{one['one']['min_ms']:10.3f}{one['two']['median_ms']:10.3f}{one['loaded']['median_ms']:10.3f}"
              f"   {one['ratio']:.2f} times one thread (limit {limit}): {'passed' if one['passed'] else 'FAILED'}")
    passed = sum(one["passed"] for one in found)
    print(f"\ncollapse: {passed} passed, {len(found) - passed} failed")


COLORS = {"optc": "#1b6ca8", "onnxruntime": "#c9a227", "openvino": "#7a9e3f", "openvino-default": "#b9cf95", "iree": "#a8553a",
          "optc-dynamic": "#6fa8d6", "optc-bf16": "#0d3b5e"}
ROW_HEIGHT, BAR, LEFT, WIDTH = 16, 12, 230, 560


def plot(results):
    """An SVG: per row and engine a bar of speed, optc's being 1."""
    bars, y = [], 50
    text = lambda x, at, words, anchor="start": (f'<text x="{x:.0f}" y="{at}" font-size="11" text-anchor="{anchor}" '
                                                  f'font-family="sans-serif">{escape(words)}</text>')
    scale = WIDTH / 2.0   # pixels of speed 1
    for one in results:
        label = f"{one['row']}, {one['threads']} thread{'s' if one['threads'] > 1 else ''}"
        bars.append(text(LEFT - 8, y + 10, label, "end"))
        for engine, result in one["engines"].items():
            times = 1.0 if engine == "optc" and usable(result) else ratio(one["engines"], engine)
            if times:
                length = min(scale / times, WIDTH)
                bars.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{COLORS[engine]}"/>')
                bars.append(text(LEFT + length + 4, y + 10, f"{SHORT[engine]} {result['min_ms']:.3g} ms"))
            else:
                bars.append(text(LEFT + 4, y + 10, f"{SHORT[engine]}: no result"))
            y += ROW_HEIGHT
        y += 8
    height, line = y + 10, LEFT + scale
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 140}" height="{height}">'
            f'<rect width="100%" height="100%" fill="white"/>'
            + text(LEFT, 20, "speed (1 / least time), optc = 1; longer is faster")
            + f'<line x1="{line}" y1="30" x2="{line}" y2="{height}" stroke="#999" stroke-dasharray="3"/>'
            + "".join(bars) + "</svg>\n")
