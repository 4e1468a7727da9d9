package import ClusterModel

/// What tells two specs of one workload apart, and what follows from it.
struct WorkloadDifference {
    /// One line for each field that differs.
    let lines: [String]
    /// Whether a running instance has to be made anew: something its driver was told has changed.
    let replaces: Bool
    /// Whether the hosts have to be told, because what they do differs.
    let concernsHosts: Bool

    init(from old: Workload, to new: Workload) {
        var lines: [String] = []
        func compare(_ field: String, _ before: String, _ after: String) {
            if before != after { lines.append("\(field) \(before) -> \(after)") }
        }
        compare("kind", old.kind.rawValue, new.kind.rawValue)
        compare("image", Self.text(old.image), Self.text(new.image))
        compare(
            "command", old.program.command.joined(separator: " "),
            new.program.command.joined(separator: " "))
        compare("size.cpu", "\(old.size.cpu.millicores)m", "\(new.size.cpu.millicores)m")
        compare("size.memory", "\(old.size.memory.count)", "\(new.size.memory.count)")
        compare("limit.cpu", Self.text(old.limit.cpu), Self.text(new.limit.cpu))
        compare("floor.cpu", "\(old.floor.millicores)m", "\(new.floor.millicores)m")
        compare("count", "\(old.count)", "\(new.count)")
        compare("labels", old.labels.description, new.labels.description)
        compare("move.allow", Self.text(old.move.allow), Self.text(new.move.allow))
        compare(
            "move.converge", old.move.converge.map(\.rawValue).joined(separator: ", "),
            new.move.converge.map(\.rawValue).joined(separator: ", "))
        compare("move.balloon (from its next start)", "\(old.move.balloon)", "\(new.move.balloon)")
        compare("onHostLoss", old.onHostLoss.rawValue, new.onHostLoss.rawValue)
        compare("recoveryTime", Self.text(old.recoveryTime), Self.text(new.recoveryTime))
        if old.rules != new.rules { lines.append("rules changed") }
        if old.program.environment != new.program.environment { lines.append("env changed") }
        if old.program.ports != new.program.ports { lines.append("ports changed") }
        if old.program.check != new.program.check { lines.append("check changed") }
        compare("restart", old.program.restart.rawValue, new.program.restart.rawValue)
        if old.storage != new.storage { lines.append("disks, volumes or cloudInit changed") }
        if lines.isEmpty, old != new { lines.append("size, limit or move changed") }
        self.lines = lines
        replaces = !old.runsLike(new)
        // Whoever starts it again has to know.
        concernsHosts =
            replaces || old.onHostLoss != new.onHostLoss || old.move.balloon != new.move.balloon
    }

    private static func text(_ time: Duration?) -> String {
        time.map { "\($0.milliseconds)ms" } ?? "none"
    }

    private static func text(_ image: ImageReference) -> String {
        switch image {
        case .named(let name): name
        case .kernel(let kernel, let initrd, let append): "\(kernel)+\(initrd) '\(append)'"
        }
    }

    private static func text(_ cpu: CPU?) -> String { cpu.map { "\($0.millicores)m" } ?? "none" }

    private static func text(_ modes: [MoveMode]) -> String {
        modes.map(\.rawValue).joined(separator: ",")
    }
}

extension Workload {
    /// Whether an instance that runs by this spec need not be made anew to run by `other`.
    package func runsLike(_ other: Workload) -> Bool {
        kind == other.kind && image == other.image && program == other.program
            && storage == other.storage && size == other.size && limit == other.limit
    }
}
