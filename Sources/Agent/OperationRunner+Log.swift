import API
import ClusterModel
import ControlCore
import Drivers
import HostIO
import Ports
import RPC
import Synchronization
import Transport
import Wire

/// An instance that runs here since `moment`, and whose earlier log is where it comes from.
struct RunningArrival: Hashable, Sendable {
    let move: Move
    let sourceAddress: String
    let moment: Instant

    init(_ arrival: Arrival, at moment: Instant) {
        move = arrival.move
        sourceAddress = arrival.sourceAddress
        self.moment = moment
    }

    /// What stands between what the instance wrote there and what it writes here.
    func marker(isWhole: Bool = true) -> String { move.marker(at: moment, isWhole: isWhole) }
}

extension OperationRunner {
    /// Begins the log of an instance that has come with the line that says whence. Whoever followed its log to its
    /// end there goes on with this line, so it is there before anybody is told that the instance is here.
    func mark(_ arrival: RunningArrival) async {
        let keeper = drivers[arrival.move.kind] as? any LogCarryingDriver
        // Whether it works or not is told by `bringLog`, which does it again.
        try? await keeper?.precede(arrival.move.instance, with: [], marker: arrival.marker())
    }

    /// Puts what an instance wrote at its source before that line; says why it is missing, if it is. Nobody waits for
    /// this, least of all the move.
    func bringLog(of arrival: RunningArrival) async -> String? {
        guard let keeper = drivers[arrival.move.kind] as? any LogCarryingDriver else { return nil }
        var lines: [LogChunk] = []
        var complaint: String?
        do throws(DriverFailure) { lines = try await log(of: arrival) } catch {
            complaint = error.words
        }
        do throws(DriverFailure) {
            try await keeper.precede(
                arrival.move.instance, with: lines,
                marker: arrival.marker(isWhole: complaint == nil))
        } catch {
            complaint = error.words
        }
        return complaint
    }

    /// Keeps the end of the log of an instance that goes, until its target has come for it.
    func keepLog(of departure: Move) async {
        guard let driver = drivers[departure.kind] else { return }
        let late = DriverFailure(.unavailable, "the log cannot be read in time")
        let lines = try? await withDeadline(AgentLimits.logPatience, late: late) {
            () async throws(DriverFailure) in
            try await driver.lastLines(of: departure.instance)
        }
        if let lines { departed.keep(lines, of: departure) }
    }

    private func log(of arrival: RunningArrival) async throws(DriverFailure) -> [LogChunk] {
        guard !arrival.sourceAddress.isEmpty else {
            throw DriverFailure(.unavailable, "its host serves no other agents")
        }
        let late = DriverFailure(.unavailable, "it did not come in time")
        return try await withDeadline(AgentLimits.logPatience, late: late) {
            () async throws(DriverFailure) in
            do throws(RPCStatus) { return try await fetchLog(of: arrival) } catch {
                throw DriverFailure(.unavailable, "it cannot be fetched", cause: error.message)
            }
        }
    }

    private func fetchLog(of arrival: RunningArrival) async throws(RPCStatus) -> [LogChunk] {
        let client = try await Dialling.connect(arrival.sourceAddress, membership.peerTLS)
        var tail = LogTail()
        do throws(RPCStatus) {
            let chunks = try await PeersClient(client: client).fetchLog(
                FetchInstanceRequest(instance: arrival.move.instance, move: arrival.move.id))
            while let chunk = try await chunks.next() { tail.append(LogChunk(chunk)) }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return tail.lines
    }
}

extension WorkloadDriver {
    /// What of the instance's log goes along with a move.
    func lastLines(of instance: InstanceID) async throws(DriverFailure) -> [LogChunk] {
        let tail = Mutex(LogTail())
        try await logs(of: instance, from: .oldest, follow: false) { chunk in
            tail.withLock { $0.append(chunk) }
        }
        return tail.withLock { $0.lines }
    }
}

extension OutputChunk {
    init(_ chunk: LogChunk) {
        self.init(errorStream: chunk.stream == .error, bytes: chunk.bytes)
    }
}

extension LogChunk {
    init(_ chunk: OutputChunk) {
        self.init(chunk.errorStream ? .error : .output, chunk.bytes)
    }
}
