import ArgumentParser
import ClusterModel
import Foundation

/// How large a cluster is drawn, and from what.
struct ScaleOptions: ParsableArguments {
    @Option(help: "Hosts of the cluster.")
    var hosts: Int

    @Option(help: "Workloads, of one instance each.")
    var workloads: Int

    @Option(
        help: "Share of what hosts may be filled to that all workloads together take, in per cent.")
    var fill: Double = 50

    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "openb's list of nodes, gzipped or not; its original is data/csv of hkust-adsl/kubernetes-scheduler-simulator on GitHub.",
            valueName: "file"))
    var nodes: String?

    @Option(help: ArgumentHelp("openb's list of pods, likewise.", valueName: "file"))
    var pods: String?

    func validate() throws {
        guard (0...1_000_000).contains(hosts), (0...10_000_000).contains(workloads) else {
            throw ValidationError("at most 1,000,000 hosts and 10,000,000 workloads")
        }
        guard fill >= 0, fill <= 100 else { throw ValidationError("--fill is from 0 to 100") }
    }

    func cluster() throws -> DrawnCluster {
        let source = try SizeSource(nodes: nodes, pods: pods)
        FileHandle.standardError.write(Data("sizes from \(source.name)\n".utf8))
        return try DrawnCluster(
            source, hosts: hosts, workloads: workloads, fill: fill / 100, seed: seed)
    }
}

/// One line of JSON for every measurement.
enum ResultLine {
    static func text(_ result: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(result), as: UTF8.self)
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
