import ClusterModel
import Planner
import Testing

/// What holds for every packing problem and seed.
@Suite struct PackingLaws {
    @Test("bound ≤ optimum ≤ result, and the result is a packing", arguments: 0..<20)
    func optimum(block: Int) throws {
        for seed in UInt64(block * 50)..<UInt64(block * 50 + 50) {
            let problem = try problem(seed: seed, most: 8)
            let optimum = fewestBins(problem)
            var search = PackingSearch(problem, seed: seed)
            search.advance(steps: 60)
            let packing = search.packing
            #expect(packing.violation(of: problem) == nil, "seed \(seed)")
            #expect(search.bound <= optimum, "seed \(seed)")
            #expect(packing.bins >= optimum, "seed \(seed)")
        }
    }

    @Test("enough steps find the optimum of small problems", arguments: UInt64(0)..<100)
    func found(seed: UInt64) throws {
        let problem = try problem(seed: seed, most: 8)
        var search = PackingSearch(problem, seed: 1)
        search.advance(steps: 2_000)
        #expect(search.packing.bins == fewestBins(problem), "seed \(seed)")
    }

    @Test("same seed and steps, same packing; however they are divided", arguments: UInt64(0)..<20)
    func replay(seed: UInt64) throws {
        let problem = try problem(seed: seed, most: 60)
        var whole = PackingSearch(problem, seed: seed)
        whole.advance(steps: 500)
        var parts = PackingSearch(problem, seed: seed)
        while parts.steps < whole.steps { parts.advance(steps: min(7, whole.steps - parts.steps)) }
        #expect(parts.packing == whole.packing, "seed \(seed)")
        #expect(parts.steps == whole.steps && parts.isDone == whole.isDone, "seed \(seed)")
    }

    @Test("more steps never give more bins", arguments: UInt64(0)..<20)
    func monotone(seed: UInt64) throws {
        let problem = try problem(seed: seed, most: 60)
        var search = PackingSearch(problem, seed: seed)
        var bins = search.packing.bins
        for _ in 0..<100 {
            search.advance(steps: 5)
            let packing = search.packing
            #expect(packing.violation(of: problem) == nil, "seed \(seed)")
            #expect(packing.bins <= bins, "seed \(seed)")
            bins = packing.bins
        }
    }

    @Test("a search that is done has proved its packing or has nothing to do")
    func proved() throws {
        let empty = try PackingProblem(capacities: [3], items: [])
        #expect(PackingSearch(empty, seed: 1).isDone)
        #expect(PackingSearch(empty, seed: 1).packing.bins == 0)
        let halves = try PackingProblem(
            capacities: [4, 4], items: Array(repeating: [2, 1], count: 10))
        var search = PackingSearch(halves, seed: 1)
        search.advance(steps: 1_000)
        #expect(search.isDone && search.steps < 1_000)
        #expect(search.packing.bins == 5 && search.bound == 5)
    }

    @Test("vectors of every width", arguments: [1, 2, 3, 5, 9, 17, 64])
    func widths(resources: Int) throws {
        // A capacity of 62 bits fills a word.
        let capacity = PackingProblem.largestCapacity
        let items = (0..<12).map { item in
            (0..<resources).map { ($0 + item) % 3 == 0 ? capacity / 2 : capacity / 4 }
        }
        let problem = try PackingProblem(
            capacities: Array(repeating: capacity, count: resources), items: items)
        var search = PackingSearch(problem, seed: 1)
        search.advance(steps: 500)
        #expect(search.packing.violation(of: problem) == nil)
        #expect(search.packing.bins <= 6 && search.packing.bins >= search.bound)
    }

    @Test("many items are packed in one step", .timeLimit(.minutes(1)))
    func many() throws {
        var generator = SplitMix64(seed: 1)
        let sizes = (0..<40_000).map { _ in generator.next() % 500 + 1 }
        let problem = try PackingProblem(capacities: [1_000, 1_000], sizes: sizes)
        var search = PackingSearch(problem, seed: 1)
        search.advance(steps: 1)
        #expect(search.packing.violation(of: problem) == nil)
        #expect(search.packing.bins < 7_000 && search.bound > 4_000)
    }

    // MARK: Made problems

    private func problem(seed: UInt64, most: Int) throws -> PackingProblem {
        var generator = SplitMix64(seed: seed)
        func draw(_ limit: UInt64) -> UInt64 { generator.next() % limit }
        let resources = Int(draw(4)) + 1
        let capacities = (0..<resources).map { _ in draw(12) + (draw(4) == 0 ? 1_000 : 1) }
        let reach = draw(3) + 1
        let items = (0..<draw(UInt64(most)) + 1).map { _ in
            capacities.map { draw($0 / reach + 1) }
        }
        return try PackingProblem(capacities: capacities, items: items)
    }

    /// By trying all ways: each item into each bin in use or one new.
    private func fewestBins(_ problem: PackingProblem) -> Int {
        var fewest = problem.items
        var rooms: [[UInt64]] = []
        func place(_ item: Int) {
            guard rooms.count < fewest else { return }
            guard item < problem.items else {
                fewest = rooms.count
                return
            }
            let sizes = (0..<problem.dimensions).map { problem.size(of: item, in: $0) }
            for bin in rooms.indices where zip(sizes, rooms[bin]).allSatisfy({ $0 <= $1 }) {
                let before = rooms[bin]
                rooms[bin] = zip(before, sizes).map { $0 - $1 }
                place(item + 1)
                rooms[bin] = before
            }
            rooms.append(zip(problem.capacities, sizes).map { $0 - $1 })
            place(item + 1)
            rooms.removeLast()
        }
        place(0)
        return fewest
    }
}
