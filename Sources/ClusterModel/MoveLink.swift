/// What moves of one kind and mode between two hosts took so far: what the next forecast counts on.
package struct MoveLink: Hashable, Sendable {
    package let bandwidth: BytesPerSecond
    /// What a move takes beside sending: images looked for, the target made ready, both ends told.
    package let setup: Duration
    /// What standing still takes beside sending: devices, a restore, the network.
    package let halt: Duration
    /// How many moves it was learnt from.
    package let moves: Int
    /// When the last of them ended; `nil` where none is known.
    package let learntAt: Instant?

    package init(
        bandwidth: BytesPerSecond, setup: Duration, halt: Duration, moves: Int = 0,
        learntAt: Instant? = nil
    ) {
        self.bandwidth = bandwidth
        self.setup = setup
        self.halt = halt
        self.moves = moves
        self.learntAt = learntAt
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
    /// The first counts for half beside what was assumed, each later one for a third: a changed network is known after a few
    /// moves, and one odd move does not decide. What went under a ceiling says only that the way is no slower than that. Times of
    /// standing still are mostly short, and now and then ten times as long: they count by ratio, for their mean is not what is usual.
    package func learning(_ result: MoveReport) -> MoveLink {
        let share = moves == 0 ? Self.firstShare : Self.share
        let seen = result.measure.bandwidth ?? bandwidth
        let free = result.measure.isBound ? max(bandwidth, seen) : seen
        return MoveLink(
            bandwidth: BytesPerSecond(bandwidth.count.approaching(free.count, by: share)),
            setup: setup.approaching(result.setup(at: seen), by: share),
            halt: result.halt(at: seen).map {
                halt.geometricMean(with: $0, weighing: moves == 0 ? 1 : 2)
            } ?? halt,
            moves: moves + 1, learntAt: result.endedAt)
    }

    private static let firstShare = Share(permille: 500)
    private static let share = Share(permille: 333)

    /// What is left of it at `now`, on its way back to what is assumed: half of the difference after each half-life.
    ///
    /// A way on which a live move is refused for its bandwidth is measured by none, so nothing else would correct what one
    /// bad move made of it.
    package func aged(at now: Instant, toward assumed: MoveLink) -> MoveLink {
        let forgotten = learntAt.map { Self.forgotten(after: now.since($0)) } ?? .whole
        return MoveLink(
            bandwidth: BytesPerSecond(
                bandwidth.count.approaching(assumed.bandwidth.count, by: forgotten)),
            setup: setup.approaching(assumed.setup, by: forgotten),
            halt: halt.approaching(assumed.halt, by: forgotten), moves: moves, learntAt: learntAt)
    }

    func shifted(by time: Duration) -> MoveLink {
        MoveLink(
            bandwidth: bandwidth, setup: setup, halt: halt, moves: moves,
            learntAt: learntAt?.advanced(by: time))
    }

    /// Networks change in months and odd moves come in minutes: what a day did not confirm counts for half.
    package static let halfLife = Duration.seconds(86_400)

    /// The part of what was learnt that is forgotten after `age`; straight lines between whole half-lives.
    private static func forgotten(after age: Duration) -> Share {
        let life = UInt64(halfLife.milliseconds)
        let (lives, rest) = UInt64(max(0, age.milliseconds)).quotientAndRemainder(dividingBy: life)
        guard lives < 10 else { return .whole }
        let left: UInt64 = 1_000 >> lives
        let faded: UInt64 = left * rest / life / 2
        return Share(permille: UInt32(1_000 - left + faded))
    }
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

    /// To the nearest millisecond; both count for one at least and for ten minutes at most, and the other for no less than an eighth of
    /// this and no more than eight times: what is left once the sending is taken off may be anything, down to nothing.
    ///
    /// - Parameter weight: how often this counts beside the other.
    fileprivate func geometricMean(with other: Duration, weighing weight: Int) -> Duration {
        let bounds: ClosedRange<Int64> = 1...600_000
        func count(_ time: Duration) -> UInt64 {
            UInt64(min(max(time.milliseconds, bounds.lowerBound), bounds.upperBound))
        }
        // Three factors of 20 bits each, and the three that make it halves of milliseconds.
        let own = count(self)
        let seen = min(max(count(other), own / 8), own * 8)
        let product = (0..<weight).reduce(seen) { product, _ in product * own }
        let halves = (product << (weight + 1)).root(weight + 1)
        return .milliseconds(Int64((halves + 1) / 2))
    }
}

extension UInt64 {
    /// The largest number whose power of `degree`, two or three, is no larger than this.
    fileprivate func root(_ degree: Int) -> UInt64 {
        var (low, high): (UInt64, UInt64) = (0, degree == 2 ? 1 << 32 : 1 << 21)
        while high - low > 1 {
            let middle = (low + high) / 2
            let power = (1..<degree).reduce(middle) { power, _ in power * middle }
            if power <= self { low = middle } else { high = middle }
        }
        return low
    }
}
