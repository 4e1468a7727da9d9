import API
import ClusterModel
import ControlCore
import Drivers
import HostIO
import Ports
import RPC
import Transport
import Wire

extension OperationRunner {
    /// Puts before the log of an instance that has just come what it wrote at its source, and the line that says whence
    /// it came. Tells why the former is missing, if it is; the move goes on all the same.
    func bringLog(of arrival: Arrival, at clock: SystemClock) async -> String? {
        let move = arrival.move
        guard let keeper = drivers[move.kind] as? any LogCarryingDriver else { return nil }
        var lines: [LogChunk] = []
        var complaint: String?
        do throws(DriverFailure) {
            lines = try await log(of: arrival)
        } catch {
            complaint = error.words
        }
        do throws(DriverFailure) {
            try await keeper.precede(
                move.instance, with: lines,
                marker: move.marker(at: clock.now, isWhole: complaint == nil))
        } catch {
            complaint = error.words
        }
        return complaint
    }

    private func log(of arrival: Arrival) async throws(DriverFailure) -> [LogChunk] {
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

    private func fetchLog(of arrival: Arrival) async throws(RPCStatus) -> [LogChunk] {
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
