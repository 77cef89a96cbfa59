# SPDX-License-Identifier: Apache-2.0
"""Malformed requests of ModelInfer."""

import math
import struct

from contract import INFERENCE
from malformed import EXHAUSTED, INVALID, LIMIT, Case, by_library
from routes import FIELDS, INFER


def tensor(name, text, code=INVALID, /, *, inputs=None, outputs=(), raw=(), **fields):
    """A ModelInfer of one flower but for what is given: of its one tensor, or of all `inputs`."""
    given = {"name": "input-0", "datatype": "FP64", "shape": [1, 4], **fields}
    if "contents" not in fields and not raw:
        given["contents"] = {"fp64_contents": [6.4, 3.3, 6.0, 2.5]}
    request = INFERENCE.ModelInferRequest(
        model_name="iris", inputs=[{**given, **each} for each in ([{}] if inputs is None else inputs)],
        outputs=[{"name": output} for output in outputs], raw_input_contents=raw)
    return Case(f"ModelInfer: {name}", by_library(INFER, request.SerializeToString()), code, text)


def tensors():
    yield tensor("no input", "found no tensor", inputs=[])
    yield tensor("another name", 'tensor "x": no input has this name', name="x")
    yield tensor("no name", 'tensor "": no input has this name', name="")
    yield tensor("a name that tries to write a line", r'tensor "a\x0ab"', name="a\nb")
    yield tensor("given twice", 'tensor "input-0": given twice', inputs=[{}, {}])
    yield tensor("given by both names", 'tensor "predict": a second input', inputs=[{}, {"name": "predict"}])
    for datatype in ("", "FP16", "BF16", "BOOL", "BYTES", "fp64", "FP128", "STRING", "FP64 "):
        yield tensor(f"datatype {datatype!r}", f'tensor "input-0": datatype "{datatype}" is not taken',
                     datatype=datatype)
    most = 2**63 - 1
    for shape in ([], [3], [5], [0], [-1], [0, 3], [2, 3], [4, 1], [-1, 4], [1, -4], [1, 1, 4], [-most - 1, 4],
                  [most] * 9):
        yield tensor(f"shape {shape[:3]}", 'tensor "input-0": shape [', shape=shape)
    for shape in ([2, 4], [0, 4], [most, 4], [2**62, 4], [2**61, 4]):
        yield tensor(f"four values for shape {shape}", 'tensor "input-0": fp64_contents has 4 values, expected',
                     shape=shape)
        yield tensor(f"32 bytes for shape {shape}", 'tensor "input-0": raw_input_contents[0] has 32 bytes, expected',
                     shape=shape, raw=[bytes(32)])


def typed_values():
    def expected(count):
        return f'tensor "input-0": fp64_contents has {count}, expected 4'

    yield tensor("no contents", expected("0 values"), contents=None)
    yield tensor("empty contents", expected("0 values"), contents={})
    yield tensor("one value", expected("1 value"), contents={"fp64_contents": [1]})
    yield tensor("five values", expected("5 values"), contents={"fp64_contents": [1, 2, 3, 4, 5]})
    fields = {"bool": True, "int": 1, "int64": 1, "uint": 1, "uint64": 1, "fp32": 1, "bytes": b"1"}
    for field, value in fields.items():
        yield tensor(f"FP64 in {field}_contents", f'tensor "input-0": {field}_contents is given, but values of FP64',
                     contents={field + "_contents": [value] * 4})
    yield tensor("values in two fields", 'tensor "input-0": fp32_contents is given',
                 contents={"fp64_contents": [1, 2, 3, 4], "fp32_contents": [1]})
    for i in range(4):
        for kind, width in (("fp64", "FP64"), ("fp32", "FP32")):
            value = [math.nan, math.inf, -math.inf, math.nan][i]
            yield tensor(f"{width} value {i} is {value}", f'"input-0": value {i} (row 0, "{FIELDS[i]}") is {value}',
                         datatype=width, contents={kind + "_contents": [value if j == i else 1 for j in range(4)]})
    for datatype, field, value in (
            ("INT8", "int", 128), ("INT8", "int", -129), ("INT16", "int", 32768), ("INT16", "int", -32769),
            ("UINT8", "uint", 256), ("UINT16", "uint", 65536), ("INT64", "int64", 2**53 + 1),
            ("INT64", "int64", -2**53 - 1), ("INT64", "int64", 2**63 - 1), ("UINT64", "uint64", 2**53 + 1),
            ("UINT64", "uint64", 2**64 - 1)):
        yield tensor(f"{datatype} {value}", f'value 3 (row 0, "petal_width") is {value}', datatype=datatype,
                     contents={field + "_contents": [1, 2, 3, value]})


def raw_values():
    row = struct.pack("<4d", 6.4, 3.3, 6.0, 2.5)
    for name, data in (("no bytes", b""), ("31 bytes", row[1:]), ("33 bytes", row + b"\0"), ("FP32", row[:16])):
        yield tensor(f"raw, {name}", f'tensor "input-0": raw_input_contents[0] has {len(data)} bytes, expected 32',
                     raw=[data])
    yield tensor("raw, two entries", 'tensor "input-0": raw_input_contents has 2 entries', raw=[row, row])
    yield tensor("raw and contents", 'tensor "input-0": contents and raw_input_contents are both given', raw=[row],
                 contents={"fp64_contents": [1, 2, 3, 4]})
    yield tensor("raw and empty contents", 'tensor "input-0": contents and raw_input_contents are both given',
                 raw=[row], contents={})
    for datatype, code, values, text in (
            ("FP64", "d", [1, 2, math.nan, 4], 'value 2 (row 0, "petal_length") is nan'),
            ("FP32", "f", [1, math.inf, 3, 4], 'value 1 (row 0, "sepal_width") is inf'),
            ("INT64", "q", [2**53 + 1, 2, 3, 4], 'value 0 (row 0, "sepal_length") is 9007199254740993'),
            ("UINT64", "Q", [1, 2, 3, 2**64 - 1], 'value 3 (row 0, "petal_width") is 18446744073709551615')):
        yield tensor(f"raw {datatype} {values}", text, datatype=datatype, raw=[struct.pack("<4" + code, *values)])


def outputs():
    for name in ("", "probability", "Label", "label "):
        yield tensor(f"output {name!r}", f'tensor "{name}": no output has this name', outputs=[name])
    yield tensor("label twice", 'tensor "label": asked for twice', outputs=["label", "class", "label"])
    rows = LIMIT // 96 + 1  # 3 classes × 4 features × 8 bytes
    yield tensor("a reply beyond the limit", "more than the limit of 4194304", EXHAUSTED, datatype="INT8",
                 shape=[rows, 4], raw=[bytes(4 * rows)], outputs=["contribution"])
    rows = LIMIT // 11
    yield tensor("names beyond the limit", "more than the limit of 4194304", EXHAUSTED, datatype="INT8",
                 shape=[rows, 4], raw=[bytes(4 * rows)], outputs=["class"])
