#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The standard health service, and server reflection, through stubs that are generated here."""

import signal
import threading

import grpc
from google.protobuf import descriptor_pb2

import appliance

HEALTH, HEALTH_RPC = appliance.load_stubs(appliance.SOURCE / "proto/grpc/health/v1/health.proto")
REFLECTION, REFLECTION_RPC = appliance.load_stubs(appliance.SOURCE / "tests/e2e/reflection.proto")
STATUS = HEALTH.HealthCheckResponse
SERVICES = ["grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection", "ml.IrisPredictor"]


class Health(appliance.Test):
    def setUp(self):
        self.server = appliance.Server()
        self.addCleanup(self.server.__exit__)
        self.channel = appliance.channel(self.server.target)
        self.addCleanup(self.channel.close)
        self.stub = HEALTH_RPC.HealthStub(self.channel)

    def check_service(self, service):
        return self.stub.Check(HEALTH.HealthCheckRequest(service=service), timeout=10).status

    def test_check(self):
        self.assertEqual(self.check_service(""), STATUS.SERVING)
        self.assertEqual(self.check_service("ml.IrisPredictor"), STATUS.SERVING)

    def test_check_of_an_unknown_service(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.check_service("ml.Nothing")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_watch_tells_the_state_at_once_and_that_it_ends(self):
        watch = self.stub.Watch(HEALTH.HealthCheckRequest(service="ml.IrisPredictor"), timeout=appliance.DEADLINE)
        self.assertEqual(next(watch).status, STATUS.SERVING)
        seen = []
        finished = threading.Event()

        def follow():
            try:
                for update in watch:
                    seen.append(update.status)
            except grpc.RpcError:
                pass
            finished.set()

        threading.Thread(target=follow, daemon=True).start()
        self.server.signal(signal.SIGTERM)
        self.assertTrue(finished.wait(appliance.DEADLINE))
        self.assertEqual(seen, [STATUS.NOT_SERVING])
        self.assertEqual(self.server.wait(), 0)

    def test_a_watcher_does_not_hold_up_the_end(self):
        watch = self.stub.Watch(HEALTH.HealthCheckRequest(), timeout=appliance.DEADLINE)
        self.assertEqual(next(watch).status, STATUS.SERVING)
        # Nobody reads on; the drain (10 s at most) must not wait for a call that never ends by itself.
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(5), 0)

    def test_watch_of_an_unknown_service(self):
        watch = self.stub.Watch(HEALTH.HealthCheckRequest(service="ml.Nothing"), timeout=appliance.DEADLINE)
        self.assertEqual(next(watch).status, STATUS.SERVICE_UNKNOWN)
        self.assertTrue(watch.is_active())
        watch.cancel()


class Reflection(appliance.Test):
    def ask(self, server, *requests):
        with appliance.channel(server.target) as channel:
            stub = REFLECTION_RPC.ServerReflectionStub(channel)
            return list(stub.ServerReflectionInfo(iter(requests), timeout=appliance.DEADLINE))

    def test_services_are_listed(self):
        with appliance.Server() as server:
            (answer,) = self.ask(server, REFLECTION.ServerReflectionRequest(list_services=""))
            self.assertEqual(sorted(service.name for service in answer.list_services_response.service), SERVICES)

    def test_the_contract_is_described(self):
        with appliance.Server() as server:
            (answer,) = self.ask(
                server, REFLECTION.ServerReflectionRequest(file_containing_symbol="ml.IrisPredictor"))
            files = [descriptor_pb2.FileDescriptorProto.FromString(data)
                     for data in answer.file_descriptor_response.file_descriptor_proto]
            (file,) = [file for file in files if file.package == "ml"]
            fields = [(field.name, field.number, field.type) for field in file.message_type[0].field]
            double = descriptor_pb2.FieldDescriptorProto.TYPE_DOUBLE
            self.assertEqual(fields, [("sepal_length", 1, double), ("sepal_width", 2, double),
                                      ("petal_length", 3, double), ("petal_width", 4, double)])
            self.assertEqual(file.options.java_package, "io.grpc.examples.ml")

    def test_unknown_symbols_are_not_found_and_the_stream_goes_on(self):
        with appliance.Server() as server:
            answers = self.ask(server, REFLECTION.ServerReflectionRequest(file_containing_symbol="ml.Nothing"),
                               REFLECTION.ServerReflectionRequest(list_services=""))
            self.assertEqual(answers[0].error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])
            self.assertEqual(len(answers[1].list_services_response.service), len(SERVICES))

    def test_it_can_be_switched_off(self):
        for arguments, env in ((["--reflection", "off"], {}), ([], {"IRIS_REFLECTION": "off"})):
            with self.subTest(arguments=arguments, env=env), appliance.Server(*arguments, env=env) as server:
                with self.assertRaises(grpc.RpcError) as caught:
                    self.ask(server, REFLECTION.ServerReflectionRequest(list_services=""))
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    appliance.main()
