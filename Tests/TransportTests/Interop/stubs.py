"""The messages and stubs of grpc.testing, made from the proto files beside this one."""

import importlib
import pathlib
import sys
import tempfile

from grpc_tools import protoc

FOLDER = pathlib.Path(__file__).parent / "proto"


def load():
    """Modules `messages`, `empty` and the stubs of `test`."""
    directory = tempfile.TemporaryDirectory()
    # Under a package of their own: `grpc` is taken, and by whom they are called does not change a byte.
    target = pathlib.Path(directory.name)
    for path in (FOLDER / "grpc" / "testing").glob("*.proto"):
        text = path.read_text().replace('import "grpc/testing/', 'import "')
        (target / path.name).write_text(text)
    options = [f"-I{target}", f"--python_out={target}", f"--grpc_python_out={target}"]
    if protoc.main(["protoc", *options, "empty.proto", "messages.proto", "test.proto"]) != 0:
        raise SystemExit("the proto files do not compile")
    sys.path.insert(0, str(target))
    modules = [importlib.import_module(name) for name in ("messages_pb2", "empty_pb2", "test_pb2_grpc")]
    sys.path.remove(str(target))
    directory.cleanup()
    return modules


def uncompressed(messages):
    """Lets grpcio send these very messages without compression where the call has it.

    Its interface has no such choice for a client; the core under it does, as a flag of each write.
    """
    from grpc import _channel

    cygrpc = _channel.cygrpc
    original = cygrpc.SendMessageOperation
    plain = {message.SerializeToString() for message in messages}
    flag = cygrpc.WriteFlag.no_compress
    cygrpc.SendMessageOperation = lambda message, flags: original(
        message, flags | (flag if message in plain else 0))
