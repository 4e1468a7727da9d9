import ArgumentParser
import ClusterModel
import Wire

/// `huddle logs`: what an instance wrote.
struct Logs: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what an instance wrote; with -f also what it writes from now on.")

    @Argument(help: ArgumentHelp("An instance, or a workload with one.", valueName: "name"))
    var name: String

    @Flag(name: [.customShort("f"), .long], help: "Go on with what it writes from now on.")
    var follow = false

    @Option(
        name: .long, help: ArgumentHelp("Begin with so many of the last lines.", valueName: "lines")
    )
    var tail: Int?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let tail, tail < 0 || tail > 1_000_000 {
            throw ValidationError("--tail is outside 0 to 1000000")
        }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let instance = try await shell.instance(named: name, access).instance.id
        let what = "read the logs of \(instance)"
        let stream = try await shell.call(
            what, access.logs, LogsRequest(instance: instance, follow: follow, tail: tail))
        var lines = OutputLines()
        while let chunk = try await shell.next(what, of: stream) {
            if shell.isStructured {
                for line in lines.append(chunk) { write(line, shell) }
            } else {
                shell.surroundings.write(chunk.errorStream ? .error : .output, chunk.bytes)
            }
        }
        for line in lines.rest() { write(line, shell) }
        await access.close()
        return .done
    }

    /// A stream is written as one record for each line, so that it can be followed.
    private func write(_ line: OutputLines.Line, _ shell: Shell) {
        let data: StructuredValue = [
            "stream": line.isError ? "stderr" : "stdout", "line": .text(line.text),
        ]
        shell.write(shell.options.output == .json ? data.jsonLine : "---\n" + data.yaml)
    }
}

/// Cuts what two streams wrote into lines.
struct OutputLines {
    /// One line without its end.
    struct Line: Hashable {
        let isError: Bool
        let text: String
    }

    /// A line longer than this is cut here, so that a program without line ends stays bounded.
    private static let longestLine = 64 << 10

    private var output: [UInt8] = []
    private var errors: [UInt8] = []

    /// The lines that `chunk` completes.
    mutating func append(_ chunk: OutputChunk) -> [Line] {
        var pending = chunk.errorStream ? errors : output
        var lines: [Line] = []
        for byte in chunk.bytes {
            if byte == UInt8(ascii: "\n") || pending.count >= Self.longestLine {
                lines.append(
                    Line(isError: chunk.errorStream, text: String(decoding: pending, as: UTF8.self))
                )
                pending = byte == UInt8(ascii: "\n") ? [] : [byte]
            } else {
                pending.append(byte)
            }
        }
        if chunk.errorStream { errors = pending } else { output = pending }
        return lines
    }

    /// What had no line end yet.
    mutating func rest() -> [Line] {
        defer { (output, errors) = ([], []) }
        return [(false, output), (true, errors)].filter { !$0.1.isEmpty }.map {
            Line(isError: $0.0, text: String(decoding: $0.1, as: UTF8.self))
        }
    }
}
