extension PackSearch {
    /// The layout of one sweep, if it has fewer occupied hosts than now.
    func swept() -> [Layout] {
        var sweep = Sweep(self)
        guard sweep.run(),
            sweep.layout.occupiedHosts(terrain) < start.occupiedHosts(terrain)
        else { return [] }
        return [sweep.layout]
    }
}
