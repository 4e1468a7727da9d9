import CLI
import ClusterModel
import RPC
import Specs
import Synchronization
import Wire

/// What a command wrote and how it ended.
struct Ending {
    let status: ExitStatus
    let output: String
    let errors: String
}

/// A desk to sit at: streams, files and a cluster that are all made up.
final class Desk: Sendable {
    private let written = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))
    private let clock = Mutex(Fixtures.now)
    private let keys: Mutex<[[UInt8]]>
    private let calls = Mutex<[String]>([])
    private let files: [String: String]
    private let binaries: [String: [UInt8]]
    private let made = Mutex<[String: [UInt8]]>([:])
    private let terminal: Terminal
    private let answer: String?
    private let environment: [String: String]

    static let context = """
        cluster: lab
        coordinator: 10.77.0.2:7440
        authority: a
        certificate: b
        key: c

        """

    init(
        files: [String: String] = [:], binaries: [String: [UInt8]] = [:],
        terminal: Terminal = Terminal(), answer: String? = nil,
        keys: [[UInt8]] = [], environment: [String: String] = ["HUDDLE_CONTEXT": "/c/admin.yaml"]
    ) {
        self.files = files.merging(["/c/admin.yaml": Self.context]) { own, _ in own }
        self.binaries = binaries
        self.terminal = terminal
        self.answer = answer
        self.keys = Mutex(keys)
        self.environment = environment
    }

    /// Runs a command line against `cluster`.
    func run(_ arguments: [String], _ cluster: ClusterAccess) async -> Ending {
        await run(arguments) { _, _ in cluster }
    }

    func run(
        _ arguments: [String],
        connect:
            @escaping @Sendable (ContextFile, Duration) async throws(RPCStatus) -> ClusterAccess
    ) async -> Ending {
        let status = await CLI.run(
            HuddleCommand.self, arguments: arguments, in: surroundings(connect))
        return written.withLock {
            Ending(
                status: status, output: String(decoding: $0.output, as: UTF8.self),
                errors: String(decoding: $0.errors, as: UTF8.self))
        }
    }

    /// Notes that the cluster was asked for something.
    func note(_ call: String) { calls.withLock { $0.append(call) } }
    var noted: [String] { calls.withLock { $0 } }

    private func surroundings(
        _ connect:
            @escaping @Sendable (ContextFile, Duration) async throws(RPCStatus) -> ClusterAccess
    ) -> Surroundings {
        let answer = answer
        return Surroundings(
            environment: environment, terminal: terminal,
            write: { stream, bytes in
                self.written.withLock {
                    if stream == .output { $0.output += bytes } else { $0.errors += bytes }
                }
            },
            files: .init(
                read: { path throws(FileFailure) in
                    if let bytes = self.binaries[path] { return bytes }
                    return Array(try self.content(path).utf8)
                },
                list: { self.names(in: $0) }, permissions: { $0.contains("open") ? 0o644 : 0o600 },
                open: { path throws(FileFailure) in self.pieces(try self.content(path)) },
                write: { path, bytes, writing throws(FileFailure) in
                    if path.hasPrefix("/no/") {
                        throw FileFailure(path: path, reason: "No such file or directory")
                    }
                    self.made.withLock { made in
                        made[path] = (writing == .behind ? made[path] ?? [] : []) + bytes
                    }
                }),
            input: .init(
                readAll: { () throws(FileFailure) in Array(try self.content("-").utf8) },
                readLine: { answer },
                next: { self.keys.withLock { $0.isEmpty ? nil : $0.removeFirst() } },
                makeRaw: {
                    self.note("raw")
                    return { self.note("cooked") }
                }),
            now: { self.clock.withLock { $0 } },
            sleep: { duration in self.clock.withLock { $0 = $0.advanced(by: duration) } },
            connect: connect)
    }

    /// What commands wrote to `path`.
    func written(to path: String) -> [UInt8]? { made.withLock { $0[path] } }

    private func content(_ path: String) throws(FileFailure) -> String {
        guard let text = files[path] else {
            throw FileFailure(path: path, reason: "No such file or directory")
        }
        return text
    }

    private func names(in path: String) -> [String]? {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = files.keys.filter { $0.hasPrefix(path + "/") }.map {
            String($0.dropFirst(path.count + 1))
        }
        return names.isEmpty ? nil : names.sorted()
    }

    private func pieces(_ text: String) -> Surroundings.OpenFile {
        let bytes = Array(text.utf8)
        let position = Mutex(0)
        let box = Box(position)
        return Surroundings.OpenFile(size: Bytes(UInt64(bytes.count))) { most throws(FileFailure) in
            box.position.withLock { position in
                let piece = Array(bytes[position..<min(bytes.count, position + most)])
                position += piece.count
                return piece
            }
        }
    }

    private final class Box: Sendable {
        let position: Mutex<Int>
        init(_ position: consuming Mutex<Int>) { self.position = position }
    }
}

/// Messages that arrive at once, and then the end or a failure.
func incoming<Message: Sendable>(_ messages: [Message], then failure: RPCStatus? = nil) -> Incoming<
    Message
> {
    let queue = Queue(messages)
    return Incoming { () async throws(RPCStatus) in
        if let message = queue.next() { return message }
        if let failure { throw failure }
        return nil
    }
}

/// Elements taken one by one.
final class Queue<Element: Sendable>: Sendable {
    private let elements: Mutex<[Element]>

    init(_ elements: [Element]) { self.elements = Mutex(elements) }

    func next() -> Element? { elements.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
