import Synchronization

/// Lets one caller through at a time, in the order of their arrival.
///
/// Whoever is inside waits only for tools that have deadlines, so whoever waits comes in.
final class Turnstile: Sendable {
    private struct Line {
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let line = Mutex(Line())

    func holding<Outcome: Sendable, Failure: Error>(
        _ work: () async throws(Failure) -> Outcome
    ) async throws(Failure) -> Outcome {
        await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = line.withLock { line in
                if line.isHeld {
                    line.waiting.append(continuation)
                    return false
                }
                line.isHeld = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func leave() {
        let next = line.withLock { line -> CheckedContinuation<Void, Never>? in
            guard !line.waiting.isEmpty else {
                line.isHeld = false
                return nil
            }
            return line.waiting.removeFirst()
        }
        next?.resume()
    }
}
