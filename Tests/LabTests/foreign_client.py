"""Talks to a running coordinator with grpcio and code made from the proto files now; exits with 0 if all is well.

Arguments: the directory of the proto files, the admin context.
"""

import importlib
import pathlib
import sys
import tempfile

import grpc
import yaml
from grpc_tools import protoc

proto, context_file = sys.argv[1:]
SECONDS = 20


def generate(directory):
    files = [str(path.relative_to(proto)) for path in pathlib.Path(proto, "huddle").rglob("*.proto")]
    options = [f"-I{proto}", f"--python_out={directory}", f"--grpc_python_out={directory}"]
    if protoc.main(["protoc", *options, *files]) != 0:
        raise SystemExit("the proto files do not compile")
    sys.path.insert(0, directory)


def channel(context, with_certificate=True):
    pair = [context["key"].encode(), context["certificate"].encode()] if with_certificate else [None, None]
    credentials = grpc.ssl_channel_credentials(context["authority"].encode(), *pair)
    return grpc.secure_channel(context["coordinator"], credentials)


def refused(call, code, *words):
    """The call fails with this code, and its message has these words."""
    try:
        call()
    except grpc.RpcError as error:
        if error.code() != code or not all(word in error.details() for word in words):
            raise SystemExit(f"expected {code} with {words}, got {error.code()}: {error.details()}")
        return
    raise SystemExit(f"expected {code} with {words}, and it was accepted")


def workload(model, **changes):
    values = {
        "kind": model.KIND_CONTAINER,
        "name": "foreign",
        "count": 1,
        "image": model.ImageReference(named="busybox"),
        "command": ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"],
        "restart": model.RESTART_POLICY_ALWAYS,
        "size": model.Resources(cpu_millicores=100, memory_bytes=32 << 20),
        "move_allow": [model.MOVE_MODE_RESTART],
        "on_host_loss": model.ON_HOST_LOSS_WAIT,
    }
    values.update(changes)
    return model.Workload(**values)


def main():
    with tempfile.TemporaryDirectory() as directory:
        generate(directory)
        model = importlib.import_module("huddle.v1.model_pb2")
        cluster = importlib.import_module("huddle.v1.cluster_pb2")
        stubs = importlib.import_module("huddle.v1.cluster_pb2_grpc")
        agents = importlib.import_module("huddle.v1.agents_pb2_grpc")
    with open(context_file) as file:
        context = yaml.safe_load(file)

    invalid = grpc.StatusCode.INVALID_ARGUMENT
    with channel(context) as connection:
        stub = stubs.ClusterStub(connection)
        hosts = stub.ListHosts(cluster.ListRequest(), timeout=SECONDS).hosts
        names = sorted(summary.host.id for summary in hosts)
        if names != ["lab-1", "lab-2", "lab-3"]:
            raise SystemExit(f"three hosts expected: {names}")

        def apply(*workloads, dry_run=False):
            request = cluster.ApplyRequest(workloads=workloads, dry_run=dry_run)
            return stub.Apply(request, timeout=SECONDS)

        refused(lambda: apply(workload(model, name="Not A Name")), invalid, "name")
        refused(lambda: apply(workload(model, name="")), invalid, "name")
        refused(lambda: apply(workload(model, kind=0)), invalid, "kind")
        refused(lambda: apply(workload(model, kind=77)), invalid, "kind")
        refused(lambda: apply(workload(model, count=4_000_000_000)), invalid, "count")
        none = model.Resources(cpu_millicores=0, memory_bytes=0)
        refused(lambda: apply(workload(model, size=none)), invalid, "size")
        ports = [model.Port(host=70_000, instance=80, transport=model.TRANSPORT_TCP)]
        refused(lambda: apply(workload(model, ports=ports)), invalid, "ports")
        refused(lambda: apply(workload(model), workload(model)), invalid, "workloads", "foreign")
        # One bad value among good ones: nothing is applied.
        refused(lambda: apply(workload(model, name="good"), workload(model, kind=0)), invalid, "kind")
        if stub.ListWorkloads(cluster.ListRequest(), timeout=SECONDS).workloads:
            raise SystemExit("something of what was refused was applied")

        refused(
            lambda: stub.GetPlan(cluster.PlanRequest(id="p-999999"), timeout=SECONDS),
            grpc.StatusCode.NOT_FOUND)
        garbled = connection.unary_unary("/huddle.v1.Cluster/Apply")
        refused(lambda: garbled(b"\xff\xff\xff\xff", timeout=SECONDS), invalid)
        refused(
            lambda: garbled(bytes(64 << 20), timeout=SECONDS), grpc.StatusCode.RESOURCE_EXHAUSTED)
        refused(
            lambda: connection.unary_unary("/huddle.v1.Cluster/Nothing")(b"", timeout=SECONDS),
            grpc.StatusCode.UNIMPLEMENTED)
        # An admin is no agent.
        refused(
            lambda: next(agents.AgentsStub(connection).Control(iter([]), timeout=SECONDS)),
            grpc.StatusCode.PERMISSION_DENIED)

        reply = apply(workload(model))
        if [change.kind for change in reply.changes] != [cluster.CHANGE_CREATED]:
            raise SystemExit(f"not created: {reply}")
        if [change.kind for change in apply(workload(model)).changes] != [cluster.CHANGE_NONE]:
            raise SystemExit("the same values once more are a change")
        events = stub.Events(cluster.EventsRequest(last=5), timeout=SECONDS)
        if not list(events):
            raise SystemExit("no event is told")
        stub.DeleteWorkload(cluster.DeleteWorkloadRequest(name="foreign"), timeout=SECONDS)

        # The sum of what is this large does not fit into 64 bits: pending, as all that is too large.
        huge = model.Resources(cpu_millicores=(1 << 64) - 1, memory_bytes=(1 << 64) - 1)
        if len(apply(workload(model, name="huge", size=huge, count=3)).pending) != 3:
            raise SystemExit("a host has room for more than there is")
        stub.DeleteWorkload(cluster.DeleteWorkloadRequest(name="huge"), timeout=SECONDS)

    with channel(context, with_certificate=False) as connection:
        refused(
            lambda: stubs.ClusterStub(connection).ListHosts(cluster.ListRequest(), timeout=SECONDS),
            grpc.StatusCode.UNAUTHENTICATED)


main()
