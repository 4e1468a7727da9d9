import Foundation

/// How one problem was packed.
struct PackResult: Codable, Sendable {
    let instance: String
    let items: Int
    let bins: Int
    let bound: Int
    let steps: Int
    let ms: Double

    func json() throws -> String { try PackJSON.line(self) }
}

/// The sums of all problems.
struct PackTotal: Codable, Sendable {
    private(set) var instances = 0
    private(set) var bins = 0
    private(set) var bound = 0
    private(set) var ms = 0.0

    mutating func add(_ result: PackResult) {
        instances += 1
        bins += result.bins
        bound += result.bound
        ms += result.ms
    }

    func json() throws -> String { try PackJSON.line(self) }
}

enum PackJSON {
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
