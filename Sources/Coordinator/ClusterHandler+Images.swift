import API
import ClusterModel
import ControlCore
import RPC
import Shelf
import Wire

extension ClusterHandler {
    func listImages(_ request: ListRequest, caller: Caller) async throws(RPCStatus)
        -> ListImagesReply
    {
        try await shell.read { engine in
            ListImagesReply(images: engine.state.images.values.sorted { $0.id < $1.id })
        }
    }

    func addImage(
        _ requests: MessageStream<AddImageRequest>, caller: Caller
    ) async throws(RPCStatus) -> Image {
        guard case .header(let header)? = try await requests.next() else {
            throw RPCStatus(.invalidArgument, "header: has to come first")
        }
        var files: [Image.File] = []
        var left: [UInt8] = []
        for (number, size) in header.sizes.enumerated() {
            let (file, rest) = try await receive(size, left, requests, field: "sizes[\(number)]")
            files.append(file)
            left = rest
        }
        let surplus = try await requests.next()
        guard left.isEmpty, surplus == nil else {
            throw RPCStatus(.invalidArgument, "bytes: more came than sizes announced")
        }
        do throws(InvalidValue) {
            let image = try Image(
                id: header.id, format: header.format, files: files, append: header.append)
            _ = try await change(adding: image)
            return image
        } catch {
            throw RPCStatus(.invalidArgument, "\(error.field): \(error.problem)")
        }
    }

    func removeImage(
        _ request: RemoveImageRequest, caller: Caller
    ) async throws(RPCStatus) -> ChangeReply {
        let files = try await shell.read { $0.state.images[request.id]?.files ?? [] }
        let reply = try await change(.removeImage(request.id))
        let used = try await shell.read { engine in
            Set(engine.state.images.values.flatMap { $0.files.map(\.digest) })
        }
        for file in files where !used.contains(file.digest) { shelf.remove(file.digest) }
        return reply
    }

    /// The reply carries no revision of its own: an image is found by its name.
    private func change(adding image: Image) async throws(InvalidValue) -> ChangeReply {
        do throws(RPCStatus) {
            return try await change(.addImage(image))
        } catch {
            throw InvalidValue("name", error.message)
        }
    }

    /// Receives one file of exactly `size`; what came beyond it belongs to the next.
    private func receive(
        _ size: Bytes, _ left: [UInt8], _ requests: MessageStream<AddImageRequest>, field: String
    ) async throws(RPCStatus) -> (Image.File, rest: [UInt8]) {
        guard size.count > 0, size.count <= CoordinatorLimits.imageBytes else {
            throw RPCStatus(.invalidArgument, "\(field): has to be above zero and at most 1TiB")
        }
        let failed = { (failure: ShelfFailure) in
            RPCStatus(failure.isFull ? .resourceExhausted : .internal, failure.message)
        }
        let writer: ShelfWriter
        do throws(ShelfFailure) { writer = try shelf.receive() } catch { throw failed(error) }
        var missing = size.count
        var piece = left
        while true {
            let own = piece.prefix(Int(min(missing, UInt64(piece.count))))
            do throws(ShelfFailure) { try writer.write(own) } catch { throw failed(error) }
            missing -= UInt64(own.count)
            guard missing > 0 else { break }
            guard case .bytes(let bytes)? = try await requests.next() else {
                throw RPCStatus(
                    .invalidArgument, "bytes: \(missing) fewer came than \(field) announced")
            }
            piece = bytes
        }
        let rest = Array(piece.dropFirst(Int(min(UInt64(piece.count), size.count))))
        do throws(ShelfFailure) {
            let (digest, size) = try writer.finish()
            return (try Image.File(checked: digest, size), rest)
        } catch {
            throw failed(error)
        }
    }
}

extension Image.File {
    /// A file whose digest was just computed.
    fileprivate init(checked digest: String, _ size: Bytes) throws(ShelfFailure) {
        do throws(InvalidValue) {
            try self.init(digest: digest, size: size)
        } catch {
            throw ShelfFailure(error.problem)
        }
    }
}
