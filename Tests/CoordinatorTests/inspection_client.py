"""Asks a running coordinator what it serves and calls that without a proto file; exits with 0 if all is well.

Arguments: target, the admin context.
"""

import sys

import grpc
import yaml
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

target, context_file = sys.argv[1:]
with open(context_file) as file:
    context = yaml.safe_load(file)
SECONDS = 20
SERVED = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "huddle.v1.Agents",
    "huddle.v1.Cluster",
    "huddle.v1.Join",
]


def channel(with_certificate=True):
    pair = [context["key"].encode(), context["certificate"].encode()] if with_certificate else [None, None]
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(context["authority"].encode(), *pair))


def check(actual, expected):
    if actual != expected:
        raise SystemExit(f"got {actual!r:.300}, expected {expected!r:.300}")


def refused(code, function):
    try:
        function()
    except grpc.RpcError as error:
        return check(error.code(), code)
    raise SystemExit(f"expected {code}, and it was answered")


def missing(function):
    try:
        function()
    except KeyError:
        return
    raise SystemExit("found what is not there")


def question(connection, version):
    """The one method, whose messages are the same in both versions."""
    return connection.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)


def reflect(connection, version):
    database = ProtoReflectionDescriptorDatabase(connection)
    # The package asks for v1alpha only; v1 is the same under another name.
    database._stub.ServerReflectionInfo = question(connection, version)
    check(sorted(database.get_services()), SERVED)
    pool = descriptor_pool.DescriptorPool(database)

    def call(service, name, **values):
        method = pool.FindServiceByName(service).FindMethodByName(name)
        request = message_factory.GetMessageClass(method.input_type)
        reply = message_factory.GetMessageClass(method.output_type)
        kind = connection.unary_stream if method.server_streaming else connection.unary_unary
        return kind(
            f"/{service}/{name}", request_serializer=request.SerializeToString,
            response_deserializer=reply.FromString)(request(**values), timeout=SECONDS)

    for service in SERVED:
        for method in pool.FindServiceByName(service).methods:
            check(bool(method.input_type.full_name and method.output_type.full_name), True)
    check(call("huddle.v1.Cluster", "Version", protocol=1).protocol, 1)
    check(list(call("huddle.v1.Cluster", "ListHosts").hosts), [])
    check(call("huddle.v1.Cluster", "ShowPolicy").mode > 0, True)
    check(len(list(call("huddle.v1.Cluster", "Events", last=1))) <= 1, True)
    check(call("grpc.health.v1.Health", "Check").status, 1)

    check(database.FindFileByName("huddle/v1/cluster.proto").package, "huddle.v1")
    for symbol in ["huddle.v1.Workload", "huddle.v1.Kind", "huddle.v1.Cluster.Apply"]:
        check(database.FindFileContainingSymbol(symbol).package, "huddle.v1")
    nested = "grpc.health.v1.HealthCheckResponse.ServingStatus"
    check(database.FindFileContainingSymbol(nested).name, "grpc/health/v1/health.proto")
    missing(lambda: database.FindFileByName("huddle/v1/nothing.proto"))
    missing(lambda: database.FindFileContainingSymbol("huddle.v1.Nothing"))
    check(list(database.FindAllExtensionNumbers("huddle.v1.Workload")), [])
    missing(lambda: database.FindAllExtensionNumbers("huddle.v1.Nothing"))

    # Many questions on one call, each answered with itself; one that asks nothing is told so.
    asked = [
        reflection_pb2.ServerReflectionRequest(host="here", list_services="x"),
        reflection_pb2.ServerReflectionRequest(host="here"),
        reflection_pb2.ServerReflectionRequest(file_by_filename="huddle/v1/agents.proto"),
        reflection_pb2.ServerReflectionRequest(file_containing_extension=reflection_pb2.ExtensionRequest(
            containing_type="huddle.v1.Workload", extension_number=900)),
    ]
    answers = list(question(connection, version)(iter(asked), timeout=SECONDS))
    check([answer.original_request for answer in answers], asked)
    check([answer.valid_host for answer in answers], ["here", "here", "", ""])
    check(answers[1].error_response.error_code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
    check(len(answers[2].file_descriptor_response.file_descriptor_proto), 2)
    check(answers[3].error_response.error_code, grpc.StatusCode.NOT_FOUND.value[0])


def health(connection):
    stub = health_pb2_grpc.HealthStub(connection)
    response = health_pb2.HealthCheckResponse

    def request(service):
        return health_pb2.HealthCheckRequest(service=service)

    for service in ["", *SERVED]:
        check(stub.Check(request(service), timeout=SECONDS).status, response.SERVING)
    for service in ["huddle.v1.Peers", "huddle.v1", "Cluster"]:
        refused(grpc.StatusCode.NOT_FOUND, lambda: stub.Check(request(service), timeout=SECONDS))
    for service, status in [("huddle.v1.Cluster", response.SERVING), ("nobody", response.SERVICE_UNKNOWN)]:
        watch = stub.Watch(request(service), timeout=SECONDS)
        check(next(watch).status, status)
        watch.cancel()
        refused(grpc.StatusCode.CANCELLED, lambda: next(watch))
        # It stays open: only the deadline ends it.
        watch = stub.Watch(request(service), timeout=0.5)
        check(next(watch).status, status)
        refused(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(watch))


with channel() as connection:
    for version in ["v1", "v1alpha"]:
        reflect(connection, version)
    health(connection)
with channel(with_certificate=False) as connection:
    unauthenticated = grpc.StatusCode.UNAUTHENTICATED
    stub = health_pb2_grpc.HealthStub(connection)
    refused(unauthenticated, lambda: stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS))
    refused(unauthenticated, lambda: next(stub.Watch(health_pb2.HealthCheckRequest(), timeout=SECONDS)))
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    for version in ["v1", "v1alpha"]:
        refused(unauthenticated, lambda: list(question(connection, version)(iter([ask]), timeout=SECONDS)))
