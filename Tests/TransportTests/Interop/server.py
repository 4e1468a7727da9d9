"""`grpc.testing.TestService` on grpcio, for our client.

Arguments: for TLS trust roots, certificate and key (PEM). Prints two ports, of the server and of a tap before it (of the
server again with TLS); ends with its standard input.

Source: grpc/doc/interop-test-descriptions.md, "Server".
"""

import sys
import threading
from concurrent import futures

import grpc

import stubs
from tap import Tap

files = sys.argv[1:]
messages, empty, services = stubs.load()
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
tap = None
released = threading.Event()


class Presence:
    """How many calls are under way."""

    def __init__(self):
        self.count, self.changed = 0, threading.Condition()

    def add(self, number):
        with self.changed:
            self.count += number
            self.changed.notify_all()

    def none(self, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: self.count == 0, seconds)


presence = Presence()


def begin(context):
    """The features that every method has."""
    presence.add(1)
    if not context.add_callback(lambda: presence.add(-1)):
        presence.add(-1)
    metadata = dict(context.invocation_metadata())
    if INITIAL in metadata:
        context.send_initial_metadata(((INITIAL, metadata[INITIAL]),))
    if TRAILING in metadata:
        context.set_trailing_metadata(((TRAILING, metadata[TRAILING]),))


def status(request, context):
    wanted = request.response_status
    if request.HasField("response_status") and wanted.code:
        codes = {code.value[0]: code for code in grpc.StatusCode}
        context.abort(codes[wanted.code], wanted.message)


def expect(request, context, number=0):
    """The request's compression, where the tap has seen it."""
    if not request.HasField("expect_compressed"):
        return
    compressed = tap.latest("requests")[number] if tap else request.expect_compressed.value
    if compressed != request.expect_compressed.value:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"the request was compressed: {compressed}")


def compress(context, wanted):
    if wanted:
        context.set_compression(grpc.Compression.Gzip)


class TestService(services.TestServiceServicer):
    def EmptyCall(self, request, context):
        begin(context)
        return empty.Empty()

    def UnaryCall(self, request, context):
        compress(context, request.response_compressed.value)
        begin(context)
        expect(request, context)
        status(request, context)
        return messages.SimpleResponse(payload=messages.Payload(body=bytes(request.response_size)))

    def StreamingInputCall(self, requests, context):
        begin(context)
        total = 0
        for number, request in enumerate(requests):
            expect(request, context, number)
            total += len(request.payload.body)
        return messages.StreamingInputCallResponse(aggregated_payload_size=total)

    def StreamingOutputCall(self, request, context):
        compress(context, any(parameters.compressed.value for parameters in request.response_parameters))
        begin(context)
        yield from self.output(request, context)

    def FullDuplexCall(self, requests, context):
        begin(context)
        for request in requests:
            yield from self.output(request, context)

    def output(self, request, context):
        status(request, context)
        for parameters in request.response_parameters:
            if parameters.HasField("compressed") and not parameters.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(payload=messages.Payload(body=bytes(parameters.size)))


def hold(requests, context):
    released.wait(60)
    total = sum(len(messages.StreamingInputCallRequest.FromString(request).payload.body) for request in requests)
    return messages.StreamingInputCallResponse(aggregated_payload_size=total).SerializeToString()


def release(request, context):
    released.set()
    return b""


def details(request, context):
    context.set_trailing_metadata((("grpc-status-details-bin", b"\x08\x09\x12\x03h\x00\xff"),))
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "see the details")


def mirror(request, context):
    context.send_initial_metadata([pair for pair in context.invocation_metadata() if pair[0].startswith("x-")])
    context.set_trailing_metadata([pair for pair in context.invocation_metadata() if pair[0].startswith("x-")])
    return b""


def deadline(request, context):
    left = context.time_remaining()
    return str(left * 1000).encode() if left is not None and left < 1_000_000 else b"none"


def settled(request, context):
    """Whatever came before has ended here too."""
    if not presence.none(50):
        context.abort(grpc.StatusCode.ABORTED, f"{presence.count} calls are under way")
    return b""


def early(requests, context):
    yield b"\x0a\x00"


def compressions(request, context):
    """Answers with whatever is asked for, whether or not the client reads it."""
    context.set_compression(getattr(grpc.Compression, request.decode()))
    return bytes(10_000)


extra = grpc.method_handlers_generic_handler("huddle.test", {
    "Hold": grpc.stream_unary_rpc_method_handler(hold),
    "Release": grpc.unary_unary_rpc_method_handler(release),
    "Details": grpc.unary_unary_rpc_method_handler(details),
    "Metadata": grpc.unary_unary_rpc_method_handler(mirror),
    "Deadline": grpc.unary_unary_rpc_method_handler(deadline),
    "Settled": grpc.unary_unary_rpc_method_handler(settled),
    "Early": grpc.stream_stream_rpc_method_handler(early),
    "Compression": grpc.unary_unary_rpc_method_handler(compressions),
})
# Windows that stay as they are: measured ones grow with the speed of this machine.
OPTIONS = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536)]
server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=OPTIONS)
services.add_TestServiceServicer_to_server(TestService(), server)
server.add_generic_rpc_handlers((extra,))
if files:
    roots, certificate, key = (open(path, "rb").read() for path in files)
    credentials = grpc.ssl_server_credentials([(key, certificate)], roots, require_client_auth=True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
else:
    port = server.add_insecure_port("127.0.0.1:0")
server.start()
if not files:
    tap = Tap(port)
print(port, tap.port if tap else port, flush=True)
sys.stdin.read()
server.stop(None)
