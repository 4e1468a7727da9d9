import HTTP2

/// What a client says before its first message.
package struct RequestHead: Hashable, Sendable {
    /// `/package.Service/Method`.
    package let path: String
    package let metadata: Metadata

    /// How long the client will wait, from now; `nil` for ever.
    package let timeout: Duration?

    /// How the client's messages may be compressed.
    package let encoding: MessageEncoding

    /// Whether the client reads answers in gzip.
    package let acceptsGzip: Bool

    package init(
        path: String, metadata: Metadata = Metadata(), timeout: Duration? = nil,
        encoding: MessageEncoding = .identity, acceptsGzip: Bool = true
    ) {
        self.path = path
        self.metadata = metadata
        self.timeout = timeout
        self.encoding = encoding
        self.acceptsGzip = acceptsGzip
    }

    /// The `:authority` of a server by name or address; an IPv6 address is bracketed.
    /// - Source: RFC 3986, 3.2.2.
    package static func authority(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The header fields of the request.
    func headers(authority: String, scheme: String) -> [HTTP2Header] {
        var headers = [
            HTTP2Header(":method", "POST"), HTTP2Header(":scheme", scheme),
            HTTP2Header(":path", path), HTTP2Header(":authority", authority),
            HTTP2Header("te", "trailers"), HTTP2Header("content-type", "application/grpc+proto"),
            HTTP2Header("user-agent", "grpc-swift-huddle"),
            HTTP2Header(
                "grpc-accept-encoding", acceptsGzip ? MessageEncoding.accepted : "identity"),
        ]
        if encoding != .identity {
            headers.append(HTTP2Header("grpc-encoding", encoding.rawValue))
        }
        if let timeout { headers.append(HTTP2Header("grpc-timeout", CallTimeout.format(timeout))) }
        return headers + metadata.headers
    }

    /// Reads a request, or says why it is none.
    static func parse(
        _ headers: [HTTP2Header]
    ) throws(RequestRefusal) -> RequestHead {
        var method = ""
        var path = ""
        var contentType = ""
        var te = ""
        var encoding = MessageEncoding.identity
        var acceptsGzip = false
        var timeout: Duration?
        for header in headers {
            switch header.name {
            case ":method": method = header.value
            case ":path": path = header.value
            case "content-type": contentType = header.value
            case "te": te = header.value
            case "grpc-encoding":
                guard let known = MessageEncoding(rawValue: header.value) else {
                    throw .status(
                        RPCStatus(
                            .unimplemented,
                            "unknown grpc-encoding; \(MessageEncoding.accepted) are read"))
                }
                encoding = known
            case "grpc-accept-encoding":
                // It may come in several lists, each with spaces around its commas.
                let names = header.value.split { $0 == "," || $0 == " " }
                acceptsGzip = acceptsGzip || names.contains { $0 == MessageEncoding.gzip.rawValue }
            case "grpc-timeout":
                guard let parsed = CallTimeout.parse(header.value) else {
                    throw .status(RPCStatus(.internal, "malformed grpc-timeout"))
                }
                timeout = parsed
            default: break
            }
        }
        guard method == "POST" else { throw .http(405, "method is not POST") }
        guard isContentType(contentType) else { throw .http(415, "content-type is not gRPC's") }
        guard te == "trailers" else {
            throw .status(RPCStatus(.internal, "te: trailers is missing"))
        }
        guard path.hasPrefix("/"), path.utf8.count <= Limits.pathBytes else {
            throw .status(RPCStatus(.unimplemented, "malformed method path"))
        }
        do throws(RPCStatus) {
            let metadata = try Metadata(headers: headers)
            return RequestHead(
                path: path, metadata: metadata, timeout: timeout, encoding: encoding,
                acceptsGzip: acceptsGzip)
        } catch {
            throw .status(error)
        }
    }

    /// `application/grpc`, `application/grpc+proto`, with or without parameters.
    static func isContentType(_ value: String) -> Bool {
        guard value.hasPrefix("application/grpc") else { return false }
        let rest = value.dropFirst("application/grpc".count)
        return rest.isEmpty || rest.hasPrefix(";") || rest == "+proto" || rest.hasPrefix("+proto;")
    }
}
