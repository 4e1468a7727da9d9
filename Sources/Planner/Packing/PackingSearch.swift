/// Looks for a packing with fewer bins for as long as it is asked to.
///
/// The effort is counted in steps: the same problem, seed and number of steps give the same
/// packing, however the steps were divided among calls. More steps never give more bins.
package struct PackingSearch: Sendable {
    private var engine: Engine

    /// One search for each width of the packed vectors, so that each is compiled for its own.
    private enum Engine: Sendable {
        case word(SearchRun<PackedWord>)
        case two(SearchRun<PackedWords<SIMD2<UInt64>>>)
        case four(SearchRun<PackedWords<SIMD4<UInt64>>>)
        case eight(SearchRun<PackedWords<SIMD8<UInt64>>>)
        case many(SearchRun<PackedWords<SIMD64<UInt64>>>)
        /// While a search advances it is held here by nobody else, or all its arrays were copied.
        case away
    }

    package let bound: Int
    package private(set) var steps = 0
    /// Whether no further step can change anything.
    package private(set) var isDone = false

    package init(_ problem: PackingProblem, seed: UInt64) {
        let bound = PackingBound.bins(for: problem)
        let layout = LaneLayout(capacities: problem.capacities)
        switch layout.words {
        case 1: engine = .word(SearchRun(problem, layout, bound: bound, seed: seed))
        case 2: engine = .two(SearchRun(problem, layout, bound: bound, seed: seed))
        case 3...4: engine = .four(SearchRun(problem, layout, bound: bound, seed: seed))
        case 5...8: engine = .eight(SearchRun(problem, layout, bound: bound, seed: seed))
        default: engine = .many(SearchRun(problem, layout, bound: bound, seed: seed))
        }
        self.bound = bound
        isDone = problem.items == 0
    }

    /// Does `steps` more steps; fewer if the packing is proved best.
    package mutating func advance(steps: Int) {
        let current = engine
        engine = .away
        switch consume current {
        case .word(var run):
            note(run.advance(steps: steps), run.isDone)
            engine = .word(run)
        case .two(var run):
            note(run.advance(steps: steps), run.isDone)
            engine = .two(run)
        case .four(var run):
            note(run.advance(steps: steps), run.isDone)
            engine = .four(run)
        case .eight(var run):
            note(run.advance(steps: steps), run.isDone)
            engine = .eight(run)
        case .many(var run):
            note(run.advance(steps: steps), run.isDone)
            engine = .many(run)
        case .away: break
        }
    }

    private mutating func note(_ done: Int, _ isDone: Bool) {
        steps += done
        self.isDone = isDone
    }

    /// The best packing so far; one bin for each item before the first step.
    package var packing: Packing {
        switch engine {
        case .word(let run): Packing(binOf: run.best)
        case .two(let run): Packing(binOf: run.best)
        case .four(let run): Packing(binOf: run.best)
        case .eight(let run): Packing(binOf: run.best)
        case .many(let run): Packing(binOf: run.best)
        case .away: Packing(binOf: [])
        }
    }
}
