/// Runs `work` and throws `late` in its stead when `limit` has passed first.
///
/// `work` is cancelled then and has to end on that; the call returns only after it did, so nothing
/// outlives it.
package func withDeadline<Outcome: Sendable, Failure: Error>(
    _ limit: Duration, late: Failure,
    _ work: @escaping @Sendable () async throws(Failure) -> Outcome
) async throws(Failure) -> Outcome {
    let first = await withTaskGroup(of: Race<Outcome, Failure>.self) { group in
        group.addTask {
            do throws(Failure) { return .ended(.success(try await work())) } catch {
                return .ended(.failure(error))
            }
        }
        group.addTask {
            do { try await Task.sleep(for: limit) } catch { return .woken }
            return .late
        }
        defer { group.cancelAll() }
        while let outcome = await group.next() {
            // A sleeper that was woken means that the caller was cancelled: `work` says what came
            // of that.
            if case .woken = outcome { continue }
            return outcome
        }
        return .late
    }
    guard case .ended(let result) = first else { throw late }
    return try result.get()
}

private enum Race<Outcome: Sendable, Failure: Error>: Sendable {
    case ended(Result<Outcome, Failure>)
    case woken
    case late
}
