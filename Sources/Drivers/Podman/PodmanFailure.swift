import HostIO
import Ports

/// The body of a refusal: a short cause and the whole chain of reasons.
private struct PodmanRefusal: Decodable {
    let cause: String?
    let message: String?
}

extension DriverFailure {
    /// A conversation with Podman that broke.
    init(podman failure: SocketFailure) {
        switch failure {
        case .unreachable(let reason):
            self.init(.unavailable, "Podman does not listen", cause: reason)
        case .timedOut, .closed, .tooLarge:
            self.init(.unavailable, "Podman does not answer", cause: "\(failure)")
        case .source(let reason):
            self.init(.image, "the image's file cannot be read", cause: reason)
        case .cancelled:
            self.init(.unavailable, "the call was cancelled")
        }
    }

    /// A refusal by Podman; `code` for what only the call knows about its status.
    init(podman response: HTTPResponse, doing: String, code: Code = .refused) {
        let refusal = try? JSON.decode(PodmanRefusal.self, from: response.body, of: "Podman")
        let reason =
            refusal?.message ?? refusal?.cause
            ?? String(decoding: response.body.prefix(500), as: UTF8.self)
        self.init(
            podman: reason.isEmpty ? "status \(response.head.status)" : reason, doing: doing,
            code: code)
    }

    /// Podman has no code for a full disk or for no memory: the kernel's own words stand in its
    /// text.
    init(podman reason: String, doing: String, code: Code = .refused) {
        let full =
            reason.contains("no space left on device") || reason.contains("cannot allocate memory")
        self.init(full ? .exhausted : code, "Podman could not \(doing)", cause: reason)
    }
}

extension HTTPResponse {
    /// Fails unless Podman did what was asked, or `also` counts as done.
    func require(_ doing: String, also statuses: Set<Int> = []) throws(DriverFailure) {
        guard head.isSuccess || statuses.contains(head.status) else {
            throw DriverFailure(
                podman: self, doing: doing, code: head.status == 404 ? .notFound : .refused)
        }
    }
}
