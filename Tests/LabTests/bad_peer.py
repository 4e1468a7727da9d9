"""What a coordinator or an agent answers to those it must refuse; exits with 0 if every answer is as expected.

Arguments: the directory of the proto files, `ADDRESS:PORT`, the server's name in its certificate, a file with a
host's certificate, the authority and its key (`-` for none), and what to try:

    foreign-host HOST   an agent that says hello for another host than its own
    revoked             an agent whose certificate was revoked, where images are handed out
    garbage             bytes that are no message, no frame, or too large a one, each beside calls that go on
    join                wrong tokens, without a certificate
"""

import importlib
import pathlib
import re
import socket
import ssl
import sys
import tempfile

import grpc
from grpc_tools import protoc

proto, address, name, identity, attempt, *words = sys.argv[1:]
SECONDS = 20
CODE = grpc.StatusCode


def generate(directory):
    files = [str(path.relative_to(proto)) for path in pathlib.Path(proto).rglob("*.proto")]
    options = [f"-I{proto}", f"--python_out={directory}", f"--grpc_python_out={directory}"]
    if protoc.main(["protoc", *options, *files]) != 0:
        raise SystemExit("the proto files do not compile")
    sys.path.insert(0, directory)


def pieces():
    """Certificate, authority and key of the identity file."""
    text = pathlib.Path(identity).read_text()
    return [piece.encode() for piece in re.findall(r"-----BEGIN.*?-----END[^\n]*\n", text, re.DOTALL)]


def channel(with_certificate=True):
    leaf, authority, key = pieces()
    pair = [key, leaf] if with_certificate else [None, None]
    credentials = grpc.ssl_channel_credentials(authority, *pair)
    return grpc.secure_channel(address, credentials, [("grpc.ssl_target_name_override", name)])


def refused(call, code, *told):
    """The call fails with this code, and its message has these words."""
    try:
        call()
    except grpc.RpcError as error:
        if error.code() != code or not all(word in error.details() for word in told):
            raise SystemExit(f"expected {code} with {told}, got {error.code()}: {error.details()}")
        return
    raise SystemExit(f"expected {code} with {told}, and it was accepted")


def fetch(connection, digest="0" * 64, service="Peers"):
    stubs = getattr(rpc, service + "Stub")(connection)
    return list(stubs.FetchFile(messages.FetchFileRequest(digest=digest), timeout=SECONDS))


def foreign_host(host):
    with channel() as connection:
        stub = rpc.AgentsStub(connection)
        capacity = model.Capacity(total=model.Resources(cpu_millicores=1000, memory_bytes=1 << 30))
        hello = messages.Hello(protocol=1, version="0", host=host, capacity=capacity)
        said = iter([messages.AgentMessage(hello=hello)])
        refused(lambda: next(stub.Control(said, timeout=SECONDS)), CODE.PERMISSION_DENIED, host)
        # It may speak on the same connection where it speaks of nobody else.
        refused(lambda: fetch(connection, service="Agents"), CODE.NOT_FOUND)


def revoked():
    with channel() as connection:
        refused(lambda: fetch(connection), CODE.UNAUTHENTICATED, "revoked")
    with channel(with_certificate=False) as connection:
        refused(lambda: fetch(connection), CODE.UNAUTHENTICATED)


def garbage():
    with channel() as connection:
        refused(lambda: fetch(connection, service="Agents"), CODE.NOT_FOUND)
        unary = connection.unary_unary("/huddle.v1.Agents/Renew")
        refused(lambda: unary(b"\xff\xff\xff", timeout=SECONDS), CODE.INVALID_ARGUMENT)
        refused(lambda: unary(bytes(64 << 20), timeout=SECONDS), CODE.RESOURCE_EXHAUSTED)
        control = connection.stream_stream("/huddle.v1.Agents/Control")
        said = iter([b"\xff\xff\xff"])
        refused(lambda: next(control(said, timeout=SECONDS)), CODE.INVALID_ARGUMENT)
        # A control stream that begins with anything but a hello.
        early = messages.AgentMessage(statuses=messages.Statuses()).SerializeToString()
        refused(lambda: next(control(iter([early]), timeout=SECONDS)), CODE.INVALID_ARGUMENT, "hello")
        frame_too_large()
        refused(lambda: fetch(connection, service="Agents"), CODE.NOT_FOUND)


def frame_too_large():
    """Of a frame the length is judged before there is a call: the connection's farewell names the error."""
    context = ssl.create_default_context(cadata=pieces()[1].decode())
    context.set_alpn_protocols(["h2"])
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), SECONDS) as plain:
        with context.wrap_socket(plain, server_hostname=name) as stream:
            settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
            stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)
            stream.sendall(b"\xff\xff\xff\x00\x00\x00\x00\x00\x01")
            answer = b""
            while piece := stream.recv(65_536):
                answer += piece
    while answer:
        length, kind = int.from_bytes(answer[:3]), answer[3]
        body, answer = answer[9 : 9 + length], answer[9 + length :]
        if kind == 7:
            if int.from_bytes(body[4:8]) != 6:
                raise SystemExit(f"FRAME_SIZE_ERROR expected in the farewell: {body}")
            return
    raise SystemExit("no farewell after a frame of 16 MiB")


def join():
    with channel(with_certificate=False) as connection:
        stub = rpc.JoinStub(connection)
        request = messages.JoinRequest(
            protocol=1, token_id="nobody", secret=b"nothing", host="stranger", certificate_request=b"\x30\x00")
        refused(lambda: stub.Join(request, timeout=SECONDS), CODE.UNAUTHENTICATED, "token")
        request.protocol = 99
        refused(lambda: stub.Join(request, timeout=SECONDS), CODE.FAILED_PRECONDITION, "99")
        refused(lambda: fetch(connection, service="Agents"), CODE.UNAUTHENTICATED, "certificate")


with tempfile.TemporaryDirectory() as directory:
    generate(directory)
    model = importlib.import_module("huddle.v1.model_pb2")
    messages = importlib.import_module("huddle.v1.agents_pb2")
    rpc = importlib.import_module("huddle.v1.agents_pb2_grpc")
{"foreign-host": foreign_host, "revoked": revoked, "garbage": garbage, "join": join}[attempt](*words)
