import Specs
import Testing

@Suite struct ContextFileTests {
    private static let pem = "-----BEGIN CERTIFICATE-----\nMIIB+w==\n-----END CERTIFICATE-----\n"

    @Test(
        "what the coordinator writes is what the command line reads",
        arguments: [
            "10.77.0.2:7443", "lab.example:443", "[2001:db8::1]:7443",
        ])
    func roundTrip(coordinator: String) throws {
        let endpoint = try #require(ContextFile.Endpoint(coordinator))
        let context = ContextFile(
            cluster: "lab", coordinator: endpoint, authority: Self.pem,
            certificate: Self.pem + Self.pem,
            key: Self.pem)
        #expect(try ContextFile(SpecText(file: "admin.yaml", text: context.text)) == context)
        #expect(endpoint.notation == coordinator)
    }

    @Test("it is written as blocks")
    func blocks() throws {
        let endpoint = try #require(ContextFile.Endpoint("a:1"))
        let context = ContextFile(
            cluster: "lab", coordinator: endpoint, authority: Self.pem, certificate: "c", key: "k")
        #expect(
            context.text == """
                cluster: lab
                coordinator: a:1
                authority: |
                  -----BEGIN CERTIFICATE-----
                  MIIB+w==
                  -----END CERTIFICATE-----
                certificate: c
                key: k

                """)
    }

    @Test(
        "no address",
        arguments: ["host", "host:", "host:0", "host:70000", ":7443", "::1:7443", "a b:1"])
    func endpoints(text: String) { #expect(ContextFile.Endpoint(text) == nil) }

    @Test("mistakes are placed")
    func mistakes() {
        do {
            _ = try ContextFile(
                SpecText(
                    file: "c.yaml", text: "cluster: lab\ncoordinator: lab\nauthorty: x\nkey: k\n"))
            Issue.record("accepted")
        } catch {
            #expect(
                error.problems.map(\.description) == [
                    "c.yaml:2:14: coordinator: 'lab' is not a host and a port (write coordinator: host:7440)",
                    "c.yaml:1:1: authority: is missing (the coordinator writes the whole file at its first start)",
                    "c.yaml:1:1: certificate: is missing "
                        + "(the coordinator writes the whole file at its first start)",
                    "c.yaml:3:1: authorty: unknown key 'authorty' (did you mean 'authority'?)",
                ])
        }
    }

    @Test("an empty file, and two contexts", arguments: ["", "cluster: a\n---\ncluster: b\n"])
    func one(text: String) {
        #expect(throws: SpecFailure.self) { try ContextFile(SpecText(file: "c", text: text)) }
    }
}
