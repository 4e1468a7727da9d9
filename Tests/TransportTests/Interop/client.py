"""The cases of gRPC's interoperability description, and more of the same kind, by grpcio against a server of ours.

Arguments: port; for TLS also trust roots, certificate and key (PEM). Exits with 0 if all is well.

Source: grpc/doc/interop-test-descriptions.md.
"""

import os
import sys
import threading

import grpc

import stubs
from tap import Tap

port, *files = sys.argv[1:]
messages, empty, services = stubs.load()
# Patience, not a measure: a thousand large calls at once take a server with a sanitizer in it minutes on a busy machine.
SECONDS = 300 if os.environ.get("HUDDLE_TEST_SANITIZED") == "1" else 60
LARGE = dict(response_size=314159, payload=messages.Payload(body=bytes(271828)))
SIZES = [31415, 9, 2653, 58979]
BODIES = [27182, 8, 1828, 45904]


def channel(to, options=()):
    if not files:
        return grpc.insecure_channel(f"127.0.0.1:{to}", options)
    roots, certificate, key = (open(path, "rb").read() for path in files)
    return grpc.secure_channel(
        f"localhost:{to}", grpc.ssl_channel_credentials(roots, key, certificate), options)


def check(actual, expected):
    if actual != expected:
        raise AssertionError(f"got {actual!r:.300}, expected {expected!r:.300}")


def failure(function):
    try:
        function()
    except grpc.RpcError as error:
        return error
    raise AssertionError("expected a failure")


def payload(size):
    return messages.Payload(body=bytes(size))


def flag(value):
    return messages.BoolValue(value=value)


def output(*sizes, body=0, **values):
    parameters = [messages.ResponseParameters(size=size) for size in sizes]
    return messages.StreamingOutputCallRequest(response_parameters=parameters, payload=payload(body), **values)


class Queue:
    """Requests that a test hands out one by one, until it closes."""

    def __init__(self):
        self.items, self.closed, self.ready = [], False, threading.Condition()

    def put(self, item):
        with self.ready:
            self.items.append(item)
            self.ready.notify_all()

    def close(self):
        with self.ready:
            self.closed = True
            self.ready.notify_all()

    def __iter__(self):
        while True:
            with self.ready:
                self.ready.wait_for(lambda: self.items or self.closed)
                if not self.items:
                    return
                item = self.items.pop(0)
            yield item


