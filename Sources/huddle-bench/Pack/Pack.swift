import ArgumentParser
import Foundation
import Planner

/// `huddle-bench pack`: packs public vector packing problems with the planner's core.
struct Pack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Pack every .vbp file below a folder; one JSON object a file, and a total.",
        discussion: """
            Public problems: GitHub Vectorpack/experiments_vector_paper, folder data. The printed \
            steps, given as --steps with the same seed, replay a file's result on any machine.
            """)

    @Argument(help: "The folder.")
    var folder: String

    @Option(
        help:
            "Processor time for each file; it stops earlier when fewer bins are proved impossible.")
    var budgetMs: Int = 100

    @Option(help: "Steps for each file, instead of a time.")
    var steps: Int?

    @Option(help: "Seed of all chance.")
    var seed: UInt64 = 1

    func validate() throws {
        guard budgetMs >= 0 else { throw ValidationError("--budget-ms cannot be negative") }
        guard steps ?? 0 >= 0 else { throw ValidationError("--steps cannot be negative") }
    }

    func run() async throws {
        let files = try PackFolder.files(below: folder)
        guard !files.isEmpty else { throw ValidationError("no .vbp file below \(folder)") }
        var total = PackTotal()
        for file in files {
            let result = try packed(file)
            total.add(result)
            print(try result.json())
            // Whoever follows a long run wants each line when it is there.
            fflush(nil)
        }
        print(try total.json())
    }

    private func packed(_ file: PackFolder.File) throws -> PackResult {
        let problem = try file.problem()
        // Of the processor, so that other work on the machine takes nothing from the budget.
        let start = MeasuredProcess.ownSeconds
        let deadline = start + Double(budgetMs) / 1_000
        var search = PackingSearch(problem, seed: seed)
        let chunk = problem.items > 2_000 ? 1 : 8
        if let steps {
            search.advance(steps: steps)
        } else {
            // At least one, so that there is a packing.
            repeat {
                search.advance(steps: chunk)
            } while !search.isDone && MeasuredProcess.ownSeconds < deadline
        }
        let packing = search.packing
        if let violation = packing.violation(of: problem) {
            throw PackFailure(description: "\(file.name): no packing: \(violation)")
        }
        return PackResult(
            instance: file.name, items: problem.items, bins: packing.bins, bound: search.bound,
            steps: search.steps, ms: (MeasuredProcess.ownSeconds - start) * 1_000)
    }
}

/// Why there is no result.
struct PackFailure: Error, CustomStringConvertible {
    let description: String
}
