import Synchronization
package import Zstd

/// Expands one zstd frame, off the tasks' own threads.
package final class ZstdReader: Sendable {
    private let expander: Mutex<ZstdExpander>

    package init() throws(ZstdFailure) { expander = Mutex(try ZstdExpander()) }

    /// Adds what came; only after `next` had nothing more.
    package func give(_ bytes: [UInt8]) throws(ZstdFailure) {
        try expander.withLock { (state) throws(ZstdFailure) in try state.give(bytes) }
    }

    /// The next piece of the content; `nil` where more has to be given first.
    package func next() async throws(ZstdFailure) -> [UInt8]? {
        guard expander.withLock({ !$0.isDrained }) else { return nil }
        return try await SlowCalls.run { [self] () throws(ZstdFailure) in
            try expander.withLock { (state) throws(ZstdFailure) in try state.next() }
        }
    }

    /// Fails unless what came was the whole of a frame.
    package func requireWhole() throws(ZstdFailure) {
        try expander.withLock { (state) throws(ZstdFailure) in try state.requireWhole() }
    }
}
