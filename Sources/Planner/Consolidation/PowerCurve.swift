/// What a host draws by how much it is used: milliwatts at 0, 10 … 100 %, linear between.
package struct PowerCurve: Hashable, Sendable {
    package let milliwatts: [Int64]

    /// `nil` unless there are eleven values, none negative and none above a megawatt.
    package init?(milliwatts: [Int64]) {
        guard milliwatts.count == 11, milliwatts.allSatisfy({ (0...1_000_000_000).contains($0) })
        else { return nil }
        self.milliwatts = milliwatts
    }

    package var idle: Int64 { milliwatts[0] }
    package var full: Int64 { milliwatts[10] }

    /// Milliwatts under `load` of `capacity`, which is at most full.
    package func power(load: Int64, of capacity: Int64) -> Int64 {
        guard capacity > 0, load > 0 else { return idle }
        guard load < capacity else { return full }
        let tenths = Int128(load) * 10
        let below = Int(tenths / Int128(capacity))
        let rest = tenths % Int128(capacity)
        let rise = Int128(milliwatts[below + 1] - milliwatts[below])
        return milliwatts[below] + Int64(rise * rest / Int128(capacity))
    }
}
