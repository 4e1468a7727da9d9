/// What a move is expected to come to, before it starts.
///
/// For a guest that runs on while its memory is sent, pass `i` sends what changed during the pass before it:
/// `V(i) = min(D · t(i-1), W)`, `t(i) = V(i) / B`, with the memory `V`, the bandwidth `B`, the changes `D` and the set `W`
/// that is written again and again. It ends once a pass is short enough for the guest to stand still meanwhile, and
/// that comes to be only if `D < B`, or if all of `W` can be sent in that time.
/// - Source: Clark et al., Live Migration of Virtual Machines, NSDI 2005.
package struct MoveForecast: Hashable, Sendable {
    /// How it would be done.
    package let mode: MoveMode
    /// All that goes over the wire.
    package let bytes: Bytes
    package let duration: Duration
    /// How long nobody answers.
    package let downtime: Duration
    /// Passes over the memory; zero where it is not sent, or sent once while the instance stands still.
    package let rounds: Int
    /// What was counted on.
    package let bandwidth: BytesPerSecond
    /// Why it would not come to an end; what was forecast is then what the passes would come to forever.
    package let endless: Endless?
    /// What is to be done because it would not converge otherwise; `nil` where nothing is.
    package internal(set) var recourse: Recourse?

    /// A copy that never catches up, in numbers.
    package struct Endless: Hashable, Sendable {
        package let changes: BytesPerSecond
        package let set: Bytes
        package let bandwidth: BytesPerSecond
        package let downtime: Duration

        package init(
            changes: BytesPerSecond, set: Bytes, bandwidth: BytesPerSecond, downtime: Duration
        ) {
            self.changes = changes
            self.set = set
            self.bandwidth = bandwidth
            self.downtime = downtime
        }

        /// What can be sent while the instance may stand still.
        package var sendable: Bytes { Bytes(bandwidth.count.over(downtime)) }
    }

    package init(
        mode: MoveMode, bytes: Bytes, duration: Duration, downtime: Duration, rounds: Int = 0,
        bandwidth: BytesPerSecond, endless: Endless? = nil, recourse: Recourse? = nil
    ) {
        self.mode = mode
        self.bytes = bytes
        self.duration = duration
        self.downtime = downtime
        self.rounds = rounds
        self.bandwidth = bandwidth
        self.endless = endless
        self.recourse = recourse
    }
}

extension MoveForecast {
    /// The forecast of a move over `link`.
    ///
    /// - Parameters:
    ///   - ladder: how long a guest may stand still; the lowest rung that will do is forecast.
    ///   - ceiling: what moves may take of the bandwidth; `nil` is all of it.
    package init(
        _ mode: MoveMode, of kind: Workload.Kind, carrying load: MoveLoad, over link: MoveLink,
        within ladder: DowntimeLadder, ceiling: BytesPerSecond? = nil
    ) {
        let bandwidth = max(BytesPerSecond(1), min(link.bandwidth, ceiling ?? link.bandwidth))
        switch (mode, kind) {
        case (.live, .vm):
            self.init(climbing: ladder, with: load, over: link, at: bandwidth)
        case (.live, .container):
            self.init(standing: mode, load.memory + load.disks, over: link, at: bandwidth)
        case (.restart, _):
            self.init(standing: mode, load.disks, over: link, at: bandwidth)
        // The image is there before the new copy starts, and the address is handed over at once.
        case (.relocate, _):
            self.init(
                mode: mode, bytes: .zero, duration: link.setup, downtime: link.halt,
                bandwidth: bandwidth)
        }
    }

    /// Everything is sent while the instance stands still.
    private init(
        standing mode: MoveMode, _ bytes: Bytes, over link: MoveLink,
        at bandwidth: BytesPerSecond
    ) {
        let gap = Duration.sending(bytes, at: bandwidth) + link.halt
        self.init(
            mode: mode, bytes: bytes, duration: link.setup + gap, downtime: gap,
            bandwidth: bandwidth)
    }

