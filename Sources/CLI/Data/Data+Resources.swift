import ClusterModel

/// Integers are raw and their key names the unit, so that no program has to parse a quantity.
extension StructuredValue {
    init(_ resources: Resources) {
        self = [
            "cpuMillicores": .unsigned(resources.cpu.millicores),
            "memoryBytes": .unsigned(resources.memory.count),
            "diskBytes": .unsigned(resources.disk.count),
            "networkBytesPerSecond": .unsigned(resources.network.count),
            "scalarsThousandths": .object(
                resources.scalars.map { Member(key: $0.name, value: .unsigned($0.amount)) }),
        ]
    }

    init(_ labels: Labels) {
        self = .object(labels.pairs.map { Member(key: $0.name, value: .text($0.value)) })
    }

    init(_ duration: Duration) { self = .integer(duration.milliseconds) }

    init(_ instant: Instant?) {
        self = instant.map { .integer($0.milliseconds) } ?? .null
    }

    init(_ text: String?) { self = text.map { .text($0) } ?? .null }

    init<Entity>(_ id: ID<Entity>?) { self.init(id?.rawValue) }

    /// Means of the last report, and its largest values below `maximum`.
    init(_ use: Use?) {
        guard let use else {
            self = .null
            return
        }
        self = Self.figures(of: use, \.mean).merging([
            "maximum": Self.figures(of: use, \.maximum),
            "atMilliseconds": .init(use.at),
            "throttledMicroseconds": .unsigned(use.throttled),
            "pressure": use.pressure.map { StructuredValue($0) } ?? .null,
        ])
    }

    private static func figures(
        of use: Use, _ value: (Use.Figure) -> UInt64
    ) -> StructuredValue {
        [
            "cpuMillicores": .unsigned(value(use.cpu)),
            "memoryBytes": .unsigned(value(use.memory)),
            "networkBytesPerSecond": .unsigned(value(use.network)),
            "diskBytesPerSecond": .unsigned(value(use.disk)),
        ]
    }

    init(_ pressure: Pressure) {
        self = [
            "scope": .text(pressure.scope.rawValue),
            "cpuPermille": .integer(Int(pressure.cpu.permille)),
            "memoryPermille": .integer(Int(pressure.memory.permille)),
            "ioPermille": .integer(Int(pressure.io.permille)),
        ]
    }

    init(list: [String]) { self = .list(list.map { .text($0) }) }
}
