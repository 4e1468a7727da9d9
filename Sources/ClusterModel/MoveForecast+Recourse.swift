extension MoveForecast {
    /// What is done with an instance whose live move would not converge, and why.
    package enum Recourse: Hashable, Sendable {
        /// It may stand still for this long, the lowest rung that will do.
        case longer(Duration, since: Endless)
        /// It goes on at the target before all of its memory is there.
        case postcopy(since: Endless)
        /// It is stopped and started again.
        case restart(since: Endless)

        /// Why it would not converge otherwise.
        package var since: Endless {
            switch self {
            case .longer(_, let endless), .postcopy(let endless), .restart(let endless): endless
            }
        }
    }

    /// At the lowest rung at which it ends; at the highest where none will do.
    init(
        climbing ladder: DowntimeLadder, with load: MoveLoad, over link: MoveLink,
        at bandwidth: BytesPerSecond
    ) {
        func at(_ rung: Duration) -> MoveForecast {
            MoveForecast(streaming: load, over: link, at: bandwidth, within: rung)
        }
        let first = at(ladder.first)
        guard let endless = first.endless else {
            self = first
            return
        }
        for (climbed, rung) in ladder.rungs.enumerated().dropFirst() {
            let forecast = at(rung)
            guard forecast.endless == nil else { continue }
            // Each rung below was tried for as many passes as it takes to see that it will not do.
            let passes = climbed * DowntimeLadder.stalls
            let pass = Duration.sending(load.set, at: bandwidth)
            self.init(
                mode: .live, bytes: forecast.bytes + load.set.times(UInt64(passes)),
                duration: forecast.duration + pass * passes, downtime: forecast.downtime,
                rounds: forecast.rounds + passes, bandwidth: bandwidth,
                recourse: .longer(rung, since: endless))
            return
        }
        self = ladder.rungs.count == 1 ? first : at(ladder.most)
    }
}

extension MoveForecast {
    /// One that would not converge, by post-copy: all that is there once, and once more what changed meanwhile, while the guest
    /// runs on at the target.
    package func postcopying(_ load: MoveLoad, over link: MoveLink) -> MoveForecast? {
        guard let endless else { return nil }
        let first = load.disks + load.memory
        let again = min(load.set, load.memory)
        // No ceiling holds back what a guest is waiting for.
        let spent = Duration.sending(first, at: bandwidth) + .sending(again, at: link.bandwidth)
        return MoveForecast(
            mode: mode, bytes: first + again, duration: link.setup + spent + link.halt,
            downtime: Self.ambition + link.halt, rounds: 1, bandwidth: bandwidth,
            recourse: .postcopy(since: endless))
    }
}

extension MoveForecast.Recourse: CustomStringConvertible {
    /// Which way it goes and why, as an operator reads it.
    package var description: String {
        switch self {
        case .longer(let rung, let endless):
            "\(rung.milliseconds) ms are allowed (longer), because with \(endless.downtime.milliseconds) ms \(endless)"
        case .postcopy(let endless): "by post-copy, because \(endless)"
        case .restart(let endless): "by restart, because \(endless)"
        }
    }
}

extension Bytes {
    /// So many of them, or the most there can be.
    fileprivate func times(_ many: UInt64) -> Bytes {
        let (product, overflow) = count.multipliedReportingOverflow(by: many)
        return Bytes(overflow ? .max : product)
    }
}
