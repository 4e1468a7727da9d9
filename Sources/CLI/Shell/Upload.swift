import ClusterModel
import RPC
import Wire

/// The messages of an image's upload, made one at a time as the network takes them.
actor Upload {
    /// Small enough to keep other calls moving, large enough to cost little.
    private static let pieceBytes = 256 << 10

    private let files: [Surroundings.OpenFile]
    private let total: Bytes
    private let tell: @Sendable (String) -> Void
    private var header: AddImageRequest?
    private var index = 0
    private var left: UInt64
    private var sent: UInt64 = 0
    private var toldTenths: UInt64 = 0

    init(
        header: AddImageHeader, files: [Surroundings.OpenFile],
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.header = .header(header)
        self.files = files
        self.tell = tell
        total = files.reduce(.zero) { $0 + $1.size }
        left = files.first?.size.count ?? 0
    }

    /// The next message; a file that changes its size in between ends the upload.
    func next() throws(RPCStatus) -> AddImageRequest? {
        if let first = header {
            header = nil
            return first
        }
        while index < files.count {
            guard left > 0 else {
                index += 1
                left = index < files.count ? files[index].size.count : 0
                continue
            }
            let piece = try read(files[index], Int(min(left, UInt64(Self.pieceBytes))))
            left -= UInt64(piece.count)
            sent += UInt64(piece.count)
            report()
            return .bytes(piece)
        }
        return nil
    }

    private func read(_ file: Surroundings.OpenFile, _ count: Int) throws(RPCStatus) -> [UInt8] {
        let piece: [UInt8]
        do {
            piece = try file.next(count)
        } catch {
            throw RPCStatus(.cancelled, "\(error.path): \(error.reason)")
        }
        guard !piece.isEmpty else {
            throw RPCStatus(.cancelled, "the file became shorter while it was sent")
        }
        return piece
    }

    /// What is sent in a moment needs no report.
    private static let leastReported = Bytes.mebibytes(64)

    private func report() {
        guard total >= Self.leastReported else { return }
        let tenths = total.count == 0 ? 10 : sent / max(1, total.count / 10)
        guard tenths > toldTenths, tenths <= 10 else { return }
        toldTenths = tenths
        tell("\(HumanText.bytes(Bytes(sent))) of \(HumanText.bytes(total)) sent")
    }
}
