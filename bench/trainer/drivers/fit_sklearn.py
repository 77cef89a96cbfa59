#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's LinearSVC on the same table: fit_sklearn.py table=FILE|iris weights=FILE [loss= dual= cost= repeat=]

Timed is fit() alone, on an array or csr_matrix that is there already.
"""

import json
import sys
import time
import warnings

import numpy
import scipy.sparse
import sklearn.exceptions
import sklearn.svm

MAGIC = 0x31656C6261747269


def memory(field):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(field + ":"))


def read_table(path):
    """Samples and labels of a file that make_table wrote (drivers/table_file.h)."""
    with open(path, "rb") as file:
        magic, sparse, samples, columns, stored, _, _ = numpy.fromfile(file, numpy.uint64, 7).tolist()
        if magic != MAGIC:
            sys.exit(f"{path}: is not a table of make_table")

        def array(kind, count):
            values = numpy.fromfile(file, kind, count)
            file.seek(-count * values.itemsize % 8, 1)
            return values

        labels = array(numpy.int32, samples)
        if not sparse:
            return array(numpy.float64, stored).reshape(samples, columns), labels
        starts = array(numpy.uint64, samples + 1).astype(numpy.int32)
        indices = array(numpy.uint32, stored).view(numpy.int32)
        values = array(numpy.float64, stored)
        return scipy.sparse.csr_matrix((values, indices, starts), (samples, columns)), labels


def main():
    arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
    warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)
    loss, penalty = arguments.get("loss", "squared_hinge"), arguments.get("penalty", "l2")
    result = {"seconds": [], "processor_seconds": [], "memory_before_table": memory("VmRSS")}
    samples, labels = read_table(arguments["table"])
    result["memory_with_table"] = memory("VmRSS")
    for _ in range(int(arguments.get("repeat", 1))):
        model = sklearn.svm.LinearSVC(
            C=float(arguments.get("cost", 1)), loss=loss, penalty=penalty, dual=arguments.get("dual", "1") == "1",
            max_iter=int(arguments.get("max_iter", 10000)), random_state=0)
        processor, start = time.process_time(), time.perf_counter()
        model.fit(samples, labels)
        result["seconds"].append(time.perf_counter() - start)
        result["processor_seconds"].append(time.process_time() - processor)
    result["memory_peak"] = memory("VmHWM")
    numpy.hstack([model.coef_, model.intercept_[:, None]]).astype(numpy.float64).tofile(arguments["weights"])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
