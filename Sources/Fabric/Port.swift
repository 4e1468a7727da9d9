import ClusterModel

/// What an instance is attached by: a port of the bridge, named for the instance's address.
///
/// Everything about it follows from the name, so nothing has to be kept elsewhere.
struct Port: Hashable, Sendable {
    let kind: Kind
    let address: IPv4Address

    enum Kind: Hashable, Sendable, CaseIterable {
        /// A tap, opened by a virtual machine's user.
        case tap
        /// The host's end of a pair whose other end is in a network namespace.
        case link
    }

    init(_ kind: Kind, _ address: IPv4Address) {
        self.kind = kind
        self.address = address
    }

    /// Reads `hudt0a630007`.
    init?(name: String) {
        guard let kind = Kind.allCases.first(where: { name.hasPrefix($0.prefix) }) else {
            return nil
        }
        let digits = name.dropFirst(kind.prefix.count)
        guard digits.count == 8, let bits = UInt32(digits, radix: 16) else { return nil }
        self.init(kind, IPv4Address(bits: bits))
    }

    /// At most 15 characters, as the kernel wants it.
    var name: String {
        let digits = String(address.bits, radix: 16)
        return kind.prefix + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// A line for `ip -batch` that lets the bridge's frames in or keeps them out; what comes out of the port passes in
    /// any case. Kept out is what is sent to all, and by not learning who is there, everything else.
    func passing(inwards: Bool) -> String {
        let state = inwards ? "on" : "off"
        return "link set \(name) type bridge_slave learning \(state) flood \(state) "
            + "mcast_flood \(state) bcast_flood \(state)"
    }

    /// What the device of `instance` is marked with, so that it is found by it.
    static func mark(of instance: InstanceID) -> String { "hud-\(instance)" }

    static func isMark(_ text: String) -> Bool { text.hasPrefix("hud-") }
}

extension Port.Kind {
    fileprivate var prefix: String {
        switch self {
        case .tap: FabricSettings.tapPrefix
        case .link: FabricSettings.linkPrefix
        }
    }
}
