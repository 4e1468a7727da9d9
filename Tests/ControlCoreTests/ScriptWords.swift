import ClusterModel
import ControlCore

/// The words of one command: plain ones and `key=value` pairs.
struct ScriptWords {
    private var values: [String: String] = [:]
    private(set) var plain: [String] = []

    init(_ words: [String]) {
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] } else { plain.append(word) }
        }
    }

    subscript(key: String) -> String? { values[key] }

    func has(_ word: String) -> Bool { plain.contains(word) }

    var pairs: [(key: String, value: String)] { values.sorted { $0.key < $1.key } }

    func number(_ key: String) -> Int? { values[key].flatMap { Int($0) } }

    /// `policy` with what the words name; times are in seconds, a window in minutes of every day.
    func policy(from policy: Policy) throws -> Policy {
        func share(_ key: String) -> Share? { number(key).map { .percent(UInt32($0)) } }
        func time(_ key: String) -> Duration? { number(key).map { .seconds($0) } }
        var policy = policy
        policy.mode = values["mode"].flatMap(Policy.Mode.init) ?? policy.mode
        policy.hotCPU = share("hot") ?? policy.hotCPU
        policy.hotHold = time("hotHold") ?? policy.hotHold
        policy.coldCPU = share("cold") ?? policy.coldCPU
        policy.coldHold = time("coldHold") ?? policy.coldHold
        policy.rest = time("rest") ?? policy.rest
        policy.payback = time("gain") ?? policy.payback
        policy.movesPerHost = number("host") ?? policy.movesPerHost
        policy.movesPerCluster = number("cluster") ?? policy.movesPerCluster
        policy.movesPerInstance = number("daily") ?? policy.movesPerInstance
        if let moves = number("domain") {
            policy.movesPerDomain = Policy.DomainBudget(moves: moves, label: "zone")
        }
        policy.movesBandwidth =
            number("bandwidth").map { BytesPerSecond(UInt64($0) << 20) } ?? policy.movesBandwidth
        policy.movesCompression =
            values["compression"].flatMap(Policy.Compression.init) ?? policy.movesCompression
        policy.movesStreams = number("streams") ?? policy.movesStreams
        policy.guardian = values["guard"].flatMap(Policy.Guardian.init) ?? policy.guardian
        policy.preempt = values["preempt"].flatMap(Policy.Preemption.init) ?? policy.preempt
        policy.guardWindow = time("guardWindow") ?? policy.guardWindow
        policy.guardMemory = time("guardMemory") ?? policy.guardMemory
        policy.sleep = values["sleep"].flatMap(Policy.Sleeping.init) ?? policy.sleep
        policy.reserve = number("reserve").map { .hosts($0) } ?? policy.reserve
        if let window = values["window"]?.split(separator: "-").compactMap({ Int($0) }),
            window.count == 2
        {
            policy.window = Window([
                try Window.Entry(
                    days: Window.Weekday.allCases, from: window[0], to: window[1])
            ])
        }
        return policy
    }

    /// Such as `20s`, as the first plain word.
    static func seconds(_ words: [String]) throws -> Int {
        guard let word = words.first, word.hasSuffix("s"), let seconds = Int(word.dropLast()) else {
            throw Script.Malformed(
                line: words.joined(separator: " "), problem: "no time such as 20s")
        }
        return seconds
    }

    /// Such as `web-0@3`.
    static func instance(_ word: String) throws -> (InstanceID, Generation) {
        let parts = word.split(separator: "@").map(String.init)
        guard parts.count == 2, let number = UInt64(parts[1]) else {
            throw Script.Malformed(
                line: word, problem: "no instance with its generation, such as web-0@3")
        }
        return (InstanceID(parts[0]), Generation(number))
    }

    private func volumes() throws -> [Storage.Volume] {
        (has("volume") ? [try .init(name: "data", path: "/data")] : [])
            + (has("shared") ? [try .init(name: "all", path: "/all", shared: "/srv/all")] : [])
    }

    /// A container; `v1` is its command, which tells its copies apart.
    func workload(_ name: String) throws -> Workload {
        let check = try number("check").map {
            try HealthCheck(probe: .exec(["ok"]), every: .seconds($0), fails: 2)
        }
        let version = plain.first { $0.hasPrefix("v") && Int($0.dropFirst()) != nil } ?? "v1"
        let isMachine = has("vm")
        return try Workload(
            kind: isMachine ? .vm : .container, name: WorkloadID(name), count: number("count") ?? 1,
            image: .named(values["image"] ?? "image"),
            program: Program(
                command: isMachine ? [] : [version], check: check,
                restart: values["restart"].flatMap(RestartPolicy.init) ?? .always),
            storage: isMachine
                ? Storage(cloudInit: version)
                : Storage(volumes: try volumes()),
            size: Resources(
                cpu: CPU(millicores: UInt64(number("cpu") ?? 300)), memory: .mebibytes(64)),
            rules: Rules(
                need: values["need"].map { Labels([Label(name: "zone", value: $0)]) } ?? .none,
                priority: number("priority") ?? 0),
            move: move(),
            onHostLoss: values["loss"].flatMap(Workload.OnHostLoss.init) ?? .wait,
            recoveryTime: number("within").map { .seconds($0) })
    }

    /// `live restart converge=slower,longer most=2000 balloon`.
    private func move() -> MovePreference {
        let allow = plain.compactMap { MoveMode(rawValue: $0) }
        let converge = values["converge"].map { words in
            words.split(separator: ",").compactMap { MoveRecourse(rawValue: String($0)) }
        }
        return MovePreference(
            allow: allow.isEmpty ? [.restart] : allow,
            converge: converge ?? MovePreference.standard.converge,
            most: number("most").map { .milliseconds($0) }, balloon: has("balloon"))
    }
}

extension ScriptWords {
    /// Where the target of a script's streamed move waits.
    static let endpoint = endpoint(over: 1)

    static func endpoint(over streams: Int, takesPostcopy: Bool = false) -> MoveEndpoint {
        MoveEndpoint(
            address: IPv4Address(bits: 10 << 24 | 2), memoryPort: 49_152, streams: streams,
            takesPostcopy: takesPostcopy)
    }

    /// What a script's streamed move comes with.
    static let credentials = MoveCredentials(
        authority: "A", certificate: "C", key: "K", name: "m-1.move.huddle")
}
