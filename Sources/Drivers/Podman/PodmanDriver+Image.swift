import HostIO
package import Ports

/// One line of what a pull or a load answers.
private struct PodmanProgress: Decodable {
    let error: String?
}

private struct PodmanLoaded: Decodable {
    let names: [String]?

    enum CodingKeys: String, CodingKey { case names = "Names" }
}

extension PodmanDriver: PreloadingDriver {
    package func preload(_ image: LocalImage) async throws(DriverFailure) {
        _ = try await provide(image)
    }

    /// What Podman knows the image by, once it has it.
    func name(of image: LocalImage) throws(DriverFailure) -> String {
        switch image {
        case .reference(let reference): return reference
        case .archive(_, let digest): return names.image(digest: digest)
        case .qcow2, .kernel:
            throw DriverFailure(
                .unsupported, "Podman runs containers, not images of virtual machines")
        }
    }

    /// Makes sure that Podman has the image; returns the name to create from.
    func provide(_ image: LocalImage) async throws(DriverFailure) -> String {
        let name = try name(of: image)
        try await imageTurns.holding(name) { () async throws(DriverFailure) in
            guard try await !has(name) else { return }
            if case .archive(let path, _) = image {
                try await load(path, as: name)
            } else {
                try await pull(name)
            }
        }
        return name
    }

    func has(_ reference: String) async throws(DriverFailure) -> Bool {
        let response = try await api.send(.get, "/images/\(PodmanAPI.encoded(reference))/exists")
        if response.head.status == 404 { return false }
        try response.require("look for image \(reference)")
        return true
    }

    /// A pull answers 200 before it has tried; what came of it stands in the lines that follow.
    private func pull(_ reference: String) async throws(DriverFailure) {
        let response = try await api.send(
            .post, "/images/pull", query: [("reference", reference), ("quiet", "true")],
            within: DriverLimits.pull)
        guard response.head.isSuccess else {
            throw DriverFailure(podman: response, doing: "pull image \(reference)", code: .image)
        }
        for line in response.body.split(separator: UInt8(ascii: "\n")) {
            let progress = try JSON.decode(PodmanProgress.self, from: Array(line), of: "Podman")
            if let error = progress.error {
                throw DriverFailure(podman: error, doing: "pull image \(reference)", code: .image)
            }
        }
    }

    private func load(_ path: String, as name: String) async throws(DriverFailure) {
        let file: FileChunks
        do throws(FileFailure) {
            file = try FileChunks(reading: path)
        } catch {
            throw DriverFailure(.image, "the image's archive cannot be read", cause: "\(error)")
        }
        let response = try await api.send(
            .post, "/images/load",
            body: .stream(type: "application/x-tar") { () async throws(SocketFailure) in
                do throws(FileFailure) {
                    return try await file.next()
                } catch {
                    throw .source("\(error)")
                }
            }, within: DriverLimits.pull)
        guard response.head.isSuccess else {
            throw DriverFailure(podman: response, doing: "load \(path)", code: .image)
        }
        let loaded = try JSON.decode(PodmanLoaded.self, from: response.body, of: "Podman")
        guard let source = loaded.names?.first, let colon = name.lastIndex(of: ":") else {
            throw DriverFailure(.image, "\(path) holds no image")
        }
        let tagged = try await api.send(
            .post, "/images/\(PodmanAPI.encoded(source))/tag",
            query: [
                ("repo", String(name[..<colon])),
                ("tag", String(name[name.index(after: colon)...])),
            ])
        try tagged.require("name the image of \(path)")
    }
}
