#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tutorial's server: its program, put right where it does not run as published (the servicer's missing context
parameter, argparse's spelling), on loopback. The model is made as the tutorial makes it: load_iris(),
LinearSVC(max_iter=10000), joblib.

Usage: python_server.py MODEL.pickle [PORT]; the model is made when the file is not there.
"""

import concurrent.futures
import pathlib
import sys
import warnings

import grpc
import joblib
from sklearn.datasets import load_iris
from sklearn.svm import LinearSVC

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve().parent / "stubs"))  # made by the harness
import iris_pb2  # noqa: E402
import iris_pb2_grpc  # noqa: E402


class IrisPredictor(iris_pb2_grpc.IrisPredictorServicer):
    def __init__(self, model):
        self._model = model

    def PredictIrisSpecies(self, request, context):
        result = self._model.predict(
            [[request.sepal_length, request.sepal_width, request.petal_length, request.petal_width]])
        return iris_pb2.IrisPredictReply(species=int(result[0]))


def main():
    path = pathlib.Path(sys.argv[1])
    if not path.exists():
        warnings.simplefilter("ignore")  # scikit-learn says that it did not converge; the tutorial takes it so
        iris = load_iris()
        joblib.dump(LinearSVC(max_iter=10000).fit(iris.data, iris.target), path)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=10))
    iris_pb2_grpc.add_IrisPredictorServicer_to_server(IrisPredictor(joblib.load(path)), server)
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[2] if len(sys.argv) > 2 else 0}")
    server.start()
    print(f"listening on 127.0.0.1:{port}", file=sys.stderr, flush=True)
    server.wait_for_termination()


main()
