import Foundation
import Testing

extension LabTests {
    @Test(
        "an image goes from host to host, and is taken from the coordinator once",
        .timeLimit(.minutes(2)))
    func imageHandedOn() async throws {
        // Content of its own, so that no host has it from an earlier test.
        let name = "fresh-\(UUID().uuidString.prefix(8).lowercased())"
        let archive = try await freshArchive(name)
        defer { try? FileManager.default.removeItem(at: archive.deletingLastPathComponent()) }
        try await cluster.run("image", "add", name, archive.path())
        try await cluster.apply(Spec(name: "box", image: name), on: "lab-1")
        try await cluster.running("box-0")
        try await cluster.run("migrate", "box-0", "--to", "lab-2", within: .seconds(90))
        #expect(try await cluster.running("box-0")[0].host == "lab-2")
        let page = try await cluster.run("exec", "box-0", "--", "/bin/cat", "/etc/fresh").output
        #expect(page.contains(name), "\(page)")

        // An image in use stays; one that is not, goes.
        #expect(try await Lab.huddle(["image", "remove", name, "--yes"]).status == 5)
        try await cluster.run("delete", "box", "--yes")
        try await cluster.must("no instance") { try await cluster.instances().isEmpty }
        try await cluster.run("image", "remove", name, "--yes")
    }

    @Test(
        "a missing image fails its instance with the reason, and nothing else",
        .timeLimit(.minutes(2)))
    func missingImage() async throws {
        // A port that nobody listens on: no registry is asked, and none has to be reached.
        let reference = "127.0.0.1:9/nothing/here:1"
        try await cluster.apply(Spec(name: "lost", image: reference), on: "lab-1", wait: false)
        let lost = try await cluster.eventually("lost-0 failed") {
            let lost = try await cluster.instance("lost-0")
            return lost.state == "failed" ? lost : nil
        }
        #expect(lost.reason?.contains("nothing/here") == true, "\(lost)")
        try await cluster.apply(Spec(name: "box"), on: "lab-1")
        try await cluster.running("box-0")

        let unknown = try await Lab.huddle(
            ["apply", "-f", "-"],
            input: Spec(name: "nameless", kind: "vm", image: "no-such-image", command: nil).text)
        #expect(unknown.status != 0, "\(unknown)")
        #expect(unknown.errors.contains("no-such-image"), "\(unknown)")
    }

    /// The test image with one more layer file changed, in a directory of its own.
    private func freshArchive(_ name: String) async throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(path: name)
        let archive = directory.appending(path: "image.tar")
        let text = """
            set -eu
            mkdir -p "$1/archive" "$1/layer/etc"
            cd "$1/archive"
            tar --extract --file "$2"
            echo "$3" > "$1/layer/etc/fresh"
            tar --append --file layer.tar -C "$1/layer" etc/fresh
            old=$(jq --raw-output '.[0].Config' manifest.json)
            sum=$(sha256sum < layer.tar | cut -d ' ' -f 1)
            jq --compact-output --arg sum "sha256:$sum" '.rootfs.diff_ids = [$sum]' "$old" > config.json
            rm "$old"
            jq --compact-output '.[0].Config = "config.json" | .[0].RepoTags = ["localhost/huddle/fresh:1"]' manifest.json > new.json
            mv new.json manifest.json
            tar --create --file "$1/image.tar" manifest.json config.json layer.tar
            """
        let base = Lab.guest.appending(path: "busybox.tar").path()
        try await Lab.tool("bash", "-c", text, "fresh", directory.path(), base, name)
        return archive
    }
}
