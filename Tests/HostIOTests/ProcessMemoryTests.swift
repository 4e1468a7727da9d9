import Foundation
import HostIO
import Testing

/// What the agent sees of another process's memory, seen here of this one's.
@Suite struct ProcessMemoryTests {
    private static let pages = 64

    /// Fresh memory of whole pages, given to `use` with the address of each.
    private func withPages(
        _ use: (UnsafeMutableRawPointer, [UInt64]) async throws -> Void
    ) async throws {
        let size = Self.pages * Int(ProcessMemory.page)
        let start = try #require(
            mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(start, size) }
        let first = UInt64(UInt(bitPattern: start))
        try await use(start, (0..<UInt64(Self.pages)).map { first + $0 * ProcessMemory.page })
    }

    @Test func onlyWhatHoldsSomethingCounts() async throws {
        try await withPages { start, addresses in
            #expect(try await ProcessMemory.inhabited(of: getpid(), at: addresses) == 0)
            for page in stride(from: 0, to: Self.pages, by: 2) {
                // The last byte of one, the first of the next; the others are zeros that were written.
                let place = page * Int(ProcessMemory.page)
                let offset = page % 4 == 0 ? Int(ProcessMemory.page) - 1 : 0
                start.storeBytes(of: 1, toByteOffset: place + offset, as: UInt8.self)
                start.storeBytes(
                    of: 0, toByteOffset: place + Int(ProcessMemory.page), as: UInt8.self)
            }
            let all = try await ProcessMemory.inhabited(of: getpid(), at: addresses)
            #expect(all == Self.pages / 2)
            let odd = addresses.enumerated().filter { !$0.offset.isMultiple(of: 2) }
            #expect(try await ProcessMemory.inhabited(of: getpid(), at: odd.map(\.element)) == 0)
        }
    }

    @Test func lookingTouchesNothing() async throws {
        try await withPages { start, addresses in
            _ = try await ProcessMemory.inhabited(of: getpid(), at: addresses)
            var states = [UInt8](repeating: 1, count: Self.pages)
            #expect(mincore(start, Self.pages * Int(ProcessMemory.page), &states) == 0)
            #expect(states.allSatisfy { $0 & 1 == 0 })
        }
    }

    @Test func aProcessThatIsGoneIsAFailure() async {
        await #expect(throws: FileFailure.self) {
            // Above what the kernel gives out.
            _ = try await ProcessMemory.inhabited(of: .max, at: [0])
        }
    }
}
