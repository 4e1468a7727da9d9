import ClusterModel
import Foundation
import Identity
import Testing

@Suite struct AuthorizationTests {
    private static func caller(_ role: Role, _ name: String = "alpha") -> PeerIdentity {
        PeerIdentity(
            role: role, name: name, serial: SerialNumber(bytes: [1]), notBefore: after(),
            notAfter: after(days: 1))
    }

    /// What each role may call, written out a second time on purpose: one letter a method and role.
    /// `-` no certificate, then c(oordinator) a(gent) v(iewer) o(perator) A(dmin).
    private static let expected: [String: String] = [
        "Join/Join": "-cavoA",
        "Agents/Renew": "a", "Agents/Control": "a", "Agents/Attach": "a", "Agents/FetchFile": "a",
        "Peers/FetchFile": "a", "Peers/FetchInstance": "a",
        "Cluster/Version": "voA", "Cluster/ListWorkloads": "voA", "Cluster/ListInstances": "voA",
        "Cluster/ListHosts": "voA", "Cluster/ListMoves": "voA", "Cluster/ListImages": "voA",
        "Cluster/GetPlan": "voA", "Cluster/MakePlan": "voA", "Cluster/Explain": "voA",
        "Cluster/Events": "voA", "Cluster/Logs": "voA", "Cluster/ShowPolicy": "voA",
        "Cluster/ShowLoop": "voA", "Cluster/PauseLoop": "oA",
        "Cluster/Apply": "oA", "Cluster/DeleteWorkload": "oA", "Cluster/DrainHost": "oA",
        "Cluster/RestoreHost": "oA", "Cluster/RunPlan": "oA", "Cluster/CancelMove": "oA",
        "Cluster/Exec": "oA", "Cluster/Console": "oA",
        "Cluster/CreateToken": "A", "Cluster/RemoveHost": "A", "Cluster/FenceHost": "A",
        "Cluster/SetPolicy": "A", "Cluster/AddImage": "A", "Cluster/RemoveImage": "A",
    ]

    private static let callers: [(Character, PeerIdentity?)] = [
        ("-", nil), ("c", caller(.coordinator)), ("a", caller(.agent)), ("v", caller(.viewer)),
        ("o", caller(.operator)), ("A", caller(.admin)),
    ]

    @Test("every role calls every method: allowed as the table says, else refused")
    func everyCell() {
        #expect(Self.callers.count == Role.allCases.count + 1)
        for method in MethodTable.requirements.keys.sorted() {
            let letters = Self.expected[String(method.dropFirst("/huddle.v1.".count))]
            #expect(letters != nil, "\(method) is not in the test's table")
            for (letter, caller) in Self.callers {
                #expect(
                    Authorization.allows(caller, method: method)
                        == (letters ?? "").contains(letter), "\(letter) calls \(method)")
            }
        }
        #expect(Self.expected.count == MethodTable.requirements.count)
    }

    @Test("the table has every method of proto/ and no other")
    func protoFiles() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var methods: Set<String> = []
        for file in ["agents", "cluster"] {
            let proto = root.appendingPathComponent("proto/huddle/v1/\(file).proto")
            let text = try String(contentsOf: proto, encoding: .utf8)
            var service = ""
            let words = text.split { !($0.isLetter || $0.isNumber) }
            for (word, next) in zip(words, words.dropFirst()) {
                if word == "service" { service = String(next) }
                if word == "rpc" { methods.insert("/huddle.v1.\(service)/\(next)") }
            }
        }
        #expect(methods == Set(MethodTable.requirements.keys))
    }

    @Test(
        "an unknown method is refused to everybody",
        arguments: [
            "", "/", "/huddle.v1.Cluster/Nope", "huddle.v1.Cluster/Apply", "/huddle.v1.Join/join",
        ])
    func unknown(method: String) {
        for (_, caller) in Self.callers {
            #expect(throws: AuthorizationRefusal.unknownMethod(method)) {
                try Authorization.check(caller, calls: method)
            }
        }
    }

    @Test("an agent speaks only of its own host")
    func ownHost() throws {
        let agent = Self.caller(.agent, "alpha")
        for method in ["Renew", "Control", "Attach", "FetchFile"] {
            let path = "/huddle.v1.Agents/\(method)"
            try Authorization.check(agent, calls: path, about: HostID("alpha"))
            #expect(
                throws: AuthorizationRefusal.foreignHost(
                    spokenOf: HostID("beta"), own: HostID("alpha"))
            ) { try Authorization.check(agent, calls: path, about: HostID("beta")) }
        }
        try Authorization.check(
            agent, calls: "/huddle.v1.Peers/FetchInstance", about: HostID("beta"))
    }

    @Test("the refusal names what is needed")
    func reasons() {
        let apply = "/huddle.v1.Cluster/Apply"
        #expect(throws: AuthorizationRefusal.role(.viewer, needed: .operator, method: apply)) {
            try Authorization.check(Self.caller(.viewer), calls: apply)
        }
        #expect(throws: AuthorizationRefusal.noCertificate(method: apply)) {
            try Authorization.check(nil, calls: apply)
        }
        #expect(
            AuthorizationRefusal.role(.viewer, needed: .operator, method: apply).description
                == "/huddle.v1.Cluster/Apply needs role operator, the caller is viewer")
    }
}
