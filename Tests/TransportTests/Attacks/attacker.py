"""A peer that means harm: attacks a server over HTTP/2, and says how long the server let it.

    attacker.py ATTACK PORT CONNECTIONS SECONDS [--tls] [--again] [--rate N]

ATTACK is a name of `attacks.py`, or several with commas between, which the connections then share. Each connection
attacks until it is cut off or SECONDS are over; with --again it then connects anew, --pause seconds later. --rate
bounds the bytes per second that all connections send together, --spread makes them begin within so many seconds.

The last line of the output is JSON: per attack how many connections were cut off, after how many seconds at most and at
least, how long at most the server bore one that had begun, with which HTTP/2 errors, and how many held to the end.
"""

import argparse
import asyncio
import json
import random
import ssl
import time

import attacks
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import Frame, GoAwayFrame, RstStreamFrame


class Tally:
    """What became of the connections of one attack."""

    def __init__(self):
        self.cut = 0
        self.held = 0
        self.longest = 0.0
        self.shortest = None
        self.borne = 0.0
        self.sent = 0
        self.errors = {}

    def note(self, seconds, borne, error):
        self.cut += 1
        self.borne = max(self.borne, borne)
        self.longest = max(self.longest, seconds)
        self.shortest = seconds if self.shortest is None else min(self.shortest, seconds)
        self.errors[error] = self.errors.get(error, 0) + 1

    def report(self):
        return {
            "cut": self.cut, "held": self.held, "longest": round(self.longest, 3),
            "shortest": round(self.shortest or 0, 3), "borne": round(self.borne, 3), "sent": self.sent,
            "errors": self.errors,
        }


class Pace:
    """Lets all connections together send so many bytes per second."""

    def __init__(self, rate):
        self.rate = rate
        self.next = time.monotonic()

    async def wait(self, count):
        if not self.rate:
            return
        now = time.monotonic()
        self.next = max(self.next, now - 0.05) + count / self.rate
        if self.next > now:
            await asyncio.sleep(self.next - now)


class Connection:
    """One connection of an attack: what the attack writes and what the server says to it."""

    def __init__(self, reader, writer, pace, tally, deadline):
        self.reader, self.writer = reader, writer
        self.pace, self.tally, self.deadline = pace, tally, deadline
        self.error = "closed"
        self.resets = 0
        self.buffer = b""

    @property
    def is_over(self):
        return time.monotonic() >= self.deadline

    async def send(self, data):
        await self.pace.wait(len(data))
        self.writer.write(data)
        self.tally.sent += len(data)
        await self.writer.drain()
        # Also when the socket takes all: the others have a turn.
        await asyncio.sleep(0)

    async def hear(self):
        """Reads until the server closes; notes what error it names."""
        while True:
            data = await self.reader.read(1 << 16)
            if not data:
                return
            self.buffer += data
            try:
                self.take_frames()
            except HyperframeError:
                return

    def take_frames(self):
        while len(self.buffer) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
            if len(self.buffer) < 9 + length:
                return
            frame.parse_body(memoryview(self.buffer[9 : 9 + length]))
            self.buffer = self.buffer[9 + length :]
            if isinstance(frame, GoAwayFrame) and frame.error_code:
                self.error = f"GOAWAY {frame.error_code}"
            if isinstance(frame, RstStreamFrame):
                self.resets += 1
                # An attack on one stream is over when that is reset.
                if self.error == "closed" and frame.error_code == 11:
                    self.error = "RST_STREAM 11"
                    if getattr(self, "ends_with_reset", False):
                        raise HyperframeError


async def attack_once(name, options, pace, tally, deadline):
    attack = attacks.ALL[name]
    context = None
    if options.tls and not attack.is_raw:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
    began = time.monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", options.port, ssl=context)
    except OSError:
        return
    if not attack.hears:
        # What the server says stays in the sockets.
        writer.transport.pause_reading()
    connection = Connection(reader, writer, pace, tally, deadline)
    connection.ends_with_reset = attack.ends_with_reset
    ready = time.monotonic()
    script = asyncio.ensure_future(attack.run(connection))
    listener = asyncio.ensure_future(connection.hear() if attack.hears else watch(connection))
    try:
        left = max(0.0, deadline - began)
        done, _ = await asyncio.wait(
            {script, listener}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        if script in done and listener not in done:
            # It has said all, or can say no more: does the server hang up?
            if script.exception() is not None:
                done, _ = await asyncio.wait({listener}, timeout=0.2)
                done = done or {script}
            else:
                left = max(0.0, deadline - time.monotonic())
                done, _ = await asyncio.wait({listener}, timeout=left)
        if done:
            now = time.monotonic()
            tally.note(now - began, now - ready, connection.error)
        else:
            tally.held += 1
    finally:
        for task in (script, listener):
            task.cancel()
        await asyncio.gather(script, listener, return_exceptions=True)
        writer.transport.abort()


async def watch(connection):
    """Notices the end of a connection of which nothing is read."""
    while not connection.writer.transport.is_closing():
        sock = connection.writer.get_extra_info("socket")
        # TCP_INFO begins with the state; 1 is established.
        if sock.getsockopt(6, 11, 1)[0] != 1:
            return
        await asyncio.sleep(0.02)


async def attack_repeatedly(name, options, pace, tally, deadline):
    # Not all at the same moment.
    await asyncio.sleep(random.random() * options.spread)
    while True:
        await attack_once(name, options, pace, tally, deadline)
        if not options.again or time.monotonic() >= deadline:
            return
        await asyncio.sleep(options.pause)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("attack")
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--pause", type=float, default=2.0)
    parser.add_argument("--spread", type=float, default=0.0)
    options = parser.parse_args()
    names = options.attack.split(",")
    tallies = {name: Tally() for name in names}
    pace = Pace(options.rate)
    deadline = time.monotonic() + options.seconds
    await asyncio.gather(*(
        attack_repeatedly(name, options, pace, tallies[name], deadline)
        for name in (names * options.connections)[: max(options.connections, 1)]))
    print(json.dumps({name: tally.report() for name, tally in tallies.items()}))


asyncio.run(main())
