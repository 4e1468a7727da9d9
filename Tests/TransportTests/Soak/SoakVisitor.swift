import RPC
import Transport

/// A client that comes, does one of the things that clients do, and leaves in one of the ways that clients leave.
struct SoakVisitor {
    enum Deed: CaseIterable, Hashable {
        case unary, echo, flood, cancel, deadline, drop, abandonTask, death, noise
    }

    let port: Int
    let tls: ClientTLS?
    var random: Xorshift

    /// Does one thing, chosen by chance; returns which. Throws when the server is gone.
    mutating func visit() async throws -> Deed {
        let deed = Deed.allCases.randomElement(using: &random) ?? .unary
        switch deed {
        case .death, .noise: try leaveAbruptly(deed)
        default:
            let client = try await Client.connect(
                host: "127.0.0.1", port: port, tls: tls, timeout: .seconds(10))
            try await carryOut(deed, client)
            // Else the client goes when the last of it is let go.
            if random.next() % 2 == 0 { await client.close() }
        }
        return deed
    }

    private mutating func carryOut(_ deed: Deed, _ client: Client) async throws(RPCStatus) {
        let bytes = [UInt8](
            repeating: UInt8(truncatingIfNeeded: random.next()),
            count: Int(random.next() % 70_000))
        switch deed {
        case .unary:
            for _ in 0..<5 {
                guard try await client.unary("/soak.S/Echo", bytes) == bytes else {
                    throw RPCStatus(.dataLoss, "an echo of other bytes")
                }
            }
        case .echo: try await Self.echo(bytes, client)
        case .flood:
            let call = try await client.open("/soak.S/Flood")
            for _ in 0..<40 { _ = try await call.responses.next() }
            call.cancel()
        case .cancel:
            let call = try await client.open("/soak.S/Wait")
            try await call.requests.send(bytes)
            call.cancel()
        case .deadline:
            let call = try await client.open("/soak.S/Ignore", timeout: .milliseconds(5))
            await Self.expectFailure(call, .deadlineExceeded)
        case .drop:
            let call = try await client.open("/soak.S/Ignore")
            try await call.requests.send(bytes)
        case .abandonTask: await Self.abandon(client)
        case .death, .noise: break
        }
    }

    private static func echo(_ bytes: [UInt8], _ client: Client) async throws(RPCStatus) {
        let call = try await client.open("/soak.S/Echo", compresses: true)
        for number in 0..<6 {
            try await call.requests.send(bytes, compressed: number % 2 == 0)
            guard try await call.responses.next() == bytes else {
                throw RPCStatus(.dataLoss, "an echo of other bytes")
            }
        }
        call.finish()
        _ = try await call.responses.next()
    }

    private static func expectFailure(_ call: ClientCall, _ code: RPCStatus.Code) async {
        do throws(RPCStatus) {
            _ = try await call.responses.next()
        } catch {
            // The server may be stopped just now: then it is gone, or its handler was cancelled first.
            let isExpected = [code, .unavailable, .cancelled].contains(error.code)
            precondition(isExpected, "\(error)")
        }
    }

    private static func abandon(_ client: Client) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await client.unary("/soak.S/Ignore", [1]) }
            group.addTask { _ = try? await client.unary("/soak.S/Echo", [2]) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Goes without a farewell, in the middle of calls or of nothing that is known; a process that is killed looks so.
    private mutating func leaveAbruptly(_ deed: Deed) throws {
        let peer = try RawPeer(port: port, patience: .seconds(10))
        guard deed == .death else {
            let noise = (0..<Int(random.next() % 2_000)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            // The head of a TLS handshake, or none.
            try peer.send(
                (random.next() % 2 == 0 ? [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC] : []) + noise)
            return
        }
        try peer.send(RawPeer.preface + RawFrame.settings().bytes)
        for stream in UInt32(0)..<4 {
            let block = [Field].request("/soak.S/Wait").block
            try peer.send(
                RawFrame(
                    type: RawFrame.Kind.headers, flags: RawFrame.Flag.endHeaders,
                    stream: stream * 2 + 1, payload: block
                ).bytes)
        }
    }
}
