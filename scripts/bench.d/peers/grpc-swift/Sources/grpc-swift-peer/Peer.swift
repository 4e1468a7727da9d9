// The grpc-swift-2 peer of scripts/bench wire, as its own code generator would lay it out.
//
//   grpc-swift-peer PORT TLS-PORT CERTIFICATE.pem KEY.pem
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import NIOPosix
import SwiftProtobuf

struct BenchService: RegistrableRPCService {
    private static let service = ServiceDescriptor(
        fullyQualifiedService: "huddle.bench.v1.Bench")

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(service: Self.service, method: "Sum"),
            deserializer: ProtobufDeserializer<Huddle_Bench_V1_SumRequest>(),
            serializer: ProtobufSerializer<Huddle_Bench_V1_SumReply>(),
            handler: { request, _ in
                let request = try await ServerRequest(stream: request)
                let reply = Huddle_Bench_V1_SumReply.with {
                    $0.sum = request.message.a &+ request.message.b
                }
                return StreamingServerResponse(single: ServerResponse(message: reply))
            })
        router.registerHandler(
            forMethod: MethodDescriptor(service: Self.service, method: "Bulk"),
            deserializer: ProtobufDeserializer<Huddle_Bench_V1_BulkRequest>(),
            serializer: ProtobufSerializer<Huddle_Bench_V1_Chunk>(),
            handler: { request, _ in
                let request = try await ServerRequest(stream: request)
                return StreamingServerResponse { writer in
                    let chunk = Huddle_Bench_V1_Chunk.with {
                        $0.data = Data(count: Int(request.message.bytes))
                    }
                    for _ in 0..<request.message.count { try await writer.write(chunk) }
                    return [:]
                }
            })
    }
}

@main struct Peer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let port = Int(arguments[1]), let tlsPort = Int(arguments[2])
        else {
            print("usage: grpc-swift-peer PORT TLS-PORT CERTIFICATE.pem KEY.pem")
            exit(2)
        }
        // One loop: it is measured on one core.
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let cleartext = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext,
                eventLoopGroup: loops),
            services: [BenchService()])
        let secure = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: tlsPort),
                transportSecurity: .tls(
                    certificateChain: [.file(path: arguments[3], format: .pem)],
                    privateKey: .file(path: arguments[4], format: .pem)),
                eventLoopGroup: loops),
            services: [BenchService()])
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await cleartext.serve() }
            group.addTask { try await secure.serve() }
        }
    }
}
