/// How to reach a cluster and as whom: what the coordinator writes and the command line reads.
///
/// It holds a private key, so its file is to be readable by its owner alone.
package struct ContextFile: Hashable, Sendable {
    /// The cluster's name, for people.
    package let cluster: String
    package let coordinator: Endpoint
    /// The cluster's own authority, in PEM.
    package let authority: String
    /// The user's certificate and what signed it, in PEM.
    package let certificate: String
    /// The private key of `certificate`, in PEM.
    package let key: String

    /// A host and a port to connect to.
    package struct Endpoint: Hashable, Sendable {
        package let host: String
        package let port: UInt16

        package init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// Reads `name:port`, `192.0.2.1:port` or `[2001:db8::1]:port`.
        package init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"),
                let port = UInt16(text[text.index(after: colon)...]),
                port > 0
            else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                return nil
            }
            guard !host.isEmpty, !host.contains(" ") else { return nil }
            self.host = String(host)
            self.port = port
        }

        /// The notation that reads back to the same value.
        package var notation: String {
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    package init(
        cluster: String, coordinator: Endpoint, authority: String, certificate: String, key: String
    ) {
        self.cluster = cluster
        self.coordinator = coordinator
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// Reads a context; all problems are reported.
    package init(_ source: SpecText) throws(SpecFailure) {
        let documents = YAMLDocuments(text: source.text, file: source.file)
        var reader = FieldReader(file: source.file)
        guard documents.problems.isEmpty, let document = documents.values.first,
            documents.values.count == 1
        else {
            reader.refuse(at: .init(line: 1, column: 1), "", "has to hold exactly one context")
            let problems = documents.problems
            throw SpecFailure(problems: problems.isEmpty ? reader.problems : problems)
        }
        let root = Field(path: "", place: document.place, value: document)
        var values: [String: String] = [:]
        var coordinator: Endpoint?
        if var map = reader.mapping(root) {
            for key in ["cluster", "coordinator", "authority", "certificate", "key"] {
                guard let field = map.take(key) else {
                    reader.missing(
                        key, of: map, "the coordinator writes the whole file at its first start")
                    continue
                }
                values[key] = reader.word(field)
                if key == "coordinator", let text = values[key] {
                    coordinator = Endpoint(text)
                    if coordinator == nil {
                        reader.refuse(
                            field, "'\(text)' is not a host and a port",
                            "write coordinator: host:7440")
                    }
                }
            }
            reader.finish(map)
        }
        guard reader.problems.isEmpty, let coordinator, let cluster = values["cluster"],
            let authority = values["authority"], let certificate = values["certificate"],
            let key = values["key"]
        else { throw SpecFailure(problems: reader.problems) }
        self.init(
            cluster: cluster, coordinator: coordinator, authority: authority,
            certificate: certificate, key: key)
    }

    /// The file's content.
    package var text: String {
        var yaml = YAMLText()
        yaml.string("cluster", cluster)
        yaml.string("coordinator", coordinator.notation)
        yaml.string("authority", authority)
        yaml.string("certificate", certificate)
        yaml.string("key", key)
        return yaml.text
    }
}
