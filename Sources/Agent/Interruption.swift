/// Lets an operation that is under way be ended before its time.
struct Interruption: Sendable {
    private let signals: AsyncStream<Void>
    private let entrance: AsyncStream<Void>.Continuation

    init() {
        (signals, entrance) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func signal() { entrance.yield() }

    /// What `body` comes to; it is cancelled when the signal is given, and waited for all the same.
    func guarding<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await body() }
            group.addTask { [signals] in
                for await _ in signals { break }
                return nil
            }
            while let outcome = await group.next() {
                group.cancelAll()
                if let outcome { return outcome }
            }
            // The body's task always gives a value.
            return await body()
        }
    }
}
