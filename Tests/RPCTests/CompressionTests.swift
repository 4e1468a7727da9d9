import CZlib
import HTTP2
import RPC
import Testing

@Suite struct CompressionTests {
    private let headers = HandMadeRequest.gRPC + [HTTP2Header("grpc-encoding", "gzip")]

    private func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
        let capacity = output.count
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                _ = deflate(&stream, Z_FINISH)
            }
        }
        return Array(output[..<(capacity - Int(stream.avail_out))])
    }

    private func framed(_ body: [UInt8]) -> [UInt8] {
        let length = UInt32(body.count)
        return [1]
            + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> $0) }
            + body
    }

    private static func messages(of server: ServerEnd) -> [ReceivedMessage] {
        server.takeEvents().compactMap { event in
            if case .message(_, let message) = event { message } else { nil }
        }
    }

    @Test func aGzipMessageIsDecoded() throws {
        let request = try HandMadeRequest()
        let message = [UInt8]("the same again and again and again".utf8)
        _ = try request.answer(to: headers, body: framed(compressed(message)), ends: false)
        let arrived = Self.messages(of: request.server)
        #expect(try arrived.map { message throws in try message.decoded() } == [message])
        #expect(arrived.map(\.cost) == [framed(compressed(message)).count])
    }

    @Test func aBombIsRefused() throws {
        let request = try HandMadeRequest()
        let bomb = compressed([UInt8](repeating: 0, count: Limits.messageBytes + 1))
        #expect(bomb.count < 10_000)
        let answer = try request.answer(to: headers, body: framed(bomb))
        #expect(answer.isEmpty, "nobody has read it yet")
        let arrived = try #require(Self.messages(of: request.server).first)
        let refused = #expect(throws: RPCStatus.self) { try arrived.decoded() }
        #expect(refused?.code == .resourceExhausted)
    }

    @Test func damageIsRefused() throws {
        let whole = compressed([1, 2, 3])
        for damaged in [Array(whole.dropLast(4)), [1, 2, 3], [], whole + [0]] {
            let request = try HandMadeRequest()
            _ = try request.answer(to: headers, body: framed(damaged))
            let arrived = try #require(Self.messages(of: request.server).first)
            let refused = #expect(throws: RPCStatus.self) { try arrived.decoded() }
            #expect(refused?.code == .internal, "\(damaged)")
        }
    }
}
