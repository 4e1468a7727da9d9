import RPC
import Transport

/// Serves `huddle.bench.v1.Bench` in the way that every service of Huddle is served.
struct BenchHandler: CallHandler {
    /// A call that lasts until its client ends it, as an agent's does.
    static let hold = "/huddle.bench.v1.Bench/Hold"

    func handle(
        _ call: IncomingCall, requests: InboundMessages, responses: OutboundMessages
    ) async throws(RPCStatus) {
        if call.path == Self.hold {
            while try await requests.next() != nil {}
            return
        }
        guard let request = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "the call has no request")
        }
        switch call.path {
        case "/huddle.bench.v1.Bench/Sum":
            try await responses.send(try BenchMessages.sum(request))
        case "/huddle.bench.v1.Bench/Bulk":
            let (count, bytes) = try BenchMessages.bulk(request)
            for _ in 0..<count { try await responses.send(BenchMessages.chunk(bytes)) }
        default:
            throw RPCStatus(.unimplemented, "\(call.path) is not served here")
        }
    }
}
