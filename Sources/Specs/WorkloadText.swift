package import ClusterModel

/// Writes workloads as the YAML that reads back to the same values; what is at its default is left
/// out.
package enum WorkloadText {
    /// The documents of `workloads`, with a marker between each two.
    package static func write(_ workloads: [Workload]) -> String {
        workloads.map { write($0) }.joined(separator: "---\n")
    }

    /// One document.
    package static func write(_ workload: Workload) -> String {
        var yaml = YAMLText()
        yaml.line("kind", workload.kind.rawValue)
        yaml.string("name", workload.name.rawValue)
        if workload.count != 1 { yaml.line("count", "\(workload.count)") }
        if workload.labels != .none { yaml.line("labels", labels(workload.labels)) }
        image(workload.image, &yaml)
        yaml.line("size", size(workload.size))
        limit(workload.limit, &yaml)
        if workload.floor > .zero {
            yaml.line("floor", YAMLText.flow([("cpu", workload.floor.notation)]))
        }
        program(workload.program, &yaml)
        storage(workload.storage, &yaml)
        rules(workload.rules, &yaml)
        move(workload.move, &yaml)
        if workload.onHostLoss != .wait { yaml.line("onHostLoss", workload.onHostLoss.rawValue) }
        if let time = workload.recoveryTime { yaml.line("recoveryTime", time.notation) }
        return yaml.text
    }

    private static func labels(_ labels: Labels) -> String {
        YAMLText.flow(labels.pairs.map { ($0.name, YAMLText.scalar($0.value)) })
    }

    private static func image(_ image: ImageReference, _ yaml: inout YAMLText) {
        switch image {
        case .named(let name):
            yaml.string("image", name)
        case .kernel(let kernel, let initrd, let append):
            var pairs = [
                (key: "kernel", value: YAMLText.scalar(kernel)),
                (key: "initrd", value: YAMLText.scalar(initrd)),
            ]
            if !append.isEmpty { pairs.append(("append", YAMLText.scalar(append))) }
            yaml.line("image", YAMLText.flow(pairs))
        }
    }

    private static func size(_ size: Resources) -> String {
        var pairs = [
            (key: "cpu", value: size.cpu.notation), (key: "memory", value: size.memory.notation),
        ]
        if size.disk > .zero { pairs.append(("disk", size.disk.notation)) }
        if size.network > .zero { pairs.append(("network", size.network.notation)) }
        pairs += size.scalars.map { ($0.name, CPU(millicores: $0.amount).notation) }
        return YAMLText.flow(pairs)
    }

    private static func limit(_ limit: Workload.Limit, _ yaml: inout YAMLText) {
        var pairs: [(key: String, value: String)] = []
        if let cpu = limit.cpu { pairs.append(("cpu", cpu.notation)) }
        if let memory = limit.memory { pairs.append(("memory", memory.notation)) }
        if !pairs.isEmpty { yaml.line("limit", YAMLText.flow(pairs)) }
    }

    private static func program(_ program: Program, _ yaml: inout YAMLText) {
        if !program.command.isEmpty {
            yaml.line("command", YAMLText.flow(program.command.map(YAMLText.scalar)))
        }
        if !program.environment.isEmpty {
            yaml.nested("env") { yaml in
                for variable in program.environment { yaml.string(variable.name, variable.value) }
            }
        }
        if !program.ports.isEmpty {
            yaml.line("ports", YAMLText.flow(program.ports.map { port($0) }))
        }
        if let check = program.check { yaml.line("check", self.check(check)) }
        if program.restart != .always { yaml.line("restart", program.restart.rawValue) }
    }

    private static func port(_ port: Program.Port) -> String {
        YAMLText.flow([
            ("host", "\(port.host)"), ("to", "\(port.instance)"),
            ("transport", port.transport.rawValue),
        ])
    }

    private static func check(_ check: HealthCheck) -> String {
        var pairs: [(key: String, value: String)] = []
        switch check.probe {
        case .http(let port, let path):
            pairs = [("http", YAMLText.scalar(path)), ("port", "\(port)")]
        case .tcp(let port):
            pairs = [("tcp", "\(port)")]
        case .exec(let words):
            pairs = [("exec", YAMLText.flow(words.map(YAMLText.scalar)))]
        }
        pairs += [("every", check.every.notation), ("fails", "\(check.fails)")]
        return YAMLText.flow(pairs)
    }

    private static func storage(_ storage: Storage, _ yaml: inout YAMLText) {
        let disks =
            storage.disks.map(\.notation)
            + storage.sharedDisks.map {
                YAMLText.flow([
                    ("name", YAMLText.scalar($0.name)), ("size", $0.size.notation),
                    ("shared", YAMLText.scalar($0.directory)),
                ])
            }
        if !disks.isEmpty { yaml.line("disks", YAMLText.flow(disks)) }
        if !storage.volumes.isEmpty {
            let volumes = storage.volumes.map { volume -> String in
                var pairs: [(key: String, value: String)] = [
                    ("name", YAMLText.scalar(volume.name)), ("path", YAMLText.scalar(volume.path)),
                ]
                if let shared = volume.shared { pairs.append(("shared", YAMLText.scalar(shared))) }
                return YAMLText.flow(pairs)
            }
            yaml.line("volumes", YAMLText.flow(volumes))
        }
        if let cloudInit = storage.cloudInit { yaml.string("cloudInit", cloudInit) }
    }

    private static func rules(_ rules: Rules, _ yaml: inout YAMLText) {
        guard rules != .none else { return }
        yaml.nested("rules") { yaml in
            let selectors = [
                ("need", rules.need), ("avoid", rules.avoid), ("prefer", rules.prefer),
                ("apart", rules.apart), ("together", rules.together),
            ]
            for (key, selector) in selectors where selector != .none {
                yaml.line(key, labels(selector))
            }
            if let spread = rules.spread { yaml.string("spread", spread) }
            if rules.tolerate != .none { yaml.line("tolerate", labels(rules.tolerate)) }
            if rules.priority != 0 { yaml.line("priority", "\(rules.priority)") }
        }
    }

    private static func move(_ move: MovePreference, _ yaml: inout YAMLText) {
        var pairs: [(key: String, value: String)] = []
        if move.allow != MovePreference.standard.allow {
            pairs.append(("allow", YAMLText.flow(move.allow.map(\.rawValue))))
        }
        if move.downtime != MovePreference.standard.downtime {
            pairs.append(("downtime", move.downtime.notation))
        }
        if move.converge != MovePreference.standard.converge {
            pairs.append(("converge", YAMLText.flow(move.converge.map(\.rawValue))))
        }
        if let most = move.most { pairs.append(("most", most.notation)) }
        if move.balloon { pairs.append(("balloon", "true")) }
        if !pairs.isEmpty { yaml.line("move", YAMLText.flow(pairs)) }
    }
}
