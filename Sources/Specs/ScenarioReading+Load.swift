import ClusterModel
import Simulator

extension ScenarioReading {
    // MARK: - Loads

    /// `{constant: 20%}`, `{daily: {low: 10%, high: 70%}}` and the like.
    mutating func load(_ field: Field) -> LoadPattern {
        guard var map = reader.mapping(field) else { return .reserved }
        var shapes: [LoadPattern.Shape] = []
        if let level = map.take("constant").flatMap({ reader.quantity($0, Share.init(notation:)) })
        {
            shapes.append(.constant(level))
        }
        if let field = map.take("daily") { shapes += shape(field) { $0.daily } }
        if let field = map.take("square") { shapes += shape(field) { $0.square } }
        if let field = map.take("spikes") { shapes += shape(field) { $0.spikes } }
        if let field = map.take("contrary") { shapes += shape(field) { $0.contrary } }
        if let field = map.take("recorded") { shapes += recorded(field) }
        let phase = map.take("phase").flatMap { reader.choice($0, of: LoadPhase.self) }
        let delay = map.take("delay").flatMap { reader.quantity($0, Duration.init(notation:)) }
        reader.finish(map)
        guard shapes.count == 1, let shape = shapes.first else {
            if problems.isEmpty {
                reader.refuse(
                    field, "has to be one pattern, not \(shapes.count)",
                    "one of: constant, daily, square, spikes, contrary, recorded")
            }
            return .reserved
        }
        return LoadPattern(shape, isScattered: phase == .own, delay: delay ?? .zero)
    }

    /// `{rate: 40MB/s, set: 256MiB}`: how fast a guest changes its memory, and how much it writes again and again.
    mutating func changes(_ field: Field) -> MoveLoad.Changes? {
        guard var map = reader.mapping(field) else { return nil }
        let rate = map.take("rate").map { reader.quantity($0, BytesPerSecond.init(notation:)) }
        if rate == nil { reader.missing("rate", of: map, "write a unit, such as 40MB/s") }
        let set = map.take("set").flatMap { reader.quantity($0, Bytes.init(notation:)) }
        reader.finish(map)
        return (rate ?? nil).map { MoveLoad.Changes(rate: $0, set: set) }
    }

    /// Whether the instances of a workload do the same at the same time.
    private enum LoadPhase: String, CaseIterable {
        case same
        case own
    }

    /// The keys of all made patterns, with their defaults.
    private struct Levels {
        var low = Share.percent(10)
        var high = Share.percent(80)
        var noise: Share?
        var period: Duration?
        var length: Duration?

        var daily: LoadPattern.Shape {
            .daily(low: low, high: high, noise: noise ?? .none, period: period ?? .seconds(86_400))
        }
        var square: LoadPattern.Shape {
            .square(low: low, high: high, period: period ?? .seconds(3_600))
        }
        var spikes: LoadPattern.Shape {
            .spikes(
                low: low, high: high, period: period ?? .seconds(3_600),
                length: length ?? .seconds(300))
        }
        var contrary: LoadPattern.Shape { .contrary(low: low, high: high) }
    }

    private mutating func shape(
        _ field: Field, _ make: (Levels) -> LoadPattern.Shape
    ) -> [LoadPattern.Shape] {
        guard var map = reader.mapping(field) else { return [] }
        var levels = Levels()
        if let low = map.take("low").flatMap({ reader.quantity($0, Share.init(notation:)) }) {
            levels.low = low
        }
        if let high = map.take("high").flatMap({ reader.quantity($0, Share.init(notation:)) }) {
            levels.high = high
        }
        let shape = make(levels)
        if case .daily = shape {
            levels.noise = map.take("noise").flatMap { reader.quantity($0, Share.init(notation:)) }
        }
        if case .contrary = shape {
        } else {
            levels.period = map.take("period").flatMap { time($0) }
        }
        if case .spikes = shape { levels.length = map.take("length").flatMap { time($0) } }
        reader.finish(map)
        if levels.low > levels.high { reader.refuse(field, "low is above high") }
        return [make(levels)]
    }

    private mutating func time(_ field: Field) -> Duration? {
        guard let time = reader.quantity(field, Duration.init(notation:)) else { return nil }
        guard time > .zero else {
            reader.refuse(field, "has to be above zero")
            return nil
        }
        return time
    }

    private mutating func recorded(_ field: Field) -> [LoadPattern.Shape] {
        guard var map = reader.mapping(field) else { return [] }
        let every = map.take("every").flatMap { time($0) }
        let cpu = map.take("cpu")
        if cpu == nil { reader.missing("cpu", of: map, "write amounts, such as [100m, 250m]") }
        reader.finish(map)
        let amounts = cpu.flatMap { reader.list($0) }?.compactMap {
            reader.quantity($0, CPU.init(notation:))
        }
        guard let amounts, !amounts.isEmpty else {
            if let cpu, amounts?.isEmpty == true { reader.refuse(cpu, "is empty") }
            return []
        }
        return [.recorded(amounts, every: every ?? .seconds(300))]
    }

    // MARK: - Faults

    mutating func faults(_ field: Field, among hosts: Set<HostID>) -> [Fault] {
        (reader.list(field) ?? []).compactMap { fault($0, among: hosts) }
    }

    private enum CoordinatorFault: String, CaseIterable { case away }

    private mutating func fault(_ field: Field, among hosts: Set<HostID>) -> Fault? {
        guard var map = reader.mapping(field) else { return nil }
        var kinds: [Fault.Kind] = []
        if let host = map.take("loss").flatMap({ self.host($0, among: hosts) }) {
            kinds.append(.loss(host))
        }
        if let host = map.take("cut").flatMap({ self.host($0, among: hosts) }) {
            kinds.append(.cut(host))
        }
        if let factor = map.take("slow").flatMap({ reader.integer($0, in: 2...10_000) }) {
            kinds.append(.slow(factor: factor))
        }
        if let share = map.take("failing").flatMap({ reader.quantity($0, Share.init(notation:)) }) {
            kinds.append(.failing(share))
        }
        if let field = map.take("coordinator") {
            // It has nothing to say but that it is meant.
            if reader.choice(field, of: CoordinatorFault.self) != nil { kinds.append(.coordinator) }
        }
        let begins = map.take("at").flatMap { reader.quantity($0, Duration.init(notation:)) }
        let length = map.take("for").map { time($0) }
        if length == nil { reader.missing("for", of: map, "write how long it lasts, such as 10m") }
        reader.finish(map)
        guard kinds.count == 1, let kind = kinds.first, let length = length ?? nil else {
            if problems.isEmpty {
                reader.refuse(
                    field, "has to be one fault, not \(kinds.count)",
                    "one of: loss: HOST, cut: HOST, slow: TIMES, failing: PERCENT, coordinator: away"
                )
            }
            return nil
        }
        return Fault(kind, begins: begins ?? .zero, length: length)
    }

    private mutating func host(_ field: Field, among hosts: Set<HostID>) -> HostID? {
        guard let word = reader.word(field) else { return nil }
        // Where no host could be read, that is the problem.
        guard hosts.isEmpty || hosts.contains(HostID(word)) else {
            reader.refuse(
                field, "there is no host '\(word)'",
                Spelling.advice(for: word, among: hosts.map(\.rawValue).sorted()))
            return nil
        }
        return HostID(word)
    }
}
