#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The standard health service through stubs that are generated here, and server reflection, with nothing but what the
server tells of itself."""

import itertools
import re
import signal
import threading
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

import appliance

HEALTH, HEALTH_RPC = appliance.load_stubs(appliance.SOURCE / "proto/grpc/health/v1/health.proto")
REFLECTION, _ = appliance.load_stubs(appliance.SOURCE / "tests/e2e/reflection.proto")
Request = REFLECTION.ServerReflectionRequest
Response = REFLECTION.ServerReflectionResponse
STATUS = HEALTH.HealthCheckResponse
VERSIONS = ("v1", "v1alpha")
SERVICES = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
            "inference.GRPCInferenceService", "iris.v1.PredictionService", "ml.IrisPredictor"]
NOT_FOUND = grpc.StatusCode.NOT_FOUND.value[0]
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED.value[0]


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
        for service in ["", *SERVICES]:
            with self.subTest(service=service):
                self.assertEqual(self.check_service(service), STATUS.SERVING)

    def test_list_tells_the_state_of_everything(self):
        statuses = self.stub.List(HEALTH.HealthListRequest(), timeout=10).statuses
        self.assertEqual({name: state.status for name, state in statuses.items()},
                         {name: STATUS.SERVING for name in ["", *SERVICES]})

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
    @classmethod
    def setUpClass(cls):
        cls.server = appliance.Server()
        cls.addClassCleanup(cls.server.__exit__)
        cls.channel = appliance.channel(cls.server.target)
        cls.addClassCleanup(cls.channel.close)

    def call(self, version, requests, channel=None):
        method = (channel or self.channel).stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=lambda request: request if isinstance(request, bytes) else request.SerializeToString(),
            response_deserializer=Response.FromString)
        return method(requests, timeout=appliance.DEADLINE)

    def ask(self, version, *requests):
        answers = list(self.call(version, iter(requests)))
        self.assertEqual(len(answers), len(requests))
        return answers

    def files(self, answer):
        self.assertEqual(answer.WhichOneof("message_response"), "file_descriptor_response", answer)
        return [descriptor_pb2.FileDescriptorProto.FromString(data)
                for data in answer.file_descriptor_response.file_descriptor_proto]

    def names(self, answer):
        return [file.name for file in self.files(answer)]

    def learn(self, version):
        """A pool of everything that the listed services lead to, as a client without any .proto builds it: on one
        call, with what was sent before left out."""
        questions = [Request(file_containing_symbol=service) for service in SERVICES]
        described = {}
        for service, answer in zip(SERVICES, self.ask(version, *questions)):
            files = self.files(answer)
            self.assertEqual(len({file.name for file in files}), len(files), f"{service}: a file twice in one answer")
            for file in files:
                self.assertNotIn(file.name, described, f"{service}: sent before on this call")
                described[file.name] = file
        pool = descriptor_pool.DescriptorPool()
        added = set()

        def add(name):  # imports first
            if name not in added:
                added.add(name)
                for dependency in described[name].dependency:
                    add(dependency)
                pool.Add(described[name])

        for name in described:
            add(name)
        return pool, described

    def test_services_are_listed(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                (answer,) = self.ask(version, Request(list_services=""))
                self.assertEqual([service.name for service in answer.list_services_response.service], SERVICES)

    def test_the_contract_is_described(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                (answer,) = self.ask(version, Request(file_containing_symbol="ml.IrisPredictor"))
                (file,) = self.files(answer)
                fields = [(field.name, field.number, field.type) for field in file.message_type[0].field]
                double = descriptor_pb2.FieldDescriptorProto.TYPE_DOUBLE
                self.assertEqual(fields, [("sepal_length", 1, double), ("sepal_width", 2, double),
                                          ("petal_length", 3, double), ("petal_width", 4, double)])
                self.assertEqual(file.options.java_package, "io.grpc.examples.ml")

    def test_a_client_without_any_proto_can_call(self):
        for version in VERSIONS:
            with self.subTest(version=version):
                pool, _ = self.learn(version)
                factory = message_factory.MessageFactory(pool)
                method = pool.FindServiceByName("ml.IrisPredictor").FindMethodByName("PredictIrisSpecies")
                request_type = factory.GetPrototype(method.input_type)
                predict = self.channel.unary_unary(
                    "/ml.IrisPredictor/PredictIrisSpecies", request_serializer=request_type.SerializeToString,
                    response_deserializer=factory.GetPrototype(method.output_type).FromString)
                flower = request_type(sepal_length=6.3, sepal_width=3.3, petal_length=6.0, petal_width=2.5)
                self.assertEqual(predict(flower, timeout=10).species, 2)

    def test_every_method_that_is_described_is_there(self):
        pool, _ = self.learn("v1")
        for service in SERVICES:
            for method in pool.FindServiceByName(service).methods:
                with self.subTest(method=method.full_name):
                    # No message at all: a refusal, or the end of an empty feed; never UNIMPLEMENTED.
                    call = self.channel.stream_stream(f"/{service}/{method.name}")(iter(()), timeout=10)
                    try:
                        list(call)
                    except grpc.RpcError:
                        pass
                    self.assertNotIn(call.code(), (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNKNOWN,
                                                   grpc.StatusCode.DEADLINE_EXCEEDED))

    def test_every_symbol_leads_to_its_file(self):
        _, described = self.learn("v1")

        def symbols(scope, package):
            """Full names of everything declared in a file or message."""
            prefix = package + "." if package else ""
            enums = scope.enum_type
            messages = scope.nested_type if isinstance(scope, descriptor_pb2.DescriptorProto) else scope.message_type
            for enum in enums:
                yield prefix + enum.name
                yield from (prefix + value.name for value in enum.value)
            for message in messages:
                name = prefix + message.name
                yield name
                yield from (f"{name}.{field.name}" for field in message.field)
                yield from (f"{name}.{oneof.name}" for oneof in message.oneof_decl)
                yield from symbols(message, name)
            for service in getattr(scope, "service", ()):
                yield prefix + service.name
                yield from (f"{prefix}{service.name}.{method.name}" for method in service.method)

        for version in VERSIONS:
            expected = [(symbol, file.name) for file in described.values() for symbol in symbols(file, file.package)]
            self.assertGreater(len(expected), 150)
            answers = self.ask(version, *(Request(file_containing_symbol=symbol) for symbol, _ in expected))
            for (symbol, name), answer in zip(expected, answers):
                with self.subTest(version=version, symbol=symbol):
                    self.assertEqual(self.names(answer)[0], name)

    def test_the_types_of_error_details_are_described(self):
        (answer,) = self.ask("v1", Request(file_containing_symbol="google.rpc.BadRequest"))
        self.assertEqual(self.names(answer), ["google/rpc/error_details.proto"])

    def test_answers_do_not_pile_up(self):
        # gRPC's own plug-in puts each behind those that it gave before.
        questions = [Request(list_services=""), Request(file_containing_symbol="ml.IrisPredictor"),
                     Request(all_extension_numbers_of_type="ml.IrisPredictRequest")]
        for version in VERSIONS:
            with self.subTest(version=version):
                answers = self.ask(version, *questions * 3)
                self.assertEqual(answers, answers[:3] * 3)

    def test_a_file_asked_for_again_comes_without_the_imports_that_were_sent(self):
        question = Request(file_containing_symbol="iris.v1.PredictionService")
        file = "iris/v1/prediction.proto"
        for version in VERSIONS:
            with self.subTest(version=version):
                first, again, by_name, imported = self.ask(version, question, question, Request(file_by_filename=file),
                                                           Request(file_by_filename="google/rpc/status.proto"))
                self.assertEqual(self.names(first)[0], file)
                self.assertEqual(sorted(self.names(first)),
                                 ["google/protobuf/any.proto", "google/rpc/status.proto", file])
                self.assertEqual(self.names(again), [file])
                self.assertEqual(self.names(by_name), [file])
                self.assertEqual(self.names(imported), ["google/rpc/status.proto"])
                (fresh,) = self.ask(version, question)
                self.assertEqual(fresh, first)

    def test_what_is_not_there_is_not_found_and_the_stream_goes_on(self):
        missing = [
            Request(file_containing_symbol="ml.Nothing"),
            Request(file_containing_symbol="ml"),
            Request(file_containing_symbol=""),
            Request(file_containing_symbol=".ml.IrisPredictor"),
            Request(file_containing_symbol="." * (1 << 20)),
            Request(file_by_filename="nothing.proto"),
            Request(file_by_filename="/etc/passwd"),
            Request(all_extension_numbers_of_type="ml.Nothing"),
            Request(file_containing_extension={"containing_type": "ml.Nothing", "extension_number": 1}),
            Request(file_containing_extension={"containing_type": "ml.IrisPredictRequest", "extension_number": 1}),
            Request(file_containing_extension={"containing_type": "ml.IrisPredictRequest", "extension_number": -1}),
            Request(file_containing_extension={}),
        ]
        for version in VERSIONS:
            *answers, last = self.ask(version, *missing, Request(list_services=""))
            for request, answer in zip(missing, answers):
                with self.subTest(version=version, request=str(request)[:80]):
                    self.assertEqual(answer.error_response.error_code, NOT_FOUND, str(answer)[:400])
                    self.assertLess(len(answer.error_response.error_message), 200)
                    self.assertEqual(answer.original_request, request)
            self.assertEqual(len(last.list_services_response.service), len(SERVICES))

    def test_a_message_without_extensions_has_none(self):
        (answer,) = self.ask("v1", Request(all_extension_numbers_of_type="ml.IrisPredictRequest"))
        self.assertEqual(answer.WhichOneof("message_response"), "all_extension_numbers_response")
        self.assertEqual(answer.all_extension_numbers_response.base_type_name, "ml.IrisPredictRequest")
        self.assertEqual(list(answer.all_extension_numbers_response.extension_number), [])

    def test_no_question_is_unimplemented_and_the_stream_goes_on(self):
        later = b"\x42\x01q"  # field 8: a question that some later version may have
        for version in VERSIONS:
            with self.subTest(version=version):
                empty, unknown, last = self.ask(version, Request(), later, Request(list_services=""))
                self.assertEqual(empty.error_response.error_code, UNIMPLEMENTED)
                self.assertEqual(unknown.error_response.error_code, UNIMPLEMENTED)
                self.assertEqual(unknown.original_request.SerializeToString(), later)
                self.assertEqual(len(last.list_services_response.service), len(SERVICES))

    def test_the_host_comes_back(self):
        request = Request(host="iris.example", list_services="*")
        (answer,) = self.ask("v1", request)
        self.assertEqual(answer.valid_host, "iris.example")
        self.assertEqual(answer.original_request, request)

    def test_bytes_that_are_no_question_end_the_stream(self):
        for version in VERSIONS:
            for garbage in (b"\xff", b"\x0a\x7f", b"\x22\x01\xff"):  # the last: a symbol that is not UTF-8
                with self.subTest(version=version, garbage=garbage):
                    with self.assertRaises(grpc.RpcError) as caught:
                        self.ask(version, garbage)
                    self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
                    self.assertIn(f"grpc.reflection.{version}.ServerReflectionRequest", caught.exception.details())

    def test_an_asker_who_does_not_read_is_not_read_either(self):
        def resident():
            with open(f"/proc/{self.server.process.pid}/status") as status:
                return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

        question = Request(host="h" * 10_000, list_services="")
        asked = itertools.count()
        count = 0

        def questions():
            nonlocal count
            for count in asked:
                if count == 100_000:  # 1 GB: nothing holds them back
                    return
                yield question

        before = resident()
        call = self.call("v1", questions())
        seen = -1
        while seen != count:  # until the questions stop
            seen = count
            time.sleep(1)
        self.assertLess(count, 5_000)
        self.assertLess(resident() - before, 16_000)
        for _ in range(100):  # it goes on where it stopped
            self.assertEqual(next(call).valid_host, question.host)
        call.cancel()

    def test_it_can_be_switched_off(self):
        for arguments, env in ((["--reflection", "off"], {}), ([], {"IRIS_REFLECTION": "off"})):
            with appliance.Server(*arguments, env=env) as server, appliance.channel(server.target) as channel:
                for version in VERSIONS:
                    with self.subTest(arguments=arguments, env=env, version=version):
                        with self.assertRaises(grpc.RpcError) as caught:
                            list(self.call(version, iter([Request(list_services="")]), channel))
                        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
                health = HEALTH_RPC.HealthStub(channel)
                self.assertEqual(sorted(health.List(HEALTH.HealthListRequest(), timeout=10).statuses),
                                 ["", *(name for name in SERVICES if "reflection" not in name)])


if __name__ == "__main__":
    appliance.main()
