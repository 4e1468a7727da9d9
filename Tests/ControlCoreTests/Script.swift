import ClusterModel
import Foundation
import Testing

/// A golden script: commands to one engine, four hyphens, and the transcript they have to give.
///
/// The file's name says which engine: `move-`, `agent-` or `cluster-`. With REWRITE=1 in the environment the
/// transcripts are written anew; read the difference before you keep it.
struct Script: Sendable, CustomTestStringConvertible {
    let path: String
    let commands: [String]
    let expected: String

    static let separator = "----"
    static let isRewriting = ProcessInfo.processInfo.environment["REWRITE"] == "1"

    struct Malformed: Error {
        let line: String
        let problem: String
    }

    static let all: [Script] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().compactMap { name in
            let path = folder.appending(path: name).path()
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            return Script(path: path, text: text)
        }
    }()

    init(path: String, text: String) {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let end = lines.firstIndex(of: Self.separator) ?? lines.endIndex
        commands = Array(lines[..<end])
        expected = lines.dropFirst(end + 1).joined(separator: "\n")
    }

    var testDescription: String { URL(filePath: path).lastPathComponent }

    /// The transcript that the commands give now.
    func replay() throws -> String {
        var session = try session()
        var transcript = ""
        for line in commands {
            let words = line.split(separator: " ").map(String.init)
            guard let verb = words.first, !verb.hasPrefix("#") else { continue }
            transcript += "> \(line)\n"
            for said in try session.run(verb, Array(words.dropFirst())) {
                transcript += "  \(said)\n"
            }
        }
        return transcript
    }

    private func session() throws -> any ScriptSession {
        switch testDescription.split(separator: "-").first {
        case "move": return MoveSession()
        case "agent": return AgentSession()
        case "cluster": return ClusterSession()
        case .some, .none: throw Malformed(line: path, problem: "names no engine")
        }
    }

    func rewrite(_ transcript: String) throws {
        let kept = commands.last == "" ? commands.dropLast() : commands[...]
        let text = (kept + [Self.separator]).map { $0 + "\n" }.joined() + transcript
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}

/// One engine that takes a script's commands and tells what it does.
protocol ScriptSession {
    mutating func run(_ verb: String, _ words: [String]) throws -> [String]
}

@Suite struct ScriptTests {
    @Test("a script replays to its transcript", arguments: Script.all)
    func transcript(_ script: Script) throws {
        let transcript = try script.replay()
        guard !Script.isRewriting else { return try script.rewrite(transcript) }
        #expect(
            transcript == script.expected,
            "REWRITE=1 swift test --filter ScriptTests, then read the difference")
    }

    @Test func scriptsAreFound() { #expect(Script.all.count >= 30) }
}
