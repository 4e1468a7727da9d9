import HTTP2

/// The first header block of a server's answer, judged.
enum ResponseHead: Hashable, Sendable {
    /// A 1xx that says nothing.
    case informational

    /// Messages follow, encoded so.
    case streaming(MessageEncoding)

    /// The call is over: trailers only, or no gRPC at all.
    case ended(RPCStatus)

    init(_ headers: [HTTP2Header], endStream: Bool) {
        var status = ""
        var contentType = ""
        var encoding = "identity"
        for header in headers {
            switch header.name {
            case ":status": status = header.value
            case "content-type": contentType = header.value
            case "grpc-encoding": encoding = header.value
            default: break
            }
        }
        if status.hasPrefix("1") {
            self = .informational
        } else if let final = RPCStatus(headers: headers), endStream {
            self = .ended(final)
        } else if status != "200" {
            self = .ended(RPCStatus(httpStatus: status))
        } else if !RequestHead.isContentType(contentType) {
            self = .ended(RPCStatus(.unknown, "the server does not speak gRPC: \(contentType)"))
        } else if let known = MessageEncoding(rawValue: encoding) {
            self = .streaming(known)
        } else {
            self = .ended(
                RPCStatus(
                    .internal,
                    "the server answered in an unknown encoding; \(MessageEncoding.accepted) are read"
                ))
        }
    }
}
