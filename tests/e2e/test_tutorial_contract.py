#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The main job on real input: clients made from the tutorial's contract classify all 150 flowers."""

import math

import grpc

import appliance

PB, RPC = appliance.tutorial_stubs()
WRONG = [70, 83, 84, 129, 133]  # which no linear SVM with C = 1 gets right (0-based)
FIELDS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def request(values):
    return PB.IrisPredictRequest(**dict(zip(FIELDS, values)))


class TutorialContract(appliance.Test):
    @classmethod
    def setUpClass(cls):
        cls.server = appliance.Server()
        cls.addClassCleanup(cls.server.__exit__)
        cls.channel = appliance.channel(cls.server.target)
        cls.addClassCleanup(cls.channel.close)
        cls.stub = RPC.IrisPredictorStub(cls.channel)

    def predict(self, *values):
        return self.stub.PredictIrisSpecies(request(values), timeout=appliance.DEADLINE).species

    def test_the_call_that_the_tutorial_makes(self):
        self.assertEqual(self.predict(5.0, 3.6, 1.3, 0.25), 0)

    def test_all_150_flowers(self):
        rows = appliance.iris_rows()
        self.assertEqual(len(rows), 150)
        wrong = [i for i, (values, label) in enumerate(rows) if self.predict(*values) != label]
        self.assertEqual(wrong, WRONG)

    def test_all_150_flowers_at_once(self):
        rows = appliance.iris_rows()
        calls = [self.stub.PredictIrisSpecies.future(request(values), timeout=appliance.DEADLINE)
                 for values, _ in rows]
        wrong = [i for i, (call, (_, label)) in enumerate(zip(calls, rows)) if call.result().species != label]
        self.assertEqual(wrong, WRONG)

    def test_not_a_number_and_infinity_are_refused_by_field(self):
        for position, field in enumerate(FIELDS):
            for bad in (math.nan, math.inf, -math.inf):
                with self.subTest(field=field, bad=bad):
                    values = [5.0, 3.6, 1.3, 0.25]
                    values[position] = bad
                    with self.assertRaises(grpc.RpcError) as caught:
                        self.predict(*values)
                    self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
                    self.assertIn(field, caught.exception.details())
                    for other in FIELDS:
                        if other != field:
                            self.assertNotIn(other, caught.exception.details())

    def test_any_finite_numbers_are_classified(self):
        for values in ([0, 0, 0, 0], [-1, -2, -3, -4], [1e300] * 4, [-1e308] * 4, [1.7976931348623157e308] * 4,
                       [5e-324] * 4, [1e308, -1e308, 1e308, -1e308], [-0.0] * 4):
            with self.subTest(values=values):
                self.assertIn(self.predict(*values), (0, 1, 2))

    def test_fields_left_out_count_as_zero(self):
        self.assertEqual(self.stub.PredictIrisSpecies(PB.IrisPredictRequest(), timeout=10).species,
                         self.predict(0, 0, 0, 0))

    def test_the_wire_itself(self):
        # The bytes that the contract stands for, without any generated code: tags, little-endian doubles, a varint.
        call = self.channel.unary_unary("/ml.IrisPredictor/PredictIrisSpecies")
        virginica = bytes.fromhex("09 9a99999999991940 11 6666666666660a40 19 0000000000001840 21 0000000000000440")
        self.assertEqual(call(virginica, timeout=10), b"\x08\x02")
        self.assertEqual(call(b"", timeout=10), b"" if self.predict(0, 0, 0, 0) == 0 else
                         bytes([8, self.predict(0, 0, 0, 0)]))

    def test_bytes_that_are_no_message(self):
        call = self.channel.unary_unary("/ml.IrisPredictor/PredictIrisSpecies")
        for bad in (b"\xff", b"\x09\x00", b"\x0a\x05abc"):
            with self.subTest(bad=bad), self.assertRaises(grpc.RpcError) as caught:
                call(bad, timeout=10)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertEqual(self.predict(5.0, 3.6, 1.3, 0.25), 0)

    def test_fields_that_we_do_not_know_are_skipped(self):
        call = self.channel.unary_unary("/ml.IrisPredictor/PredictIrisSpecies")
        with_more = request([5.0, 3.6, 1.3, 0.25]).SerializeToString() + b"\x2a\x05hello\x30\x07"
        self.assertEqual(call(with_more, timeout=10), b"")

    def test_unknown_methods_are_unimplemented(self):
        for path in ("/ml.IrisPredictor/Nothing", "/ml.Nothing/PredictIrisSpecies", "/x/y"):
            with self.subTest(path=path), self.assertRaises(grpc.RpcError) as caught:
                self.channel.unary_unary(path)(b"", timeout=10)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    appliance.main()
