import ClusterModel
import Testing

/// An undisturbed move with the world at each of its stations, from which it is run again with blows.
struct Rehearsal: Sendable {
    let move: DrilledMove
    let tempo: Int64
    private let stations: [World.Station]

    var boundaries: Int { stations.last?.boundaries.upperBound ?? 0 }

    init(of move: DrilledMove, tempo: Int64) throws {
        self.move = move
        self.tempo = tempo
        var world = try World(drill: move, tempo: tempo)
        stations = world.rehearse()
        if let violation = world.violation {
            throw World.Violation(words: "\(move), \(boundaries) boundaries: \(violation)")
        }
    }

    /// The world just before the boundary of the first blow.
    private func world(before blows: [Drill.Blow]) -> World? {
        guard let first = blows.first?.boundary,
            var world = stations.first(where: { $0.boundaries.contains(first) })?.world
        else { return nil }
        world.drill?.blows = blows
        return world
    }

    func strike(_ blows: [Drill.Blow], _ tally: inout Tally) {
        guard var world = world(before: blows) else { return }
        let end = world.finish()
        if world.drill?.hasMissed == true { return }
        tally.struck += 1
        switch end {
        case .success(let time): tally.longest = max(tally.longest, time)
        case .failure(let violation):
            tally.failed += 1
            // One cause shows at many boundaries; a few are enough to see it.
            guard tally.failed <= 3 else { return }
            let tail = told(blows).suffix(60).joined(separator: "\n")
            Issue.record("HUDDLE_BLOW='\(name(of: blows))': \(violation.words)\n\(tail)")
        }
    }

    /// The same in full.
    func told(_ blows: [Drill.Blow]) -> [String] {
        guard var world = world(before: blows) else { return ["there is no such boundary"] }
        world.log = ["\(name(of: blows))"]
        world.isLogging = true
        let end = world.finish()
        return world.log + ["\(end)"]
    }

    func name(of blows: [Drill.Blow]) -> String {
        (["\(move.rawValue) \(tempo)"] + blows.map { "\($0.boundary) \($0.fate.rawValue)" })
            .joined(separator: " ")
    }
}

/// What a number of runs came to.
struct Tally: Sendable {
    var struck = 0
    var failed = 0
    /// The longest time from when all was whole until all was at rest.
    var longest: Int64 = 0
}
