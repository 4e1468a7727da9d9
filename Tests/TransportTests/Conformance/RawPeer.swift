import Foundation
import Glibc

/// A client that is only a socket and a reader of frames.
///
/// It blocks, so it has a thread of its own: see `onThread`.
final class RawPeer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// What the server said in its SETTINGS.
    private(set) var settings: [UInt16: UInt32] = [:]

    private let descriptor: Int32
    private let deadline: ContinuousClock.Instant
    private var buffer: [UInt8] = []

    /// Connects; everything asked of this peer is over by `patience` from now.
    init(port: Int, patience: Duration) throws {
        deadline = .now + patience
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Closed by `deinit` then too; whoever closes twice closes what another has opened in between.
        guard code == 0 else { throw Failure(description: "cannot connect: errno \(errno)") }
    }

    deinit { Glibc.close(descriptor) }

    /// Exchanges prefaces and SETTINGS, and acknowledges.
    func greet() throws {
        try send(Self.preface + RawFrame.settings().bytes)
        var isAcknowledged = false
        var isGreeted = false
        while !isAcknowledged || !isGreeted {
            guard case .frame(let frame) = try see() else {
                throw Failure(description: "closed while greeting")
            }
            guard frame.type == RawFrame.Kind.settings else { continue }
            if frame.has(RawFrame.Flag.acknowledgement) {
                isAcknowledged = true
            } else {
                isGreeted = true
                read(frame.payload)
                try send(RawFrame.settingsAcknowledgement.bytes)
            }
        }
    }

    /// Writes everything; a server that has closed is noticed by reading.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && (errno == EPIPE || errno == ECONNRESET) { return }
            guard count > 0 else { throw Failure(description: "cannot send: errno \(errno)") }
            sent += count
        }
    }

    /// Reads until the answer is given.
    func expect(_ answer: Answer) throws {
        var seen: [Sight] = []
        while true {
            do {
                seen.append(try see())
            } catch {
                throw Failure(description: "\(error); wanted \(answer), saw \(seen)")
            }
            switch answer.verdict(on: seen) {
            case .given: return
            case .awaited: continue
            case .wrong: throw Failure(description: "wanted \(answer), saw \(seen)")
            }
        }
    }

    // MARK: Private

    /// The next frame, or that there will be none.
    private func see() throws -> Sight {
        while true {
            if let frame = RawFrame(takingFrom: &buffer) { return .frame(frame) }
            try waitForInput()
            var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
            let count = chunk.withUnsafeMutableBytes { chunk in
                recv(descriptor, chunk.baseAddress, chunk.count, 0)
            }
            if count == 0 || (count < 0 && errno == ECONNRESET) { return .closed }
            guard count > 0 else { throw Failure(description: "cannot read: errno \(errno)") }
            buffer += chunk[..<count]
        }
    }

    private func waitForInput() throws {
        let left = max(.zero, deadline - .now)
        let milliseconds = left / .milliseconds(1)
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Int32(milliseconds.rounded(.up))) > 0 else {
            throw Failure(description: "no answer in time")
        }
    }

    private func read(_ payload: [UInt8]) {
        for start in stride(from: 0, to: payload.count - 5, by: 6) {
            let identifier = UInt16(payload[start]) << 8 | UInt16(payload[start + 1])
            settings[identifier] = payload[start + 2..<start + 6].reduce(0) { value, octet in
                value << 8 | UInt32(octet)
            }
        }
    }
}

/// Runs what blocks on a thread of its own, so that no task waits for it in vain.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}
