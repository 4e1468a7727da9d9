import ClusterModel
package import Simulator

/// Reads a file for `huddle simulate`: hosts, workloads with their loads, policy, faults.
package enum ScenarioFile {
    /// The scenario, or every problem of the file.
    package static func read(_ source: SpecText) throws(SpecFailure) -> Scenario {
        let documents = YAMLDocuments(text: source.text, file: source.file)
        var problems = documents.problems
        guard problems.isEmpty, documents.values.count == 1, let document = documents.values.first
        else {
            if problems.isEmpty {
                problems.append(
                    SpecProblem(
                        file: source.file, place: .init(line: 1, column: 1), field: "",
                        problem: "a scenario is one document, not \(documents.values.count)",
                        suggestion: "begin with hosts: and workloads:"))
            }
            throw SpecFailure(problems: problems)
        }
        var reading = ScenarioReading(file: source.file)
        if let scenario = reading.read(document), reading.problems.isEmpty { return scenario }
        let sorted = reading.problems.enumerated().sorted {
            ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
        }
        throw SpecFailure(problems: sorted.prefix(SpecLimits.problems).map(\.element))
    }
}

/// Reads one document as a scenario.
struct ScenarioReading {
    let file: String
    var reader: FieldReader
    private var further: [SpecProblem] = []

    init(file: String) {
        self.file = file
        reader = FieldReader(file: file)
    }

    var problems: [SpecProblem] { reader.problems + further }

    mutating func read(_ document: YAMLValue) -> Scenario? {
        let root = Field(path: "", place: document.place, value: document)
        guard var map = reader.mapping(root) else { return nil }
        let length = map.take("for").flatMap { self.length($0) }
        let start = map.take("start").flatMap { reader.choice($0, of: Scenario.Start.self) }
        let hosts = map.take("hosts").map { self.hosts($0) }
        if hosts == nil {
            reader.missing("hosts", of: map, "write - {name: a, cpu: 8, memory: 32GiB}")
        }
        let workloads = map.take("workloads").map { self.workloads($0) }
        if workloads == nil {
            reader.missing("workloads", of: map, "write a list of ordinary specs")
        }
        var policy = Policy.standard
        policy.mode = .auto
        if let field = map.take("policy") { policy = self.policy(field, from: policy) }
        let pace = map.take("pace").map { self.pace($0) }
        let names = Set((hosts ?? []).map(\.id))
        let faults = map.take("faults").map { self.faults($0, among: names) }
        reader.finish(map)
        guard problems.isEmpty, let hosts, let workloads else { return nil }
        guard !hosts.isEmpty else {
            reader.refuse(root, "there is no host")
            return nil
        }
        let instances = workloads.reduce(0) { $0 + $1.workload.count }
        guard hosts.count <= SpecLimits.simulatedHosts, instances <= SpecLimits.simulatedInstances
        else {
            reader.refuse(
                root,
                "\(hosts.count) hosts and \(instances) instances are more than "
                    + "\(SpecLimits.simulatedHosts) and \(SpecLimits.simulatedInstances)")
            return nil
        }
        return Scenario(
            hosts: hosts, workloads: workloads, policy: policy, faults: faults ?? [],
            pace: pace ?? .standard, start: start ?? .spread, length: length ?? .seconds(86_400))
    }

    mutating func length(_ field: Field) -> Duration? {
        guard let length = reader.quantity(field, Duration.init(notation:)) else { return nil }
        guard length > .zero, length <= SpecLimits.longestSimulation else {
            reader.refuse(field, "has to be above zero and at most 366d")
            return nil
        }
        return length
    }

    // MARK: - Hosts

    private mutating func hosts(_ field: Field) -> [Scenario.Machine] {
        var machines: [Scenario.Machine] = []
        var names: Set<HostID> = []
        for element in reader.list(field) ?? [] {
            for machine in machine(element) {
                if names.insert(machine.id).inserted {
                    machines.append(machine)
                } else {
                    reader.refuse(element, "there is a host \(machine.id) already")
                }
            }
        }
        return machines
    }

    private mutating func machine(_ field: Field) -> [Scenario.Machine] {
        guard var map = reader.mapping(field) else { return [] }
        let name = map.take("name")
        if name == nil { reader.missing("name", of: map) }
        let word = name.flatMap { name -> String? in
            guard let word = reader.word(name) else { return nil }
            guard HostID.isName(word) else {
                reader.refuse(
                    name, "'\(word)' is not a name", "lower-case letters, digits and inner hyphens")
                return nil
            }
            return word
        }
        let count = map.take("count").map { reader.integer($0, in: 1...SpecLimits.simulatedHosts) }
        let cpu = map.take("cpu").map { reader.quantity($0, CPU.init(notation:)) }
        if cpu == nil { reader.missing("cpu", of: map, "write cores, such as 16") }
        let memory = map.take("memory").map { reader.quantity($0, Bytes.init(notation:)) }
        if memory == nil { reader.missing("memory", of: map, "write a unit, such as 64GiB") }
        let disk = map.take("disk").flatMap { reader.quantity($0, Bytes.init(notation:)) }
        let labels = map.take("labels").map { reader.labels($0) }
        let power = map.take("power").map { self.power($0) }
        let wakeTime = map.take("wakeTime").flatMap {
            reader.quantity($0, Duration.init(notation:))
        }
        reader.finish(map)
        guard let word, let cpu = cpu ?? nil, let memory = memory ?? nil else { return [] }
        let total = Resources(cpu: cpu, memory: memory, disk: disk ?? .gibibytes(1024))
        let names =
            (count ?? nil).map { count in (0..<count).map { "\(word)-\($0)" } } ?? [word]
        return names.map {
            Scenario.Machine(
                id: HostID($0), labels: labels ?? .none, total: total, power: power ?? .standard,
                wakeTime: wakeTime)
        }
    }

