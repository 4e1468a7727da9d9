/// Why a request never became a call.
enum RequestRefusal: Error, Hashable, Sendable {
    /// Not gRPC: answered with an HTTP status.
    case http(Int, String)

    /// gRPC, but not acceptable: answered with a gRPC status.
    case status(RPCStatus)

    var reason: String {
        switch self {
        case .http(let status, let reason): "HTTP \(status): \(reason)"
        case .status(let status): status.message
        }
    }
}
