#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped file itself: how it is linked, how big, how quick to start, how small in memory."""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import unittest

import appliance

sys.path.append(str(appliance.SOURCE / "toolchain/lib"))
import linked  # noqa: E402

# The budgets, here and nowhere else.
SIZE_BYTES = 4_850_000
START_TO_FIRST_ANSWER_SECONDS = 0.030
IDLE_RSS_KIB = 8 * 1024
THREAD_STACK_BYTES = 0x100000
# What a call that goes where it must not runs into, as clang writes it for x86-64: ud1 with the number of its kind.
TRAP = bytes.fromhex("670fb94002")
# Functions of each source, at least, that have such a call; "" is our own.
CHECKED = {"": 100, "grpc": 100}

PB, RPC = appliance.tutorial_stubs()


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments, appliance.BINARY], stdout=subprocess.PIPE, check=True,
                          text=True).stdout


@unittest.skipUnless(appliance.is_static(), "a dynamic development binary; these are promises of the static one")
class Binary(appliance.Test):
    def test_static_pie(self):
        self.assertRegex(readelf("-h"), r"Type:\s+DYN")
        segments = readelf("-l")
        self.assertNotIn("INTERP", segments)
        dynamic = readelf("-d")
        for forbidden in ("NEEDED", "TEXTREL", "RPATH", "RUNPATH"):
            self.assertNotIn(forbidden, dynamic)
        self.assertRegex(dynamic, r"FLAGS_1\)\s+.*PIE")

    def test_hardening(self):
        segments = readelf("-l")
        self.assertIn("GNU_RELRO", segments)
        self.assertRegex(readelf("-d"), r"BIND_NOW|FLAGS_1\)\s+.*NOW")
        stack = re.search(r"^\s*GNU_STACK\s+(.*)$", segments, re.M).group(1).split()
        self.assertEqual(int(stack[4], 16), THREAD_STACK_BYTES)  # offset, addresses, file size, memory size, flags
        self.assertEqual(stack[5], "RW")
        for flags in re.findall(r"^\s*LOAD\s+(?:0x\S+\s+){5}([RWE ]{3})", segments, re.M):
            self.assertFalse("W" in flags and "E" in flags, segments)

    def test_calls_are_checked(self):
        """tests/toolchain/test_control_flow.py shows what the checks do; this, that they are in what is shipped."""
        image = pathlib.Path(appliance.BINARY).read_bytes()
        address, offset = (int(word, 16) for word in re.search(
            r" \.text\s+PROGBITS\s+(\w+) (\w+)", readelf("-S")).groups())
        counts = dict.fromkeys(CHECKED, 0)
        for line in pathlib.Path(appliance.BINARY + ".map").read_text(errors="replace").splitlines():
            found = re.match(r"\s*(\w+)\s+\w+\s+(\w+)\s+\d+\s{9}(\S.*\.text\.\S+)\)$", line)
            if found:
                begin = int(found[1], 16) - address + offset
                for file in linked.files_in_map(found[3]):
                    origin = linked.source_of(file)
                    counts[origin] = counts.get(origin, 0) + (TRAP in image[begin:begin + int(found[2], 16)])
        print("functions with checked calls:", {name or "ours": count for name, count in counts.items() if count})
        for name, least in CHECKED.items():
            self.assertGreaterEqual(counts[name], least)

    def test_what_has_holes_and_no_use_is_not_linked(self):
        """docs/security.md calls their holes unreachable."""
        names = re.findall(r"\s(\S+)$", pathlib.Path(appliance.BINARY + ".map").read_text(errors="replace"), re.M)
        self.assertIn("qsort", names)
        self.assertEqual({"iconv", "iconv_open", "MHD_create_post_processor", "MHD_post_process"} & set(names), set())

    def test_what_file_says(self):
        try:
            done = subprocess.run(["file", "-b", appliance.BINARY], stdout=subprocess.PIPE, text=True, check=True)
        except FileNotFoundError:
            self.skipTest("needs the file command")
        self.assertRegex(done.stdout, r"static-pie linked.*stripped")
        self.assertNotIn("not stripped", done.stdout)

    def test_size(self):
        size = os.path.getsize(appliance.BINARY)
        print(f"size: {size:,} bytes of {SIZE_BYTES:,}")
        self.assertLessEqual(size, SIZE_BYTES)

    def test_no_build_path_inside(self):
        # Runs of printable bytes, as strings(1) finds them.
        strings = re.findall(rb"[ -~]{4,}", pathlib.Path(appliance.BINARY).read_bytes())
        folders = [f"{folder}/".encode() for folder in (appliance.SOURCE, pathlib.Path.home())
                   if folder != folder.parent]
        told = [text for text in strings if any(folder in text for folder in folders)
                or re.search(rb"/[\w.-]+/(?:build|toolchain|\.cache)/", text)]
        self.assertEqual(told, [])

    def test_start_to_first_answer(self):
        request = PB.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
        times = []
        for _ in range(9):
            with appliance.Server() as server, appliance.channel(server.target) as channel:
                self.assertEqual(RPC.IrisPredictorStub(channel).PredictIrisSpecies(request, timeout=10).species, 0)
                times.append(time.monotonic() - server.started)
        median = statistics.median(times)
        print(f"start to first answer: median {median * 1000:.1f} ms, {min(times) * 1000:.1f} to "
              f"{max(times) * 1000:.1f} ms")
        self.assertLessEqual(median, START_TO_FIRST_ANSWER_SECONDS)

    def test_idle_memory(self):
        with appliance.Server() as server:
            time.sleep(1)
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            resident = int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1))
            print(f"idle: {resident:,} KiB resident of {IDLE_RSS_KIB:,}")
            self.assertLessEqual(resident, IDLE_RSS_KIB)


if __name__ == "__main__":
    appliance.main()
