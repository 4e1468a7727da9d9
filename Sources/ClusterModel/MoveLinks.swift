/// What moves between pairs of hosts took so far.
package struct MoveLinks: Hashable, Sendable {
    private var known: [Way: MoveLink]

    /// Moves of one kind and mode from one host to another.
    package struct Way: Hashable, Comparable, Sendable {
        package let source: HostID
        package let target: HostID
        package let kind: Workload.Kind
        package let mode: MoveMode

        package init(source: HostID, target: HostID, kind: Workload.Kind, mode: MoveMode) {
            self.source = source
            self.target = target
            self.kind = kind
            self.mode = mode
        }

        package static func < (a: Way, b: Way) -> Bool {
            (a.source, a.target, a.kind.rawValue, a.mode)
                < (b.source, b.target, b.kind.rawValue, b.mode)
        }
    }

    /// One way and what was learnt of it.
    package struct Entry: Hashable, Sendable {
        package let way: Way
        package let link: MoveLink

        package init(way: Way, link: MoveLink) {
            self.way = way
            self.link = link
        }
    }

    package static let none = MoveLinks([])

    package init(_ entries: [Entry]) {
        known = Dictionary(
            entries.map { ($0.way, $0.link) }, uniquingKeysWith: { _, last in last })
    }

    package var entries: [Entry] {
        known.sorted { $0.key < $1.key }.map { Entry(way: $0.key, link: $0.value) }
    }

    package mutating func put(_ entry: Entry) { known[entry.way] = entry.link }

    package mutating func remove(_ way: Way) { known[way] = nil }

    /// What is to be counted on: what was learnt and is not forgotten, else what is assumed, with the bandwidth that any
    /// other move between the two hosts had.
    package subscript(_ way: Way, at now: Instant) -> MoveLink {
        let assumed = MoveLink.assumed(way.mode, of: way.kind)
        if let link = known[way] { return link.aged(at: now, toward: assumed) }
        guard !known.isEmpty else { return assumed }
        let relative = Workload.Kind.allCases.lazy.flatMap { kind in
            MoveMode.allCases.lazy.compactMap { mode in
                known[Way(source: way.source, target: way.target, kind: kind, mode: mode)]
            }
        }.first
        let bandwidth = relative?.aged(at: now, toward: assumed).bandwidth
        return MoveLink(
            bandwidth: bandwidth ?? assumed.bandwidth, setup: assumed.setup,
            halt: assumed.halt)
    }

    /// The same, learnt that much later.
    func shifted(by time: Duration) -> MoveLinks {
        MoveLinks(entries.map { Entry(way: $0.way, link: $0.link.shifted(by: time)) })
    }

    /// What was learnt of ways from or to `host`.
    package func ways(with host: HostID) -> [Way] {
        known.keys.filter { $0.source == host || $0.target == host }.sorted()
    }
}
