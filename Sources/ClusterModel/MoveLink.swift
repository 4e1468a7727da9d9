/// What moves of one kind and mode between two hosts took so far: what the next forecast counts on.
package struct MoveLink: Hashable, Sendable {
    package let bandwidth: BytesPerSecond
    /// What a move takes beside sending: images looked for, the target made ready, both ends told.
    package let setup: Duration
    /// What standing still takes beside sending: devices, a restore, the network.
    package let halt: Duration
    /// How many moves it was learnt from.
    package let moves: Int

    package init(bandwidth: BytesPerSecond, setup: Duration, halt: Duration, moves: Int = 0) {
        self.bandwidth = bandwidth
        self.setup = setup
        self.halt = halt
        self.moves = moves
    }

    /// What is counted on between hosts that moved nothing yet: a gigabit link, and what moves took in the lab.
    /// - Source: measured between two hosts in containers (two cores, TCG): a move of an idle guest 1.4 s in all and 2–9 ms
    ///   of standing still; a checkpoint 0.3 s, its adoption 0.1 s, its restore 0.3 s; a start of a container 2 s at most, of
    ///   a guest 5 s.
    package static func assumed(_ mode: MoveMode, of kind: Workload.Kind) -> MoveLink {
        let gigabit = BytesPerSecond(117_000_000)
        switch (mode, kind) {
        case (.live, .vm):
            return MoveLink(
                bandwidth: gigabit, setup: .milliseconds(1_000), halt: .milliseconds(10))
        case (.live, .container):
            return MoveLink(
                bandwidth: gigabit, setup: .milliseconds(300), halt: .milliseconds(800))
        case (.relocate, _):
            return MoveLink(
                bandwidth: gigabit, setup: .milliseconds(2_500), halt: .milliseconds(50))
        case (.restart, .container):
            return MoveLink(
                bandwidth: gigabit, setup: .milliseconds(500), halt: .milliseconds(2_000))
        case (.restart, .vm):
            return MoveLink(
                bandwidth: gigabit, setup: .milliseconds(500), halt: .milliseconds(5_000))
        }
    }

    /// Takes in what one move came to.
    ///
    /// The first replaces what was assumed; of later ones each counts for a third, so that a changed network is known after a
    /// few moves and one odd move does not decide. What went under a ceiling says nothing of how fast the way is.
    package func learning(_ result: MoveReport) -> MoveLink {
        let share = moves == 0 ? Share.whole : Self.share
        let seen = result.measure.bandwidth ?? bandwidth
        let isCapped = result.forecast.map { $0.bandwidth < bandwidth } ?? false
        let free = isCapped ? bandwidth : seen
        return MoveLink(
            bandwidth: BytesPerSecond(bandwidth.count.approaching(free.count, by: share)),
            setup: setup.approaching(result.setup(at: seen), by: share),
            halt: halt.approaching(result.halt(at: seen), by: share),
            moves: moves + 1)
    }

    private static let share = Share(permille: 333)
}

extension UInt64 {
    fileprivate func approaching(_ other: UInt64, by share: Share) -> UInt64 {
        other >= self
            ? saturatingSum((other - self).scaled(by: share))
            : self - (self - other).scaled(by: share)
    }
}

extension Duration {
    fileprivate func approaching(_ other: Duration?, by share: Share) -> Duration {
        guard let other else { return self }
        let now = UInt64(max(0, milliseconds))
        let then = UInt64(max(0, other.milliseconds))
        return .milliseconds(Int64(clamping: now.approaching(then, by: share)))
    }
}
