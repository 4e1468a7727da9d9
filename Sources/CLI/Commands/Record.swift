import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle record`: keeps what a live cluster's plans are made from.
struct Record: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep every plan that is made, with all it is made from, in a file.",
        discussion: """
            huddle simulate --replay FILE makes each plan again and says whether it is the same.
            The file holds specs, with env of containers, and use: whoever reads it sees these.
            """)

    /// What one command reads again; see `Surroundings`.
    private static let mostBytes = 60 << 20

    @Argument(help: ArgumentHelp("The file to make.", valueName: "file"))
    var file: String

    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long to record.", valueName: "duration"),
        transform: ArgumentReading.duration)
    var length = Duration.seconds(600)

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if length <= .zero { throw ValidationError("--for has to be above zero") }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let what = "record"
        let stream = try await shell.call(what, access.record, RecordRequest(length: length))
        var entry: [UInt8] = []
        var (count, size) = (0, RecordingFile.header.count)
        var isBegun = false
        // Not before the coordinator has agreed: what was recorded earlier stays if it does not.
        func begin() throws(CommandFailure) {
            guard !isBegun else { return }
            try write(RecordingFile.header, .secret, shell)
            isBegun = true
        }
        while let piece = try await shell.next(what, of: stream) {
            try begin()
            entry += piece.bytes
            guard size + entry.count <= Self.mostBytes else {
                shell.notice("note: stopped at \(Self.mostBytes >> 20) MiB")
                break
            }
            guard piece.isLast else { continue }
            let framed = RecordingFile.framed(entry)
            try write(framed, .behind, shell)
            size += framed.count
            count += 1
            entry = []
        }
        await access.close()
        try begin()
        let (kept, bytes) = (count, size)
        shell.answer(["plans": .integer(kept), "bytes": .integer(bytes)]) {
            "\(HumanText.count(kept, "plan")) in \(HumanText.bytes(Bytes(UInt64(bytes))))\n"
        }
        return .done
    }

    private func write(
        _ bytes: [UInt8], _ writing: Surroundings.Files.Writing, _ shell: Shell
    ) throws(CommandFailure) {
        do throws(FileFailure) {
            try shell.surroundings.files.write(file, bytes, writing)
        } catch {
            throw CommandFailure(
                "the recording was not kept", why: "\(error.path): \(error.reason)",
                try: "name a file that can be written")
        }
    }
}
