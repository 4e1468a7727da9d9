import ArgumentParser

/// A cluster in Ganeti's text format, as far as room on its nodes depends on it.
/// - Source: htools(1), "backend options", of ganeti-htools 3.0.2.
struct GanetiCluster {
    let nodes: [Node]
    let instances: [Instance]
    let policy: Policy

    struct Node {
        let name: String
        let group: String
        let freeMemory: UInt64
        let freeDisk: UInt64
        let cores: UInt64
        /// Processors that the node's own system takes.
        let ownCores: UInt64
        let spindles: UInt64
        let isOffline: Bool
    }

    struct Instance {
        let name: String
        let spec: Spec
        let primary: String
        let template: String
    }

    /// One size of instances, in mebibytes and virtual processors.
    struct Spec: Hashable {
        var memory: UInt64
        var cores: UInt64
        var disk: UInt64
        var spindles: UInt64
    }

    /// What an instance policy says of sizes and of how far processors and spindles are shared.
    struct Policy {
        let standard: Spec
        let least: Spec
        let most: Spec
        /// How instances keep their disks; the first is the one that hspace takes.
        let templates: [String]
        let coreRatio: Double
        let spindleRatio: Double
    }

    init(_ lines: [String]) throws {
        let sections = lines.split(separator: "", omittingEmptySubsequences: false)
            .map { $0.map { $0.split(separator: "|", omittingEmptySubsequences: false) } }
        guard sections.count >= 5, let first = sections[4].first else {
            throw ValidationError(
                "a Ganeti cluster has five sections: groups, nodes, instances, tags, policies")
        }
        nodes = try sections[1].map(Self.node)
        instances = try sections[2].map(Self.instance)
        policy = try Self.policy(first)
    }

    private typealias Row = [Substring]

    private static func number(_ row: Row, _ column: Int) throws -> UInt64 {
        guard column < row.count, let number = UInt64(row[column]), number < 1 << 40 else {
            throw ValidationError(
                "column \(column + 1) of '\(row.joined(separator: "|"))' is no number that fits")
        }
        return number
    }

    private static func node(_ row: Row) throws -> Node {
        guard row.count >= 9 else {
            throw ValidationError("a node has nine columns or more: \(row.joined(separator: "|"))")
        }
        // A node of which something is not known is offline to hspace too.
        let isOffline = row[7] == "Y" || row[1...6].contains("?")
        return Node(
            name: String(row[0]), group: String(row[8]),
            freeMemory: isOffline ? 0 : try number(row, 3),
            freeDisk: isOffline ? 0 : try number(row, 5),
            cores: isOffline ? 0 : try number(row, 6),
            ownCores: row.count > 13 ? try number(row, 13) : 1,
            spindles: row.count > 9 && !row[9].isEmpty ? try number(row, 9) : 1,
            isOffline: isOffline)
    }

    private static func instance(_ row: Row) throws -> Instance {
        guard row.count >= 9 else {
            throw ValidationError(
                "an instance has nine columns or more: \(row.joined(separator: "|"))")
        }
        return Instance(
            name: String(row[0]),
            spec: Spec(
                memory: try number(row, 1), cores: try number(row, 3), disk: try number(row, 2),
                spindles: row.count > 10 && !row[10].isEmpty ? try number(row, 10) : 1),
            primary: String(row[6]), template: String(row[8]))
    }

    private static func policy(_ row: Row) throws -> Policy {
        guard row.count >= 6, let cores = Double(row[4]), let spindles = Double(row[5]),
            cores > 0, cores < 10_000, spindles > 0, spindles < 10_000
        else { throw ValidationError("a policy has six columns: \(row.joined(separator: "|"))") }
        let bounds = row[2].split(separator: ";")
        guard bounds.count >= 2 else {
            throw ValidationError("a policy has a smallest and a largest size: \(row[2])")
        }
        return Policy(
            standard: try spec(row[1]), least: try spec(bounds[0]), most: try spec(bounds[1]),
            templates: row[3].split(separator: ",").map(String.init), coreRatio: cores,
            spindleRatio: spindles)
    }

    /// Memory, processors, disk, number of disks, number of network cards, spindles.
    private static func spec(_ text: Substring) throws -> Spec {
        let row = text.split(separator: ",", omittingEmptySubsequences: false)
        return Spec(
            memory: try number(row, 0), cores: try number(row, 1), disk: try number(row, 2),
            spindles: try number(row, 5))
    }
}
