import ArgumentParser
import ClusterModel
import Specs

/// Options that every command has, before or after its name.
package struct GlobalOptions: ParsableArguments, Sendable {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How to reach the cluster: a file, or a name in ~/.config/huddle. "
                + "(default: HUDDLE_CONTEXT, then 'context')",
            valueName: "file|name"))
    var context: String?

    @Option(name: [.customShort("o"), .customLong("output")], help: "Form of the output.")
    var output: OutputFormat = .table

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long to wait, such as 30s or 5m. (default: 30s for an answer, 5m for --wait)",
            valueName: "duration"),
        transform: ArgumentReading.duration)
    var timeout: Duration?

    package init() {}
}

/// How a command's result is written.
package enum OutputFormat: String, Hashable, Sendable, CaseIterable, ExpressibleByArgument {
    case table
    /// A table with more columns.
    case wide
    case json
    case yaml
}

/// Reads words of the command line in the notations of specs.
enum ArgumentReading {
    static func duration(_ text: String) throws -> Duration {
        do {
            return try Duration(notation: text)
        } catch {
            let advice = error.suggestion.map { "; \($0)" } ?? ""
            throw ValidationError("\(error.problem)\(advice)")
        }
    }
}
