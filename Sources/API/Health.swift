import RPC
import Transport
import Wire

/// gRPC's `Health`: whoever reaches a server reaches its services, so that what is served is serving.
/// - Source: grpc/doc/health-checking.md.
struct Health: Sendable {
    /// Full names.
    let services: Set<String>

    /// How calls reach the methods.
    var routes: [Route] {
        [.unary(Method.Health.check, check), .serverStream(Method.Health.watch, watch)]
    }

    private func check(
        _ request: HealthCheckRequest, caller: Caller
    ) async throws(RPCStatus) -> HealthCheckResponse {
        guard isServed(request.service) else {
            throw RPCStatus(.notFound, "there is no service \(request.service) here")
        }
        return HealthCheckResponse(status: .serving)
    }

    /// Says it once and stays: the end of the call is the news.
    private func watch(
        _ request: HealthCheckRequest, caller: Caller, replies: MessageSink<HealthCheckResponse>
    ) async throws(RPCStatus) {
        let status =
            isServed(request.service)
            ? .serving
            : .serviceUnknown
                as HealthCheckResponse.ServingStatus
        try await replies.send(HealthCheckResponse(status: status))
        await Self.untilCancelled()
        throw RPCStatus(.cancelled, "nobody watches any more")
    }

    /// The empty name is the server as a whole.
    private func isServed(_ service: String) -> Bool {
        service.isEmpty || services.contains(service)
    }

    private static func untilCancelled() async {
        let (never, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        for await _ in never {}
        continuation.finish()
    }
}