class Cases:
    def __init__(self, channel, tapped, tap):
        self.channel, self.stub = channel, services.TestServiceStub(channel)
        self.tapped, self.tap = services.TestServiceStub(tapped), tap

    def compressed(self, direction, flags):
        """Whether the latest call's messages were compressed, where that can be seen."""
        if self.tap:
            check(self.tap.latest(direction), flags)

    def large(self, stub=None, **values):
        call = (stub or self.stub).UnaryCall
        compression = values.pop("compression", None)
        reply = call(messages.SimpleRequest(**LARGE, **values), timeout=SECONDS, compression=compression)
        check(reply.payload.body, bytes(314159))

    # What the description lists.

    def empty_unary(self):
        check(self.stub.EmptyCall(empty.Empty(), timeout=SECONDS), empty.Empty())

    def large_unary(self):
        self.large()

    def client_compressed_unary(self):
        probe = failure(lambda: self.large(self.tapped, expect_compressed=flag(True)))
        check(probe.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.compressed("requests", [False])
        self.large(self.tapped, expect_compressed=flag(True), compression=grpc.Compression.Gzip)
        self.compressed("requests", [True])
        self.large(self.tapped, expect_compressed=flag(False))
        self.compressed("requests", [False])

    def server_compressed_unary(self):
        for value in [True, False]:
            self.large(self.tapped, response_compressed=flag(value))
            self.compressed("responses", [value])

    def client_streaming(self):
        requests = [messages.StreamingInputCallRequest(payload=payload(size)) for size in BODIES]
        reply = self.stub.StreamingInputCall(iter(requests), timeout=SECONDS)
        check(reply.aggregated_payload_size, 74922)

    def client_compressed_streaming(self):
        def request(size, value):
            return messages.StreamingInputCallRequest(payload=payload(size), expect_compressed=flag(value))

        call = self.tapped.StreamingInputCall
        probe = failure(lambda: call(iter([request(27182, True)]), timeout=SECONDS))
        check(probe.code(), grpc.StatusCode.INVALID_ARGUMENT)
        plain = request(45904, False)
        stubs.uncompressed([plain])
        reply = call(
            iter([request(27182, True), plain]), timeout=SECONDS, compression=grpc.Compression.Gzip)
        check(reply.aggregated_payload_size, 73086)
        self.compressed("requests", [True, False])

    def server_streaming(self):
        replies = self.stub.StreamingOutputCall(output(*SIZES), timeout=SECONDS)
        check([reply.payload.body for reply in replies], [bytes(size) for size in SIZES])

    def server_compressed_streaming(self):
        parameters = [
            messages.ResponseParameters(size=31415, compressed=flag(True)),
            messages.ResponseParameters(size=92653, compressed=flag(False)),
        ]
        request = messages.StreamingOutputCallRequest(response_parameters=parameters)
        replies = list(self.tapped.StreamingOutputCall(request, timeout=SECONDS))
        check([reply.payload.body for reply in replies], [bytes(31415), bytes(92653)])
        self.compressed("responses", [True, False])

    def ping_pong(self):
        requests = Queue()
        call = self.stub.FullDuplexCall(iter(requests), timeout=SECONDS)
        for size, body in zip(SIZES, BODIES):
            requests.put(output(size, body=body))
            check(next(call).payload.body, bytes(size))
        requests.close()
        check(list(call), [])

    def empty_stream(self):
        check(list(self.stub.FullDuplexCall(iter([]), timeout=SECONDS)), [])

    def custom_metadata(self):
        initial = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
        trailing = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")
        request = messages.SimpleRequest(**LARGE)
        _, unary = self.stub.UnaryCall.with_call(request, timeout=SECONDS, metadata=(initial, trailing))
        duplex = self.stub.FullDuplexCall(
            iter([output(314159, body=271828)]), timeout=SECONDS, metadata=(initial, trailing))
        check([len(reply.payload.body) for reply in duplex], [314159])
        for call in (unary, duplex):
            check(initial in call.initial_metadata(), True)
            check(trailing in call.trailing_metadata(), True)

    def status(self, code, message):
        status = messages.EchoStatus(code=code.value[0], message=message)
        unary = failure(lambda: self.stub.UnaryCall(
            messages.SimpleRequest(response_status=status), timeout=SECONDS))
        duplex = failure(lambda: list(self.stub.FullDuplexCall(
            iter([output(response_status=status)]), timeout=SECONDS)))
        for call in (unary, duplex):
            check((call.code(), call.details()), (code, message))

    def status_code_and_message(self):
        self.status(grpc.StatusCode.UNKNOWN, "test status message")

    def special_status_message(self):
        self.status(
            grpc.StatusCode.UNKNOWN,
            "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n")

    def unimplemented_method(self):
        call = failure(lambda: self.stub.UnimplementedCall(empty.Empty(), timeout=SECONDS))
        check(call.code(), grpc.StatusCode.UNIMPLEMENTED)

    def unimplemented_service(self):
        stub = services.UnimplementedServiceStub(self.channel)
        call = failure(lambda: stub.UnimplementedCall(empty.Empty(), timeout=SECONDS))
        check(call.code(), grpc.StatusCode.UNIMPLEMENTED)

    def cancel_after_begin(self):
        call = self.stub.StreamingInputCall.future(iter(Queue()), timeout=SECONDS)
        call.cancel()
        check(call.code(), grpc.StatusCode.CANCELLED)

    def cancel_after_first_response(self):
        requests = Queue()
        call = self.stub.FullDuplexCall(iter(requests), timeout=SECONDS)
        requests.put(output(31415, body=27182))
        check(next(call).payload.body, bytes(31415))
        call.cancel()
        check(failure(lambda: next(call)).code(), grpc.StatusCode.CANCELLED)

    def timeout_on_sleeping_server(self):
        requests = Queue()
        requests.put(output(body=27182))
        call = self.stub.FullDuplexCall(iter(requests), timeout=0.001)
        check(failure(lambda: list(call)).code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def concurrent_large_unary(self):
        request = messages.SimpleRequest(**LARGE)
        calls = [self.stub.UnaryCall.future(request, timeout=SECONDS) for _ in range(1000)]
        for call in calls:
            check(call.result().payload.body, bytes(314159))

    def push_back(self):
        sent = []

        def requests():
            for number in range(400):
                sent.append(number)
                yield messages.StreamingInputCallRequest(payload=payload(65536))

        hold = self.channel.stream_unary(
            "/huddle.test/Hold", request_serializer=messages.StreamingInputCallRequest.SerializeToString,
            response_deserializer=messages.StreamingInputCallResponse.FromString)
        call = hold.future(requests(), timeout=SECONDS)
        # Others go on while that one stands still, and by far not all of it has left.
        for _ in range(20):
            self.large()
        check(len(sent) <= 16, True)
        self.channel.unary_unary("/huddle.test/Release")(b"", timeout=SECONDS)
        check(call.result().aggregated_payload_size, 400 * 65536)
        check(len(sent), 400)

    # What it has no case for.

    def status_details(self):
        call = failure(lambda: self.channel.unary_unary("/huddle.test/Details")(b"", timeout=SECONDS))
        check((call.code(), call.details()), (grpc.StatusCode.FAILED_PRECONDITION, "see the details"))
        details = dict(call.trailing_metadata())["grpc-status-details-bin"]
        check(details, b"\x08\x09\x12\x03h\x00\xff")

    def every_status(self):
        for code in grpc.StatusCode:
            if code is not grpc.StatusCode.OK:
                self.status(code, f"{code.name}: 100 %, größer, 企鵝")

    def much_metadata(self):
        sent = [("x-text", "one"), ("x-text", "two, three"), ("x-a.b_c-9", "~!@#$^&*()"), ("x-empty", "")]
        sent += [("x-all-bin", bytes(range(256))), ("x-all-bin", b""), ("x-all-bin", b","), ("x-long", "v" * 4000)]
        mirror = self.channel.unary_unary("/huddle.test/Metadata")
        _, call = mirror.with_call(b"", timeout=SECONDS, metadata=sent)
        for received in (call.initial_metadata(), call.trailing_metadata()):
            check([pair for pair in received if pair[0].startswith("x-")], sent)

    def deadline_is_told(self):
        ask = self.channel.unary_unary("/huddle.test/Deadline")
        # grpcio rounds up what it says.
        left = float(ask(b"", timeout=SECONDS))
        check((SECONDS * 900 < left <= SECONDS * 1050) or left, True)
        check(ask(b""), b"none")

    def many_deadlines(self):
        calls = [self.stub.FullDuplexCall(iter(Queue()), timeout=0.05) for _ in range(200)]
        for call in calls:
            check(failure(lambda: list(call)).code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def early_answer(self):
        requests = Queue()
        call = self.channel.stream_stream("/huddle.test/Early")(iter(requests), timeout=SECONDS)
        check(len(list(call)), 1)
        check(call.code(), grpc.StatusCode.OK)
        requests.close()

    def cancel_in_every_state(self):
        def cancelled(call):
            call.cancel()
            check(failure(lambda: list(call)).code(), grpc.StatusCode.CANCELLED)

        def begun(*first):
            requests = Queue()
            for request in first:
                requests.put(request)
            return requests, self.stub.FullDuplexCall(iter(requests), timeout=SECONDS)

        # Before anything; with the answer's headers; with a message that is in the middle of its way;
        cancelled(begun()[1])
        requests, call = begun()
        check(("x-none", "") in call.initial_metadata(), False)
        cancelled(call)
        cancelled(begun(output(body=4_000_000))[1])
        # after a message and with more to come; with both sides full; half-closed and not read to the end.
        requests, call = begun(output(9, 9, 9))
        next(call)
        cancelled(call)
        requests, call = begun(*[output(1_000_000, body=1_000_000)] * 20)
        next(call)
        cancelled(call)
        requests, call = begun(output(*[1_000_000] * 20))
        requests.close()
        next(call)
        cancelled(call)
        # After the end there is nothing to cancel.
        requests, call = begun(output(1))
        requests.close()
        check(len(list(call)), 1)
        call.cancel()
        check(call.code(), grpc.StatusCode.OK)
        self.large()

    def gzip_both_ways(self):
        parameters = [messages.ResponseParameters(size=100_000, compressed=flag(True))]
        requests = [messages.StreamingOutputCallRequest(response_parameters=parameters, payload=payload(100_000))] * 50
        replies = list(self.stub.FullDuplexCall(
            iter(requests), timeout=SECONDS, compression=grpc.Compression.Gzip))
        check([len(reply.payload.body) for reply in replies], [100_000] * 50)

    def gzip_not_read(self):
        # Of the algorithms only the first, which is none.
        only_identity = [("grpc.compression_enabled_algorithms_bitset", 1)]
        tap = self.tap and Tap(int(port))
        with channel(tap.port if tap else port, only_identity) as apart:
            self.large(services.TestServiceStub(apart), response_compressed=flag(True))
        if tap:
            check(tap.latest("responses"), [False])


def main():
    # Flags can be seen only in cleartext.
    tap = None if files else Tap(int(port))
    with channel(port) as direct, channel(tap.port if tap else port) as tapped:
        cases = Cases(direct, tapped, tap)
        names = [name for name, value in vars(Cases).items() if callable(value)]
        names = [name for name in names if name not in ("__init__", "compressed", "large", "status")]
        failed = 0
        for name in names:
            try:
                getattr(cases, name)()
                # What has ended here has ended there too.
                direct.unary_unary("/huddle.test/Settled")(b"", timeout=SECONDS)
            except Exception as error:
                failed += 1
                print(f"{name}: {type(error).__name__}: {str(error):.600}", flush=True)
        print(f"{len(names) - failed} of {len(names)} cases", flush=True)
        sys.exit(1 if failed else 0)


main()
