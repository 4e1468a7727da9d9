import Foundation
import Testing

/// `huddle-bench serve`, a process of its own, so that its memory is nobody else's.
final class ServerProcess {
    /// The program beside the tests' own; `nil` when it was not built.
    static let program: URL? = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = own.map { URL(filePath: $0).deletingLastPathComponent() }
        // For figures: a release build is faster than what a test run has beside it.
        let named = ProcessInfo.processInfo.environment["HUDDLE_TEST_BENCH"].map {
            URL(filePath: $0)
        }
        let program = named ?? folder?.appending(component: "huddle-bench")
        let path = program?.path(percentEncoded: false) ?? ""
        return FileManager.default.isExecutableFile(atPath: path) ? program : nil
    }()

    /// Connections that other tests accept while this process is begun would stay open in it for as long as it lives. Of what
    /// it inherits only those are closed: `Process` waits for the end of a socket of its own.
    private static let launcher = """
        import os, socket, sys
        for number in range(3, 4096):
            try:
                if socket.socket(fileno=os.dup(number)).family == socket.AF_INET: os.close(number)
            except OSError: pass
        os.execv(sys.argv[1], sys.argv[1:])
        """

    let port: Int
    let tlsPort: Int
    private let process = Process()

    /// Starts it with the server's credentials of `cast`; slow peers' deadlines are so many times shorter.
    init(_ cast: Cast, deadlinesDividedBy divisor: Int = 1) throws {
        let program: URL = try #require(Self.program)
        process.executableURL = URL(filePath: try #require(Python.path))
        let files = ["server.pem", "server.key"].map {
            cast.certificates.file($0).path(percentEncoded: false)
        }
        process.arguments =
            ["-c", Self.launcher, program.path(percentEncoded: false), "serve", "0", "0"] + files
            + ["--deadlines-divided-by", "\(divisor)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            line += String(decoding: data, as: UTF8.self)
        }
        let ports = line.split { $0.isWhitespace }.compactMap { Int($0) }
        try #require(ports.count == 2, "the server said: \(line)")
        port = ports[0]
        tlsPort = ports[1]
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    var isRunning: Bool { process.isRunning }

    /// Resident memory in KiB: now, or the most that it has been.
    func resident(atMost: Bool = false) throws -> Int {
        let status = try String(
            contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let key = atMost ? "VmHWM:" : "VmRSS:"
        let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
        return try #require(line?.split { $0.isWhitespace }.dropFirst().first.flatMap { Int($0) })
    }
}
