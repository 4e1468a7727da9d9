import ClusterModel
import RPC
import Specs
import Wire

/// What a command works with: its options and the way to the outside.
struct Shell: Sendable {
    let surroundings: Surroundings
    let options: GlobalOptions

    /// How long a call may take when the user says nothing.
    static let standardTimeout = Duration.seconds(30)

    var timeout: Duration { options.timeout ?? Self.standardTimeout }

    var isStructured: Bool { options.output == .json || options.output == .yaml }
    var isWide: Bool { options.output == .wide }

    var outputColour: Bool {
        surroundings.terminal.outputIsTerminal
            && Terminal.allowsColour(surroundings.environment)
    }

    var errorColour: Bool {
        surroundings.terminal.errorIsTerminal
            && Terminal.allowsColour(surroundings.environment)
    }

    var width: Int? { surroundings.terminal.outputIsTerminal ? surroundings.terminal.width : nil }

    /// Writes data to standard output.
    func write(_ text: String) { surroundings.write(.output, Array(text.utf8)) }

    /// Writes a line for the person at the terminal to standard error.
    func notice(_ line: String) { surroundings.write(.error, Array((line + "\n").utf8)) }

    /// Writes `data`, or `text` when a person is to read it.
    func answer(_ data: StructuredValue, yaml: String? = nil, text: () -> String) {
        switch options.output {
        case .json: write(data.json)
        case .yaml: write(yaml ?? data.yaml)
        case .table, .wide: write(text())
        }
    }

    /// Writes a table, or a sentence on standard error when it has no rows.
    func answer(
        _ data: StructuredValue, yaml: String? = nil, table: Table, isEmpty: Bool, empty: String
    ) {
        guard isStructured || !isEmpty else {
            notice(empty)
            return
        }
        answer(data, yaml: yaml) { table.text(width: width, colour: outputColour) }
    }

    /// Calls a method; `what` ends the sentence that begins with "could not".
    func call<Request: Sendable, Reply: Sendable>(
        _ what: String, _ method: ClusterAccess.Call<Request, Reply>, _ request: Request
    ) async throws(CommandFailure) -> Reply {
        do {
            return try await method(request)
        } catch {
            throw CommandFailure("could not \(what)", error)
        }
    }

    /// The next message of a stream; `nil` when it has ended well.
    func next<Message: Sendable>(
        _ what: String, of stream: Incoming<Message>
    ) async throws(CommandFailure) -> Message? {
        do {
            return try await stream.next()
        } catch {
            throw CommandFailure("could not \(what)", error)
        }
    }

    /// Tells what will happen and asks; without a terminal nobody can answer, so that is refused.
    func confirm(
        _ consequences: [String], yes: Bool
    ) throws(CommandFailure) {
        guard !yes else { return }
        for line in consequences { notice(line) }
        guard surroundings.terminal.inputIsTerminal else {
            throw CommandFailure(
                "nothing was done",
                why: "this asks before it acts, and there is no terminal to ask on",
                try: "run it with --yes", .usage)
        }
        surroundings.write(.error, Array("Go on? [y/N] ".utf8))
        let reply = surroundings.input.readLine()?.lowercased() ?? ""
        guard reply == "y" || reply == "yes" else {
            throw CommandFailure(
                "nothing was done", why: "the question was not answered with yes",
                try: "answer y, or run it with --yes")
        }
    }

    /// Says what the coordinator noted about a change.
    func tell(_ reply: ChangeReply, done: String) {
        for note in reply.notes { notice("note: \(note)") }
        answer(["revision": .unsigned(reply.revision.number), "notes": .init(list: reply.notes)]) {
            done + "\n"
        }
    }
}
