extension LowerBound {
    /// Failure domains over which the instances of some workload have to be spread.
    func forSpread() -> Int {
        terrain.rulebook.spreads.enumerated().map { index, spread in
            var left = counted.count {
                terrain.rulebook.spreadOf[terrain.instances[$0].workload] == index
            }
            let most = spread.values.indices.map {
                max(spread.share, start.instances(of: index, in: $0))
            }
            var count = 0
            for next in most.sorted(by: >) where left > 0 {
                left -= next
                count += 1
            }
            return count
        }.max() ?? 0
    }
}
