"""What Google's own protobuf makes of our messages; one answer a line.

    golden.py PROTO_FOLDER

Questions on standard input, answers in hexadecimal:
    make TYPE JSON     the bytes of the message that the JSON describes, by field names
    again TYPE HEX     the bytes of the message that HEX decodes to; `unknown` if a field is
    newer TYPE HEX     the same, with fields of a protocol to come in it and in all messages that it holds
    backwards TYPE HEX the same, with the fields in reverse order
    unseen - -         in words: every field and enum value that was set in no message of an `again`
"""

import pathlib
import sys
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, unknown_fields
from grpc_tools import protoc

# One field of every wire type, with the smallest number that no file has, and the largest that there is.
NEWER = b"".join([
    b"\xa0\x38\x05",  # 900: a number
    b"\xa9\x38\x01\x02\x03\x04\x05\x06\x07\x08",  # 901: eight bytes
    b"\xb2\x38\x05later",  # 902: bytes
    b"\xbd\x38\x01\x02\x03\x04",  # 903: four bytes
    b"\xfa\xff\xff\xff\x0f\x02\xff\xfe",  # 2^29 - 1: bytes that are not UTF-8
])


class Messages:
    def __init__(self, folder):
        # v1alpha has the messages of v1 once more.
        paths = [path.relative_to(folder) for path in pathlib.Path(folder).rglob("*.proto")]
        names = sorted(str(path) for path in paths if "v1alpha" not in path.parts)
        with tempfile.NamedTemporaryFile() as out:
            if protoc.main(["protoc", f"-I{folder}", f"--descriptor_set_out={out.name}", *names]) != 0:
                sys.exit("protoc failed")
            files = descriptor_pb2.FileDescriptorSet.FromString(out.read()).file
        pool = descriptor_pool.DescriptorPool()
        self.types, self.unseen = {}, set()
        for file in files:
            pool.Add(file)
        for file in files:
            declared = pool.FindFileByName(file.name)
            for message in declared.message_types_by_name.values():
                self.types[message.name] = message_factory.GetMessageClass(message)
                self.unseen.update(field.full_name for field in message.fields)
                for nested in message.enum_types:
                    self.unseen.update(self.values(nested))
            for enum in declared.enum_types_by_name.values():
                self.unseen.update(self.values(enum))

    @staticmethod
    def values(enum):
        """Every value but the one that cannot be told from nothing."""
        return {f"{enum.full_name}={value.name}" for value in enum.values if value.number}

    def see(self, message):
        for field, value in message.ListFields():
            self.unseen.discard(field.full_name)
            values = value if field.label == field.LABEL_REPEATED else [value]
            for each in values:
                if field.message_type:
                    self.see(each)
                elif field.enum_type:
                    known = field.enum_type.values_by_number.get(each)
                    self.unseen.discard(f"{field.enum_type.full_name}={known.name}")


def inner(message):
    """The messages that one holds."""
    for field, value in message.ListFields():
        if field.message_type:
            yield from value if field.label == field.LABEL_REPEATED else [value]


def has_unknown(message):
    return len(unknown_fields.UnknownFieldSet(message)) > 0 or any(map(has_unknown, inner(message)))


def make_newer(message):
    for each in inner(message):
        make_newer(each)
    message.MergeFromString(NEWER)


def backwards(message):
    """Each field by itself, the last first."""
    parts = []
    for field, _ in message.ListFields():
        alone = type(message)()
        alone.CopyFrom(message)
        for other, _ in message.ListFields():
            if other.number != field.number:
                alone.ClearField(other.name)
        parts.append(alone.SerializeToString())
    return b"".join(reversed(parts))


def main():
    messages = Messages(sys.argv[1])
    for line in sys.stdin:
        question, name, body = line.rstrip("\n").split(" ", 2)
        if question == "unseen":
            print(" ".join(sorted(messages.unseen)))
            continue
        value = messages.types[name]()
        if question == "make":
            json_format.Parse(body, value)
        else:
            value.ParseFromString(bytes.fromhex(body))
        if has_unknown(value):
            print("unknown")
            continue
        if question == "backwards":
            print(backwards(value).hex())
            continue
        if question == "again":
            messages.see(value)
        if question == "newer":
            make_newer(value)
        print(value.SerializeToString(deterministic=True).hex())


main()
