"""The grpcio peer of scripts/bench wire: its asyncio server.

server.py PORT TLS-PORT CERTIFICATE.pem KEY.pem, with the generated modules on PYTHONPATH
"""
import asyncio
import pathlib
import sys

import grpc
from bench.v1 import bench_pb2, bench_pb2_grpc


class Bench(bench_pb2_grpc.BenchServicer):
    async def Sum(self, request, context):
        return bench_pb2.SumReply(sum=request.a + request.b)

    async def Bulk(self, request, context):
        chunk = bench_pb2.Chunk(data=bytes(request.bytes))
        for _ in range(request.count):
            yield chunk


async def main(port, tls_port, certificate, key):
    server = grpc.aio.server()
    bench_pb2_grpc.add_BenchServicer_to_server(Bench(), server)
    pair = (pathlib.Path(key).read_bytes(), pathlib.Path(certificate).read_bytes())
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.add_secure_port(f"127.0.0.1:{tls_port}", grpc.ssl_server_credentials([pair]))
    await server.start()
    await server.wait_for_termination()


asyncio.run(main(*sys.argv[1:]))
