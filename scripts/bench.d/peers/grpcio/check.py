"""Calls a peer once by each method and in each form of connection, so that what is measured is known to be an answer.

check.py PORT TLS-PORT CERTIFICATE.pem, with the generated modules on PYTHONPATH
"""
import pathlib
import sys

import grpc
from bench.v1 import bench_pb2, bench_pb2_grpc


def check(channel):
    bench = bench_pb2_grpc.BenchStub(channel)
    reply = bench.Sum(bench_pb2.SumRequest(a=40, b=2), timeout=10)
    assert reply.sum == 42, reply
    chunks = [len(chunk.data) for chunk in bench.Bulk(bench_pb2.BulkRequest(count=3, bytes=1 << 20), timeout=10)]
    assert chunks == [1 << 20] * 3, chunks


port, tls_port, certificate = sys.argv[1:]
check(grpc.insecure_channel(f"127.0.0.1:{port}"))
credentials = grpc.ssl_channel_credentials(pathlib.Path(certificate).read_bytes())
check(grpc.secure_channel(f"127.0.0.1:{tls_port}", credentials, [("grpc.ssl_target_name_override", "bench")]))
