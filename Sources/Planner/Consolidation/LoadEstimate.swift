/// What an instance, or a host's instances together, are expected to use: mean and variance of one sample.
///
/// Amounts are in the unit of the series. Samples above `largest` are cut to it, so that squares and sums stay exact.
package struct LoadEstimate: Hashable, Sendable {
    package let mean: Int64
    package let variance: Int64

    /// 2²⁴ − 1: in millicores, sixteen thousand cores.
    package static let largest: UInt64 = 16_777_215

    package static let zero = LoadEstimate(mean: 0, variance: 0)

    package init(mean: Int64, variance: Int64) {
        self.mean = mean
        self.variance = variance
    }

    /// Mean and variance of `samples`; zero for none.
    package init(of samples: some Collection<UInt64>) {
        guard !samples.isEmpty else {
            self = .zero
            return
        }
        let count = Int128(samples.count)
        var sum: Int128 = 0
        var squares: Int128 = 0
        for sample in samples {
            let value = Int128(min(sample, Self.largest))
            sum += value
            squares += value * value
        }
        mean = Int64(sum / count)
        variance = Int64((squares * count - sum * sum) / (count * count))
    }

    /// The estimate of `samples` drawn towards `prior`, which counts as `weight` samples.
    ///
    /// A new instance has few samples of its own; what instances of its size use is the better guess until it has.
    package init(of samples: some Collection<UInt64>, prior: LoadEstimate, weight: Int64) {
        let own = LoadEstimate(of: samples)
        let count = Int128(samples.count)
        let all = count + Int128(weight)
        guard all > 0 else {
            self = prior
            return
        }
        mean = Int64((Int128(own.mean) * count + Int128(prior.mean) * Int128(weight)) / all)
        variance = Int64(
            (Int128(own.variance) * count + Int128(prior.variance) * Int128(weight)) / all)
    }

    /// Of both together, as if independent; saturating.
    package static func + (a: LoadEstimate, b: LoadEstimate) -> LoadEstimate {
        let (mean, tooMuch) = a.mean.addingReportingOverflow(b.mean)
        let (variance, tooWide) = a.variance.addingReportingOverflow(b.variance)
        return LoadEstimate(
            mean: tooMuch ? .max : mean, variance: tooWide ? .max : variance)
    }

    /// What is left of `a` without `b`, which is part of it.
    package static func - (a: LoadEstimate, b: LoadEstimate) -> LoadEstimate {
        LoadEstimate(mean: max(0, a.mean - b.mean), variance: max(0, a.variance - b.variance))
    }

    /// The mean and `deviations` thousandths of a standard deviation.
    package func demand(deviations: Int64) -> Int64 {
        let spread = Int128(Self.root(of: variance)) * Int128(deviations) / 1_000
        return Int64(min(Int128(mean) + spread, Int128(Int64.max)))
    }

    /// The largest whole number whose square is not above `number`.
    package static func root(of number: Int64) -> Int64 {
        guard number > 0 else { return 0 }
        var root = Int64(Double(number).squareRoot())
        while root * root > number { root -= 1 }
        while (root + 1).multipliedReportingOverflow(by: root + 1).overflow == false,
            (root + 1) * (root + 1) <= number
        { root += 1 }
        return root
    }
}
