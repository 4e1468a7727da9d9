"""What Google's own protobuf makes of our messages; one answer a line.

    golden.py PROTO_FOLDER

Questions on standard input, answers in hexadecimal:
    make TYPE JSON     the bytes of the message that the JSON describes, by field names
    again TYPE HEX     the bytes of the message that HEX decodes to; `unknown` if a field is
"""

import importlib
import sys
import tempfile

from google.protobuf import json_format, unknown_fields
from grpc_tools import protoc


def load(folder):
    out = tempfile.mkdtemp()
    names = ["model", "agents", "cluster"]
    files = [f"huddle/v1/{name}.proto" for name in names]
    if protoc.main(["protoc", f"-I{folder}", f"--python_out={out}", *files]) != 0:
        sys.exit("protoc failed")
    sys.path.insert(0, out)
    modules = [importlib.import_module(f"huddle.v1.{name}_pb2") for name in names]
    return lambda name: next(getattr(m, name) for m in modules if hasattr(m, name))()


def has_unknown(message):
    if len(unknown_fields.UnknownFieldSet(message)) > 0:
        return True
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        children = [value] if hasattr(value, "ListFields") else value
        if any(has_unknown(child) for child in children):
            return True
    return False


def main():
    message = load(sys.argv[1])
    for line in sys.stdin:
        question, name, body = line.rstrip("\n").split(" ", 2)
        value = message(name)
        if question == "make":
            json_format.Parse(body, value)
        else:
            value.ParseFromString(bytes.fromhex(body))
        answer = value.SerializeToString(deterministic=True).hex()
        print("unknown" if has_unknown(value) else answer)


main()
