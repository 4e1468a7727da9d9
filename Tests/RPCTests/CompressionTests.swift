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

    @Test func aGzipMessageIsDecoded() throws {
        let request = try HandMadeRequest()
        let message = [UInt8]("the same again and again and again".utf8)
        _ = try request.answer(to: headers, body: framed(compressed(message)), ends: false)
        let payloads = request.server.takeEvents().compactMap { event -> [UInt8]? in
            if case .message(_, let payload, _) = event { payload } else { nil }
        }
        #expect(payloads == [message])
    }

    @Test func aBombIsRefused() throws {
        let request = try HandMadeRequest()
        let bomb = compressed([UInt8](repeating: 0, count: RPCLimits.messageBytes + 1))
        #expect(bomb.count < 10_000)
        let answer = try request.answer(to: headers, body: framed(bomb))
        #expect(answer["grpc-status"] == "8")
    }

    @Test func damageIsRefused() throws {
        let whole = compressed([1, 2, 3])
        for damaged in [Array(whole.dropLast(4)), [1, 2, 3], [], whole + [0]] {
            let request = try HandMadeRequest()
            let answer = try request.answer(to: headers, body: framed(damaged))
            #expect(answer["grpc-status"] == "13", "\(damaged)")
        }
    }
}
