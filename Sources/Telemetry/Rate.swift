/// Turns a cumulative counter into what it grew by between two readings.
package struct Rate: Hashable, Sendable {
    private var previous: Reading?

    private struct Reading: Hashable, Sendable {
        let count: UInt64
        let nanoseconds: UInt64
    }

    /// What a counter grew by, and in which time.
    package struct Growth: Hashable, Sendable {
        /// In the counter's own unit.
        package let count: UInt64
        /// Above zero.
        package let nanoseconds: UInt64

        /// Growth for each nanosecond, times `factor`, rounded down and saturating.
        ///
        /// A count of bytes times 1 000 000 000 gives bytes a second; one of nanoseconds of
        /// processor time times 1 000 gives millicores.
        package func scaled(by factor: UInt64) -> UInt64 {
            let product = count.multipliedFullWidth(by: factor)
            guard product.high < nanoseconds else { return .max }
            return nanoseconds.dividingFullWidth(product).quotient
        }
    }

    /// A counter that was not read yet.
    package init() {}

    /// Takes the counter's value at a moment of the monotonic clock.
    ///
    /// Returns `nil` for the first reading, for one that is missing, and for one that is lower than
    /// the last: whatever counted was restarted, and what it had counted in between is not known.
    package mutating func grow(to count: UInt64?, atNanoseconds now: UInt64) -> Growth? {
        guard let count else {
            previous = nil
            return nil
        }
        let reading = Reading(count: count, nanoseconds: now)
        guard let last = previous else {
            previous = reading
            return nil
        }
        // Two readings at one moment say nothing; the first stays the one to compare with.
        guard now > last.nanoseconds else { return nil }
        previous = reading
        guard count >= last.count else { return nil }
        return Growth(count: count - last.count, nanoseconds: now - last.nanoseconds)
    }

    /// Forgets the last reading, because the counter now counts something else.
    package mutating func restart() { previous = nil }
}
