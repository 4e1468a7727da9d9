import ArgumentParser
import CLI
import Foundation

/// The one executable: the user's commands and the two services.
@main
struct Main {
    static func main() async {
        let status = await CLI.run(
            Root.self, arguments: Array(CommandLine.arguments.dropFirst()), in: .process)
        exit(status.code)
    }
}

/// The root command: everything a user or an operator can say.
struct Root: AsyncParsableCommand {
    static let configuration = CLI.configuration(adding: [
        CoordinatorService.self, AgentService.self,
    ])

    @OptionGroup var options: GlobalOptions
}
