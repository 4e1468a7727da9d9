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
    let mountpoint: String

    enum CodingKeys: String, CodingKey { case mountpoint = "Mountpoint" }
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

    /// Those of the container that `path` describes.
    func mounted(by path: String) async throws(DriverFailure) -> [Mounted] {
        let response = try await api.send(.get, path)
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

    /// Fails where the container has volumes that its successor, under their present names, would not find.
    func requireOwn(of path: String) async throws(DriverFailure) {
        guard let old = try await mounted(by: path).first(where: { !$0.isOwn }) else { return }
        throw DriverFailure(
            .refused,
            "\(instance) has its volume \(old.name) under the name that an earlier version gave it, \(names.earlierVolume(old.name))",
            cause:
                "it has to be moved with --mode restart before it can be replaced or moved live: that brings the volume along"
        )
    }

    /// Removes the volume with all that is in it. One that is not there is removed already, and one that a container
    /// uses is left to it.
    func remove(_ name: String) async throws(DriverFailure) {
        let volume = PodmanAPI.encoded(names.volume(name, of: instance))
        let response = try await api.send(.delete, "/volumes/" + volume)
        try response.require("remove volume \(name) of \(instance)", also: [404, 409])
    }

    // MARK: What comes from another host

    /// A volume on its way in, in the directory that Podman has for it: removed with the volume, found by no container.
    struct Arrival: Hashable, Sendable {
        let name: String
        /// What containers see of it.
        let directory: String
        /// Where it is unpacked, until it is whole.
        let incoming: String
        /// File that says under which decision what is there came.
        fileprivate let mark: String

        fileprivate init(_ name: String, at directory: String) {
            let parent = directory.lastIndex(of: "/").map { directory[..<$0] } ?? ""
            self.name = name
            self.directory = directory
            incoming = parent + "/incoming"
            mark = parent + "/arrived"
        }
    }

    /// Makes a place for what comes of the volume, beside what is here of it.
    func prepareArrival(of name: String) async throws(DriverFailure) -> Arrival {
        let arrival = Arrival(name, at: try await directory(of: names.volume(name, of: instance)))
        try await doing("make room for volume \(name) of \(instance)") {
            () async throws(FileFailure) in
            try await HostFile.erase(arrival.incoming)
            try HostFile.makeDirectory(arrival.incoming)
        }
        return arrival
    }

    /// Puts what came in the place of what was there, which is set aside as a volume of its own: nobody said that it
    /// may go.
    ///
    /// What came under the same decision is only replaced: it was fetched once more, and nothing ran with it.
    func settle(_ arrival: Arrival, under generation: Generation) async throws(DriverFailure) {
        let doing = "put volume \(arrival.name) of \(instance) in its place"
        let mark = Array("\(generation.number)".utf8)
        var isOutdated = false
        try await self.doing(doing) { () async throws(FileFailure) in
            isOutdated = try !HostFile.names(in: arrival.directory).isEmpty
            guard isOutdated, HostFile.exists(arrival.mark),
                try HostFile.read(arrival.mark) == mark
            else { return }
            isOutdated = false
        }
        let aside = isOutdated ? try await emptyVolume(besides: arrival.name) : nil
        try await self.doing(doing) { () async throws(FileFailure) in
            if let aside {
                try HostFile.move(arrival.directory, to: aside)
            } else {
                try await HostFile.erase(arrival.directory)
            }
            try HostFile.move(arrival.incoming, to: arrival.directory)
            try HostFile.replace(arrival.mark, with: mark)
        }
    }

    /// What did not come whole is nothing.
    func discard(_ arrival: Arrival) async { try? await HostFile.erase(arrival.incoming) }

    /// The directory of a new volume for what an earlier stay left.
    private func emptyVolume(besides name: String) async throws(DriverFailure) -> String {
        var number = 1
        while true {
            let volume = names.volume("\(name).earlier.\(number)", of: instance)
            let found = try await api.send(.get, path(volume, "exists"))
            if found.head.status == 404 { return try await directory(of: volume) }
            try found.require("look for volume \(volume)")
            number += 1
        }
    }

    /// The directory of what Podman calls so, which is made where it is missing.
    private func directory(of volume: String) async throws(DriverFailure) -> String {
        var response = try await api.send(.get, path(volume, "json"))
        if response.head.status == 404 {
            let body = try JSON.encode(VolumeOrder(Name: volume))
            let made = try await api.send(
                .post, "/volumes/create", body: .bytes(body, type: "application/json"))
            try made.require("make volume \(volume)")
            response = try await api.send(.get, path(volume, "json"))
        }
        try response.require("look at volume \(volume)")
        return try JSON.decode(Volume.self, from: response.body, of: "Podman").mountpoint
    }

    private func path(_ volume: String, _ question: String) -> String {
        "/volumes/\(PodmanAPI.encoded(volume))/\(question)"
    }

    private func doing(
        _ doing: String, _ work: () async throws(FileFailure) -> Void
    ) async throws(DriverFailure) {
        do throws(FileFailure) { try await work() } catch {
            throw DriverFailure(vm: error, doing: doing)
        }
    }
}
