import Glibc
import Synchronization

/// A service on a Unix socket that speaks as much of Podman's API as a test answers: one request a connection.
final class StubPodman: Sendable {
    struct Request: Sendable {
        let method: String
        /// The path behind the API's version, without the query.
        let path: String
        let body: [UInt8]
    }

    struct Answer: Sendable {
        let status: Int
        let body: String

        /// As Podman refuses.
        static func refusal(_ words: String) -> Answer {
            Answer(status: 500, body: #"{"cause": "\#(words)", "message": "\#(words)"}"#)
        }

        static let missing = Answer(status: 404, body: #"{"cause": "no such container"}"#)
    }

    struct Broken: Error {}

    let socket: String
    private let listener: Int32
    private let answer: @Sendable (Request) -> Answer

    /// Lends a service that lives as long as `body` runs; what is not its own, such as the version, `answer` says.
    static func answering(
        _ answer: @escaping @Sendable (Request) -> Answer,
        _ body: (StubPodman) async throws -> Void
    ) async throws {
        let service = try StubPodman(answer)
        defer {
            // It wakes the thread that waits for the next connection.
            shutdown(service.listener, Int32(SHUT_RDWR))
            unlink(service.socket)
        }
        try await body(service)
    }

    private init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        self.answer = answer
        socket = "/tmp/huddle-podman-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: Array(socket.utf8))
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw Broken() }
        // A thread of its own: blocked work on a queue of Dispatch takes threads from the tasks under test.
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<StubPodman>.fromOpaque(argument).takeRetainedValue().serve()
                return nil
            }, this)
        guard failed == 0 else { throw Broken() }
        pthread_detach(thread)
    }

    deinit { close(listener) }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            defer { close(connection) }
            guard let request = Self.request(on: connection) else { continue }
            let answer =
                request.path == "/_ping" ? Answer(status: 200, body: "OK") : self.answer(request)
            Self.send(answer, on: connection)
        }
    }

    private static func send(_ answer: Answer, on connection: Int32) {
        let head = [
            "HTTP/1.1 \(answer.status) Answered", "Libpod-API-Version: 5.4.2",
            "Content-Type: application/json", "Content-Length: \(answer.body.utf8.count)",
            "Connection: close",
        ]
        let bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n" + answer.body).utf8)
        _ = bytes.withUnsafeBytes {
            Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// The whole of a request, its body as it came on the wire; `nil` where the client went away.
    private static func request(on connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        let mark = Array("\r\n\r\n".utf8)
        while true {
            if let end = bytes.firstRange(of: mark) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let body = Array(bytes[end.upperBound...])
                if isWhole(body, after: head) { return parsed(head, body) }
            }
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func isWhole(_ body: [UInt8], after head: String) -> Bool {
        let head = head.lowercased()
        if head.contains("transfer-encoding: chunked") {
            return body.suffix(5).elementsEqual("0\r\n\r\n".utf8)
        }
        let length = head.firstRange(of: "content-length: ").flatMap { found in
            Int(head[found.upperBound...].prefix { $0.isNumber })
        }
        return body.count >= length ?? 0
    }

    private static func parsed(_ head: String, _ body: [UInt8]) -> Request? {
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count == 3, let end = words[1].firstRange(of: "/libpod") else { return nil }
        let path = words[1][end.upperBound...].prefix { $0 != "?" }
        return Request(method: String(words[0]), path: String(path), body: body)
    }
}
