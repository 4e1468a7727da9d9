/// A simulated day: control steps, and between them the arrivals of what moves.
struct PlanetLabRun {
    private(set) var centre: DataCentre
    private var decider: PlanetLabDecider?

    init(centre: DataCentre, decider: PlanetLabDecider?) {
        self.centre = centre
        self.decider = decider
    }

    mutating func finish() {
        var time = PlanetLabModel.offset + PlanetLabModel.step
        while time < PlanetLabModel.end {
            centre.advance(to: time)
            let moves = decider?.decide(centre) ?? []
            for move in moves { centre.begin(moving: move.machine, to: move.host) }
            arrivals(of: moves, after: time)
            time += PlanetLabModel.step
        }
    }

    /// Lets machines arrive in the order of their times; those of one time arrive together.
    private mutating func arrivals(of moves: [PlanetLabDecider.Move], after time: Double) {
        let arrivals = moves.map { (at: time + centre.moveSeconds(of: $0.machine), move: $0) }
        for at in Set(arrivals.map(\.at)).sorted() {
            centre.advance(to: at)
            for arrival in arrivals where arrival.at == at { centre.arrive(arrival.move.machine) }
            centre.advance(to: at)
        }
    }
}
