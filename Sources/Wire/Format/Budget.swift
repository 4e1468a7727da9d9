import CProtobufC
import Glibc

/// Memory for unpacking one message, which ends where `Limits` says.
///
/// libprotobuf-c gets the address of `allocator`, so this lives in a heap cell that its owner
/// frees.
struct Budget {
    var allocator = ProtobufCAllocator()
    private var remaining: Int
    /// Whether memory was asked for that was not left.
    private(set) var isExhausted = false

    /// Room in front of each piece for its size, which keeps the alignment of `malloc`.
    private static let header = 16

    /// A cell with `bytes` to give; the caller frees it after everything that came from it.
    static func make(bytes: Int) -> UnsafeMutablePointer<Budget> {
        let cell = UnsafeMutablePointer<Budget>.allocate(capacity: 1)
        cell.initialize(to: Budget(remaining: bytes))
        cell.pointee.allocator = ProtobufCAllocator(
            alloc: { cell, size in cell.flatMap { Budget.take(size, from: $0) } },
            free: { cell, piece in
                if let cell, let piece { Budget.give(piece, to: cell) }
            },
            allocator_data: cell)
        return cell
    }

    private init(remaining: Int) { self.remaining = remaining }

    private static func take(
        _ size: Int, from cell: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer? {
        let budget = cell.assumingMemoryBound(to: Budget.self)
        guard size >= 0, size <= budget.pointee.remaining - header,
            let memory = malloc(size + header)
        else {
            budget.pointee.isExhausted = true
            return nil
        }
        budget.pointee.remaining -= size + header
        memory.storeBytes(of: size, as: Int.self)
        return memory + header
    }

    private static func give(_ piece: UnsafeMutableRawPointer, to cell: UnsafeMutableRawPointer) {
        let memory = piece - header
        let size = memory.load(as: Int.self)
        cell.assumingMemoryBound(to: Budget.self).pointee.remaining += size + header
        free(memory)
    }
}
