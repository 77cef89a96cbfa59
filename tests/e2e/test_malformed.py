#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every request of malformed_*.py ends as it says there, and another client is answered right after it, by the
same process, which neither grows nor writes anything about it."""

import collections
import re

import appliance
import malformed
import malformed_messages as messages
import malformed_tensors as tensors
import malformed_wire as wire

SMALL = [messages.flowers, messages.bytes_that_are_no_message, messages.numbers_of_messages, messages.names_of_methods,
         messages.names_of_models, tensors.tensors, tensors.typed_values, tensors.raw_values, wire.framing,
         wire.request_headers, wire.other_protocols]
LARGE = [tensors.outputs, messages.feeds, messages.sizes, wire.compression]  # megabytes among them
MOST_LEAK = 2 << 10     # KiB, of a round of small messages, when all buffers are there
MOST_GROWTH = 96 << 10  # KiB, by messages of megabytes, whose buffers an allocator keeps for a while


class Malformed(appliance.Test):
    def setUp(self):
        self.server = appliance.Server()
        self.addCleanup(self.server.__exit__)
        self.target = self.server.target
        self.channel = appliance.channel(self.target)  # of the one who sends them
        self.addCleanup(self.channel.close)
        other = appliance.channel(self.target, **{"grpc.use_local_subchannel_pool": 1})
        self.addCleanup(other.close)
        self.predict = other.unary_unary("/ml.IrisPredictor/PredictIrisSpecies")

    def resident(self):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    def assert_serves_others(self):
        flower = malformed.FLOWER.SerializeToString()
        self.assertEqual(self.predict(flower, timeout=10), b"\x08\x02")
        self.assertIsNone(self.server.process.poll())

    def go_through(self, cases):
        """How many ended as documented, by status."""
        counts = collections.Counter()
        for case in cases:
            with self.subTest(case=case.name):
                try:
                    code, text = case.send(self)
                    self.assertNotIn(code, ("INTERNAL", "UNKNOWN"), text)
                    self.assertEqual(code, case.code, text)
                    self.assertIn(case.text, text)
                    self.assertLess(len(text), 2000)
                    counts[code] += 1
                finally:
                    self.assert_serves_others()
        return counts

    def all_cases(self):
        """The small ones and the large ones."""
        return ([case for group in groups for case in group()] for groups in (SMALL, LARGE))

    def test_each_ends_as_documented_and_harms_nobody(self):
        small, large = self.all_cases()
        names = collections.Counter(case.name for case in small + large)
        self.assertEqual([name for name in names if names[name] > 1], [])
        self.assert_serves_others()
        lines = list(self.server.lines)
        counts = self.go_through(small + large)
        print("\n\nMalformed requests that ended as documented, another client being served after each, by status:")
        for code, count in counts.most_common():
            print(f"  {code:20}{count:5}")
        print(f"  {'all':20}{sum(counts.values()):5}", flush=True)
        self.assertEqual(self.server.lines, lines, "anybody can have the server write this")
        self.assertEqual(self.server.stop(), appliance.OK)

    def test_they_leave_no_memory_behind(self):
        small, large = self.all_cases()
        self.assert_serves_others()
        sizes = [self.resident()]
        for cases in small, small, large + large:
            self.go_through(cases)
            sizes.append(self.resident())
        print(f"The server's memory before, after small messages once and twice, after large ones twice: {sizes} KiB",
              flush=True)
        self.assertLess(sizes[2] - sizes[1], MOST_LEAK)
        self.assertLess(sizes[3] - sizes[0], MOST_GROWTH)


if __name__ == "__main__":
    appliance.main()
