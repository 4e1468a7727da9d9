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
        "Peers/FetchFile": "a", "Peers/FetchInstance": "a", "Peers/FetchLog": "a",
        "Cluster/Version": "voA", "Cluster/ListWorkloads": "voA", "Cluster/ListInstances": "voA",
        "Cluster/ListHosts": "voA", "Cluster/ListMoves": "voA", "Cluster/ListImages": "voA",
        "Cluster/GetPlan": "voA", "Cluster/MakePlan": "voA", "Cluster/Explain": "voA",
        "Cluster/Events": "voA", "Cluster/Logs": "voA", "Cluster/ShowPolicy": "voA",
        "Cluster/ShowLoop": "voA", "Cluster/PauseLoop": "oA", "Cluster/Record": "oA",
        "Cluster/Apply": "oA", "Cluster/DeleteWorkload": "oA", "Cluster/DrainHost": "oA",
        "Cluster/RestoreHost": "oA", "Cluster/RunPlan": "oA", "Cluster/CancelMove": "oA",
        "Cluster/SleepHost": "oA", "Cluster/WakeHost": "oA", "Cluster/Exec": "oA",
        "Cluster/Console": "oA",
        "Cluster/CreateToken": "A", "Cluster/RemoveHost": "A", "Cluster/FenceHost": "A",
        "Cluster/ConfirmHost": "A",
        "Cluster/SetPolicy": "A", "Cluster/AddImage": "A", "Cluster/RemoveImage": "A",
        "/grpc.health.v1.Health/Check": "cavoA", "/grpc.health.v1.Health/Watch": "cavoA",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "cavoA",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "cavoA",
    ]

    private static let callers: [(Character, PeerIdentity?)] = [
        ("-", nil), ("c", caller(.coordinator)), ("a", caller(.agent)), ("v", caller(.viewer)),
        ("o", caller(.operator)), ("A", caller(.admin)),
    ]

    @Test("every role calls every method: allowed as the table says, else refused")
    func everyCell() {
        #expect(Self.callers.count == Role.allCases.count + 1)
        for method in MethodTable.requirements.keys.sorted() {
            let letters = Self.expected[Self.short(method)]
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
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("proto")
        var methods: Set<String> = []
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where file.hasSuffix(".proto") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            // Comments may have the same words as declarations.
            let code = text.replacing(/\/\/.*/, with: "")
            let package = code.firstMatch(of: /package ([\w.]+);/).map { String($0.1) } ?? ""
            var service = ""
            for match in code.matches(of: /service (\w+) |rpc (\w+)\(/) {
                if let name = match.1 { service = String(name) }
                if let name = match.2 { methods.insert("/\(package).\(service)/\(name)") }
            }
        }
        #expect(methods == Set(MethodTable.requirements.keys))
    }

    /// A method of huddle.v1 without its package.
    private static func short(_ method: String) -> String {
        let own = "/huddle.v1."
        return method.hasPrefix(own) ? String(method.dropFirst(own.count)) : method
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
