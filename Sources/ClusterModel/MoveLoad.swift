/// What a live move of an instance would have to carry, as its host measured it before any move.
package struct MoveLoad: Hashable, Sendable {
    package let at: Instant
    /// Memory that holds anything but zeros, and so has to be sent once at least.
    package let memory: Bytes
    /// What the instance wrote to its own disks, bases not counted.
    package let disks: Bytes
    /// How it changes its memory; `nil` as long as nobody could measure that.
    package let changes: Changes?

    /// Memory that changes while it is being copied.
    ///
    /// Pages are compared over time, so this is what differs afterwards and not what was written: a page that is written
    /// a hundred times counts once.
    package struct Changes: Hashable, Sendable {
        /// What differs after a short time, as a rate.
        package let rate: BytesPerSecond
        /// All that is written again and again; `nil` where no longer time showed an end of it, so that it may be all of
        /// the memory.
        package let set: Bytes?

        package init(rate: BytesPerSecond, set: Bytes? = nil) {
            self.rate = rate
            self.set = set
        }

        /// What two windows showed: the rates at which pages differ after `short` and after `long` of them.
        ///
        /// A guest that writes ever new pages shows the same rate in both. One that writes the same pages over and over
        /// shows less in the longer window, and what it changed in that is the set.
        package init(
            short: BytesPerSecond, long: (rate: BytesPerSecond, window: Duration)
        ) {
            let changed = long.rate.count.over(long.window)
            let isBounded = long.rate < short.scaled(by: Self.noise)
            self.init(rate: max(short, long.rate), set: isBounded ? Bytes(changed) : nil)
        }

        /// A sample of pages says a rate to about a tenth; a fifth less is less.
        private static let noise = Share.percent(80)
    }

    /// Nothing is refused for what is older: five times what lies between two measurements.
    package static let validity = Duration.seconds(900)

    package init(at: Instant, memory: Bytes, disks: Bytes = .zero, changes: Changes? = nil) {
        self.at = at
        self.memory = memory
        self.disks = disks
        self.changes = changes
    }

    /// What is written again and again, or all of the memory where no end of it is known.
    package var set: Bytes { min(memory, changes?.set ?? memory) }
}

extension UInt64 {
    /// This many a second, over `time`.
    func over(_ time: Duration) -> UInt64 {
        let product = multipliedFullWidth(by: UInt64(Swift.max(0, time.milliseconds)))
        guard product.high < 1_000 else { return .max }
        return UInt64(1_000).dividingFullWidth(product).quotient
    }
}
