import HostIO
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct UnixHTTPClientTests {
    private func answer(_ says: String, closes: Bool = false) throws -> (
        StubService, UnixHTTPClient
    ) {
        let service = try StubService([.init(after: "\r\n\r\n", says: says, closes: closes)])
        return (service, UnixHTTPClient(socket: service.path))
    }

    @Test(
        "a body arrives whole, however it is framed",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        ])
    func framing(_ says: String) async throws {
        let (service, client) = try answer(says, closes: true)
        let response = try await client.send(HTTPRequest(.get, "/thing?a=b"))
        #expect(response.head.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
        #expect(service.transcript.hasPrefix("GET /thing?a=b HTTP/1.1\r\n"))
    }

    @Test func headersAreFoundWhateverTheirCase() async throws {
        let (_, client) = try answer("HTTP/1.1 204 No Content\r\nlibpod-api-version: 5.4.2\r\n\r\n")
        let response = try await client.send(HTTPRequest(.post, "/"))
        #expect(response.head.header("Libpod-API-Version") == "5.4.2")
        #expect(response.body == [])
    }

    @Test func streamedBodyIsSentInChunks() async throws {
        let service = try StubService([
            .init(after: "0\r\n\r\n", says: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        ])
        let pieces = Mutex(["one", "two"])
        let request = HTTPRequest(
            .post, "/",
            body: .stream(type: "text/plain") { () async throws(SocketFailure) in
                pieces.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) }
            })
        #expect(try await UnixHTTPClient(socket: service.path).send(request).head.status == 200)
        #expect(service.transcript.contains("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"))
    }

    @Test func takenOverConnectionCarriesRawBytesBothWays() async throws {
        let service = try StubService([
            .init(after: "{}", says: "HTTP/1.1 200 OK\r\n\r\nready"),
            .init(after: "ping", says: "pong", closes: true),
        ])
        let request = HTTPRequest(
            .post, "/", body: .takenOver(Array("{}".utf8), type: "application/json"))
        let seen = try await UnixHTTPClient(socket: service.path)
            .exchange(request, headWithin: .seconds(5), failing: { $0 }) {
                (head, reader, writer) async throws(SocketFailure) -> [String] in
                var seen = [
                    "\(head.status)",
                    String(decoding: try await reader.next() ?? [], as: UTF8.self),
                ]
                try await writer.write(Array("ping".utf8))
                seen.append(String(decoding: try await reader.next() ?? [], as: UTF8.self))
                return seen
            }
        #expect(seen == ["200", "ready", "pong"])
        #expect(service.transcript.hasSuffix("{}ping"))
    }

    @Test func silenceIsATimeOut() async throws {
        let service = try StubService([.init(after: "never", says: "")])
        let client = UnixHTTPClient(socket: service.path)
        await #expect(throws: SocketFailure.timedOut(.milliseconds(50))) {
            _ = try await client.send(HTTPRequest(.get, "/"), within: .milliseconds(50))
        }
    }

    @Test func missingHeadIsATimeOutOfTheExchange() async throws {
        let service = try StubService([.init(after: "never", says: "")])
        await #expect(throws: SocketFailure.timedOut(.milliseconds(50))) {
            try await UnixHTTPClient(socket: service.path)
                .exchange(HTTPRequest(.get, "/"), headWithin: .milliseconds(50), failing: { $0 }) {
                    (_, _, _) async throws(SocketFailure) in
                }
        }
    }

    @Test func nobodyListening() async {
        let failure = await #expect(throws: SocketFailure.self) {
            _ = try await UnixHTTPClient(socket: "/nowhere.sock").send(HTTPRequest(.get, "/"))
        }
        guard case .unreachable = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test(
        "an answer that breaks off is no answer",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell",
            "rubbish\r\n\r\n",
        ])
    func brokenOff(_ says: String) async throws {
        let (_, client) = try answer(says, closes: true)
        let failure = await #expect(throws: SocketFailure.self) {
            _ = try await client.send(HTTPRequest(.get, "/"))
        }
        guard case .closed = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func tooMuchIsRefused() async throws {
        let (_, client) = try answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await #expect(throws: SocketFailure.tooLarge(limit: 4)) {
            _ = try await client.send(HTTPRequest(.get, "/"), limit: 4)
        }
    }

    @Test func cancellationEndsTheCall() async throws {
        let service = try StubService([.init(after: "never", says: "")])
        let client = UnixHTTPClient(socket: service.path)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await client.send(HTTPRequest(.get, "/"), within: .seconds(1000))
            }
            group.cancelAll()
        }
    }
}
