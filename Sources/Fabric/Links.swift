import ClusterModel

/// The network devices of a host, as `ip -o -d link show` and `ip -o addr show` tell them.
struct Links: Hashable, Sendable {
    /// What is to be known of one device.
    struct Link: Hashable, Sendable {
        let name: String
        let isUp: Bool
        /// The other end of a pair, where it is at this host too.
        let peer: String?
        /// Every word of the line; values follow their names.
        private let words: [String]

        /// - Source: iproute2, ip/ipaddress.c: `INDEX: NAME[@PEER]: <FLAGS> NAME VALUE …`, and with `-o` a
        ///   backslash where a line would end.
        init?(_ line: Substring) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\\" }).map(String.init)
            guard words.count > 3, words[0].hasSuffix(":"), words[1].hasSuffix(":"),
                words[2].hasPrefix("<")
            else { return nil }
            let names = words[1].dropLast().split(separator: "@", maxSplits: 1)
            name = names.first.map(String.init) ?? ""
            peer = names.count > 1 ? String(names[1]) : nil
            isUp = words[2].dropFirst().dropLast().split(separator: ",").contains("UP")
            self.words = Array(words[3...])
        }

        /// The word after the first `key`, or after the first `key` that follows `section`.
        func value(_ key: String, after section: String? = nil) -> String? {
            var start = words.startIndex
            if let section {
                guard let place = words.firstIndex(of: section) else { return nil }
                start = place + 1
            }
            guard let place = words[start...].firstIndex(of: key), place + 1 < words.endIndex else {
                return nil
            }
            return words[place + 1]
        }

        func has(_ word: String) -> Bool { words.contains(word) }

        var largestPacket: Int? { value("mtu").flatMap { Int($0) } }

        /// The same for packets that leave the host; an address of the loopback, as routers between hosts like it,
        /// does not tell by which device they do.
        var largestPacketOutside: Int? { has("link/loopback") ? 1_500 : largestPacket }

        var master: String? { value("master") }
        var hardware: String? { value("link/ether") }
        var mark: String? { value("alias") }
    }

    private(set) var links: [String: Link] = [:]
    /// Addresses with their prefixes, such as `10.99.0.1/32`, by device.
    private(set) var addresses: [String: [String]] = [:]

    /// What prints all of it, one batch for `ip -o -d -4`.
    static let questions = ["link show", "addr show"]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            if let link = Link(line) {
                links[link.name] = link
                continue
            }
            let words = line.split(separator: " ")
            guard words.count > 3, words[2] == "inet" else { continue }
            addresses[String(words[1]), default: []].append(String(words[3]))
        }
    }

    subscript(name: String) -> Link? { links[name] }

    /// The device that has `address`.
    func device(with address: IPv4Address) -> Link? {
        addresses.first { $0.value.contains { $0.hasPrefix("\(address)/") } }.flatMap {
            links[$0.key]
        }
    }

    /// Devices that instances are attached by, whoever made them, in the order of their names.
    var ports: [Link] {
        links.values.filter {
            $0.name.hasPrefix(FabricSettings.tapPrefix)
                || $0.name.hasPrefix(FabricSettings.linkPrefix)
        }.filter { Port(name: $0.name) != nil }.sorted { $0.name < $1.name }
    }
}
