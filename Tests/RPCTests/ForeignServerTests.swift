import HTTP2
import RPC
import Testing

/// What our client makes of servers that are not ours, or not gRPC's.
@Suite struct ForeignServerTests {
    /// Opens a call, lets `answer` use the server's bare session, and returns how the call ended.
    private func status(
        _ answer: (inout HTTP2Session, Int32) throws -> Void
    ) throws -> RPCStatus? {
        let client = try ClientEnd()
        var server = try HTTP2Session(role: .server)
        let id = try client.open(RequestHead(path: "/a.B/C"))
        client.halfClose(id)
        let request = try client.takeBytes()
        try server.receive(request.span.bytes)
        try answer(&server, 1)
        for _ in 0..<2 {
            var bytes: [UInt8] = []
            _ = try server.drain(limit: .max) { frame in
                frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
            try client.receive(bytes)
            let reply = try client.takeBytes()
            try server.receive(reply.span.bytes)
        }
        for case .ended(_, let status) in client.takeEvents() { return status }
        return nil
    }

    @Test(
        "HTTP statuses become gRPC's",
        arguments: [
            ("400", RPCStatus.Code.internal), ("401", .unauthenticated),
            ("403", .permissionDenied), ("404", .unimplemented), ("429", .unavailable),
            ("503", .unavailable), ("418", .unknown),
        ])
    func httpStatus(status: String, code: RPCStatus.Code) throws {
        let ended = try self.status { server, stream in
            try server.submitResponse(
                [HTTP2Header(":status", status)], on: stream, bodyFollows: false)
        }
        #expect(ended?.code == code)
    }

    @Test(
        "resets become statuses",
        arguments: [
            (UInt32(0x1), RPCStatus.Code.internal), (0x7, .unavailable), (0x8, .cancelled),
            (0xb, .resourceExhausted), (0xc, .permissionDenied), (0xFFFF, .internal),
        ])
    func reset(code: UInt32, expected: RPCStatus.Code) throws {
        let ended = try status { server, stream in
            try server.reset(stream, HTTP2ErrorCode(rawValue: code))
        }
        #expect(ended?.code == expected)
    }

    @Test func aWebPageIsNotAnAnswer() throws {
        let ended = try status { server, stream in
            let headers = [HTTP2Header(":status", "200"), HTTP2Header("content-type", "text/html")]
            try server.submitResponse(headers, on: stream, bodyFollows: true)
            server.send([1, 2, 3, 4, 5, 6], on: stream)
            server.finish(stream)
        }
        #expect(ended?.code == .unknown)
    }

    @Test func anAnswerWithoutTrailersIsUnknown() throws {
        let ended = try status { server, stream in
            let headers = [
                HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
            ]
            try server.submitResponse(headers, on: stream, bodyFollows: true)
            server.send([0, 0, 0, 0, 0], on: stream)
            server.finish(stream)
        }
        #expect(ended == RPCStatus(.unknown, "the answer has no grpc-status"))
    }

    @Test func okInsideAMessageIsNotOK() throws {
        let ended = try status { server, stream in
            let headers = [
                HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
            ]
            try server.submitResponse(headers, on: stream, bodyFollows: true)
            server.send([0, 0, 0, 0, 9, 1], on: stream)
            server.finish(stream, trailers: [HTTP2Header("grpc-status", "0")])
        }
        #expect(ended?.code == .internal)
    }

    @Test func whatIsNoMetadataIsLeftOutOfAnAnswer() throws {
        let ended = try status { server, stream in
            let headers = [
                HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
                HTTP2Header("x-bytes-bin", "?"), HTTP2Header("x-text", "\u{E9}"),
                HTTP2Header("grpc-status", "5"), HTTP2Header("grpc-status-details-bin", "?"),
            ]
            try server.submitResponse(headers, on: stream, bodyFollows: false)
        }
        #expect(ended == RPCStatus(.notFound, ""))
    }

    @Test func anUnknownStatusNumberIsUnknown() throws {
        let ended = try status { server, stream in
            let headers = [
                HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
                HTTP2Header("grpc-status", "99"), HTTP2Header("grpc-message", "50%25 %zz %"),
            ]
            try server.submitResponse(headers, on: stream, bodyFollows: false)
        }
        #expect(ended == RPCStatus(.unknown, "50% %zz %"))
    }
}
