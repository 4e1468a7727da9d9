import ArgumentParser
import ClusterModel
import Foundation
import Planner

/// `huddle-bench hspace`: how many further instances a Ganeti cluster takes, by hspace and by us.
struct Hspace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hspace",
        abstract: "Count the instances that a Ganeti cluster takes, beside ganeti's hspace.")

    @Argument(help: "A cluster in Ganeti's text format, as hspace --simulate … --save writes it.")
    var file: String

    @Flag(help: "Do not run hspace.")
    var alone = false

    struct Result: Codable {
        let placements: Int
        let seconds: Double
        var hspacePlacements: Int?
        /// Its run in tiers, which it always does beside, included.
        var hspaceSeconds: Double?
        var timesFaster: Double?
    }

    func run() throws {
        let lines = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let clock = ContinuousClock()
        let start = clock.now
        let cluster = try GanetiCluster(lines)
        let placements = try Self.placements(cluster, cluster.policy.standard)
        let seconds = (clock.now - start).inSeconds
        var result = Result(placements: placements, seconds: seconds)
        if !alone, let other = try HspaceRun.of(file) {
            result.hspacePlacements = other.placements
            result.hspaceSeconds = other.seconds
            result.timesFaster = (other.seconds / max(seconds, 1e-9)).rounded()
        }
        print(try ResultLine.text(result))
    }

    /// Instances of `spec` placed one after the other until one finds no room.
    static func placements(_ cluster: GanetiCluster, _ spec: GanetiCluster.Spec) throws -> Int {
        let world = try GanetiWorld(cluster, spec)
        var placer = try Placer(
            Planner(policy: GanetiWorld.policy, changed: Revision(1)), world.snapshot)
        var count = 0
        for instance in world.waiting {
            guard try placer.place(instance) != .pending else { break }
            count += 1
        }
        return count
    }
}

/// One run of ganeti's own program.
struct HspaceRun {
    let placements: Int
    let seconds: Double

    /// What hspace answers of `file`; `nil` where it is not installed.
    static func of(_ file: String) throws -> HspaceRun? {
        let path = "/usr/bin/hspace"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            let note = "hspace is not installed: apt install ganeti-htools\n"
            FileHandle.standardError.write(Data(note.utf8))
            return nil
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = ["--text-data", file, "--machine-readable=yes"]
        process.standardOutput = output
        process.standardError = FileHandle.standardError
        let clock = ContinuousClock()
        let start = clock.now
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let seconds = (clock.now - start).inSeconds
        guard process.terminationStatus == 0 else {
            throw ValidationError("hspace ended with \(process.terminationStatus)")
        }
        var values: [Substring: Int] = [:]
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "=", maxSplits: 1)
            if words.count == 2, let number = Int(words[1]) { values[words[0]] = number }
        }
        return HspaceRun(placements: values["HTS_ALLOC_INSTANCES"] ?? 0, seconds: seconds)
    }
}
