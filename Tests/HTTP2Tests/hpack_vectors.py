"""Header blocks by PyPI's hpack, and its reading of ours; one JSON object a line.

    hpack_vectors.py make SEED      blocks of several connections, with the fields that are in them
    hpack_vectors.py read           on standard input {"connection", "allowed", "hex"}; answers
                                    {"fields", "hidden"}: hidden are the names never to be indexed
"""

import json
import random
import sys

from hpack import Decoder, Encoder, HeaderTuple, NeverIndexedHeaderTuple

CONNECTIONS = 12
BLOCKS = 40
TABLE = 4096
TEXT = "".join(chr(c) for c in range(0x21, 0x7F)) + "äß€"
# Short names so that tables hold many, and some of the static table's.
NAMES = ["accept", "cookie", "user-agent", "x-a", "x-b", "x-" + "long" * 20, "grpc-timeout", "date"]


def text(chance, most):
    inner = "".join(chance.choice(TEXT + " ") for _ in range(chance.randrange(most)))
    return inner.strip()


def request(chance):
    """A list of fields; few different values, so that many come twice."""
    fields = [
        HeaderTuple(":method", chance.choice(["POST", "GET"])),
        HeaderTuple(":scheme", chance.choice(["http", "https"])),
        HeaderTuple(":path", "/" + chance.choice(["", "a", "index.html", "p" * 100])),
        HeaderTuple(":authority", chance.choice(["a", "b.example:443"])),
    ]
    for _ in range(chance.randrange(8)):
        name = chance.choice(NAMES)
        value = chance.choice(["", "1", "deflate", text(chance, 20), text(chance, 600)])
        kind = NeverIndexedHeaderTuple if chance.random() < 0.2 else HeaderTuple
        fields.append(kind(name, value))
    return fields


def skip_integer(block, at, bits):
    most = (1 << bits) - 1
    value = block[at] & most
    at += 1
    if value < most:
        return value, at
    shift = 0
    while True:
        value += (block[at] & 0x7F) << shift
        shift += 7
        at += 1
        if block[at - 1] < 128:
            return value, at


def kinds(block):
    """The names of the representations in a block."""
    found = set()
    at = 0
    while at < len(block):
        first = block[at]
        if first & 0x80:
            found.add("indexed")
            at = skip_integer(block, at, 7)[1]
            continue
        if first & 0xE0 == 0x20:
            found.add("size")
            at = skip_integer(block, at, 5)[1]
            continue
        found.add("literal" if first & 0x40 else "never" if first & 0x10 else "plain")
        name, at = skip_integer(block, at, 6 if first & 0x40 else 4)
        found.add("name by index" if name else "new name")
        for _ in range(1 if name else 2):
            if block[at] & 0x80:
                found.add("huffman")
            length, at = skip_integer(block, at, 7)
            at += length
    return found


def make(seed):
    chance = random.Random(seed)
    for connection in range(CONNECTIONS):
        encoder = Encoder()
        for _ in range(BLOCKS):
            if chance.random() < 0.3:
                for _ in range(chance.randrange(1, 3)):
                    # Never the same again: hpack would then forget to tell of the change before.
                    sizes = {0, 31, 100, 1000, TABLE} - {encoder.header_table_size}
                    encoder.header_table_size = chance.choice(sorted(sizes))
            fields = request(chance)
            block = encoder.encode(fields, huffman=chance.random() < 0.5)
            print(json.dumps({
                "connection": connection, "hex": block.hex(), "fields": [list(f) for f in fields],
                "kinds": sorted(kinds(block)),
            }))


def read():
    decoders = {}
    for line in sys.stdin:
        question = json.loads(line)
        decoder = decoders.setdefault(question["connection"], Decoder())
        decoder.max_allowed_table_size = question["allowed"]
        block = bytes.fromhex(question["hex"])
        fields = decoder.decode(block)
        print(json.dumps({
            "fields": [list(f) for f in fields], "kinds": sorted(kinds(block)),
            "hidden": sorted({f[0] for f in fields if not f.indexable}),
        }))


if __name__ == "__main__":
    make(int(sys.argv[2])) if sys.argv[1] == "make" else read()
