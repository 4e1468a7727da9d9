import HTTP2
import RPC
import Testing

@Suite struct RequestValidationTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let value: String?
        let answer: [String: String]
        var testDescription: String { "\(name): \(value ?? "-")" }
    }

    @Test(
        "a request that is not gRPC's is refused with a reason",
        arguments: [
            Case(name: ":method", value: "GET", answer: [":status": "405", "allow": "POST"]),
            Case(name: "content-type", value: "application/json", answer: [":status": "415"]),
            Case(name: "content-type", value: "application/grpcish", answer: [":status": "415"]),
            Case(name: "content-type", value: nil, answer: [":status": "415"]),
            Case(name: "te", value: nil, answer: ["grpc-status": "13"]),
            Case(name: "grpc-timeout", value: "10", answer: ["grpc-status": "13"]),
            Case(name: "grpc-timeout", value: "123456789S", answer: ["grpc-status": "13"]),
            Case(
                name: "grpc-encoding", value: "snappy",
                answer: ["grpc-status": "12", "grpc-accept-encoding": "identity,gzip"]),
            Case(name: "x-bin", value: "not base64!", answer: ["grpc-status": "13"]),
            Case(
                name: ":path", value: "/" + String(repeating: "a", count: Limits.pathBytes),
                answer: ["grpc-status": "12"]),
            Case(
                name: "x", value: String(repeating: "a", count: Limits.headerListBytes),
                answer: ["grpc-status": "8"]),
        ])
    func refused(_ test: Case) throws {
        let request = try HandMadeRequest()
        let headers = HandMadeRequest.gRPC.replacing(test.name, test.value)
        // Pseudo-header fields come first, or HTTP/2 itself refuses the request.
        let pseudo = headers.filter { $0.name.hasPrefix(":") }
        let answer = try request.answer(to: pseudo + headers.filter { !$0.name.hasPrefix(":") })
        for (name, value) in test.answer { #expect(answer[name] == value) }
        let refusals = request.server.takeEvents().filter { event in
            if case .refused = event { true } else { false }
        }
        #expect(refusals.count == 1)
    }

    @Test(
        "content types and their parameters",
        arguments: ["application/grpc", "application/grpc+proto", "application/grpc;v=1"])
    func accepted(contentType: String) throws {
        let request = try HandMadeRequest()
        let headers = HandMadeRequest.gRPC.replacing("content-type", contentType)
        _ = try request.answer(to: headers, ends: false)
        #expect(request.server.engine.openCalls == 1)
    }

    @Test(
        "a body that is not gRPC's framing ends the call",
        arguments: [
            ([2, 0, 0, 0, 0] as [UInt8], "13"),  // unknown flags
            ([1, 0, 0, 0, 1, 0], "13"),  // compressed, but how?
            ([0, 0, 0, 0, 9, 1, 2], "13"),  // ends inside a message
            ([0, 0, 0], "13"),  // ends inside a prefix
            ([0, 0xFF, 0xFF, 0xFF, 0xFF], "8"),  // 4 GiB announced
        ])
    func malformed(body: [UInt8], status: String) throws {
        let request = try HandMadeRequest()
        let answer = try request.answer(to: HandMadeRequest.gRPC, body: body)
        #expect(answer["grpc-status"] == status)
        #expect(request.server.engine.openCalls == 0)
    }

    @Test func aMessageAboveTheLimitIsRefusedByItsPrefixAlone() throws {
        let request = try HandMadeRequest(messageLimit: 100)
        let answer = try request.answer(
            to: HandMadeRequest.gRPC, body: [0, 0, 0, 0, 101], ends: false)
        #expect(answer["grpc-status"] == "8")
        #expect(answer["grpc-message"] == "a message of 101 bytes; 100 is the most")
    }
}
