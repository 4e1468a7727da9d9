"""Calls the methods of the tests' `Stage` with grpcio, byte for byte; exits with 0 if all is well.

Arguments: target, trust roots (PEM), certificate (PEM), key (PEM).
"""

import sys
import threading

import grpc

target, roots, certificate, key = sys.argv[1:]


def read(path):
    with open(path, "rb") as file:
        return file.read()


credentials = grpc.ssl_channel_credentials(read(roots), read(key), read(certificate))
channel = grpc.secure_channel(target, credentials)


def check(actual, expected):
    if actual != expected:
        raise SystemExit(f"got {actual!r:.200}, expected {expected!r:.200}")


def failure(function):
    try:
        function()
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise SystemExit("expected a failure")


echo = channel.unary_unary("/test.T/Echo")
check(echo(b"hello", timeout=20), b"hello")
check(echo(b"", timeout=20), b"")
large = bytes(range(256)) * 8192
check(echo(large, timeout=20), large)
check(echo(large, timeout=20, compression=grpc.Compression.Gzip), large)
check(
    failure(lambda: echo(b"x" * 100, timeout=20, compression=grpc.Compression.Deflate))[0],
    grpc.StatusCode.UNIMPLEMENTED,
)
check(
    failure(lambda: echo(bytes(4 * 1024 * 1024 + 1), timeout=20))[0],
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)
who = channel.unary_unary("/test.T/Who")(b"", timeout=20)
check(who[:1], b"\x30")

metadata = (("x-text", "hi"), ("x-key-bin", b"\x00\xff\x01"))
check(
    channel.unary_unary("/test.T/Metadata")(b"", timeout=20, metadata=metadata),
    b"hi\x00\xff\x01",
)
check(
    failure(lambda: channel.unary_unary("/test.T/Fail")(b"", timeout=20)),
    (grpc.StatusCode.FAILED_PRECONDITION, "100 % nötig"),
)
check(
    failure(lambda: channel.unary_unary("/nothing")(b"", timeout=20))[0],
    grpc.StatusCode.UNIMPLEMENTED,
)

count = channel.unary_stream("/test.T/Count")
check(list(count(bytes([100]), timeout=20)), [bytes([n]) for n in range(100)])
both = channel.stream_stream("/test.T/Echo")
check(list(both((bytes([n]) * 50_000 for n in range(50)), timeout=20)),
      [bytes([n]) * 50_000 for n in range(50)])

check(
    failure(lambda: list(channel.unary_stream("/test.T/Ignore")(b"", timeout=0.2)))[0],
    grpc.StatusCode.DEADLINE_EXCEEDED,
)
release = threading.Event()


def slow():
    release.wait(20)
    yield b""


call = channel.stream_stream("/test.T/Wait")(slow())
call.cancel()
check(failure(lambda: next(call))[0], grpc.StatusCode.CANCELLED)
release.set()

futures = [echo.future(bytes([n % 256]), timeout=20) for n in range(1000)]
check([future.result() for future in futures], [bytes([n % 256]) for n in range(1000)])
channel.close()
