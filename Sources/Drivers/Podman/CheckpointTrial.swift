import ClusterModel
import HostIO
import Ports
import Synchronization

private struct TrialSpecification: Encodable {
    let name: String
    let image: String
    let command: [String]
    let labels: [String: String]
    let r_limits: [PodmanSpecification.ProcessLimit]
    let log_configuration = PodmanSpecification.LogConfiguration(
        driver: "k8s-file", size: DriverLimits.log.count)
    let netns = Namespace(nsmode: "none")
    let restart_policy = "no"

    struct Namespace: Encodable {
        let nsmode: String
    }
}

private struct TrialEntry: Decodable {
    let names: [String]?

    enum CodingKeys: String, CodingKey { case names = "Names" }
}

/// Finds out by trying whether containers can be written down and brought back, connections
/// included.
///
/// Versions prove nothing: CRIU depends on what the kernel offers, and Podman on crun, crun on a
/// library that it loads when it is there, and all of it on the firewall's tools.
struct CheckpointTrial: Sendable {
    let api: PodmanAPI
    let names: PodmanNames
    let area: CheckpointArea
    let podmanVersion: String

    /// Marks containers of trials; an agent that died in the middle leaves one.
    private static let label = "io.huddle.trial"

    /// What came of the trial; of a service that does not answer nothing is learned.
    func run() async throws(DriverFailure) -> Capability {
        if let machine = Self.machine, machine != TrialProgram.architecture {
            return Self.refusal("there is no trial program for \(machine)")
        }
        // Until the host reboots, or gets other versions, what worked once is not tried again: the
        // agent shall be back at once after its restart.
        let version = await Self.version()
        let verdict = "\(version) with Podman \(podmanVersion), images led away, overlay looked at"
        let known = [verdict, verdict + Self.partly].first { $0 == area.lastTrial }
        if let known { return Self.success(version, isPlain: known == verdict) }
        let name = "\(names.namespace)-trial-\(UInt32.random(in: .min ... .max))"
        let isPlain: Bool
        do throws(DriverFailure) {
            try await removeLeftovers()
            isPlain = try await withDeadline(
                DriverLimits.trial,
                // The host may just be busy: not learned, tried again.
                late: DriverFailure(
                    .unavailable, "a trial checkpoint took longer than \(DriverLimits.trial)")
            ) { () async throws(DriverFailure) -> Bool in try await attempt(name) }
        } catch {
            await remove(name)
            // A host without room may have some the next time.
            guard error.code != .unavailable, error.code != .exhausted else { throw error }
            return Self.refusal(error.cause.map { "\(error.message): \($0)" } ?? error.message)
        }
        await remove(name)
        // Without the note there is another trial after the next restart, that is all.
        try? area.noteTrial(verdict + (isPlain ? "" : Self.partly))
        return Self.success(version, isPlain: isPlain)
    }

    private static let partly = ", without what is changed of images"

    private static func success(_ version: String, isPlain: Bool) -> Capability {
        let note = isPlain ? "" : " (changes to files of images stay behind: no plain overlay)"
        return Capability(.checkpoint, available: true, detail: version + note)
    }

    /// Whether what containers change of their images' files goes along, too.
    private func attempt(_ name: String) async throws(DriverFailure) -> Bool {
        try await create(name)
        try await post("/containers/\(name)/start", doing: "start the trial program")
        try await awaitGreeting(of: name)
        let running = try await inspect(name)
        let isPlain =
            running.layer != nil
            && ContainerLayer.isPlain(underProcess: Int32(clamping: running.state.process ?? 0))
        let archive = try await writeDown(name)
        try await remove(container: name)
        try await restore(name, from: archive)
        try await post(
            "/containers/\(name)/stop", query: [("timeout", "2")], doing: "end the trial program")
        let found = try await inspect(name)
        guard found.state.exitCode == TrialProgram.successCode else {
            throw DriverFailure(
                .refused, "a connection did not survive a trial checkpoint",
                cause: "the trial program ended with code \(found.state.exitCode ?? -1)")
        }
        return isPlain
    }

    private func inspect(_ name: String) async throws(DriverFailure) -> PodmanInspection {
        let response = try await api.send(.get, "/containers/\(name)/json")
        try response.require("inspect the trial program")
        return try JSON.decode(PodmanInspection.self, from: response.body, of: "Podman")
    }

    private func create(_ name: String) async throws(DriverFailure) {
        try await post(
            "/images/import", query: [("reference", image(name))],
            body: .bytes(TrialProgram.archive, type: "application/x-tar"),
            doing: "load the trial program")
        let files = min(ResourceLimit.openFiles.hard, 1024)
        let processes = min(ResourceLimit.processes.hard, 1024)
        let specification = TrialSpecification(
            name: name, image: image(name), command: ["/\(TrialProgram.name)"],
            labels: [Self.label: names.namespace],
            r_limits: [
                .init(type: "nofile", soft: files, hard: files),
                .init(type: "nproc", soft: processes, hard: processes),
            ])
        try await post(
            "/containers/create",
            body: .bytes(try JSON.encode(specification), type: "application/json"),
            doing: "create the trial container")
    }

