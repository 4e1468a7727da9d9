import Foundation

/// A day of recorded load: a file a machine, a whole percentage of its processor time a line.
struct PlanetLabDay: Sendable {
    /// Per machine, `PlanetLabModel.samples` shares of its processor time, and the last one again.
    let shares: [[Double]]

    /// The machines of `folder`, in the order of `ListingOrder`.
    init(folder: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw UnusableFile(file: folder, problem: "not a folder that can be read")
        }
        let files = names.filter { !$0.hasPrefix(".") }.map { (order: ListingOrder($0), name: $0) }
            .sorted { ($0.order, $0.name) < ($1.order, $1.name) }.map(\.name)
        guard !files.isEmpty else {
            throw UnusableFile(file: folder, problem: "no trace file in it")
        }
        shares = try files.map { try Self.shares(file: folder + "/" + $0) }
    }

    /// Machines whose shares are given.
    init(shares: [[Double]]) { self.shares = shares }

    var machines: Int { shares.count }

    private static func shares(file: String) throws -> [Double] {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw UnusableFile(file: file, problem: "not a file that can be read")
        }
        return try shares(text: String(decoding: bytes, as: UTF8.self), file: file)
    }

    static func shares(text: String, file: String) throws -> [Double] {
        var shares: [Double] = []
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        where shares.count < PlanetLabModel.samples {
            guard let percent = Int(line.trimmingCharacters(in: .whitespaces)),
                (0...100).contains(percent)
            else {
                throw UnusableFile(
                    file: file, line: place + 1,
                    problem: "'\(line.prefix(20))' is not a whole percentage from 0 to 100")
            }
            shares.append(Double(percent) / 100)
        }
        guard shares.count == PlanetLabModel.samples, let last = shares.last else {
            throw UnusableFile(
                file: file, line: shares.count + 1,
                problem: "\(shares.count) samples; \(PlanetLabModel.samples) are needed")
        }
        return shares + [last]
    }

    /// The share that `machine` asks for at `time`, linear between two samples.
    func share(of machine: Int, at time: Double) -> Double {
        let step = PlanetLabModel.step
        let series = shares[machine]
        if time.truncatingRemainder(dividingBy: step) == 0 { return series[Int(time) / Int(step)] }
        let before = Int((time / step).rounded(.down))
        let after = Int((time / step).rounded(.up))
        let slope = (series[after] - series[before]) / (Double(after - before) * step)
        return series[before] + slope * (time - Double(before) * step)
    }
}
