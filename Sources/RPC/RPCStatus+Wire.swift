import HTTP2

extension RPCStatus {
    /// The trailers that carry this status.
    var headers: [HTTP2Header] {
        if self == .ok { return Self.okHeaders }
        var headers = [HTTP2Header("grpc-status", String(code.rawValue))]
        if !message.isEmpty {
            headers.append(HTTP2Header("grpc-message", PercentEncoding.encode(message)))
        }
        // Cut short they would say nothing.
        if !details.isEmpty, details.count <= Limits.statusDetailsBytes {
            headers.append(HTTP2Header(Self.detailsName, Base64.encode(details)))
        }
        return headers
    }

    private static let okHeaders = [HTTP2Header("grpc-status", "0")]

    /// The status in trailers, or `nil` when there is none.
    init?(headers: [HTTP2Header]) {
        guard let number = headers.first(where: { $0.name == "grpc-status" })?.value else {
            return nil
        }
        let encoded = headers.first { $0.name == "grpc-message" }?.value ?? ""
        let details = headers.first { $0.name == Self.detailsName }?.value ?? ""
        // A number we do not know is UNKNOWN, as the specification says.
        self.init(
            Int(number).flatMap(Code.init(rawValue:)) ?? .unknown, PercentEncoding.decode(encoded),
            details: Base64.decode(details) ?? [])
    }

    /// - Source: grpc/doc/PROTOCOL-HTTP2.md, "Responses", Status-Details.
    private static let detailsName = "grpc-status-details-bin"

    /// What a reset stream means.
    /// - Source: grpc/doc/PROTOCOL-HTTP2.md, "HTTP2 Transport Mapping / Errors".
    init(reset code: HTTP2ErrorCode) {
        switch code {
        case .cancel: self.init(.cancelled, "the peer cancelled the call")
        case .refusedStream: self.init(.unavailable, "the peer refused the call unseen")
        case .enhanceYourCalm: self.init(.resourceExhausted, "the peer asks for fewer calls")
        case .inadequateSecurity: self.init(.permissionDenied, "the peer asks for better TLS")
        default: self.init(.internal, "the stream was reset with HTTP/2 error \(code.rawValue)")
        }
    }

    /// What an answer that is not gRPC's means.
    /// - Source: grpc/doc/http-grpc-status-mapping.md.
    init(httpStatus: String) {
        let code: Code =
            switch httpStatus {
            case "400": .internal
            case "401": .unauthenticated
            case "403": .permissionDenied
            case "404": .unimplemented
            case "429", "502", "503", "504": .unavailable
            default: .unknown
            }
        self.init(code, "the server answered with HTTP status \(httpStatus)")
    }

    /// What a failed session means for the calls on it.
    init(_ failure: HTTP2Failure) {
        switch failure.code {
        case .setup, .peer, .noNewStreams: self.init(.unavailable, "HTTP/2: \(failure.message)")
        case .refused: self.init(.internal, "HTTP/2: \(failure.message)")
        }
    }
}
