import Foundation
import Glibc
import Synchronization

/// Stands between one client and a server, and takes what the server says as slowly as it is told to.
///
/// The kernel's part is small, so that what it does not take is the server's to keep.
final class SlowRelay: Sendable {
    struct Failure: Error { let what: String, code: Int32 }

    /// Where the client is to connect.
    let port: Int

    /// While true, some 20 KiB of the server's are taken per second.
    let isSlow = Atomic(false)

    /// Bytes of the server's that went through.
    let taken = Atomic(0)

    private let listener: Int32
    private let server: Int32

    init(to serverPort: Int) throws {
        let listener = try Self.tcp()
        let server = try Self.tcp()
        var size: Int32 = 4_096
        // Segments of a common length: the loopback's are so long that a window opens in very large steps.
        var segment: Int32 = 1_460
        let length = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(server, SOL_SOCKET, SO_RCVBUF, &size, length)
        setsockopt(server, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, length)
        try Self.check("connect", Self.with(serverPort) { connect(server, $0, $1) })
        try Self.check("bind", Self.with(0) { bind(listener, $0, $1) })
        try Self.check("listen", listen(listener, 1))
        var address = sockaddr_in()
        var count = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &count)
            }
        }
        try Self.check("getsockname", named)
        port = Int(in_port_t(bigEndian: address.sin_port))
        self.listener = listener
        self.server = server
    }

    deinit {
        close(listener)
        close(server)
    }

    /// Takes one client, and relays until either side has ended.
    func run() async throws {
        try await onThread { [self] in
            let client = accept(listener, nil, nil)
            try Self.check("accept", client)
            // Only once neither thread uses it any more.
            defer { close(client) }
            let upwards = DispatchSemaphore(value: 0)
            Thread { [self] in
                pass(from: client, to: server, isPaced: false)
                upwards.signal()
            }.start()
            pass(from: server, to: client, isPaced: true)
            upwards.wait()
        }
    }

    private func pass(from source: Int32, to target: Int32, isPaced: Bool) {
        var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let isSlow = isPaced && isSlow.load(ordering: .relaxed)
            // That it takes its time is what the test is about.
            if isSlow { usleep(100_000) }
            let count = recv(source, &chunk, isSlow ? 2_048 : chunk.count, 0)
            guard count > 0 else { break }
            if isPaced { taken.add(count, ordering: .relaxed) }
            guard send(target, chunk, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func tcp() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try check("socket", descriptor)
        return descriptor
    }

    private static func check(_ what: String, _ code: Int32) throws {
        guard code >= 0 else { throw Failure(what: what, code: errno) }
    }

    private static func with(
        _ port: Int, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
