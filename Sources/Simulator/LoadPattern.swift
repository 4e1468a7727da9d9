package import ClusterModel

/// What the instances of one workload want of processors, over time.
///
/// A pure function of the moment, the instance and the seed: nothing has to be kept, and two runs with the same seed
/// see the same load whatever was moved. Only `contrary` looks at where the instance is.
package struct LoadPattern: Hashable, Sendable {
    package let shape: Shape
    /// Whether each instance has a phase of its own, drawn from the seed.
    package let isScattered: Bool
    /// How far the pattern is shifted to later.
    package let delay: Duration

    /// Levels are parts of the processor time that the workload reserves.
    package enum Shape: Hashable, Sendable {
        case constant(Share)
        /// A sine of one period between two levels, with up to `noise` on top or off, anew each minute.
        case daily(low: Share, high: Share, noise: Share, period: Duration)
        /// Half a period high, half a period low.
        case square(low: Share, high: Share, period: Duration)
        /// Low, and high for `length` once in each `period`, at a moment that is drawn anew for each.
        case spikes(low: Share, high: Share, period: Duration, length: Duration)
        /// High while it shares its host, low while it has a host for itself: the worst that a packer can meet.
        case contrary(low: Share, high: Share)
        /// Amounts that were recorded, each for `every`, over and over.
        case recorded([CPU], every: Duration)
    }

    package init(_ shape: Shape, isScattered: Bool = false, delay: Duration = .zero) {
        self.shape = shape
        self.isScattered = isScattered
        self.delay = delay
    }

    /// The whole reservation, always.
    package static let reserved = LoadPattern(.constant(.whole))

    /// What `instance` wants at `time` after the beginning.
    package func demand(
        of instance: InstanceID, reserving reserved: CPU, at time: Int64, isSharing: Bool,
        seed: UInt64
    ) -> CPU {
        let own = Self.mix(seed, instance.rawValue)
        let moment = time - delay.milliseconds
        switch shape {
        case .constant(let level): return reserved.scaled(by: level)
        case .daily(let low, let high, let noise, let period):
            let phase = phase(moment, period, own)
            let level = Self.between(low, high, Self.wave(phase))
            return reserved.scaled(by: Self.blurred(level, noise, moment / 60_000, own))
        case .square(let low, let high, let period):
            return reserved.scaled(by: phase(moment, period, own) < 500_000 ? high : low)
        case .spikes(let low, let high, let period, let length):
            let span = max(1, period.milliseconds)
            let shifted = moment + shift(span, own)
            let number = shifted.flooredQuotient(by: span)
            let room = UInt64(max(1, span - length.milliseconds))
            let begins = Int64(Self.mix(own, UInt64(bitPattern: number)) % room)
            let inside = shifted - number * span
            return reserved.scaled(
                by: inside >= begins && inside < begins + length.milliseconds ? high : low)
        case .contrary(let low, let high): return reserved.scaled(by: isSharing ? high : low)
        case .recorded(let amounts, let every):
            guard !amounts.isEmpty else { return .zero }
            let step = max(1, every.milliseconds)
            let shifted = moment + shift(step * Int64(amounts.count), own)
            let number = shifted.flooredQuotient(by: step)
            let count = Int64(amounts.count)
            return amounts[Int(number - number.flooredQuotient(by: count) * count)]
        }
    }

    // MARK: - Numbers

    /// How far a scattered instance is ahead, below `span`.
    private func shift(_ span: Int64, _ own: UInt64) -> Int64 {
        isScattered ? Int64(Self.mix(own, 1) % UInt64(max(1, span))) : 0
    }

    /// Millionths of a period that have passed.
    private func phase(_ moment: Int64, _ period: Duration, _ own: UInt64) -> Int64 {
        let span = max(1, period.milliseconds)
        let shifted = moment + shift(span, own)
        let inside = shifted - shifted.flooredQuotient(by: span) * span
        return Int64((Double(inside) / Double(span) * 1_000_000).rounded(.down))
    }

    /// A sine from 0 to 1 000 that is lowest at the beginning of its period.
    ///
    /// - Source: Bhaskara I, Mahabhaskariya (629): sin πu ≈ 16u(1−u) / (5 − 4u(1−u)), off by less than 0.0017.
    private static func wave(_ phase: Int64) -> Int64 {
        func half(_ inside: Int64) -> Int64 {
            let product = Double(inside * 2) / 1_000_000 * (1 - Double(inside * 2) / 1_000_000)
            return Int64((16 * product / (5 - 4 * product) * 500).rounded())
        }
        let turned = (phase + 750_000) % 1_000_000
        return turned < 500_000 ? 500 + half(turned) : 500 - half(turned - 500_000)
    }

    private static func between(_ low: Share, _ high: Share, _ permille: Int64) -> Share {
        let (from, to) = (Int64(low.permille), Int64(high.permille))
        return Share(permille: UInt32(clamping: from + (to - from) * permille / 1000))
    }

    private static func blurred(
        _ level: Share, _ noise: Share, _ minute: Int64, _ own: UInt64
    ) -> Share {
        guard noise > .none else { return level }
        let width = UInt64(noise.permille) * 2 + 1
        let draw = Int64(mix(own, UInt64(bitPattern: minute)) % width) - Int64(noise.permille)
        return Share(permille: UInt32(clamping: Int64(level.permille) + draw))
    }

    static func mix(_ seed: UInt64, _ name: String) -> UInt64 {
        name.utf8.reduce(mix(seed, 0)) { mix($0, UInt64($1)) }
    }

    static func mix(_ seed: UInt64, _ number: UInt64) -> UInt64 {
        var random = SplitMix64(seed: seed ^ (number &* 0xD6E8_FEB8_6659_FD93))
        return random.next()
    }
}

extension Int64 {
    /// The quotient, rounded down also below zero.
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
