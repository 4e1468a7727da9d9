import ClusterModel
import HostIO
import Ports

private struct Inspection: Decodable {
    let mounts: [Mount]?

    struct Mount: Decodable {
        let type: String
        let name: String?
        let source: String

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case name = "Name"
            case source = "Source"
        }
    }

    enum CodingKeys: String, CodingKey { case mounts = "Mounts" }
}

private struct Volume: Decodable {
    let name: String
    let mountpoint: String

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case mountpoint = "Mountpoint"
    }
}

private struct VolumeOrder: Encodable {
    let Name: String
}

/// One instance's own volumes in Podman's store: nobody else has them, whatever others call theirs.
struct PodmanVolumes: Sendable {
    let api: PodmanAPI
    let names: PodmanNames
    let instance: InstanceID

    /// A volume that the instance's container has.
    struct Mounted: Hashable, Sendable {
        /// As its spec calls it.
        let name: String
        /// Where it lies on this host.
        let directory: String
        /// Whether it is called as the instance's own; versions before called it by its name alone, so that two instances
        /// could have one.
        let isOwn: Bool
    }

    /// Those of the container that `path` describes; none where there is none.
    func mounted(by path: String) async throws(DriverFailure) -> [Mounted] {
        let response = try await api.send(.get, path)
        if response.head.status == 404 { return [] }
        try response.require("inspect \(instance)")
        let found = try JSON.decode(Inspection.self, from: response.body, of: "Podman")
        return (found.mounts ?? []).compactMap { mount in
            guard mount.type == "volume", let name = mount.name else { return nil }
            let own = names.volume("", of: instance)
            if name.hasPrefix(own) {
                return Mounted(
                    name: String(name.dropFirst(own.count)), directory: mount.source, isOwn: true)
            }
            let all = names.earlierVolume("")
            guard name.hasPrefix(all) else { return nil }
            return Mounted(
                name: String(name.dropFirst(all.count)), directory: mount.source, isOwn: false)
        }
    }

    /// Fails where the container has volumes that a description of it names as an earlier version did.
    func requireOwn(of path: String) async throws(DriverFailure) {
        guard let old = try await mounted(by: path).first(where: { !$0.isOwn }) else { return }
        throw DriverFailure(
            .refused,
            "\(instance) has its volume \(old.name) as \(names.earlierVolume(old.name)), as an earlier version made it",
            cause:
                "a move with --mode restart, or a change of its spec, brings it under its own name; then it can be moved live"
        )
    }

    /// Has the instance own what a container of an earlier version has, which is not to run any more.
    ///
    /// Where another container has it as well, that keeps it and this one gets a copy.
    func inherit(_ mounted: [Mounted]) async throws(DriverFailure) {
        for volume in mounted where !volume.isOwn {
            let old = names.earlierVolume(volume.name)
            let name = names.volume(volume.name, of: instance)
            let own = try await directory(of: name)
            guard HostFile.exists(volume.directory), try await isEmpty(own) else { continue }
            var directory = volume.directory
            if try await users(of: old) > 1 {
                directory = try await prepareArrival(of: volume.name).incoming
                try await copy(volume.directory, to: directory)
            }
            try await DriverFailure.onFiles("take over volume \(old)") {
                () async throws(FileFailure) in
                try HostFile.move(directory, to: own)
            }
            try await discard(volume.name)
        }
    }

    /// Removes what is left of volumes that were taken over, once their container is gone.
    func removeInherited(_ mounted: [Mounted]) async {
        for volume in mounted where !volume.isOwn && !HostFile.exists(volume.directory) {
            _ = try? await api.send(.delete, path(names.earlierVolume(volume.name)))
        }
    }

    private func isEmpty(_ directory: String) async throws(DriverFailure) -> Bool {
        try await DriverFailure.reading(directory) { () async throws(FileFailure) in
            try HostFile.names(in: directory).isEmpty
        }
    }

    /// How many containers have this volume.
    private func users(of volume: String) async throws(DriverFailure) -> Int {
        let filter = try JSON.encode(["volume": [volume]])
        let response = try await api.send(
            .get, "/containers/json",
            query: [("all", "true"), ("filters", String(decoding: filter, as: UTF8.self))])
        try response.require("list the users of volume \(volume)")
        return try JSON.decode([PodmanListEntry].self, from: response.body, of: "Podman").count
    }

    private func copy(_ directory: String, to other: String) async throws(DriverFailure) {
        let outcome: Tool.Outcome
        do throws(ProcessFailure) {
            outcome = try await Tool.run(
                "/usr/bin/env", ["cp", "--archive", directory + "/.", other],
                within: .seconds(1_800)
            )
        } catch {
            throw DriverFailure(tool: error, doing: "copy \(directory)")
        }
        guard outcome.status.isSuccess else {
            throw DriverFailure(.refused, "could not copy \(directory)", cause: outcome.complaint)
        }
    }

    /// Removes the volume with all that is in it, and what was on its way. One that is not there is removed already, and
    /// one that a container uses is left to it.
    func remove(_ name: String) async throws(DriverFailure) {
        for volume in [incoming(name), names.volume(name, of: instance)] {
            let response = try await api.send(.delete, path(volume))
            try response.require("remove volume \(volume)", also: [404, 409])
        }
    }

    // MARK: What comes from another host

    /// A volume on its way in, as a volume of its own: found by no container, and labelled as Podman's are.
    struct Arrival: Hashable, Sendable {
        let name: String
        /// What containers see of it.
        let directory: String
        /// Where it is unpacked, until it is whole.
        let incoming: String

        /// Beside the directory: says under which decision what is there came.
        fileprivate var mark: String { beside("arrived") }
        /// Beside the directory: what it had before, until it is gone.
        fileprivate var outdated: String { beside("outdated") }

