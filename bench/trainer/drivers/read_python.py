#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Python reads the same text with: read_python.py text=FILE form=csv|libsvm

CSV: numpy.loadtxt, the columns of numbers alone. LIBSVM: scikit-learn's load_svmlight_file.
"""

import json
import sys
import time

import numpy
import sklearn.datasets

from fit_sklearn import memory


def main():
    arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
    path = arguments["text"]
    before = memory("VmRSS")
    processor, start = time.process_time(), time.perf_counter()
    if arguments["form"] == "csv":
        with open(path, encoding="utf-8") as file:
            columns = file.readline().count(",")
        stored = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=range(columns)).size
    else:
        stored = sklearn.datasets.load_svmlight_file(path)[0].nnz
    print(json.dumps({
        "seconds": [time.perf_counter() - start], "processor_seconds": [time.process_time() - processor],
        "memory_before_table": before, "memory_peak": memory("VmHWM"), "stored": stored}))


if __name__ == "__main__":
    main()
