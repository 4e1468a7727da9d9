package import RPC

/// Two directions of one conversation.
package enum Pump {
    /// Runs both; ends when `until` does, and fails when either fails.
    package static func both(
        _ forward: @escaping @Sendable () async throws(RPCStatus) -> Void,
        until backward: @escaping @Sendable () async throws(RPCStatus) -> Void
    ) async throws(RPCStatus) {
        let outcome = await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await Outcome(isLast: false, forward) }
            group.addTask { await Outcome(isLast: true, backward) }
            while let outcome = await group.next() {
                if outcome.isLast || outcome.failure != nil {
                    group.cancelAll()
                    return outcome.failure
                }
            }
            return nil
        }
        if let outcome { throw outcome }
    }

    private struct Outcome: Sendable {
        let isLast: Bool
        var failure: RPCStatus?

        init(isLast: Bool, _ body: @Sendable () async throws(RPCStatus) -> Void) async {
            self.isLast = isLast
            do throws(RPCStatus) { try await body() } catch { failure = error }
        }
    }
}
