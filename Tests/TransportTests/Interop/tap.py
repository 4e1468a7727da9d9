"""A relay on this machine that sees, in cleartext HTTP/2, which gRPC messages are compressed.

grpcio does not tell; the flag before each message does.
"""

import socket
import threading

PREFACE = 24
DATA, PADDED = 0, 0x8


class Flow:
    """One direction of one connection: frames, and in those of each stream the prefixes of messages."""

    def __init__(self, note, skip):
        self.note, self.skip, self.bytes, self.streams = note, skip, bytearray(), {}

    def feed(self, data):
        self.bytes += data
        if self.skip:
            dropped = min(self.skip, len(self.bytes))
            del self.bytes[:dropped]
            self.skip -= dropped
        while len(self.bytes) >= 9:
            length = int.from_bytes(self.bytes[:3], "big")
            if len(self.bytes) < 9 + length:
                return
            kind, flags = self.bytes[3], self.bytes[4]
            stream = int.from_bytes(self.bytes[5:9], "big") & 0x7FFFFFFF
            payload = bytes(self.bytes[9 : 9 + length])
            del self.bytes[: 9 + length]
            if kind == DATA:
                if flags & PADDED:
                    payload = payload[1 : len(payload) - payload[0]]
                self.message(stream, payload)

    def message(self, stream, payload):
        held = self.streams.setdefault(stream, bytearray())
        held += payload
        while len(held) >= 5:
            length = int.from_bytes(held[1:5], "big")
            if len(held) < 5 + length:
                return
            self.note(stream, bool(held[0]))
            del held[: 5 + length]


class Tap:
    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        # By direction and stream, whether each message was compressed.
        self.flags = {"requests": {}, "responses": {}}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def latest(self, direction):
        """The flags of the newest stream."""
        streams = self.flags[direction]
        return streams[max(streams)] if streams else []

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(self.target)
            for direction, source, sink, skip in [
                ("requests", client, server, PREFACE), ("responses", server, client, 0),
            ]:
                note = lambda stream, flag, known=self.flags[direction]: known.setdefault(stream, []).append(flag)
                threading.Thread(target=self.pump, args=(source, sink, Flow(note, skip)), daemon=True).start()

    def pump(self, source, sink, flow):
        try:
            while data := source.recv(65536):
                # Before it goes on: whoever gets the message can then ask about it.
                flow.feed(data)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
