import ClusterModel
import RPC
import Wire

extension RPCStatus {
    /// What a caller reads whose request has `fault`.
    init(request fault: WireFault) {
        switch fault {
        case .tooLarge, .tooMany: self.init(.resourceExhausted, "the request \(fault.predicate)")
        case .malformed: self.init(.invalidArgument, "the request \(fault.predicate)")
        case .invalid: self.init(.invalidArgument, fault.predicate)
        }
    }

    /// What our caller reads when a server's reply has `fault`.
    init(reply fault: WireFault) {
        self.init(.internal, "the server's reply: \(fault.predicate)")
    }
}

extension WireFault {
    fileprivate var predicate: String {
        switch self {
        case .malformed: return "is not a message of huddle.v1"
        case .tooLarge: return "takes too much memory"
        case .tooMany(let field): return "has too many \(field)"
        case .invalid(let value):
            let fault = "\(value.field): \(value.problem)"
            return value.suggestion.map { "\(fault); \($0)" } ?? fault
        }
    }
}

/// Reads what a client sent.
func decoded<Request: WireMessage>(request bytes: [UInt8]) throws(RPCStatus) -> Request {
    do {
        return try Request(decoding: bytes)
    } catch {
        throw RPCStatus(request: error)
    }
}

/// Reads what a server sent.
func decoded<Reply: WireMessage>(reply bytes: [UInt8]) throws(RPCStatus) -> Reply {
    do {
        return try Reply(decoding: bytes)
    } catch {
        throw RPCStatus(reply: error)
    }
}
