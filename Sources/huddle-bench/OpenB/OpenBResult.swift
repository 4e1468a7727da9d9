import Foundation

/// What a run of arrivals has shown.
struct OpenBResult: Codable, Sendable {
    let gpuAllocatedPercent: Double
    let cpuAllocatedPercent: Double
    let decisionsPerS: Double

    init(_ run: OpenBRun, of lists: OpenBLists, elapsed: Duration) {
        gpuAllocatedPercent = Self.percent(run.gpuPlaced, of: lists.gpuCapacity)
        cpuAllocatedPercent = Self.percent(run.cpuPlaced, of: lists.cpuCapacity)
        decisionsPerS = (Double(run.decisions) / max(elapsed / .seconds(1), 1e-9)).rounded()
    }

    private static func percent(_ part: Int64, of whole: Int64) -> Double {
        whole > 0 ? (Double(part) / Double(whole) * 10_000).rounded() / 100 : 0
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
