import ClusterModel
import Ports
import Synchronization
import Wire

/// What becomes of an instance on this host while a move has it.
enum Stay: Hashable, Sendable {
    /// It runs here, or did when it was last left to itself.
    case certain
    /// Its move has stopped it, or is starting it again.
    case open
    /// It has left, or is stopped for good.
    case over
}

extension AttachedSession {
    /// Sends the instance's log. What is followed does not end with a stop that a move made and may undo: it goes on
    /// where the instance does, or ends once that is on its way elsewhere.
    func sendLog(
        of driver: any WorkloadDriver,
        into output: @escaping @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        var start = order.start
        var had = 0
        while true {
            let skipping = Mutex(had)
            try await read(driver, from: start) { (chunk) async throws(DriverFailure) in
                let new = skipping.withLock { left in
                    let skipped = min(left, chunk.bytes.count)
                    left -= skipped
                    return chunk.bytes.dropFirst(skipped)
                }
                if !new.isEmpty { try await output(LogChunk(chunk.stream, Array(new))) }
            }
            guard order.follow, await shell.stay(of: order.instance) == .open else { return }
            // It stands still, so this is all that there is. Not what was sent: the beginning may have been dropped since.
            start = .arrival
            had = try await length(of: driver)
            guard try await goesOn() else { return }
        }
    }

    /// What the driver has. Where the instance has left, a follower ends a moment later whatever its driver waits for:
    /// whoever reads goes on elsewhere.
    private func read(
        _ driver: any WorkloadDriver, from start: LogStart,
        into sink: @escaping @Sendable (LogChunk) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        guard order.follow else {
            return try await driver.logs(
                of: order.instance, from: start, follow: false, into: sink)
        }
        let outcome = await withTaskGroup(of: Result<Void, DriverFailure>?.self) { group in
            group.addTask {
                do throws(DriverFailure) {
                    return .success(
                        try await driver.logs(
                            of: order.instance, from: start, follow: true, into: sink))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                await departure()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .success(())
        }
        try outcome.get()
    }

    /// Returns once the instance has been away for a while, or nobody wants to know.
    private func departure() async {
        do {
            while await !shell.hasLeft(order.instance) {
                try await Task.sleep(for: AgentLimits.departurePause)
            }
            try await Task.sleep(for: AgentLimits.departurePause)
        } catch { return }
    }

    private func length(of driver: any WorkloadDriver) async throws(DriverFailure) -> Int {
        let length = Mutex(0)
        try await driver.logs(of: order.instance, from: .arrival, follow: false) { chunk in
            length.withLock { $0 += chunk.bytes.count }
        }
        return length.withLock { $0 }
    }

    /// Whether the instance goes on here; asked until its move has said so.
    private func goesOn() async throws(DriverFailure) -> Bool {
        while true {
            switch await shell.stay(of: order.instance) {
            case .certain: return true
            case .over: return false
            case .open:
                do { try await Task.sleep(for: AgentLimits.stayPause) } catch {
                    throw DriverFailure(.unavailable, "the user went away")
                }
            }
        }
    }
}

extension AttachOrder {
    /// Where the log that it asks for begins.
    fileprivate var start: LogStart {
        if fromArrival { return .arrival }
        return tail.map { .tail($0) } ?? .oldest
    }
}
