import ClusterModel
import Ports
import Store
import Testing

@Suite struct WatchTests {
    @Test("every change comes once and in order, those of the past and those to come")
    func order() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        for number in 0..<5 { _ = try await store.transact([.put(key: "k\(number)", value: [1])]) }
        var stream = store.changes(after: Revision(2)).makeAsyncIterator()
        for number in 2..<5 {
            #expect(
                try await stream.next()
                    == StoreEntry(
                        key: "k\(number)", value: [1], revision: Revision(UInt64(number) + 1)))
        }
        _ = try await store.transact([
            .delete(key: "absent"), .delete(key: "k0"), .put(key: "k0", value: [2]),
        ])
        #expect(
            try await stream.next() == StoreEntry(key: "k0", value: nil, revision: Revision(6)))
        #expect(
            try await stream.next() == StoreEntry(key: "k0", value: [2], revision: Revision(6)))
        try await store.close()
    }

    @Test("a watch that waits is woken by a transaction, and by several at once")
    func waking() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                let stream = store.changes(after: .zero)
                group.addTask {
                    var revisions: [UInt64] = []
                    for try await entry in stream {
                        revisions.append(entry.revision.number)
                        if revisions.count == 50 { break }
                    }
                    return revisions
                }
            }
            for _ in 0..<50 { _ = try await store.transact([.put(key: "k", value: [1])]) }
            for try await revisions in group { #expect(revisions == Array(1...50)) }
        }
        try await store.close()
    }

    @Test("cancelling the reader ends the stream, waiting or not")
    func cancellation() async throws {
        let directory = try StoreDirectory()
        let store = try SQLiteStore(path: directory.file)
        let stream = store.changes(after: .zero)
        let (isReading, reading) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let reader = Task {
            var count = 0
            for try await _ in stream {
                count += 1
                reading.yield()
            }
            return count
        }
        _ = try await store.transact([.put(key: "k", value: [1])])
        for await _ in isReading { break }
        reader.cancel()
        #expect(try await reader.value == 1)
        try await store.close()
    }

    @Test("a reader that falls behind is told where to go on, and can")
    func lagging() async throws {
        let directory = try StoreDirectory()
        var limits = StoreLimits.standard
        limits.history = 10
        let store = try SQLiteStore(path: directory.file, limits: limits)
        var slow = store.changes(after: .zero).makeAsyncIterator()
        _ = try await store.transact([.put(key: "k", value: [0])])
        #expect(try await slow.next()?.revision == Revision(1))
        for number in 1..<30 {
            _ = try await store.transact([.put(key: "k", value: [UInt8(number)])])
        }
        let interruption = await interruption(of: &slow)
        #expect(interruption == .forgotten(after: Revision(1), resumeAfter: Revision(30)))
        #expect(try await slow.next() == nil)
        let resume = try #require(interruption?.resumeAfter)
        _ = try await store.transact([.put(key: "k", value: [99])])
        var next = store.changes(after: resume).makeAsyncIterator()
        #expect(try await next.next()?.value == [99])
        var kept = store.changes(after: Revision(21)).makeAsyncIterator()
        #expect(try await kept.next()?.revision == Revision(22))
        try await store.close()
    }

    @Test("the history is bounded in bytes too")
    func bytes() async throws {
        let directory = try StoreDirectory()
        var limits = StoreLimits.standard
        limits.historyBytes = 10_000
        let store = try SQLiteStore(path: directory.file, limits: limits)
        for _ in 0..<3 {
            _ = try await store.transact([
                .put(key: "k", value: [UInt8](repeating: 1, count: 4_900))
            ])
        }
        _ = try await store.transact([.put(key: "k", value: [UInt8](repeating: 1, count: 20_000))])
        var stream = store.changes(after: Revision(3)).makeAsyncIterator()
        #expect(
            await interruption(of: &stream)
                == .forgotten(after: Revision(3), resumeAfter: Revision(4)))
        try await store.close()
    }

    @Test(
        "after a restart the present is where a watch goes on, the past and the future are refused")
    func restart() async throws {
        let directory = try StoreDirectory()
        var store = try SQLiteStore(path: directory.file)
        for _ in 0..<3 { _ = try await store.transact([.put(key: "k", value: [1])]) }
        try await store.close()
        store = try SQLiteStore(path: directory.file)
        var past = store.changes(after: Revision(2)).makeAsyncIterator()
        #expect(
            await interruption(of: &past)
                == .forgotten(after: Revision(2), resumeAfter: Revision(3)))
        var future = store.changes(after: Revision(9)).makeAsyncIterator()
        #expect(
            await interruption(of: &future) == .ahead(after: Revision(9), resumeAfter: Revision(3)))
        var present = store.changes(after: Revision(3)).makeAsyncIterator()
        _ = try await store.transact([.put(key: "k", value: [2])])
        #expect(try await present.next()?.value == [2])
        try await store.close()
        #expect(await interruption(of: &present) == .closed)
    }

    /// The error that the next change of a stream turns out to be; `nil` if it is a change or the
    /// end.
    private func interruption(
        of stream: inout AsyncThrowingStream<StoreEntry, any Error>.Iterator
    ) async -> WatchInterruption? {
        do {
            _ = try await stream.next(isolation: #isolation)
            return nil
        } catch {
            return error as? WatchInterruption
        }
    }
}
