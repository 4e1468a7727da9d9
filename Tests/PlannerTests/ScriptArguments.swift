import ClusterModel

/// The words of one command: a subject, `key=value` pairs and flags.
struct ScriptArguments {
    private let line: String
    private var values: [String: String] = [:]
    private var plain: [String] = []

    init(_ words: [String], _ line: String) throws {
        self.line = line
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] } else { plain.append(word) }
        }
    }

    subscript(key: String) -> String? { values[key] }

    var flags: [String] { plain }

    func subject() throws -> String { plain.first ?? "" }

    func number(_ key: String) throws -> Int? {
        try values[key].map { text in
            guard let number = Int(text) else { throw malformed("\(key) is no number") }
            return number
        }
    }

    /// Such as `300m`.
    func millicores(_ key: String) throws -> UInt64? {
        try values[key].map { text in
            guard text.hasSuffix("m"), let number = UInt64(text.dropLast()) else {
                throw malformed("\(key) is no amount such as 300m")
            }
            return number
        }
    }

    /// Such as `512MiB` or `2GiB`.
    func mebibytes(_ key: String) throws -> UInt64? {
        try values[key].map { text in
            guard let number = UInt64(text.dropLast(3)) else {
                throw malformed("\(key) is no size")
            }
            if text.hasSuffix("GiB") { return number * 1024 }
            guard text.hasSuffix("MiB") else { throw malformed("\(key) is no size in MiB or GiB") }
            return number
        }
    }

    /// Such as `zone:a,disk:ssd`.
    func labels(_ key: String) throws -> [Label] {
        try (values[key] ?? "").split(separator: ",").map { pair in
            let parts = pair.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2 else { throw malformed("\(pair) is no label") }
            return Label(name: parts[0], value: parts[1])
        }
    }

    func choice<Choice: RawRepresentable<String>>(_ key: String) throws -> Choice? {
        try values[key].map { text in
            guard let choice = Choice(rawValue: text) else {
                throw malformed("\(text) is no \(key)")
            }
            return choice
        }
    }

    func policy(from policy: Policy) throws -> Policy {
        var policy = policy
        func share(_ key: String) throws -> Share? {
            guard let text = values[key] else { return nil }
            guard text.hasSuffix("%"), let percent = UInt32(text.dropLast()) else {
                throw malformed("\(key) is no share such as 95%")
            }
            return .percent(percent)
        }
        if let ceiling = try share("ceiling.cpu") { policy.ceilingCPU = ceiling }
        if let ceiling = try share("ceiling.memory") { policy.ceilingMemory = ceiling }
        if let hot = try share("hot.cpu") { policy.hotCPU = hot }
        if let hosts = try number("reserve") { policy.reserve = .hosts(hosts) }
        if let minutes = try number("rest") { policy.rest = .seconds(minutes * 60) }
        if let minutes = try number("gain") { policy.payback = .seconds(minutes * 60) }
        if let moves = try number("moves.host") { policy.movesPerHost = moves }
        if let moves = try number("moves.cluster") { policy.movesPerCluster = moves }
        if let preempt: Policy.Preemption = try choice("preempt") { policy.preempt = preempt }
        return policy
    }

    /// `volume=local`, `volume=shared` or none.
    func storage() throws -> Storage {
        switch values["volume"] {
        case nil: .none
        case "local": Storage(volumes: [try .init(name: "data", path: "/data")])
        case "shared":
            Storage(volumes: [try .init(name: "data", path: "/data", shared: "/srv/data")])
        default: throw malformed("a volume is local or shared")
        }
    }

    private func malformed(_ problem: String) -> Script.Malformed {
        Script.Malformed(line: line, problem: problem)
    }
}
