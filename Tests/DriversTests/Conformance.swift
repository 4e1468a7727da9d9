import ClusterModel
import HostIO
import Ports
import Testing

/// What holds for every driver, one case each.
enum Conformance: String, CaseIterable, CustomTestStringConvertible {
    case startingTwiceStartsOnce
    case crossingStartsStartOnce
    case newerGenerationReplaces
    case olderGenerationIsRefused
    case stoppingTwiceIsFine
    case startingAgainAfterStop
    case removingTwiceIsFine
    case limitsAreEnforced
    case logsAreKept
    case earlierLogComesFirst
    case newDriverAdopts
    case deadProcessIsExited
    case missingImageIsNamed
    case unknownInstanceIsNotFound

    var testDescription: String { rawValue }

    /// Every requirement has instances of its own, and removes them.
    func check(_ bench: some ConformanceBench) async throws {
        let instance = InstanceID("conform-\(rawValue.lowercased())-0")
        let driver = try bench.makeDriver()
        do {
            try await run(instance, driver, bench)
        } catch {
            await driver.removeInSpite(instance)
            throw error
        }
        try await driver.remove(instance)
        #expect(try await bench.leftovers(of: instance) == [])
        #expect(try await !driver.instances().contains { $0.id == instance })
    }

    private func run<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        switch self {
        case .startingTwiceStartsOnce: try await startTwice(instance, driver, bench)
        case .crossingStartsStartOnce: try await startCrossing(instance, driver, bench)
        case .newerGenerationReplaces: try await replace(instance, driver, bench)
        case .olderGenerationIsRefused: try await refuseOlder(instance, driver, bench)
        case .stoppingTwiceIsFine: try await stopTwice(instance, driver, bench)
        case .startingAgainAfterStop: try await startAgain(instance, driver, bench)
        case .removingTwiceIsFine: try await removeTwice(instance, driver, bench)
        case .limitsAreEnforced: try await enforceLimits(instance, driver, bench)
        case .logsAreKept: try await keepLogs(instance, driver, bench)
        case .earlierLogComesFirst: try await carryLog(instance, driver, bench)
        case .newDriverAdopts: try await adopt(instance, driver, bench)
        case .deadProcessIsExited: try await noticeDeath(instance, driver, bench)
        case .missingImageIsNamed: try await refuseMissingImage(instance, driver, bench)
        case .unknownInstanceIsNotFound: try await refuseUnknown(instance, driver)
        }
    }
}

extension Conformance {
    private func startTwice<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 1, .idle)
        let first = try await driver.start(order)
        let members = try bench.members(of: first)
        let second = try await driver.start(order)
        #expect(first.state == .running)
        #expect(second.generation == Generation(1))
        #expect(try bench.members(of: second) == members)
        #expect(try await driver.instances().filter { $0.id == instance }.count == 1)
    }

    private func startCrossing<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 1, .idle)
        async let first = driver.start(order)
        async let second = driver.start(order)
        let both = try await [first, second]
        #expect(both.allSatisfy { $0.state == .running })
        #expect(both[0].controlGroup == both[1].controlGroup)
    }

    private func replace<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let first = try await driver.start(try bench.order(instance, generation: 1, .idle))
        let members = try bench.members(of: first)
        let second = try await driver.start(try bench.order(instance, generation: 2, .idle))
        #expect(second.generation == Generation(2))
        #expect(second.state == .running)
        #expect(try bench.members(of: second) != members)
        let all = try await driver.instances().filter { $0.id == instance }
        #expect(all.map(\.generation) == [Generation(2)])
    }

    private func refuseOlder<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        _ = try await driver.start(try bench.order(instance, generation: 5, .idle))
        let older = try bench.order(instance, generation: 4, .idle)
        let failure = await #expect(throws: DriverFailure.self) {
            _ = try await driver.start(older)
        }
        #expect(failure?.code == .refused)
        #expect(try await driver.instances().first { $0.id == instance }?.state == .running)
    }

    private func stopTwice<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        _ = try await driver.start(try bench.order(instance, generation: 1, .idle))
        try await driver.stop(instance, grace: .zero)
        let stopped = try #require(try await driver.instances().first { $0.id == instance })
        guard case .exited = stopped.state else {
            Issue.record("\(stopped) does not count as exited")
            return
        }
        #expect(stopped.controlGroup == nil)
        try await driver.stop(instance, grace: .zero)
    }

    private func startAgain<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 1, .idle)
        _ = try await driver.start(order)
        try await driver.stop(instance, grace: .zero)
        #expect(try await driver.start(order).state == .running)
    }

    private func removeTwice<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        _ = try await driver.start(try bench.order(instance, generation: 1, .idle))
        try await driver.remove(instance)
        try await driver.remove(instance)
        try await driver.stop(instance, grace: .zero)
    }

    /// The one place where time has to pass: what is measured is processor time per time.
    private func enforceLimits<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let started = try await driver.start(
            try bench.order(instance, generation: 1, .cappedAndBusy))
        #expect(try bench.processorCap(of: started) == 300)
        let begin = (time: ContinuousClock.now, used: try bench.processorTime(of: started))
        try await Task.sleep(for: .seconds(2))
        let used = try bench.processorTime(of: started) - begin.used
        let elapsed = UInt64((ContinuousClock.now - begin.time).milliseconds)
        let millicores = used / max(1, elapsed)
        #expect((20..<400).contains(millicores), "measured \(millicores)m")
    }

    private func keepLogs<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let greeting = bench.greeting(of: instance)
        _ = try await driver.start(try bench.order(instance, generation: 1, .idle))
        try await driver.awaitLog(of: instance, containing: greeting)
        try await driver.stop(instance, grace: .zero)
        #expect(try await driver.log(of: instance, tail: nil).contains(greeting))
        // A follower of what has ended ends too.
        #expect(try await driver.log(of: instance, tail: 1000, follow: true).contains(greeting))
        let last = try await driver.log(of: instance, tail: 1)
        #expect(last.split(separator: "\n", omittingEmptySubsequences: true).count <= 1)
    }

    private func adopt<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 3, .idle)
        let started = try await driver.start(order)
        let members = try bench.members(of: started)
        let heir = try bench.makeHeir()
        let seen = try #require(try await heir.instances().first { $0.id == instance })
        #expect(seen.state == .running)
        #expect(seen.generation == Generation(3))
        #expect(seen.controlGroup == started.controlGroup)
        #expect(try bench.members(of: try await heir.start(order)) == members)
        try await heir.stop(instance, grace: .zero)
    }

    private func noticeDeath<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 1, .idle)
        let started = try await driver.start(order)
        try bench.kill(started)
        try await driver.awaitExit(of: instance, code: 137)
        #expect(try await driver.start(order).state == .running)
    }

    private func refuseMissingImage<Bench: ConformanceBench>(
        _ instance: InstanceID, _ driver: Bench.Driver, _ bench: Bench
    ) async throws {
        let order = try bench.order(instance, generation: 1, .withoutImage)
        let failure = await #expect(throws: DriverFailure.self) {
            _ = try await driver.start(order)
        }
        #expect(failure?.code == .image, "\(String(describing: failure))")
        #expect(failure?.cause != nil)
    }

    private func refuseUnknown(_ instance: InstanceID, _ driver: some WorkloadDriver) async throws {
        let failure = await #expect(throws: DriverFailure.self) {
            try await driver.logs(of: instance, from: .oldest, follow: true) { _ in }
        }
        #expect(failure?.code == .notFound)
        try await driver.stop(instance, grace: .zero)
    }
}