        private func beside(_ name: String) -> String {
            (directory.lastIndex(of: "/").map { directory[...$0] } ?? "") + name
        }
    }

    private func incoming(_ name: String) -> String {
        names.volume(name + Self.onItsWay, of: instance)
    }

    private static let onItsWay = ".incoming"

    /// Makes a place for what comes of the volume, beside what is here of it.
    func prepareArrival(of name: String) async throws(DriverFailure) -> Arrival {
        let incoming = try await prepareIncoming(name)
        return try await arrival(of: name, in: incoming)
    }

    /// Where the first pass of the volume came to; fails where that is gone.
    func laterArrival(of name: String) async throws(DriverFailure) -> Arrival {
        let response = try await api.send(.get, path(incoming(name)) + "/json")
        try response.require("find what came ahead of volume \(name)")
        let found = try JSON.decode(Volume.self, from: response.body, of: "Podman")
        return try await arrival(of: name, in: found.mountpoint)
    }

    /// The empty directory for what comes of the volume.
    func prepareIncoming(_ name: String) async throws(DriverFailure) -> String {
        // A break-off may have left a part.
        try await discard(name)
        return try await directory(of: incoming(name))
    }

    private func arrival(
        of name: String, in incoming: String
    ) async throws(DriverFailure) -> Arrival {
        Arrival(
            name: name, directory: try await directory(of: names.volume(name, of: instance)),
            incoming: incoming)
    }

    /// Puts what came in the place of what was there, which is set aside as a volume of its own: nobody said that it
    /// may go. All of them or, should one fail, none.
    ///
    /// What came under the same decision is only replaced: it was fetched once more, and nothing ran with it.
    func settle(
        _ arrivals: [Arrival], under generation: Generation
    ) async throws(DriverFailure) {
        let mark = Array("\(generation.number)".utf8)
        var moves: [(from: String, to: String)] = []
        for arrival in arrivals {
            let isRepeated =
                HostFile.exists(arrival.mark)
                && (try? HostFile.read(arrival.mark)) == mark
            if try await !isEmpty(arrival.directory), !isRepeated {
                moves.append((arrival.directory, try await emptyVolume(besides: arrival.name)))
            } else {
                try await DriverFailure.onFiles("make room for \(arrival.directory)") {
                    () async throws(FileFailure) in try await HostFile.erase(arrival.outdated)
                }
                if HostFile.exists(arrival.directory) {
                    moves.append((arrival.directory, arrival.outdated))
                }
            }
            moves.append((arrival.incoming, arrival.directory))
        }
        try await DriverFailure.onFiles("put the volumes of \(instance) in their place") {
            () async throws(FileFailure) in
            var done: [(from: String, to: String)] = []
            do throws(FileFailure) {
                for move in moves {
                    try HostFile.move(move.from, to: move.to)
                    done.append(move)
                }
            } catch {
                for move in done.reversed() { try? HostFile.move(move.to, to: move.from) }
                throw error
            }
        }
        // They are in their place. A mark that is missing costs one more copy, and what else stays goes with the next arrival.
        for arrival in arrivals {
            try? HostFile.replace(arrival.mark, with: mark)
            try? await HostFile.erase(arrival.outdated)
            try? await discard(arrival.name)
        }
    }

    /// What did not come whole is nothing.
    func discard(_ name: String) async throws(DriverFailure) {
        let response = try await api.send(.delete, path(incoming(name)))
        try response.require("remove what came of volume \(name)", also: [404])
    }

    /// Removes all of the instance's volumes that are on their way.
    func discardAll() async throws(DriverFailure) {
        // A volume that somebody else removes just then fails the whole listing.
        var response = try await api.send(.get, "/volumes/json")
        for _ in 0..<20 where !response.head.isSuccess {
            try? await Task.sleep(for: .milliseconds(50))
            response = try await api.send(.get, "/volumes/json")
        }
        try response.require("list volumes")
        let listed = try JSON.decode([Volume].self, from: response.body, of: "Podman")
        let own = names.volume("", of: instance)
        for name in listed.map(\.name) where name.hasPrefix(own) {
            // One that its spec calls `incoming` has no point before that.
            guard name.dropFirst(own.count).hasSuffix(Self.onItsWay) else { continue }
            let gone = try await api.send(.delete, path(name))
            // One that a container uses is left to it.
            try gone.require("remove volume \(name)", also: [404, 409])
        }
    }

    /// The directory of a new volume for what an earlier stay left.
    private func emptyVolume(besides name: String) async throws(DriverFailure) -> String {
        var number = 1
        while true {
            let volume = names.volume("\(name).earlier.\(number)", of: instance)
            let found = try await api.send(.get, path(volume) + "/exists")
            if found.head.status == 404 { return try await directory(of: volume) }
            try found.require("look for volume \(volume)")
            number += 1
        }
    }

    /// The directory of what Podman calls so, which is made where it is missing.
    private func directory(of volume: String) async throws(DriverFailure) -> String {
        var response = try await api.send(.get, path(volume) + "/json")
        if response.head.status == 404 {
            let body = try JSON.encode(VolumeOrder(Name: volume))
            let made = try await api.send(
                .post, "/volumes/create", body: .bytes(body, type: "application/json"))
            try made.require("make volume \(volume)")
            response = try await api.send(.get, path(volume) + "/json")
        }
        try response.require("look at volume \(volume)")
        return try JSON.decode(Volume.self, from: response.body, of: "Podman").mountpoint
    }

    private func path(_ volume: String) -> String { "/volumes/" + PodmanAPI.encoded(volume) }
}
