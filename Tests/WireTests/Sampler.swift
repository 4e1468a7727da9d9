import ClusterModel
import Wire

/// Values of every kind, valid and varied, from one seed.
struct Sampler {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func flag() -> Bool { Bool.random(using: &random) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    /// Small, large and edge numbers alike.
    mutating func number() -> UInt64 {
        switch below(4) {
        case 0: 0
        case 1: UInt64(below(200))
        case 2: .max
        default: random.next()
        }
    }

    /// A number that still has a next one.
    mutating func counter() -> UInt64 { number() >> 2 }

    mutating func count() -> Int { Int(UInt32(truncatingIfNeeded: number())) }

    mutating func text() -> String {
        let words = ["", "a", "two words", "Größe", "企鵝 🐧", "tab\tline\n", "\u{1}", "=,;"]
        return words[below(words.count)]
    }

    mutating func bytes() -> [UInt8] {
        let length = below(3) == 0 ? 0 : below(300)
        return (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    mutating func name() -> String {
        let names = ["a", "web", "web-0", "mail-12", "zone", "rack-7b", "x9"]
        return names[below(names.count)]
    }

    mutating func id<Entity>() -> ID<Entity> { ID(name()) }

    mutating func instant() -> Instant {
        Instant(milliseconds: Int64(bitPattern: number()) >> 2)
    }

    mutating func duration() -> Duration { .milliseconds(Int64(number() >> 4)) }

    mutating func share() -> Share { Share(permille: UInt32(truncatingIfNeeded: number())) }

    mutating func part() -> FetchInstanceRequest.Part {
        switch below(4) {
        case 0: .all
        case 1: .ahead(withLayer: false, withMemory: true)
        case 2: .ahead(withLayer: true, withMemory: false)
        default: .rest(after: "p" + text())
        }
    }

    mutating func one<Value: CaseIterable>(
        _: Value.Type = Value.self
    ) -> Value where Value.AllCases == [Value] {
        Value.allCases[below(Value.allCases.count)]
    }

    mutating func list<Value>(_ make: (inout Sampler) -> Value) -> [Value] {
        (0..<below(4)).map { _ in make(&self) }
    }

    mutating func maybe<Value>(_ make: (inout Sampler) -> Value) -> Value? {
        flag() ? make(&self) : nil
    }
}

extension Sampler {
    mutating func label() -> Label { Label(name: name(), value: text()) }

    mutating func labels() -> Labels { Labels(list { $0.label() }) }

    mutating func scalar() -> Resources.Scalar {
        Resources.Scalar(name: name(), amount: number())
    }

    mutating func resources() -> Resources {
        Resources(
            cpu: CPU(millicores: number()), memory: Bytes(number()), disk: Bytes(number()),
            network: BytesPerSecond(number()), scalars: list { $0.scalar() })
    }

    mutating func check() -> HealthCheck {
        let probes: [HealthCheck.Probe] = [
            .http(port: 80, path: "/" + text()), .tcp(port: .max), .exec(list { $0.text() }),
        ]
        let every = Duration.seconds(1 + below(1000))
        return valid { () throws(InvalidValue) in
            try HealthCheck(probe: probes[below(3)], every: every, fails: 1 + below(9))
        }
    }

    mutating func port() -> Program.Port {
        Program.Port(
            host: UInt16(1 + below(9000)), instance: UInt16(1 + below(65_535)), transport: one())
    }

    /// Ports of which no two are published alike.
    mutating func ports() -> [Program.Port] {
        (0..<below(4)).map { number in
            let port = port()
            return Program.Port(
                host: port.host + UInt16(number * 10_000), instance: port.instance,
                transport: port.transport)
        }
    }

    mutating func variable() -> Program.Variable {
        Program.Variable(name: name(), value: text())
    }

    mutating func volume() -> Storage.Volume {
        let name = name()
        let shared = maybe { "/srv/" + $0.name() }
        return valid { () throws(InvalidValue) in
            try Storage.Volume(name: name, path: "/var/lib/x", shared: shared)
        }
    }

    mutating func sharedDisk() -> Storage.SharedDisk {
        let (name, directory) = ("d\(below(1 << 40))", "/srv/" + name())
        let size = Bytes.mebibytes(1) + Bytes(number())
        return valid { () throws(InvalidValue) in
            try Storage.SharedDisk(name: name, size: size, directory: directory)
        }
    }

    mutating func rules() -> Rules {
        Rules(
            need: labels(), avoid: labels(), prefer: labels(), apart: labels(),
            together: labels(), spread: maybe { $0.name() }, tolerate: labels(),
            priority: Int(Int32(truncatingIfNeeded: number())))
    }

    mutating func reference() -> ImageReference {
        flag() ? .named(text()) : .kernel(kernel: name(), initrd: name(), append: text())
    }

    mutating func modes() -> [MoveMode] { MoveMode.allCases.filter { _ in flag() } }

    mutating func workload() -> Workload {
        let isVM = flag()
        let kind: Workload.Kind = isVM ? .vm : .container
        let program =
            isVM
            ? Program(ports: ports(), restart: one())
            : Program(
                command: list { $0.text() }, environment: list { $0.variable() },
                ports: ports(), check: maybe { $0.check() }, restart: one())
        let storage =
            isVM
            ? Storage(
                disks: list { .mebibytes(1) + Bytes($0.number()) },
                sharedDisks: list { $0.sharedDisk() }, cloudInit: maybe { $0.text() })
            : Storage(volumes: list { $0.volume() })
        let image = isVM ? reference() : .named(text())
        var size = resources()
        size.cpu = CPU(millicores: UInt64(1 + below(9000)))
        size.memory = .mebibytes(UInt64(1 + below(9000)))
        let limit = Workload.Limit(
            cpu: maybe { _ in CPU(millicores: .max) }, memory: maybe { _ in Bytes(.max) })
        let modes = modes()
        let converge =
            isVM
            ? MoveRecourse.allCases.filter { _ in flag() } : MovePreference.standard.converge
        let move = MovePreference(
            allow: modes, downtime: .milliseconds(1 + below(9000)), converge: converge,
            most: converge.contains(.longer)
                ? maybe { .milliseconds(9000 + $0.below(9000)) } : nil,
            balloon: isVM && flag())
        let rules = rules()
        let labels = labels()
        let loss: Workload.OnHostLoss = one()
        return valid { () throws(InvalidValue) in
            try Workload(
                kind: kind, name: id(), count: below(1001), labels: labels, image: image,
                program: program, storage: storage, size: size, limit: limit, rules: rules,
                move: move, onHostLoss: loss,
                floor: flag() ? .zero : CPU(millicores: min(size.cpu.millicores, number())),
                recoveryTime: loss == .restart
                    ? maybe { HostLoss.certainty + .milliseconds(1 + $0.below(9000)) } : nil)
        }
    }

    mutating func observed() -> Instance.Observed {
        let all: [Instance.Observed] = [
            .pending, .starting, .running, .unhealthy(reason: text()), .stopped,
            .failed(reason: text()), .unknown, .held,
        ]
        return all[below(all.count)]
    }

    mutating func instance() -> Instance {
        Instance(
            id: id(), workload: id(), index: count(), host: maybe { $0.id() },
            generation: Generation(counter()), desired: one(), observed: observed(),
            movedAt: maybe { $0.instant() }, address: maybe { $0.address() })
    }

    mutating func file() -> Image.File {
        let digits = Array("0123456789abcdef")
        let digest = String((0..<64).map { _ in digits[below(16)] })
        let size = Bytes(number())
        return valid { () throws(InvalidValue) in try Image.File(digest: digest, size: size) }
    }

    mutating func image() -> Image {
        let format: Image.Format = one()
        let files = (0..<(format == .kernel ? 2 : 1)).map { _ in file() }
        let append = text()
        return valid { () throws(InvalidValue) in
            try Image(id: id(), format: format, files: files, append: append)
        }
    }

    mutating func capability() -> Capability {
        Capability(one(), available: flag(), detail: text())
    }

    mutating func capacity() -> Capacity {
        Capacity(
            total: resources(), hostReserve: resources(), architecture: text(),
            features: list { $0.name() }, kernel: text(), bootID: text(),
            capabilities: Capability.Name.allCases.filter { _ in flag() }.map {
                Capability($0, available: flag(), detail: text())
            }, wakeTime: maybe { $0.duration() })
    }

    mutating func host() -> Host {
        Host(
            id: id(), labels: labels(), taints: labels(), capacity: capacity(), state: one(),
            address: maybe { $0.address() }, isNew: flag(), sleep: maybe { $0.hostSleep() })
    }

    mutating func hostSleep() -> Host.Sleep {
        Host.Sleep(
            since: instant(), wakeAskedAt: maybe { $0.instant() },
            wakeBeganAt: maybe { $0.instant() })
    }
}

/// What a rule of the model made of values that keep it.
func valid<Value>(_ make: () throws(InvalidValue) -> Value) -> Value {
    do {
        return try make()
    } catch {
        preconditionFailure("the sampler made an invalid value: \(error.field) \(error.problem)")
    }
}