    /// Pass after pass while the guest runs.
    init(
        streaming load: MoveLoad, over link: MoveLink, at bandwidth: BytesPerSecond,
        within downtime: Duration
    ) {
        let rate = load.changes?.rate ?? .zero
        let sendable = Bytes(bandwidth.count.over(downtime))
        let disks = Duration.sending(load.disks, at: bandwidth)
        var time = Duration.sending(load.memory, at: bandwidth)
        var (bytes, spent) = (load.disks + load.memory, disks + time)
        var (rounds, rest) = (1, min(load.set, rate.sent(in: time)))
        let ends = rate < bandwidth || load.set <= sendable
        // No pass is larger than the one before it, so that as many as are counted are enough for figures.
        while ends, rest > sendable, rounds < Self.mostRounds {
            time = .sending(rest, at: bandwidth)
            spent += time
            bytes = bytes + rest
            rest = min(load.set, rate.sent(in: time))
            rounds += 1
        }
        guard ends, rest <= sendable else {
            self.init(
                mode: .live, bytes: bytes, duration: link.setup + spent + link.halt,
                downtime: .sending(load.set, at: bandwidth) + link.halt, rounds: rounds,
                bandwidth: bandwidth,
                endless: Endless(
                    changes: rate, set: load.set, bandwidth: bandwidth, downtime: downtime))
            return
        }
        let last = Approach(rest, changing: rate, at: bandwidth)
        self.init(
            mode: .live, bytes: bytes + last.bytes,
            duration: link.setup + spent + last.duration + link.halt,
            downtime: last.gap + link.halt, rounds: rounds + 1, bandwidth: bandwidth)
    }

    /// From the first pass that is short enough to the last: shorter ones are tried for a moment while the guest runs.
    private struct Approach {
        let bytes: Bytes
        let duration: Duration
        let gap: Duration

        init(_ rest: Bytes, changing rate: BytesPerSecond, at bandwidth: BytesPerSecond) {
            let pass = Duration.sending(rest, at: bandwidth)
            // The sum of ever shorter passes, each `rate / bandwidth` of the one before.
            let headroom = bandwidth.subtracting(rate) ?? .zero
            let all = headroom == .zero ? nil : Bytes(rest.count.times(bandwidth, per: headroom))
            let whole = all.map { Duration.sending($0, at: bandwidth) }
            if let all, let whole, whole <= MoveForecast.patience {
                (bytes, duration, gap) = (all, whole, min(pass, MoveForecast.ambition))
            } else {
                let tried = pass + MoveForecast.patience
                duration = min(whole ?? tried, tried)
                bytes = Bytes(bandwidth.count.over(duration))
                // Of `whole`, what is left after some time is to that as the pass that is then due to the first.
                gap =
                    whole.map { pass - pass * (MoveForecast.patience / $0) }
                    .map { max($0, min(pass, MoveForecast.ambition)) } ?? pass
            }
        }
    }

    /// What a guest is at first stopped for, and how long that is tried before all of what is allowed is taken.
    package static let ambition = Duration.milliseconds(5)
    package static let patience = Duration.milliseconds(500)
    /// Far more than any move has: at a headroom of a hundredth, a pass shrinks to a thousandth in seven hundred.
    private static let mostRounds = 1_000
}

extension Duration {
    /// How long `bytes` take; no longer than a year, so that sums stay finite.
    package static func sending(_ bytes: Bytes, at bandwidth: BytesPerSecond) -> Duration {
        let rate = max(1, bandwidth.count)
        let (whole, rest) = bytes.count.quotientAndRemainder(dividingBy: rate)
        guard whole < 31_536_000 else { return .seconds(31_536_000) }
        // Both halves of the product are in range, for the remainder is smaller than the rate.
        let product = rest.multipliedFullWidth(by: 1_000_000)
        let micros = rate.dividingFullWidth(product).quotient
        return .seconds(Int64(whole)) + .microseconds(Int64(micros))
    }
}

extension BytesPerSecond {
    /// What goes by in `time`, to the microsecond.
    fileprivate func sent(in time: Duration) -> Bytes {
        let (seconds, attoseconds) = time.components
        let micros = UInt64(max(0, seconds)) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000)
        let product = count.multipliedFullWidth(by: micros)
        guard product.high < 1_000_000 else { return Bytes(.max) }
        return Bytes(UInt64(1_000_000).dividingFullWidth(product).quotient)
    }
}

extension UInt64 {
    /// This, times `many` and divided by `few`; the largest value where that is more.
    fileprivate func times(_ many: BytesPerSecond, per few: BytesPerSecond) -> UInt64 {
        let product = multipliedFullWidth(by: many.count)
        guard product.high < few.count else { return .max }
        return few.count.dividingFullWidth(product).quotient
    }
}

extension MoveForecast.Endless: CustomStringConvertible {
    /// The reason in numbers, as an operator reads it.
    package var description: String {
        "a live move would not end: it changes \(Self.mebibytes(changes.count)) MiB/s of its memory and "
            + "\(Self.mebibytes(bandwidth.count)) MiB/s can be sent; the \(Self.mebibytes(set.count)) MiB that it "
            + "changes again and again would have to fit into \(Self.mebibytes(sendable.count)) MiB, "
            + "\(downtime.milliseconds) ms of sending"
    }

    private static func mebibytes(_ count: UInt64) -> UInt64 {
        (count >> 20) + ((count >> 19) & 1)
    }
}
