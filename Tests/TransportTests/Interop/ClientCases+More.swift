import RPC
import Testing
import Transport

/// What the description has no case for.
extension ClientCases {
    /// Runs every case; what has ended here has then ended at the server too.
    func run() async throws {
        for (name, body) in Self.listed + Self.more {
            do {
                try await body(self)
                _ = try await client.unary("/huddle.test/Settled", [], timeout: .seconds(60))
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }

    static let more: [(name: String, run: @Sendable (ClientCases) async throws -> Void)] = [
        ("status_details", { try await $0.statusDetails() }),
        ("every_status", { try await $0.everyStatus() }),
        ("much_metadata", { try await $0.muchMetadata() }),
        ("deadline_is_told", { try await $0.deadlineIsTold() }),
        ("many_deadlines", { try await $0.manyDeadlines() }),
        ("early_answer", { try await $0.earlyAnswer() }),
        ("cancel_in_every_state", { try await $0.cancelInEveryState() }),
        ("gzip_both_ways", { try await $0.gzipBothWays() }),
        ("compression_not_accepted", { try await $0.compressionNotAccepted() }),
    ]

    private func statusDetails() async throws {
        let details = RPCStatus(
            .failedPrecondition, "see the details", details: TestService.details)
        await #expect(throws: details) { try await client.unary("/huddle.test/Details", []) }
    }

    private func everyStatus() async throws {
        for code in RPCStatus.Code.allCases where code != .ok {
            try await status(RPCStatus(code, "\(code): 100 %, größer, 企鵝"))
        }
    }

    /// Every pair comes back, as initial metadata and as trailers, in its order.
    private func muchMetadata() async throws {
        var sent = Metadata()
        sent.add("x-text", "one")
        sent.add("x-text", "two, three")
        sent.add("x-a.b_c-9", "~!@#$^&*()")
        sent.add("x-all-bin", Array(0...255))
        sent.add("x-all-bin", [])
        sent.add("x-all-bin", Array(",".utf8))
        sent.add("x-long", String(repeating: "v", count: 4_000))
        let call = try await client.open("/huddle.test/Metadata", metadata: sent)
        try await call.requests.send([])
        call.finish()
        #expect(try await call.responses.next() == [])
        #expect(try await call.responses.next() == nil)
        #expect(call.responses.metadata == sent)
        #expect(call.responses.trailers == sent)
    }

    private func deadlineIsTold() async throws {
        let answer = try await client.unary("/huddle.test/Deadline", [], timeout: .seconds(60))
        let left = try #require(Double(String(decoding: answer, as: UTF8.self)))
        #expect((54_000...60_000).contains(left))
        #expect(try await client.unary("/huddle.test/Deadline", []) == Array("none".utf8))
    }

    private func manyDeadlines() async throws {
        try await withThrowingTaskGroup(of: RPCStatus?.self) { group in
            for _ in 0..<200 {
                group.addTask { [client] in
                    let call = try await client.open(
                        "\(Self.service)/FullDuplexCall", timeout: .milliseconds(50))
                    return await #expect(throws: RPCStatus.self) {
                        try await call.responses.next()
                    }
                }
            }
            for try await ended in group { #expect(ended?.code == .deadlineExceeded) }
        }
    }

    /// A server that has said all ends the call, whatever its client still wants to send.
    private func earlyAnswer() async throws {
        let call = try await client.open("/huddle.test/Early")
        #expect(try await call.responses.next() != nil)
        #expect(try await call.responses.next() == nil)
        await #expect(throws: RPCStatus.self) { try await call.requests.send([]) }
    }

    private func cancelInEveryState() async throws {
        let large = Interop.OutputRequest([1_000_000], bodySize: 1_000_000)
        // Before anything; with a message in the middle of its way; after a message and with more to come;
        try await cancelled(try await duplex())
        try await cancelled(try await duplex(Interop.OutputRequest(bodySize: 4_000_000)))
        let more = try await duplex(Interop.OutputRequest([9, 9, 9]))
        #expect(try await more.responses.next() != nil)
        try await cancelled(more)
        // with both sides full; half-closed and not read to the end.
        let full = try await duplex()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(RPCStatus) {
                    for _ in 0..<20 { try await full.requests.send(large.bytes) }
                    Issue.record("20 MB went to a server whose answers nobody reads")
                } catch {
                    #expect(error.code == .cancelled)
                }
            }
            _ = try? await full.responses.next()
            full.cancel()
        }
        try await cancelled(full)
        let closed = try await duplex(
            Interop.OutputRequest([Int](repeating: 1_000_000, count: 20)))
        closed.finish()
        #expect(try await closed.responses.next() != nil)
        try await cancelled(closed)
        // After the end there is nothing to cancel.
        let ended = try await duplex(Interop.OutputRequest([1]))
        ended.finish()
        #expect(try await answers(ended).map(\.bodySize) == [1])
        ended.cancel()
        #expect(try await ended.responses.next() == nil)
        #expect(try await self.large(client).bodySize == 314_159)
    }

    private func gzipBothWays() async throws {
        let call = try await client.open("\(Self.service)/FullDuplexCall", compresses: true)
        var request = Interop.OutputRequest([100_000], bodySize: 100_000)
        request.responses[0].compressed = true
        for _ in 0..<50 {
            try await call.requests.send(request.bytes, compressed: true)
            let response = try #require(try await call.responses.next())
            #expect(try Interop.bodySize(response) == 100_000)
        }
        call.finish()
        #expect(try await call.responses.next() == nil)
    }

    /// grpcio's server compresses as it is told, whatever its client reads; ours only where the client does.
    private func compressionNotAccepted() async throws {
        for (name, isCompressed) in [("Gzip", true), ("NoCompression", false)] {
            let call = try await compression(name)
            let answer = try #require(try await call.responses.nextSized())
            #expect(answer.message == [UInt8](repeating: 0, count: 10_000))
            #expect((answer.wireBytes < 10_000) == isCompressed, "\(name)")
            #expect(try await call.responses.next() == nil)
        }
        let deflated = try await compression("Deflate")
        if isForeign {
            let ended = await #expect(throws: RPCStatus.self) {
                try await deflated.responses.next()
            }
            #expect(ended?.code == .internal)
        } else {
            #expect(try await deflated.responses.next()?.count == 10_000)
        }
    }

    private func compression(_ name: String) async throws -> ClientCall {
        let call = try await client.open("/huddle.test/Compression")
        try await call.requests.send(Array(name.utf8))
        call.finish()
        return call
    }
}
