import Ports
import Synchronization

/// Lets one caller at a time work on a thing, such as an instance or an image, in the order of
/// their arrival.
///
/// Two starts that cross must not both find nothing and both create.
final class Turns<Thing: Hashable & Sendable>: Sendable {
    /// Things being worked on, with those who wait for them.
    private let lines = Mutex<[Thing: [Waiting]]>([:])

    private struct Waiting {
        let ticket: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private let tickets = Atomic<UInt64>(0)

    /// Waits for the turn, runs `work`, passes the turn on.
    func holding<Outcome: Sendable>(
        _ thing: Thing, _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        guard await wait(for: thing) else {
            throw DriverFailure(.unavailable, "cancelled before the turn of \(thing) came")
        }
        defer { pass(thing) }
        return try await work()
    }

    /// Runs `work` if nobody works on `thing` or waits for it; `nil` where somebody does.
    func holdingIfFree<Outcome: Sendable>(
        _ thing: Thing, _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome? {
        let isFree = lines.withLock { lines in
            guard lines[thing] == nil else { return false }
            lines[thing] = []
            return true
        }
        guard isFree else { return nil }
        defer { pass(thing) }
        return try await work()
    }

    private func wait(for thing: Thing) async -> Bool {
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let free: Bool? = lines.withLock { lines in
                    // A cancellation before this line finds nobody in the handler below, so it is
                    // asked for here.
                    if Task.isCancelled { return false }
                    guard lines[thing] != nil else {
                        lines[thing] = []
                        return true
                    }
                    lines[thing, default: []].append(
                        Waiting(ticket: ticket, continuation: continuation))
                    return nil
                }
                if let free { continuation.resume(returning: free) }
            }
        } onCancel: {
            let left = lines.withLock { lines -> Waiting? in
                guard let place = lines[thing]?.firstIndex(where: { $0.ticket == ticket }) else {
                    return nil
                }
                return lines[thing]?.remove(at: place)
            }
            left?.continuation.resume(returning: false)
        }
    }

    private func pass(_ thing: Thing) {
        let next = lines.withLock { lines -> Waiting? in
            guard let line = lines[thing], !line.isEmpty else {
                lines[thing] = nil
                return nil
            }
            return lines[thing]?.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
