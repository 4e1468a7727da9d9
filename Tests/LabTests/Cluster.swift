import Foundation
import Testing

/// The cluster as its users see it.
struct Cluster: Sendable {
    // MARK: - Reading

    func hosts() async throws -> [HostView] { try await read(HostList.self, "hosts").hosts }

    func host(_ name: String) async throws -> HostView {
        let found = try await hosts().first { $0.name == name }
        return try found ?? { throw Unexpected("no host \(name)") }()
    }

    func instances() async throws -> [InstanceView] {
        try await read(InstanceList.self, "get", "instances").instances
    }

    func instance(_ name: String) async throws -> InstanceView {
        let found = try await instances().first { $0.name == name }
        return try found ?? { throw Unexpected("no instance \(name)") }()
    }

    func moves() async throws -> [MoveView] { try await read(MoveList.self, "moves").moves }

    func unfinishedMoves() async throws -> [MoveView] {
        try await moves().filter { $0.outcome == nil }
    }

    func plan() async throws -> PlanView { try await read(PlanView.self, "plan") }

    func explain(_ name: String) async throws -> [ExplainView.Verdict] {
        try await read(ExplainView.self, "explain", name).instances.flatMap(\.hosts)
    }

    // MARK: - Doing

    /// Runs a command that has to end with this code.
    @discardableResult
    func run(
        _ arguments: String..., input: String = "", ending status: Int32 = 0,
        within limit: Duration = .seconds(60)
    ) async throws -> Command.Ended {
        let ended = try await Lab.huddle(arguments, input: input, within: limit)
        guard ended.status == status else {
            throw Unexpected("exit code \(status) expected: \(ended)\n\(await picture())")
        }
        return ended
    }

    @discardableResult
    func apply(
        _ specs: Spec..., on host: String? = nil, wait: Bool = true, ending status: Int32 = 0
    ) async throws -> AppliedView {
        let text = specs.map(\.text).joined(separator: "---\n")
        return try await apply(
            text: text, (host.map { ["--on", $0] } ?? []) + (wait ? ["--wait"] : []),
            ending: status)
    }

    @discardableResult
    func apply(
        text: String, _ options: [String] = [], ending status: Int32 = 0
    ) async throws -> AppliedView {
        let ended = try await Lab.huddle(
            ["apply", "-f", "-", "-o", "json", "--timeout", "60s"] + options, input: text,
            within: .seconds(90))
        guard ended.status == status else {
            throw Unexpected("exit code \(status) expected: \(ended)\n\(await picture())")
        }
        return try JSONDecoder().decode(AppliedView.self, from: Data(ended.output.utf8))
    }

    // MARK: - Waiting

    /// Looks again and again until there is something, and says what was missing if there never is.
    ///
    /// A poll on purpose: hosts, Podman and QEMU are other programs, and none of them calls a test back.
    @discardableResult
    func eventually<Found>(
        _ what: String, within limit: Duration = .seconds(60),
        every pause: Duration = .milliseconds(300),
        _ look: () async throws -> Found?
    ) async throws -> Found {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var trouble: (any Error)?
        repeat {
            do {
                if let found = try await look() { return found }
                trouble = nil
            } catch {
                // The coordinator may be away just now; only the deadline decides.
                trouble = error
            }
            try await Task.sleep(for: pause)
        } while ContinuousClock.now < deadline
        let last = trouble.map { "; last: \($0)" } ?? ""
        throw Unexpected("not within \(limit): \(what)\(last)\n\(await picture())")
    }

    /// Waits until it is so.
    func must(
        _ what: String, within limit: Duration = .seconds(60), _ isSo: () async throws -> Bool
    ) async throws {
        try await eventually(what, within: limit) { try await isSo() ? true : nil }
    }

    /// Waits until all of these run, and tells where.
    @discardableResult
    func running(_ names: String..., within limit: Duration = .seconds(60)) async throws
        -> [InstanceView]
    {
        try await eventually("\(names.joined(separator: ", ")) running", within: limit) {
            let all = try await instances()
            let found = names.compactMap { name in
                all.first { $0.name == name && $0.state == "running" }
            }
            return found.count == names.count ? found : nil
        }
    }

    func hostsReady(within limit: Duration = .seconds(60)) async throws {
        try await must("all hosts ready", within: limit) {
            try await hosts().filter { $0.state == "ready" }.map(\.name).sorted() == Lab.hosts
        }
    }

    func noMoveUnderWay(within limit: Duration = .seconds(90)) async throws {
        try await must("no move under way", within: limit) { try await unfinishedMoves().isEmpty }
    }

    // MARK: - For whoever reads a failure

    /// Everything that may explain why something is not so.
    func picture() async -> String {
        var parts: [String] = []
        for words in [["hosts"], ["get", "instances"], ["moves"], ["events", "-n", "40"]] {
            let ended = try? await Lab.huddle(words)
            parts.append(ended?.description ?? "huddle \(words) did not answer")
        }
        let copies = try? await RealCopies.all().map { "  \($0)" }
        parts.append("really there:\n" + (copies?.joined(separator: "\n") ?? "  not known"))
        return parts.joined(separator: "\n")
    }

    private func read<View: Decodable>(_ view: View.Type, _ words: String...) async throws -> View {
        let ended = try await Lab.huddle(words + ["-o", "json"])
        guard ended.status == 0 else { throw Unexpected("\(ended)") }
        return try JSONDecoder().decode(view, from: Data(ended.output.utf8))
    }
}
