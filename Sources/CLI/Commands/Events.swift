import ArgumentParser
import ClusterModel
import Wire

/// `huddle events`: what happened.
struct Events: UserCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened; with -f also what happens from now on.")

    @Flag(
        name: [.customShort("f"), .long],
        help: "Go on with what happens from now on; -o json writes a line each.")
    var follow = false

    @Option(
        name: [.customShort("n"), .customLong("last")],
        help: ArgumentHelp("How many of the past.", valueName: "count"))
    var last = 50

    @OptionGroup var options: GlobalOptions

    /// The coordinator keeps no more.
    private static let most = 10_000

    func validate() throws {
        guard (0...Self.most).contains(last) else {
            throw ValidationError("-n is outside 0 to \(Self.most)")
        }
    }

    func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
        let access = try await shell.connect()
        let what = "read the events"
        let stream = try await shell.call(
            what, access.events, EventsRequest(follow: follow, last: last))
        var all: [StructuredValue] = []
        while let occurrence = try await shell.next(what, of: stream) {
            switch shell.options.output {
            case .table, .wide: shell.write(line(occurrence, colour: shell.outputColour))
            case .json where follow: shell.write(StructuredValue(occurrence).jsonLine)
            case .yaml where follow: shell.write("---\n" + StructuredValue(occurrence).yaml)
            case .json, .yaml: all.append(StructuredValue(occurrence))
            }
        }
        if shell.isStructured, !follow { shell.answer(["events": .list(all)]) { "" } }
        await access.close()
        return .done
    }

    private func line(_ occurrence: Occurrence, colour: Bool) -> String {
        let tone: Tone =
            switch occurrence.severity {
            case .notice: .plain
            case .warning: .warning
            case .failure: .bad
            }
        let subject = occurrence.subject.name
        let mark = tone.applied(to: occurrence.severity.rawValue, colour: colour)
        let padding = String(repeating: " ", count: max(0, 7 - occurrence.severity.rawValue.count))
        let what = [occurrence.subject.kind, subject].filter { !$0.isEmpty }.joined(separator: " ")
        return
            "\(HumanText.time(occurrence.at))  \(mark)\(padding)  \(what): \(occurrence.message)\n"
    }
}
