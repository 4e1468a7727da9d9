import HTTP2

extension Metadata {
    /// The metadata among a peer's header fields: all that the protocol does not use itself.
    init(headers: [HTTP2Header]) throws(RPCStatus) {
        self.init()
        for header in headers where !Self.isProtocol(header.name) {
            try receive(header.name, header.value)
        }
    }

    /// The metadata of a server's answer; what is none is left out, because the answer is good without it.
    init(answer headers: [HTTP2Header]) {
        self.init()
        for header in headers where !Self.isProtocol(header.name) {
            try? receive(header.name, header.value)
        }
    }

    /// The header fields that carry this metadata.
    var headers: [HTTP2Header] {
        entries.map { entry in
            switch entry.value {
            case .text(let text): HTTP2Header(entry.name, text)
            case .binary(let bytes): HTTP2Header(entry.name, Base64.encode(bytes))
            }
        }
    }

    /// Size as HTTP/2 counts it.
    package var wireBytes: Int {
        headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
    }

    private static func isProtocol(_ name: String) -> Bool {
        if name.hasPrefix(":") || name.hasPrefix("grpc-") { return true }
        return switch name {
        case "content-type", "te", "user-agent", "accept-encoding", "content-length", "host",
            "date", "server":
            true
        default: false
        }
    }
}
