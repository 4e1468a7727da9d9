import Glibc
import Synchronization

/// A service on a Unix socket that serves one connection after a script: wait for some bytes, then
/// say some.
final class StubService: Sendable {
    let path: String
    private let listener: Int32
    private let heard = Mutex<[UInt8]>([])

    /// One turn of the conversation.
    struct Turn: Sendable {
        /// Answers once this was heard since the last turn; empty to speak first.
        let after: String
        let says: String
        /// Whether the service then closes.
        var closes = false
    }

    init(_ turns: [Turn]) throws {
        path = "/tmp/huddle-hostio-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: Array(path.utf8))
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 4) == 0 else { throw Broken() }
        try onThread { [self] in serve(turns) }
    }

    /// A thread of its own: blocked work on a queue of Dispatch takes threads from the tasks under
    /// test.
    private func onThread(_ work: @escaping @Sendable () -> Void) throws {
        final class Work {
            let run: @Sendable () -> Void

            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Work(work)).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        guard failed == 0 else { throw Broken() }
        pthread_detach(thread)
    }

    struct Broken: Error {}

    deinit {
        close(listener)
        unlink(path)
    }

    /// Everything the client sent.
    var transcript: String { String(decoding: heard.withLock { $0 }, as: UTF8.self) }

    private func serve(_ turns: [Turn]) {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        defer { close(connection) }
        var recent = ""
        for turn in turns {
            while !recent.contains(turn.after), !turn.after.isEmpty {
                guard let more = receive(connection) else { return }
                recent += more
            }
            recent = ""
            let bytes = Array(turn.says.utf8)
            _ = bytes.withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if turn.closes { return }
        }
        while receive(connection) != nil {}
    }

    private func receive(_ connection: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        heard.withLock { $0 += buffer[..<count] }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
