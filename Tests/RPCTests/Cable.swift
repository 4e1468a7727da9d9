import HTTP2
import RPC

/// A server engine as a class: `#expect` cannot look into a value that does not copy.
final class ServerEnd {
    var engine: ServerEngine

    init(messageLimit: Int) throws { engine = try ServerEngine(messageLimit: messageLimit) }

    var isFinished: Bool { engine.isFinished }
    func takeEvents() -> [CallEvent] { engine.takeEvents() }
    func send(_ message: [UInt8], on id: CallID) { engine.send(message, on: id) }
    func end(_ id: CallID, _ status: RPCStatus) { engine.end(id, with: status) }
    func expire(_ id: CallID, _ status: RPCStatus) { engine.expire(id, with: status) }
    func credit(_ bytes: Int, on id: CallID) { engine.credit(bytes, on: id) }
    func receive(_ bytes: [UInt8]) throws { try engine.receive(bytes.span.bytes) }

    func takeBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try engine.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

/// The client's twin.
final class ClientEnd {
    var engine: ClientEngine

    init() throws { engine = try ClientEngine(authority: "h", isSecure: false) }

    var isFinished: Bool { engine.isFinished }
    func takeEvents() -> [CallEvent] { engine.takeEvents() }
    func open(_ head: RequestHead) throws -> CallID { try engine.open(head) }
    func send(_ message: [UInt8], on id: CallID) { engine.send(message, on: id) }
    func halfClose(_ id: CallID) { engine.halfClose(id) }
    func end(_ id: CallID, _ status: RPCStatus) { engine.end(id, with: status) }
    func receive(_ bytes: [UInt8]) throws { try engine.receive(bytes.span.bytes) }

    func takeBytes() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try engine.drain(limit: .max) { frame in
            frame.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

/// A client and a server joined by a cable that the test moves bytes over.
struct Cable {
    let client: ClientEnd
    let server: ServerEnd

    /// Both ends, past their exchange of settings.
    init(messageLimit: Int = Limits.messageBytes) throws {
        client = try ClientEnd()
        server = try ServerEnd(messageLimit: messageLimit)
        try settle()
        _ = client.takeEvents()
        _ = server.takeEvents()
    }

    func settle() throws {
        while true {
            let toServer = try client.takeBytes()
            if !toServer.isEmpty { try server.receive(toServer) }
            let toClient = try server.takeBytes()
            if !toClient.isEmpty { try client.receive(toClient) }
            if toServer.isEmpty && toClient.isEmpty { return }
        }
    }

    /// Opens a call, and returns it once the server knows it; its events are taken.
    func open(_ head: RequestHead = RequestHead(path: "/a.B/C")) throws -> CallID {
        let id = try client.open(head)
        try settle()
        _ = server.takeEvents()
        return id
    }
}

extension [CallEvent] {
    /// Without the bookkeeping of flow control.
    var essential: [CallEvent] {
        filter { event in
            switch event {
            case .received, .drained: false
            default: true
            }
        }
    }
}
