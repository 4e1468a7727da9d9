import RPC
import Transport
import Wire

/// gRPC's `ServerReflection`: what a server serves, for clients without the proto files.
/// - Source: grpc/doc/server-reflection.md.
struct Reflection: Sendable {
    /// Full names.
    let services: Set<String>

    private let pool = DescriptorPool.served

    init(services: Set<String>) { self.services = services }

    /// How calls reach the method, under both of its names.
    var routes: [Route] {
        [
            .bidirectional(Method.Reflection.info, answer),
            .bidirectional(Method.Reflection.infoAlpha, answer),
        ]
    }

    private func answer(
        _ requests: MessageStream<ReflectionRequest>, caller: Caller,
        replies: MessageSink<ReflectionResponse>
    ) async throws(RPCStatus) {
        for try await request in requests {
            try await replies.send(
                ReflectionResponse(
                    host: request.host, request: request, answer: answer(request.query)))
        }
    }

    private func answer(_ query: ReflectionRequest.Query?) -> ReflectionResponse.Answer {
        switch query {
        case .services:
            let sorted = services.sorted().map { ServiceResponse(name: $0) }
            return .services(ListServiceResponse(services: sorted))
        case .file(let name):
            return files(pool.file(named: name), "file \(name)")
        case .fileContaining(let symbol):
            return files(pool.file(declaring: symbol), "symbol \(symbol)")
        case .fileContainingExtension(let request):
            // proto3 has no extensions.
            return files(nil, "extension \(request.number) of \(request.type)")
        case .extensionNumbers(let type):
            guard pool.file(declaring: type) != nil else { return files(nil, "type \(type)") }
            return .extensionNumbers(ExtensionNumberResponse(type: type, numbers: []))
        case nil:
            return failure(.invalidArgument, "the question is none that is known here")
        }
    }

    /// The file with all that it imports, so that one answer is enough.
    private func files(_ file: DescriptorPool.File?, _ wanted: String) -> ReflectionResponse.Answer
    {
        guard let file else { return failure(.notFound, "there is no \(wanted) here") }
        return .files(FileDescriptorResponse(files: pool.closure(of: file).map { $0.bytes }))
    }

    private func failure(_ code: RPCStatus.Code, _ message: String) -> ReflectionResponse.Answer {
        .failure(ErrorResponse(code: Int32(code.rawValue), message: message))
    }
}
