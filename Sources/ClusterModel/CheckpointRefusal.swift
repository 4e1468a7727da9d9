/// What CRIU said of a program that it was to write down or to bring back.
///
/// It is a verdict on the program, not on the moment: of a host without room, and of one that was too slow, nothing is learnt.
package struct CheckpointVerdict: Hashable, Sendable {
    package let work: Work
    /// CRIU's own words, in one line and not too long.
    package let reason: String

    /// What CRIU was to do.
    package enum Work: String, Hashable, Sendable, CaseIterable {
        /// At the source of a move.
        case checkpoint
        /// At its target, or at the source of one that was undone.
        case restore
    }

    /// Whoever sends it may send what they like; this much of it is kept and shown.
    package static let longestReason = 240

    package init(_ work: Work, reason: String) {
        self.work = work
        let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
        self.reason = String(line.prefix(Self.longestReason))
    }
}

/// What CRIU sees of a workload: its image and all that makes the processes of it do one thing or another.
///
/// The environment counts, because it is how many a program is told to do without what CRIU refuses.
package struct CheckpointedProgram: Hashable, Sendable {
    /// As the workload names it.
    package let image: String
    /// Stands for command, environment and volumes, which may be long, and may be nobody else's business.
    package let mark: UInt64

    package init(image: String, mark: UInt64) {
        self.image = image
        self.mark = mark
    }

    /// `nil` for what CRIU has nothing to do with.
    package init?(_ workload: Workload) {
        guard workload.kind == .container, case .named(let image) = workload.image else {
            return nil
        }
        var mark = TextMark()
        mark.add(workload.program.command)
        mark.add(workload.program.environment.flatMap { [$0.name, $0.value] })
        mark.add(workload.storage.volumes.flatMap { [$0.name, $0.path, $0.shared ?? ""] })
        self.init(image: image, mark: mark.value)
    }
}

/// With what a host writes programs down and brings them back: what one refuses another may take.
package struct CheckpointSoftware: Hashable, Sendable {
    /// Such as `CRIU 4.2.1`.
    package let tool: String
    /// Such as `Podman 5.4.2`.
    package let runtime: String
    /// The kernel's release, such as `6.18.2`.
    package let kernel: String

    package init(tool: String, runtime: String, kernel: String) {
        self.tool = tool
        self.runtime = runtime
        self.kernel = kernel
    }

    /// `nil` of a host that cannot do either.
    package init?(_ capacity: Capacity) {
        guard let tool = capacity.capability(.checkpoint), tool.available else { return nil }
        let runtime = capacity.capability(.podman)
        // What follows in brackets is of the host's disk.
        let name = tool.detail.split(separator: "(", maxSplits: 1).first.map(String.init) ?? ""
        self.init(
            tool: name.hasSuffix(" ") ? String(name.dropLast()) : name,
            runtime: runtime?.available == true ? runtime?.detail ?? "" : "",
            kernel: capacity.kernel)
    }

    package var words: String { kernel.isEmpty ? tool : "\(tool) on Linux \(kernel)" }
}

/// A verdict as it is remembered: of which program, by what, and until when nobody tries again.
package struct CheckpointRefusal: Hashable, Sendable {
    package let program: CheckpointedProgram
    package let software: CheckpointSoftware
    package let verdict: CheckpointVerdict
    /// From then on it is tried again: a verdict that was wrong, or is no longer right, heals itself.
    package let until: Instant

    package init(
        program: CheckpointedProgram, software: CheckpointSoftware, verdict: CheckpointVerdict,
        until: Instant
    ) {
        self.program = program
        self.software = software
        self.verdict = verdict
        self.until = until
    }

    /// The same for every verdict on the same work, program and software.
    package var id: ID<CheckpointRefusal> {
        Self.id(of: verdict.work, program, software)
    }

    package static func id(
        of work: CheckpointVerdict.Work, _ program: CheckpointedProgram,
        _ software: CheckpointSoftware
    ) -> ID<CheckpointRefusal> {
        var mark = TextMark()
        mark.add([
            work.rawValue, program.image, String(program.mark), software.tool, software.runtime,
            software.kernel,
        ])
        return ID("r-" + String(mark.value, radix: 16))
    }

    /// Such as `CRIU 4.2.1 on Linux 6.18 refused to write down this program: …; tried again after …`.
    package var words: String {
        let work = verdict.work == .checkpoint ? "write down" : "bring back"
        return "\(software.words) refused to \(work) this program: \(verdict.reason); "
            + "tried again after \(until.timestamp)"
    }
}

/// The verdicts that hold at the moment of a snapshot, in ascending order of their ids.
package struct CheckpointRefusals: Hashable, Sendable {
    package let entries: [CheckpointRefusal]

    package static let none = CheckpointRefusals([], at: Instant(milliseconds: 0))

    /// Those of `refusals` that are not over at `now`.
    package init(_ refusals: [CheckpointRefusal], at now: Instant) {
        entries = refusals.filter { $0.until > now }.map { ($0.id, $0) }.sorted { $0.0 < $1.0 }
            .map(\.1)
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// Those that hold still at `now`.
    package func valid(at now: Instant) -> CheckpointRefusals {
        CheckpointRefusals(entries, at: now)
    }

    /// The program of `workload`, if there is any verdict on it.
    package func program(of workload: Workload) -> CheckpointedProgram? {
        guard !isEmpty, let program = CheckpointedProgram(workload),
            entries.contains(where: { $0.program == program })
        else { return nil }
        return program
    }

    /// Why `workload` would not come from one host to the other: what writes it down at the source would not, or what brings it
    /// back at the target.
    package func first(
        of workload: Workload, from source: Host, to target: Host
    ) -> CheckpointRefusal? {
        guard let program = program(of: workload) else { return nil }
        return first(.checkpoint, program, CheckpointSoftware(source.capacity))
            ?? first(.restore, program, CheckpointSoftware(target.capacity))
    }

    private func first(
        _ work: CheckpointVerdict.Work, _ program: CheckpointedProgram,
        _ software: CheckpointSoftware?
    ) -> CheckpointRefusal? {
        guard let software else { return nil }
        return entries.first {
            $0.verdict.work == work && $0.program == program && $0.software == software
        }
    }
}

/// A number that stands for texts in their order, the same on every machine.
private struct TextMark {
    private var hash = FNV1a()

    var value: UInt64 { hash.value }

    /// The count goes first, and 0xFF, which no UTF-8 has, ends each text: nothing runs into what follows it.
    mutating func add(_ texts: [String]) {
        hash.add(UInt64(texts.count).littleEndianBytes)
        for text in texts {
            hash.add(text.utf8)
            hash.add(CollectionOfOne(0xFF))
        }
    }
}

extension UInt64 {
    fileprivate var littleEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * UInt64($0))) }
    }
}