    private mutating func power(_ field: Field) -> PowerModel {
        let standard = PowerModel.standard
        guard var map = reader.mapping(field) else { return standard }
        func watts(_ field: Field?, _ reader: inout FieldReader) -> Double? {
            field.flatMap { reader.integer($0, in: 0...100_000) }.map(Double.init)
        }
        let idle = watts(map.take("idle"), &reader)
        let mostField = map.take("most")
        let most = watts(mostField, &reader)
        let asleep = watts(map.take("asleep"), &reader)
        reader.finish(map)
        let model = PowerModel(
            idle: idle ?? standard.idle, most: most ?? max(standard.most, idle ?? 0),
            asleep: asleep ?? min(standard.asleep, idle ?? standard.asleep))
        if model.most < model.idle {
            reader.refuse(mostField ?? field, "is less than idle: a busy host draws no less")
        }
        return model
    }

    // MARK: - Workloads

    /// Each is an ordinary spec, with its load beside the other keys.
    private mutating func workloads(_ field: Field) -> [Scenario.Work] {
        var works: [Scenario.Work] = []
        var names: Set<WorkloadID> = []
        for element in reader.list(field) ?? [] {
            var value = element.value
            let load = taken("load", from: &value, of: element).map { self.load($0) }
            let bandwidth = taken("bandwidth", from: &value, of: element).flatMap {
                reader.quantity($0, Share.init(notation:))
            }
            let changesField = taken("changes", from: &value, of: element)
            let changes = changesField.flatMap { self.changes($0) }
            var reading = WorkloadReading(document: value, file: file)
            let workload = reading.read()
            further += reading.problems
            guard let workload else { continue }
            if let changesField, workload.kind == .container {
                reader.refuse(
                    changesField, "is for VMs: a container stands still while it is copied")
            }
            if names.insert(workload.name).inserted {
                works.append(
                    Scenario.Work(
                        workload, load: load ?? .reserved, bandwidth: bandwidth ?? .none,
                        changes: changes))
            } else {
                reader.refuse(element, "there is a workload \(workload.name) already")
            }
        }
        return works
    }

    /// The entry of `key`, which is no part of a workload as it is applied.
    private func taken(_ key: String, from value: inout YAMLValue, of element: Field) -> Field? {
        guard case .mapping(var entries) = value.content,
            let index = entries.firstIndex(where: { $0.key == key })
        else { return nil }
        let entry = entries.remove(at: index)
        value = YAMLValue(place: value.place, content: .mapping(entries))
        return Field(path: "\(element.path).\(key)", place: entry.place, value: entry.value)
    }

    // MARK: - Policy and pace

    private mutating func policy(_ field: Field, from policy: Policy) -> Policy {
        guard var map = reader.mapping(field) else { return policy }
        var changed = policy
        for key in PolicyKey.allCases {
            guard let field = map.take(key.rawValue), let text = reader.word(field) else {
                continue
            }
            do throws(NotationFailure) {
                try key.set(text, in: &changed)
            } catch {
                reader.refuse(field, error.problem, error.suggestion)
            }
        }
        reader.finish(map)
        do throws(InvalidValue) {
            return try changed.validated()
        } catch {
            reader.refuse(field, "\(error.field) \(error.problem)", error.suggestion)
            return policy
        }
    }

    private mutating func pace(_ field: Field) -> Pace {
        var pace = Pace.standard
        guard var map = reader.mapping(field) else { return pace }
        if let link = map.take("link").flatMap({
            reader.quantity($0, BytesPerSecond.init(notation:))
        }) {
            pace.link = link
        }
        if let downtime = map.take("downtime").flatMap({
            reader.quantity($0, Duration.init(notation:))
        }) {
            pace.downtime = downtime
        }
        if let field = map.take("beat"),
            let beat = reader.quantity(field, Duration.init(notation:))
        {
            pace.beat = beat
            if !(1_000..<15_000).contains(beat.milliseconds) {
                reader.refuse(
                    field, "has to be from 1s to less than 15s, after which a host is lost")
            }
        }
        reader.finish(map)
        return pace
    }
}
