import ArgumentParser
import ClusterModel
import Wire

/// `huddle moves`: what moves and what moved of late.
struct Moves: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List moves, those under way first, or cancel one.",
        subcommands: [List.self, Cancel.self], defaultSubcommand: List.self)

    /// `huddle moves list`, which is also `huddle moves`.
    struct List: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "List moves, those under way first.")

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let reply = try await shell.call("list the moves", access.listMoves, ListRequest())
            let moves = reply.moves.sorted { a, b in
                guard (a.endedAt == nil) == (b.endedAt == nil) else { return a.endedAt == nil }
                return (b.beganAt, a.move.id) < (a.beganAt, b.move.id)
            }
            shell.answer(
                ["moves": .list(moves.map { StructuredValue($0) })],
                table: table(moves, now: shell.surroundings.now()), isEmpty: moves.isEmpty,
                empty: "nothing has moved")
            await access.close()
            return .done
        }

        private func table(_ moves: [MoveSummary], now: Instant) -> Table {
            var table = Table(
                .text("MOVE"), .text("INSTANCE"), .text("HOSTS"), .text("MODE"), .text("STATE"),
                .text("BEGAN"), .text("PLAN"), .text("REASON"))
            for summary in moves {
                let move = summary.move
                table.add(
                    .init(move.id.rawValue), .init(move.instance.rawValue),
                    .init("\(move.source) → \(move.target)"), .init(move.mode.rawValue),
                    state(summary),
                    .init(HumanText.age(from: summary.beganAt, to: now) + " ago"),
                    .init(move.plan?.rawValue ?? "-"),
                    .init(summary.outcome?.reason ?? Self.figures(summary)))
            }
            return table
        }

        /// What it came to, or is expected to come to, where there is no reason to tell.
        private static func figures(_ summary: MoveSummary) -> String {
            guard summary.measure.bytes != nil, let ended = summary.endedAt else {
                return summary.forecast.map { "expected \($0.words)" } ?? ""
            }
            return MoveReport(
                move: summary.move.id, instance: summary.move.instance, kind: summary.move.kind,
                mode: summary.move.mode, source: summary.move.source, target: summary.move.target,
                endedAt: ended, total: ended.since(summary.beganAt), measure: summary.measure,
                forecast: summary.forecast
            ).words
        }

        private func state(_ summary: MoveSummary) -> Table.Cell {
            switch summary.outcome {
            case nil:
                .init(
                    [summary.phase.rawValue, summary.progress.map(HumanText.advance)]
                        .compactMap { $0 }.joined(separator: " "), .warning)
            case .done: .init("done", .good)
            case .rolledBack, .failed: .init(summary.outcome?.word ?? "", .bad)
            }
        }
    }

    /// `huddle moves cancel`.
    struct Cancel: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undo a move that has not switched over; the instance stays at its source.")

        @Argument(help: ArgumentHelp("The move.", valueName: "id"))
        var id: String

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let reply = try await shell.call(
                "cancel the move \(id)", access.cancelMove, CancelMoveRequest(id: MoveID(id)))
            shell.tell(reply, done: "the move \(id) is cancelled")
            await access.close()
            return .done
        }
    }
}
