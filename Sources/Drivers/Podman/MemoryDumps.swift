import ClusterModel
import HostIO
import Ports
import Synchronization

/// Whose memory CRIU is at work on, and who is about to end what runs meanwhile.
///
/// Podman keeps everybody else from a container until its memory is written down, whoever is to stop it too, and a lease waits for
/// nobody: what has not been written down in time is ended beside Podman.
final class MemoryDumps: Sendable {
    private let turns = Turns<InstanceID>()
    /// One for all: Podman lists no containers while it keeps any to itself.
    private let line = Turns<Line>()

    private enum Line { case all }

    private let state = Mutex(State())

    private struct State {
        /// First processes of instances that run while they are written down; with it the whole container ends.
        var running: [InstanceID: ProcessHandle] = [:]
        /// How many are about to end each.
        var ending: [InstanceID: Int] = [:]
    }

    /// Runs `work`, which writes down an instance that runs meanwhile, after all that was to do so before.
    func inLine<Outcome: Sendable>(
        _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        try await line.holding(.all, work)
    }

    /// Waits until nobody writes the instance down any more; not for longer than that may take.
    func awaitOver(_ instance: InstanceID) async {
        _ = await isOver(instance, within: DriverLimits.checkpoint)
    }

    /// Runs `work`, which writes the instance down; `nil` where somebody does, or is about to end it.
    func holdingIfFree<Outcome: Sendable>(
        _ instance: InstanceID, _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome? {
        guard !isEnding(instance) else { return nil }
        return try await turns.holdingIfFree(instance, work)
    }

    /// Runs `work`, which writes the instance down while it runs: whoever is to end it may end `process`. Within
    /// ``holdingIfFree(_:_:)``; `nil` where somebody is about to.
    func allowingEnd<Outcome: Sendable>(
        of instance: InstanceID, by process: ProcessHandle,
        _ work: () async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome? {
        let isLeft = state.withLock { state in
            guard state.ending[instance] == nil else { return false }
            state.running[instance] = process
            return true
        }
        guard isLeft else { return nil }
        defer { state.withLock { $0.running[instance] = nil } }
        return try await work()
    }

    /// Runs `work`, which ends the instance and has what is left of `grace` for that; its memory is not begun to be written down
    /// meanwhile, and what is not written down by then is ended as it is.
    func ending<Outcome: Sendable>(
        _ instance: InstanceID, within grace: Duration,
        _ work: (Duration) async throws(DriverFailure) -> Outcome
    ) async throws(DriverFailure) -> Outcome {
        let process = state.withLock { state in
            state.ending[instance, default: 0] += 1
            return state.running[instance]
        }
        defer {
            state.withLock { state in
                let others = (state.ending[instance] ?? 1) - 1
                state.ending[instance] = others > 0 ? others : nil
            }
        }
        guard let process else { return try await work(grace) }
        let clock = ContinuousClock()
        let deadline = clock.now + grace
        if await !isOver(instance, within: grace), !Task.isCancelled {
            process.signal(.kill)
            // What had been read of it is written down all the same, and Podman says nothing before that.
            await awaitOver(instance)
        }
        return try await work(max(.zero, deadline - clock.now))
    }

    /// Whether somebody is about to end the instance.
    func isEnding(_ instance: InstanceID) -> Bool {
        state.withLock { $0.ending[instance] != nil }
    }

    /// Whether nobody is at work on the memory of the instance any more.
    private func isOver(_ instance: InstanceID, within limit: Duration) async -> Bool {
        let late = DriverFailure(.unavailable, "it is still being written down")
        return
            (try? await withDeadline(limit, late: late) {
                [turns] () async throws(DriverFailure) -> Bool in
                try await turns.holding(instance) { true }
            }) ?? false
    }
}
