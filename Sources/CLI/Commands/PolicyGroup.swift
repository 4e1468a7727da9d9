import ArgumentParser
import ClusterModel
import Specs
import Wire

/// `huddle policy`: what the operator allows.
struct PolicyGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Show or change what the operator allows.",
        subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    /// `huddle policy show`, which is also `huddle policy`.
    struct Show: UserCommand {
        static let configuration = CommandConfiguration(abstract: "Show every setting.")

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let what = "read the policy"
            let policy = try await shell.call(what, access.showPolicy, ListRequest())
            let loop = try await shell.call(what, access.showLoop, ListRequest())
            await access.close()
            shell.answer(StructuredValue(policy, loop)) {
                var table = Table(.text("KEY"), .text("VALUE"), .text("MEANING"))
                for (key, value) in PolicyText.settings(of: policy) {
                    table.add(.init(key.rawValue), .init(value), .init(key.meaning, .dim))
                }
                return table.text(width: shell.width, colour: shell.outputColour)
                    + "\n\(Self.line(loop))\n"
            }
            return .done
        }

        private static func line(_ loop: LoopReply) -> String {
            if loop.hindrance.isEmpty { return "moves start by themselves" }
            let remedy = loop.paused ? "; huddle pack --resume ends that" : ""
            return "nothing starts by itself: \(loop.hindrance)\(remedy)"
        }
    }

    /// `huddle policy set`.
    struct Set: UserCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change settings, such as ceiling.cpu=95% reserve=0; all or none.")

        @Argument(help: ArgumentHelp("Settings as KEY=VALUE.", valueName: "key=value"))
        var settings: [String]

        @OptionGroup var options: GlobalOptions

        func perform(in shell: Shell) async throws(CommandFailure) -> ExitStatus {
            let access = try await shell.connect()
            let policy = try await shell.call("read the policy", access.showPolicy, ListRequest())
            let changed: Policy
            do {
                changed = try PolicyText.apply(settings, to: policy)
            } catch {
                throw CommandFailure(error, "no setting was changed")
            }
            let reply = try await shell.call("set the policy", access.setPolicy, changed)
            await access.close()
            let before = PolicyText.settings(of: policy)
            let after = PolicyText.settings(of: changed)
            let lines = zip(before, after).filter { $0.value != $1.value }.map { old, new in
                "\(new.key.rawValue) \(old.value) → \(new.value)"
            }
            for note in reply.notes { shell.notice("note: \(note)") }
            shell.answer(StructuredValue(changed)) {
                lines.isEmpty ? "nothing changed\n" : lines.map { $0 + "\n" }.joined()
            }
            return .done
        }
    }
}
