import API
import ClusterModel
import ControlCore
import Ports
import RPC
import Shelf
import Transport
import Wire

/// Brings images to this host: from other hosts first, from the coordinator last.
struct ImageKeeper: Sendable {
    let shelf: Shelf
    let membership: Membership
    let link: CoordinatorLink

    /// The image of `assigned` as this host has it, fetched where it is missing.
    func image(of assigned: Assigned) async throws(DriverFailure) -> LocalImage {
        guard let image = assigned.image else {
            switch assigned.workload.image {
            case .named(let reference): return .reference(reference)
            case .kernel(let kernel, let initrd, let append):
                return .kernel(kernel: kernel, initrd: initrd, append: append)
            }
        }
        for file in image.files where !shelf.has(file.digest) {
            try await fetch(file, from: assigned.imageSources)
        }
        let paths = image.files.map { shelf.path(of: $0.digest) }
        switch image.format {
        case .archive: return .archive(path: paths[0], digest: image.files[0].digest)
        case .qcow2: return .qcow2(path: paths[0])
        case .kernel: return .kernel(kernel: paths[0], initrd: paths[1], append: image.append)
        }
    }

    private func fetch(_ file: Image.File, from hosts: [String]) async throws(DriverFailure) {
        for address in hosts {
            // A host that cannot give it is no failure: the next is asked, and the coordinator last.
            guard let client = try? await Dialling.connect(address, membership.peerTLS) else {
                continue
            }
            try? await receive(file) { () async throws(RPCStatus) in
                try await PeersClient(client: client).fetchFile(
                    FetchFileRequest(digest: file.digest))
            }
            await client.close()
            if shelf.has(file.digest) { return }
        }
        guard let client = await link.client else {
            throw DriverFailure(
                .unavailable, "the image cannot be fetched: the coordinator is not connected")
        }
        try await receive(file) { () async throws(RPCStatus) in
            try await AgentsClient(client: client).fetchFile(FetchFileRequest(digest: file.digest))
        }
    }

    private func receive(
        _ file: Image.File, _ open: () async throws(RPCStatus) -> MessageStream<Chunk>
    ) async throws(DriverFailure) {
        do {
            let chunks = try await open()
            let writer = try shelf.receive()
            var count: UInt64 = 0
            while let chunk = try await chunks.next() {
                count += UInt64(chunk.bytes.count)
                guard count <= file.size.count else {
                    throw ShelfFailure("more came than \(file.size.count) bytes")
                }
                try writer.write(chunk.bytes)
            }
            _ = try writer.finish(expecting: file.digest)
        } catch let failure as ShelfFailure {
            throw DriverFailure(
                failure.isFull ? .exhausted : .image, "the image cannot be kept",
                cause: failure.message)
        } catch let status as RPCStatus {
            throw DriverFailure(.image, "the image cannot be fetched", cause: status.message)
        } catch {
            throw DriverFailure(.image, "the image cannot be fetched", cause: "\(error)")
        }
    }
}
