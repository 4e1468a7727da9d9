import API
import ClusterModel
import ControlCore
import HostIO
import Identity
import Ports
import RPC
import Shelf
import Transport
import Wire

/// Serves other agents: files of images, and of stopped instances that move to them.
struct PeerHandler: PeersService {
    let shelf: Shelf
    let drivers: DriverSet
    let shell: AgentShell
    let membership: Membership
    let uplink: Uplink
    let departed: DepartedLogs
    let clock: SystemClock

    func fetchFile(
        _ request: FetchFileRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        guard shelf.has(request.digest) else {
            throw RPCStatus(.notFound, "there is no file \(request.digest) here")
        }
        let reader: ShelfReader
        do throws(ShelfFailure) { reader = try shelf.open(request.digest) } catch {
            throw RPCStatus(.internal, error.message)
        }
        while true {
            let bytes: [UInt8]?
            do throws(ShelfFailure) {
                bytes = try reader.next(atMost: AgentLimits.chunkBytes)
            } catch {
                throw RPCStatus(.internal, error.message)
            }
            guard let bytes else { return }
            try await replies.send(Chunk(bytes: bytes))
        }
    }

    func fetchInstance(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        guard let host = try? membership.identity(of: caller.peer)?.host else {
            throw RPCStatus(.permissionDenied, "only agents may call \(caller.path)")
        }
        let status = await shell.exports.exporting(request.instance) {
            () async -> RPCStatus? in
            do throws(RPCStatus) {
                try await export(request, to: host, replies)
                return nil
            } catch {
                return error
            }
        }
        if let status { throw status }
    }

    private func export(
        _ request: FetchInstanceRequest, to host: HostID, _ replies: MessageSink<Chunk>
    ) async throws(RPCStatus) {
        let kind =
            request.part.isAhead
            ? await shell.kind(of: request.instance, offeredIn: request.move, to: host)
            : await shell.kind(of: request.instance, movingIn: request.move, to: host)
        guard let kind else {
            throw RPCStatus(
                .failedPrecondition,
                "\(request.instance) is not \(request.part.isAhead ? "offered" : "stopped") here for move \(request.move) to \(host)"
            )
        }
        guard let driver = drivers[kind] as? any TransferringDriver else { return }
        uplink.begin()
        defer { uplink.end() }
        let isCompressed = request.acceptsZstd && uplink.compression == .zstd
        do throws(DriverFailure) {
            let files = try OutgoingFiles(
                to: replies, over: uplink, clock, isCompressed: isCompressed)
            try await Self.export(request, by: driver) { bytes async throws(DriverFailure) in
                try await files.append(bytes)
            }
            try await files.finish()
        } catch {
            throw RPCStatus(.internal, error.words)
        }
    }

    private static func export(
        _ request: FetchInstanceRequest, by driver: any TransferringDriver,
        into sink: @Sendable ([UInt8]) async throws(DriverFailure) -> Void
    ) async throws(DriverFailure) {
        let instance = request.instance
        let ahead = driver as? any AheadTransferringDriver
        switch (request.part, ahead) {
        case (.all, _): try await driver.export(instance, into: sink)
        case (.ahead(let withLayer, let withMemory), let driver?):
            try await driver.exportAhead(
                instance, withLayer: withLayer, withMemory: withMemory, into: sink)
        case (.rest(let pass), let driver?):
            try await driver.exportRest(instance, after: pass, into: sink)
        case (.ahead, nil), (.rest, nil):
            throw DriverFailure(.unsupported, "\(instance) goes in one piece")
        }
    }

    func fetchLog(
        _ request: FetchInstanceRequest, caller: Caller, replies: MessageSink<OutputChunk>
    ) async throws(RPCStatus) {
        guard let host = try? membership.identity(of: caller.peer)?.host else {
            throw RPCStatus(.permissionDenied, "only agents may call \(caller.path)")
        }
        let lines = try await lines(of: request, for: host)
        uplink.begin()
        defer { uplink.end() }
        var bucket = TokenBucket()
        for chunk in lines {
            let wait = bucket.take(chunk.bytes.count, at: clock.now, rate: uplink.share)
            do { try await Task.sleep(for: wait) } catch {
                throw RPCStatus(.cancelled, "the log is not wanted any more")
            }
            try await replies.send(OutputChunk(chunk))
        }
    }

    /// What was kept when the instance was removed here, or what its driver still has.
    private func lines(
        of request: FetchInstanceRequest, for host: HostID
    ) async throws(RPCStatus) -> [LogChunk] {
        let (instance, move) = (request.instance, request.move)
        if let kept = departed.take(instance, leftIn: move, for: host) { return kept }
        guard let kind = await shell.kind(of: instance, leavingIn: move, for: host),
            let driver = drivers[kind]
        else {
            throw RPCStatus(
                .failedPrecondition, "\(instance) does not leave in move \(move) to \(host)")
        }
        do throws(DriverFailure) { return try await driver.lastLines(of: instance) } catch {
            // It may have been removed in this very moment.
            if let kept = departed.take(instance, leftIn: move, for: host) { return kept }
            throw RPCStatus(.internal, error.words)
        }
    }
}
