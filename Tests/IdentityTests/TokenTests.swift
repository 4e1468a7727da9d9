import ClusterModel
import Identity
import Testing

@Suite struct TokenTests {
    private static func token(
        seed: UInt64, addresses: [String] = ["10.0.0.5:7443", "[fd00::5]:7443"]
    ) throws -> JoinToken {
        var generator = SplitMix64(seed: seed)
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let authority = try #require(Fingerprint(bytes: bytes))
        return try JoinToken.make(
            addresses: addresses, authority: authority, using: &generator)
    }

    @Test("a token reads back, with blanks around it too", arguments: UInt64(0)..<50)
    func roundTrip(seed: UInt64) throws {
        let token = try Self.token(seed: seed)
        #expect(token.text.hasPrefix("huddle1."))
        #expect(try JoinToken(parsing: token.text) == token)
        #expect(try JoinToken(parsing: " \t\(token.text)\r\n") == token)
        #expect(token.secret.count == JoinToken.secretLength)
        #expect(token.id.count == 16)
    }

    @Test("the text form of version 1 never changes")
    func golden() throws {
        let token = try Self.token(seed: 7, addresses: ["a:1"])
        #expect(token.text == Self.goldenText)
    }

    private static let goldenText =
        "huddle1.1xwCy9oR9v5haessTjDm-K_HNfgvzZ3_MOm6X0cdeKzhyUDsgvYPflboiiJS5isTDqeqQubairiZaxFD"
        + "v7bO5cjSAStwdQdbAQNhOjG9oYOu"

    @Test("every changed, lost or added character is noticed", arguments: UInt64(0)..<200)
    func tampering(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var characters = Array(try Self.token(seed: seed).text)
        let original = characters
        let place = Int.random(in: 0..<characters.count, using: &random)
        switch seed % 3 {
        case 0: characters.remove(at: place)
        case 1: characters.insert("Q", at: place)
        default: characters[place] = characters[place] == "x" ? "y" : "x"
        }
        guard characters != original else { return }
        #expect(throws: TokenFault.self, "seed \(seed)") {
            try JoinToken(parsing: String(characters))
        }
    }

    @Test("the fault says what is wrong")
    func faults() throws {
        let text = try Self.token(seed: 1).text
        let body = text.dropFirst("huddle1.".count)
        let table: [(String, TokenFault)] = [
            ("", .notToken), ("hello", .notToken), ("kubeadm.abc", .notToken),
            ("huddle2.\(body)", .version(found: "huddle2", known: "huddle1")),
            ("huddle1.\(body)!", .badCharacters), ("huddle1.", .cutShort),
            ("huddle1.\(body.dropLast(8))", .checksum),
            (String(repeating: "a", count: 7_000), .tooLong(bytes: 7_000)),
        ]
        for (input, fault) in table {
            #expect(throws: fault, "\(input.prefix(40))") { try JoinToken(parsing: input) }
        }
    }

    @Test(
        "addresses that cannot be dialled never get into a token",
        arguments: ["", "host", ":7443", "host:", "host:0", "host:70000", "a b:1", "zoë:1"])
    func addresses(address: String) {
        #expect(throws: TokenFault.badAddress(address)) {
            try Self.token(seed: 1, addresses: [address])
        }
    }

    @Test("no address and too many are refused")
    func addressCount() {
        #expect(throws: TokenFault.noAddress) { try Self.token(seed: 1, addresses: []) }
        #expect(throws: TokenFault.tooManyAddresses(17)) {
            try Self.token(seed: 1, addresses: Array(repeating: "a:1", count: 17))
        }
    }

    @Test("a token lets one request in, once more for a lost answer, and no other")
    func singleUse() throws {
        let token = try Self.token(seed: 3)
        let end = after(minutes: 60)
        var stored = StoredToken(of: token, expiresAt: end)
        #expect(stored.id == token.id)
        #expect(throws: TokenRefusal.wrong) {
            try stored.redeem(secret: Array(token.secret.dropLast()), for: [1], at: after())
        }
        #expect(throws: TokenRefusal.wrong) {
            try stored.redeem(secret: stored.secretHash, for: [1], at: after())
        }
        #expect(stored.redeemedFor == nil)
        try stored.redeem(secret: token.secret, for: [1], at: after())
        let used = stored
        try stored.redeem(secret: token.secret, for: [1], at: after())
        #expect(stored == used)
        #expect(throws: TokenRefusal.used) {
            try stored.redeem(secret: token.secret, for: [2], at: after())
        }
        #expect(throws: TokenRefusal.wrong) {
            try stored.redeem(secret: [], for: [1], at: after())
        }
        #expect(throws: TokenRefusal.expired(at: end)) {
            try stored.redeem(secret: token.secret, for: [1], at: end)
        }
    }

    @Test("an expired token is refused unused")
    func expiry() throws {
        let token = try Self.token(seed: 4)
        let end = after(minutes: 60)
        var stored = StoredToken(of: token, expiresAt: end)
        #expect(throws: TokenRefusal.expired(at: end)) {
            try stored.redeem(secret: token.secret, for: [1], at: end)
        }
        #expect(stored.redeemedFor == nil)
        let kept = StoredToken(
            id: stored.id, secretHash: stored.secretHash, expiresAt: stored.expiresAt,
            redeemedFor: stored.redeemedFor)
        #expect(kept == stored)
    }
}
