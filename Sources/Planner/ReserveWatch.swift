import ClusterModel

/// Which hosts cannot be lost, kept up to date while instances are placed.
///
/// Most hosts are known to be spared without trying (`SpareWatch`). For the others the loss was
/// tried once, and is tried again only when a host fills on which it counted: one that was passed
/// over takes no more when it is fuller.
struct ReserveWatch: Sendable {
    private let terrain: Terrain
    private let reserve: Reserve
    private var blocks: RoomBlocks
    /// None falls asleep or wakes while instances are placed.
    private let sleepers: [Reserve.Sleeper]
    private var spare: SpareWatch
    /// Losses that were tried.
    private var losses: [Int: Reserve.Loss] = [:]
    /// Hosts whose loss counts on each host.
    private var countingOn: [Int: Set<Int>] = [:]
    private var breached = Set<Int>()
    /// Those that could not be lost at the beginning.
    private var known = Set<Int>()
    /// What was known before the last filling of a host.
    private var before: [(host: Int, loss: Reserve.Loss?)] = []
    private var isStale = true
    /// Whether `blocks` has to be made anew before it is used; while nothing is open, it is not.
    private var areBlocksStale = false

    init(_ terrain: Terrain, _ layout: Layout) {
        self.terrain = terrain
        let reserve = Reserve(terrain)
        self.reserve = reserve
        sleepers = reserve.sleepers(in: layout, .ready)
        blocks = RoomBlocks(reserve.kept(in: layout, .ready), layout, terrain)
        spare = SpareWatch(terrain, layout, losses: reserve.hosts)
        begin(layout)
    }

    /// Whether every loss has to be tried: with several hosts at a time, which ones depends on all.
    private var triesAll: Bool { reserve.hosts > 1 && !spare.open.isEmpty }

    /// What cannot be lost now does not count against what comes.
    mutating func begin(_ layout: Layout) {
        if triesAll {
            known = Set(reserve.breaches(in: layout, powered: .ready).keys)
            return
        }
        if isStale {
            losses = [:]
            countingOn = [:]
            breached = []
            for host in exposed(in: layout) { note(host, attempt(host, layout)) }
            isStale = false
        }
        known = breached
    }

    /// Something was taken off `host`, so what was passed over may count now.
    mutating func emptied(_ host: Int, _ layout: Layout) {
        refresh(host, layout)
        isStale = true
    }

    /// More is on `host`; answers what a host lacks that could be lost before.
    mutating func filled(_ host: Int, _ layout: Layout) -> Resources? {
        before = []
        let isOpened = spare.filled(host, layout)
        guard !spare.open.isEmpty else {
            areBlocksStale = true
            return nil
        }
        refresh(host, layout)
        if triesAll {
            let breaches = reserve.breaches(in: layout, powered: .ready)
            return breaches.keys.filter { !known.contains($0) }.min().flatMap { breaches[$0] }
        }
        var changed = countingOn[host] ?? []
        if isExposed(host, layout) { changed.insert(host) }
        if isOpened { changed.formUnion(exposed(in: layout).filter { losses[$0] == nil }) }
        for host in changed.sorted() {
            before.append((host, losses[host]))
            note(host, attempt(host, layout))
        }
        let new = changed.filter { breached.contains($0) && !known.contains($0) }.min()
        return new.flatMap { losses[$0]?.short }
    }

    /// The last filling, of `host`, is taken back; `layout` is as it was before.
    mutating func undo(_ host: Int, _ layout: Layout) {
        refresh(host, layout)
        for (host, loss) in before {
            note(host, loss ?? (isExposed(host, layout) ? attempt(host, layout) : nil))
        }
        before = []
    }

    private mutating func refresh(_ host: Int, _ layout: Layout) {
        if areBlocksStale {
            blocks = RoomBlocks(blocks.hosts, layout, terrain)
            areBlocksStale = false
        } else {
            blocks.update(host, layout, terrain)
        }
    }

    private func attempt(_ host: Int, _ layout: Layout) -> Reserve.Loss {
        reserve.loss(of: [host], onto: blocks, sleepers, in: layout)
    }

    private mutating func note(_ host: Int, _ loss: Reserve.Loss?) {
        for used in losses[host]?.used ?? [] { countingOn[used]?.remove(host) }
        losses[host] = loss
        for used in loss?.used ?? [] { countingOn[used, default: []].insert(host) }
        if loss?.short == nil { breached.remove(host) } else { breached.insert(host) }
    }

    /// Hosts of whose loss nothing is known without trying.
    private func exposed(in layout: Layout) -> [Int] {
        guard reserve.hosts > 0, !spare.open.isEmpty else { return [] }
        return blocks.hosts.filter { isExposed($0, layout) }
    }

    private func isExposed(_ host: Int, _ layout: Layout) -> Bool {
        terrain.hosts[host].takes
            && layout.occupants[host].contains {
                spare.open.contains(terrain.reserveClass(of: $0))
            }
    }
}
