import Ports

/// What others on this host do to forwarded packets: an own table that accepts does not help where another drops.
struct ForwardPolicy: Sendable {
    let toolbox: Toolbox
    let settings: FabricSettings

    private static let comment = "huddle"

    /// Lets our packets pass where iptables, as Docker sets it, drops what it does not know.
    func open() async throws(NetworkFailure) {
        guard let listing = await listing() else { return }
        let missing = Self.missing(listing, devices: devices)
        guard !missing.isEmpty else { return }
        try await restore(missing)
    }

    /// Takes back what `open` did.
    func close() async throws(NetworkFailure) {
        guard let listing = await listing() else { return }
        let own = Self.own(listing)
        guard !own.isEmpty else { return }
        try await restore(own)
    }

    /// Chains that drop forwarded packets by default and that are not iptables's own, for the operator.
    func strangers() async -> [String] {
        guard let text = try? await toolbox.here(["nft", "list", "chains"]) else { return [] }
        return Self.dropping(text)
    }

    private var devices: [String] { [settings.bridge, settings.hostEnd] }

    /// `nil` where there is no iptables, and so nobody who uses it.
    private func listing() async -> String? {
        try? await toolbox.here(["iptables", "-w", "10", "-S", "FORWARD"])
    }

    private func restore(_ lines: [String]) async throws(NetworkFailure) {
        let text = (["*filter"] + lines + ["COMMIT"]).joined(separator: "\n") + "\n"
        _ = try await toolbox.here(["iptables-restore", "-w", "10", "--noflush"], input: text)
    }

    /// Lines for `iptables-restore` that are missing in what `iptables -S FORWARD` printed.
    static func missing(_ listing: String, devices: [String]) -> [String] {
        let lines = listing.split(separator: "\n")
        guard lines.contains("-P FORWARD DROP") else { return [] }
        let wanted = devices.flatMap { device in
            ["-i \(device)", "-o \(device)"].map { "FORWARD \($0) \(ending)" }
        }
        return wanted.filter { rule in !lines.contains { $0 == "-A " + rule } }.map { "-I " + $0 }
    }

    /// Lines for `iptables-restore` that remove ours from what `iptables -S FORWARD` printed.
    static func own(_ listing: String) -> [String] {
        listing.split(separator: "\n").filter { $0.hasPrefix("-A ") && $0.hasSuffix(ending) }
            .map { "-D " + $0.dropFirst("-A ".count) }
    }

    private static let ending = "-m comment --comment \(comment) -j ACCEPT"

    /// Reads `nft list chains`: chains of the hook `forward` with policy `drop`, as `FAMILY TABLE CHAIN`.
    static func dropping(_ text: String) -> [String] {
        var table = ""
        var chain = ""
        var found: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.first == "table", words.count > 2 { table = "\(words[1]) \(words[2])" }
            if words.first == "chain", words.count > 1 { chain = "\(table) \(words[1])" }
            let drops = line.contains("hook forward") && line.contains("policy drop")
            if drops, chain != "ip filter FORWARD", !table.hasPrefix("ip6 ") { found.append(chain) }
        }
        return found
    }
}