    private func awaitGreeting(of name: String) async throws(DriverFailure) {
        try await api.exchange(
            .get, "/containers/\(name)/logs", query: [("stdout", "true"), ("follow", "true")],
            headWithin: DriverLimits.trial
        ) { (head, reader, _) async throws(DriverFailure) in
            try await PodmanDriver.requireStream(head, reader, doing: "read the trial's log")
            var seen: [UInt8] = []
            while !String(decoding: seen, as: UTF8.self).contains(TrialProgram.greeting) {
                guard let bytes = try await PodmanDriver.next(reader), seen.count < 4096 else {
                    throw DriverFailure(
                        .refused, "the trial program cannot connect to itself in a container")
                }
                seen += bytes
            }
        }
    }

    private func writeDown(_ name: String) async throws(DriverFailure) -> [UInt8] {
        let path = "/containers/\(name)"
        // As a move does it; on one host the link in the archive leads to the same images.
        let found = try await inspect(name)
        return try await area.withRoom(for: PodmanDriver.descriptions, of: name) {
            (room) async throws(DriverFailure) in
            try await area.placeImages(for: found.directory, in: room)
            let response = try await api.send(
                .post, path + "/checkpoint",
                query: PodmanDriver.connections + [("export", "true"), ("keep", "true")])
            do throws(DriverFailure) {
                try response.require("write down a trial container")
            } catch {
                throw await CRIULog.explained(error, of: .checkpoint, path, api)
            }
            try area.require(.keptImages, of: name)
            return response.body
        }
    }

    private func restore(
        _ name: String, from archive: [UInt8]
    ) async throws(DriverFailure) {
        do throws(DriverFailure) {
            try await post(
                "/containers/import/restore",
                query: PodmanDriver.connections + [("import", "true")],
                body: .bytes(archive, type: "application/x-tar"),
                doing: "restore a trial container")
        } catch {
            throw await CRIULog.explained(error, of: .restore, "/containers/\(name)", api)
        }
    }

    private func post(
        _ path: String, query: [(String, String)] = [], body: HTTPRequest.Body = .none,
        doing: String
    ) async throws(DriverFailure) {
        try await api.send(.post, path, query: query, body: body).require(doing)
    }

    private func image(_ name: String) -> String { "localhost/\(name):1" }

    // MARK: Cleaning up

    private func remove(container name: String) async throws(DriverFailure) {
        let response = try await api.send(
            .delete, "/containers/\(name)",
            query: [("force", "true"), ("v", "true"), ("timeout", "0")])
        try response.require("remove the trial container", also: [404])
    }

    /// A task of its own, awaited here: the trial may have been cancelled. What cannot be removed
    /// now is removed by the next trial.
    private func remove(_ name: String) async {
        await Task { [self] in
            try? await remove(container: name)
            try? await area.clear(name)
            _ = try? await api.send(.delete, "/images/\(image(name))")
        }.value
    }

    private func removeLeftovers() async throws(DriverFailure) {
        // Not those of a trial that is just running beside this one.
        let filter = try JSON.encode([
            "label": ["\(Self.label)=\(names.namespace)"], "until": ["1m"],
        ])
        let query = [
            ("all", "true"), ("filters", String(decoding: filter, as: UTF8.self)),
        ]
        let response = try await api.send(.get, "/containers/json", query: query)
        try response.require("list trial containers")
        let found = try JSON.decode([TrialEntry].self, from: response.body, of: "Podman")
        for name in found.compactMap({ $0.names?.first }) { await remove(name) }
    }

    // MARK: Telling

    private static func refusal(_ reason: String) -> Capability {
        let line = reason.split(separator: "\n").joined(separator: " ")
        return Capability(.checkpoint, available: false, detail: String(line.prefix(300)))
    }

    private static var machine: String? {
        (try? HostFile.text("/proc/sys/kernel/arch")).map { String($0.prefix { $0 != "\n" }) }
    }

    /// CRIU's own word; Podman does not tell which one it uses.
    private static func version() async -> String {
        let outcome = try? await Tool.run("/usr/bin/env", ["criu", "--version"])
        let line = outcome?.text.split(separator: "\n").first { $0.hasPrefix("Version:") }
        guard let number = line?.split(separator: " ").last else { return "CRIU" }
        return "CRIU \(number)"
    }
}

extension CheckpointTrial {
    /// The verdict of a trial that was made, for as long as this process lives: a trial takes most
    /// of a second.
    final class Result: Sendable {
        private let turns = Turns<String>()
        private let known = Mutex<Capability?>(nil)

        func verdict(of trial: CheckpointTrial) async -> Capability {
            do throws(DriverFailure) {
                return try await turns.holding("trial") {
                    () async throws(DriverFailure) -> Capability in
                    if let verdict = known.withLock({ $0 }) { return verdict }
                    let verdict = try await trial.run()
                    // One that was cancelled says nothing about the host.
                    if !Task.isCancelled { known.withLock { $0 = verdict } }
                    return verdict
                }
            } catch {
                return CheckpointTrial.refusal(
                    error.cause.map { "\(error.message): \($0)" } ?? error.message)
            }
        }
    }
}
