# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which sources a check looks at that takes too long for all of them in one test run: what the last commits changed, up to
a number, and a share of all that goes by the commit's number, so that each source has its turn."""
import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
COMMITS = 5


def output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


class Source:
    """A source of the build, its object, and the project's files it reads, which are unknown (None) before it is built."""

    def __init__(self, command, reads_of_object):
        self.command, self.path = command, Path(command["file"])
        self.name = str(self.path.relative_to(ROOT))
        self.object = re.search(r" -o (\S+)", command["command"]).group(1)
        self.reads = reads_of_object.get(self.object)


def reads_of_objects():
    """Object file -> the project's files that its compilation read, by ninja's record of it."""
    reads, current = {}, set()
    for line in output("ninja", "-C", str(BUILD), "-t", "deps").splitlines():
        if line.startswith("    "):
            path = Path(os.path.normpath(BUILD / line.strip()))
            if path.is_relative_to(ROOT) and path.suffix != ".pch" and "third_party" not in path.parts:
                current.add(path)
        elif ": #deps" in line:
            current = reads[line.split(": #deps")[0]] = set()
    return reads


def sources():
    """Name -> Source of all of the dev build, by the first command of those that are compiled twice."""
    try:
        commands = json.loads((BUILD / "compile_commands.json").read_text())
        reads = reads_of_objects()
    except (FileNotFoundError, subprocess.CalledProcessError):
        sys.exit("there is no build; run tools/build.sh")
    found = {}
    for command in commands:
        path = Path(command["file"])
        if path.is_relative_to(ROOT) and not path.is_relative_to(BUILD) and "third_party" not in path.parts:
            source = Source(command, reads)
            found.setdefault(source.name, source)
    return found


def through(name, found):
    """The source that stands for a file: itself, or for a header the one of its name or the one that reads least."""
    if name in found:
        return name
    path = ROOT / name
    readers = [source for source in found.values() if path.suffix == ".h" and path in (source.reads or ())]
    best = min(readers, key=lambda s: (s.path.stem != path.stem, len(s.reads), s.name), default=None)
    return best.name if best else None


def representatives(names, found):
    """The sources that stand for these files; those of other kinds have none."""
    return {through(name, found) for name in names} - {None}


def due(found, most, shares):
    """At most `most` sources for what the last commits and the working tree changed, and one of `shares` parts of all."""
    number = int(output("git", "rev-list", "--count", "HEAD"))
    back = min(COMMITS, int(output("git", "rev-list", "--count", "--first-parent", "HEAD")) - 1)
    changed = representatives(output("git", "diff", "--name-only", "-z", f"HEAD~{back}").split("\0"), found)
    # Of more than that, others with every commit.
    changed = sorted(changed, key=lambda name: zlib.crc32(f"{number} {name}".encode()))[:most]
    return {name for name in found if zlib.crc32(name.encode()) % shares == number % shares} | set(changed)
