import CLI
import Foundation
import Synchronization
import Testing

/// What a command wrote so far.
final class Screen: Sendable {
    private let written = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))
    private let news: AsyncStream<Void>
    private let entrance: AsyncStream<Void>.Continuation

    init() {
        (news, entrance) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    var output: String { String(decoding: written.withLock(\.output), as: UTF8.self) }
    var errors: String { String(decoding: written.withLock(\.errors), as: UTF8.self) }

    func write(_ stream: Surroundings.Stream, _ bytes: [UInt8]) {
        written.withLock {
            if stream == .output { $0.output += bytes } else { $0.errors += bytes }
        }
        entrance.yield()
    }

    /// Returns once the output has it; the suite's time limit ends it otherwise.
    func shows(_ text: String) async throws {
        if output.contains(text) { return }
        for await _ in news where output.contains(text) { return }
        throw CancellationError()
    }
}

/// An admin with the command line.
struct User: Sendable {
    private let context: String
    private let spec: String

    init(_ directory: URL, _ port: Int, spec text: String = User.box) throws {
        let file = directory.appending(component: "here.yaml")
        let context = try String(
            contentsOf: directory.appending(component: "admin.yaml"), encoding: .utf8
        ).replacingOccurrences(of: "localhost:1\n", with: "localhost:\(port)\n")
        try context.write(to: file, atomically: true, encoding: .utf8)
        self.context = file.path(percentEncoded: false)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: self.context)
        let box = directory.appending(component: "box.yaml")
        try text.write(to: box, atomically: true, encoding: .utf8)
        spec = box.path(percentEncoded: false)
    }

    func token() async throws -> String {
        let screen = Screen()
        try #require(await run(["token", "create"], on: screen))
        return screen.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A VM of which nothing is needed.
    static let box = """
        kind: vm
        name: box
        image: {kernel: /boot/kernel, initrd: /boot/initrd, append: ""}
        size: {cpu: 100m, memory: 128MiB}
        move: {allow: [live]}
        """

    /// Places it on the first of two hosts once both are there.
    func apply(on host: String = "a", beside other: String = "b") async throws {
        for place in [["--on", other, "--dry-run"], ["--on", host, "--wait"]] {
            while await !run(["apply", "-f", spec] + place) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Whether the command was done.
    @discardableResult
    func run(
        _ arguments: [String], on screen: Screen = Screen(),
        typing keys: AsyncStream<[UInt8]>? = nil
    ) async -> Bool {
        var surroundings = Surroundings.process
        surroundings.terminal = Terminal()
        surroundings.write = { screen.write($0, $1) }
        surroundings.input.next = {
            guard let keys else { return nil }
            for await key in keys { return key }
            return nil
        }
        return await CLI.run(
            HuddleCommand.self, arguments: arguments + ["--context", context], in: surroundings)
            == .done
    }
}
