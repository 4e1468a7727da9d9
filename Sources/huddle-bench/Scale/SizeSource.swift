import ArgumentParser
import Foundation

/// A size in processors and memory.
struct Size: Hashable, Sendable {
    let millicores: UInt64
    let mebibytes: UInt64
}

/// Where hosts and sizes are drawn from: two columns of openb's lists, or a few of their commonest
/// rows where the lists are not there.
struct SizeSource: Sendable {
    let hosts: [Size]
    let workloads: [Size]
    /// What was read, for whoever reads the figures.
    let name: String

    /// The files named, else those in a folder named by HUDDLE_OPENB, else beside this project.
    init(nodes: String?, pods: String?) throws {
        let folder =
            ProcessInfo.processInfo.environment["HUDDLE_OPENB"] ?? "../shared/data/openb"
        let nodes = nodes ?? Self.found("openb_node_list_all_node", in: folder)
        let pods = pods ?? Self.found("openb_pod_list_default", in: folder)
        guard let nodes, let pods else {
            hosts = Self.weighted(Self.commonHosts)
            workloads = Self.weighted(Self.commonWorkloads)
            name =
                "the commonest rows of openb's lists, written in the program: no lists in \(folder)"
            return
        }
        hosts = try Self.sizes(in: nodes)
        workloads = try Self.sizes(in: pods)
        name = "\(nodes) and \(pods)"
    }

    private static func found(_ list: String, in folder: String) -> String? {
        ["\(folder)/\(list).csv.gz", "\(folder)/\(list).csv"].first {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    /// The columns `cpu_milli` and `memory_mib` of a list.
    private static func sizes(in path: String) throws -> [Size] {
        let rows = try Gunzip.lines(of: path).map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        guard let header = rows.first, let cpu = header.firstIndex(of: "cpu_milli"),
            let memory = header.firstIndex(of: "memory_mib")
        else { throw ValidationError("\(path) has no columns cpu_milli and memory_mib") }
        let sizes = rows.dropFirst().compactMap { row -> Size? in
            guard row.count == header.count, let millicores = UInt64(row[cpu]),
                let mebibytes = UInt64(row[memory]), millicores > 0, mebibytes > 0
            else { return nil }
            return Size(millicores: millicores, mebibytes: mebibytes)
        }
        guard !sizes.isEmpty else { throw ValidationError("\(path) has no row with a size") }
        return sizes
    }

    private static func weighted(_ rows: [(count: Int, cpu: UInt64, memory: UInt64)]) -> [Size] {
        rows.flatMap { row in
            Array(repeating: Size(millicores: row.cpu, mebibytes: row.memory), count: row.count)
        }
    }

    /// - Source: openb, all nodes: shapes of which there are at least twenty.
    private static let commonHosts: [(count: Int, cpu: UInt64, memory: UInt64)] = [
        (596, 96_000, 393_216), (407, 104_000, 524_288), (129, 32_000, 262_144),
        (107, 16_000, 122_880), (59, 96_000, 524_288), (51, 32_000, 131_072),
        (39, 128_000, 786_432), (37, 64_000, 262_144), (22, 96_000, 786_432),
        (22, 64_000, 524_288),
    ]

    /// - Source: openb, default requests: the commonest sizes, three quarters of all.
    private static let commonWorkloads: [(count: Int, cpu: UInt64, memory: UInt64)] = [
        (1_592, 3_152, 5_600), (857, 11_300, 49_152), (778, 11_908, 47_104), (649, 8_000, 30_517),
        (534, 11_400, 48_128), (364, 12_500, 57_344), (284, 32_000, 49_152), (255, 18_708, 64_512),
        (195, 9_810, 41_560), (189, 4_000, 22_888), (182, 4_000, 15_258), (162, 12_000, 24_576),
        (158, 15_700, 58_368), (152, 4_152, 10_600), (136, 4_000, 30_517), (120, 15_400, 51_200),
    ]
}
