import Foundation
import Testing

extension LabTests {
    /// What a witness outside saw.
    private static let witness = Lab.root.appending(path: "scripts/demo.d/witness.py").path()
    private static let mail = Spec(
        name: "mail",
        command: ["/bin/sh", "-c", "echo > /tmp/written; exec /bin/nc -ll -p 25 -e /bin/cat"],
        more: ["move: {allow: [live]}", "ports: [2525:25]"])

    private static func liveMachine(_ name: String) -> Spec {
        var spec = Spec.machine(name)
        spec.more = ["move: {allow: [live], downtime: 300ms}", "ports: [8080:80]"]
        return spec
    }

    @Test("a VM changes hosts while it runs", .timeLimit(.minutes(3)))
    func liveMachine() async throws {
        try await cluster.apply(Self.liveMachine("web"), on: "lab-1")
        let address = try await cluster.running("web-0")[0].address
        try await servedEverywhere()
        try await cluster.run("migrate", "web-0", "--to", "lab-2", within: .seconds(90))
        let moved = try await cluster.running("web-0")[0]
        #expect(moved.host == "lab-2" && moved.address == address, "\(moved)")
        try await onlyCopies(["web-0"])
        try await servedEverywhere()
        try await neverBooted("web-0", on: "lab-2")
        let move = try #require(try await cluster.moves().first { $0.instance == "web-0" })
        #expect(move.mode == "live" && move.outcome == "done", "\(move)")
        #expect(move.measured.streams == 2, "\(move)")
        // And on, and back: nothing of the first move is in the way of the next.
        try await cluster.run("migrate", "web-0", "--to", "lab-3", within: .seconds(90))
        try await cluster.run("migrate", "web-0", "--to", "lab-1", within: .seconds(90))
        try await neverBooted("web-0", on: "lab-1")
        try await servedEverywhere()
        try await onlyCopies(["web-0"])
    }

    @Test("a container changes hosts with its open connection", .timeLimit(.minutes(3)))
    func liveContainer() async throws {
        try await cluster.apply(Self.mail, on: "lab-1")
        try await cluster.running("mail-0")
        let door = try await Lab.script("address", "lab-3").trimmingCharacters(in: .newlines)
        let notes = FileManager.default.temporaryDirectory
            .appending(path: "huddle-replies-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: notes) }
        // It ends well when its time is over, and with another code when the connection does.
        async let watched = Command(
            executable: URL(fileURLWithPath: Self.witness),
            arguments: ["replies", door, "2525", notes, "30"],
            limit: .seconds(60)
        ).run()
        try await cluster.must("replies come") { try replies(notes) > 50 }
        for host in ["lab-2", "lab-3", "lab-1"] {
            try await cluster.run("migrate", "mail-0", "--to", host, within: .seconds(90))
            let before = try replies(notes)
            try await cluster.must("replies come from \(host)") { try replies(notes) > before + 50 }
        }
        let ended = try await watched
        #expect(ended.status == 0, "\(ended)")
        try await onlyCopies(["mail-0"])
        // What it wrote came along.
        try await cluster.run("exec", "mail-0", "--", "/bin/cat", "/tmp/written")
        let moves = try await cluster.moves().filter { $0.instance == "mail-0" }
        #expect(moves.allSatisfy { $0.mode == "live" && $0.outcome == "done" }, "\(moves)")
    }

    @Test(
        "instances reach each other and the world from wherever they are", .timeLimit(.minutes(3)))
    func network() async throws {
        let live = ["move: {allow: [live]}"]
        let page = ["/bin/httpd", "-f", "-p", "80", "-h", "/www"]
        try await cluster.apply(Spec(name: "here", more: live), on: "lab-1")
        try await cluster.apply(Spec(name: "there", command: page, more: live), on: "lab-2")
        let address = try await cluster.running("here-0", "there-0")[1].address
        // The registry of the lab, on a machine that is no host.
        let world = try await Lab.script("address", "coordinator")
            .trimmingCharacters(in: .newlines)
        let pages = ["\(address ?? "none") 80", "\(world) 5000"]
        for page in pages { try await here(gets: page) }
        try await cluster.run("migrate", "here-0", "--to", "lab-3", within: .seconds(90))
        for page in pages { try await here(gets: page) }
        try await cluster.run("migrate", "there-0", "--to", "lab-1", within: .seconds(90))
        for page in pages { try await here(gets: page) }
    }

    @Test("a host says whether its kernel could tell what changes in memory, as CRIU finds it")
    func memoryTracking() async throws {
        let found = try await Lab.inside(
            "lab-1", "criu check --feature mem_dirty_track > /dev/null 2>&1 && echo yes || echo no")
        let told = try await cluster.run("describe", "lab-1").output.split(separator: "\n")
            .first { $0.hasPrefix("can memoryTracking") }
        #expect(
            told?.split(separator: " ").dropFirst(2).first?.prefix { $0 != "," }
                == found.dropLast(), "\(told ?? "")")
    }

    /// Serves a page that says which copy it is from.
    private static func page(_ name: String, check: String) -> Spec {
        Spec(
            name: name,
            command: [
                "/bin/sh", "-c",
                "/bin/busybox mkdir /tmp/www; echo served by $$ > /tmp/www/index.html; "
                    + "exec /bin/busybox httpd -f -p 80 -h /tmp/www",
            ],
            more: ["move: {allow: [relocate]}", "ports: [8080:80]", "check: \(check)"])
    }

    @Test(
        "a container is relocated, and a client that tries again sees no gap",
        .timeLimit(.minutes(3)))
    func relocated() async throws {
        try await cluster.apply(
            Self.page("page", check: "{http: /, port: 80, every: 1s}"), on: "lab-1")
        let address = try await cluster.running("page-0")[0].address
        let longest = try await longestGap {
            for (from, to) in [("lab-1", "lab-2"), ("lab-2", "lab-3"), ("lab-3", "lab-1")] {
                try await cluster.run("migrate", "page-0", "--to", to, within: .seconds(90))
                let moved = try await cluster.running("page-0")[0]
                #expect(moved.host == to && moved.address == address, "\(moved)")
                try await cluster.must("nothing is left on \(from)") {
                    try await RealCopies.all(on: [from]).isEmpty
                }
            }
        }
        print("relocated three times: longest gap of a client that tries again \(longest) ms")
        #expect(longest <= 1_000)
        try await onlyCopies(["page-0"])
        let moves = try await cluster.moves().filter { $0.instance == "page-0" }
        #expect(moves.count == 3, "\(moves)")
        #expect(moves.allSatisfy { $0.mode == "relocate" && $0.outcome == "done" }, "\(moves)")
    }

    @Test("a new copy that is not well never takes over", .timeLimit(.minutes(4)))
    func relocatedInVain() async throws {
        let exists = "{exec: [/bin/busybox, test, -e, /tmp/well], every: 1s, fails: 60}"
        try await cluster.apply(Self.page("sick", check: exists), on: "lab-1")
        try await cluster.running("sick-0")
        try await cluster.run("exec", "sick-0", "--", "/bin/busybox", "touch", "/tmp/well")
        let before = try await RealCopies.all()
        let longest = try await longestGap {
            _ = try await Lab.huddle(
                ["migrate", "sick-0", "--to", "lab-2"], within: .seconds(150))
        }
        #expect(longest <= 1_000)
        try await cluster.noMoveUnderWay()
        let move = try #require(try await cluster.moves().first { $0.instance == "sick-0" })
        #expect(move.mode == "relocate" && move.outcome != "done", "\(move)")
        #expect(try await cluster.running("sick-0")[0].host == "lab-1")
        try await onlyCopies(["sick-0"])
        let after = try await RealCopies.all()
        #expect(after == before, "it is the same process: before \(before), after \(after)")
    }

    /// The longest time, in milliseconds, in which a client outside the cluster got no page while `body` ran.
    private func longestGap(while body: () async throws -> Void) async throws -> Int {
        let door = try await Lab.script("address", "lab-3").trimmingCharacters(in: .newlines)
        try await cluster.must("the page is served") { try await serves("lab-3") }
        let notes = FileManager.default.temporaryDirectory
            .appending(path: "huddle-pages-\(UUID())").path()
        let ending = notes + ".end"
        defer {
            for path in [notes, ending] { try? FileManager.default.removeItem(atPath: path) }
        }
        async let watched = Command(
            executable: URL(fileURLWithPath: Self.witness),
            arguments: ["pages", door, "8080", notes, ending], limit: .seconds(200)
        ).run()
        try await cluster.must("pages come") { try replies(notes) > 20 }
        do {
            try await body()
        } catch {
            _ = FileManager.default.createFile(atPath: ending, contents: nil)
            throw error
        }
        let before = try replies(notes)
        try await cluster.must("pages still come") { try replies(notes) > before + 20 }
        try #require(FileManager.default.createFile(atPath: ending, contents: nil))
        let ended = try await watched
        guard ended.status == 0,
            let gap = Int(ended.output.trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw Unexpected("the witness ended so: \(ended)") }
        return gap
    }

    private func here(gets page: String) async throws {
        // Debian's static BusyBox cannot look up names, and its wget always does.
        let ask = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /bin/nc -w 5 \(page) | grep HTTP/"
        try await cluster.run("exec", "here-0", "--", "/bin/sh", "-c", ask)
    }

    /// What happens to a VM's move in the middle of its copy.
    enum Fate: String, CaseIterable, Sendable {
        case cancelled, targetDies, sourceAgentDies, targetAgentDies, coordinatorDies
    }

    @Test(
        "a live move that is struck in the middle of its copy", .timeLimit(.minutes(4)),
        arguments: Fate.allCases)
    func struck(_ fate: Fate) async throws {
        try await cluster.apply(Self.liveMachine("web"), on: "lab-1")
        try await cluster.running("web-0")
        try await servedEverywhere()
        let before = try await RealCopies.all()
        // A slow link, so that there is a middle: 100 MB take some fifteen seconds.
        try await Lab.inside(
            "lab-1", "tc qdisc add dev eth0 root tbf rate 60mbit burst 128k latency 100ms")
        do {
            async let migration = Lab.huddle(
                ["migrate", "web-0", "--to", "lab-2"], within: .seconds(150))
            var begun = ContinuousClock.now
            let move = try await cluster.eventually(
                "the copy is under way", every: .milliseconds(100)
            ) {
                // What its source says of it shares the slow link and may come late; after three seconds of some
                // fifteen it is under way all the same.
                let copying = try await cluster.unfinishedMoves().first { $0.phase == "copy" }
                if copying == nil { begun = .now }
                let isUnderWay =
                    (copying?.progress?.transferredBytes ?? 0) > 0
                    || begun.duration(to: .now) > .seconds(3)
                return isUnderWay ? copying : nil
            }
            try await strike(fate, move)
            try await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
            _ = try await migration
        } catch {
            _ = try? await Lab.inside("lab-1", "tc qdisc del dev eth0 root")
            throw error
        }
        if fate == .targetDies { try await Lab.script("start", "lab-2") }
        try await cluster.hostsReady()
        try await cluster.noMoveUnderWay()
        let web = try await cluster.running("web-0")[0]
        try await onlyCopies(["web-0"])
        try await servedEverywhere()
        let after = try await RealCopies.all()
        if web.host == "lab-1" {
            #expect(after == before, "it is the same process: before \(before), after \(after)")
        } else {
            try await neverBooted("web-0", on: web.host ?? "none")
        }
        if fate == .cancelled || fate == .targetDies { #expect(web.host == "lab-1") }
    }

    /// Also while the streams of its memory are being made, and while it is being held.
    @Test("a VM's move is cancelled at one moment after another", .timeLimit(.minutes(4)))
    func cancelledAnywhere() async throws {
        try await cluster.apply(Self.liveMachine("web"), on: "lab-1")
        try await cluster.running("web-0")
        try await servedEverywhere()
        var hosts = ["lab-1", "lab-2"]
        var cancelled: [String] = []
        for moment in 0..<12 {
            let (place, other) = (hosts[0], hosts[1])
            let before = try await RealCopies.all()
            async let migration = Lab.huddle(
                ["migrate", "web-0", "--to", other], within: .seconds(90))
            let move = try await cluster.eventually("it moves", every: .milliseconds(20)) {
                try await cluster.unfinishedMoves().first
            }
            try await Task.sleep(for: .milliseconds(moment * 40))
            // Refused where it is too late for it.
            let cancellation = try await Lab.huddle(
                ["moves", "cancel", move.id], within: .seconds(30))
            _ = try await migration
            try await cluster.noMoveUnderWay()
            let web = try await cluster.running("web-0")[0]
            try await onlyCopies(["web-0"])
            if cancellation.status == 0 {
                let ended = try await cluster.moves().first { $0.id == move.id }
                cancelled.append(ended?.phase ?? "nowhere")
                let after = try await RealCopies.all()
                #expect(web.host == place && after == before, "\(before), \(after)")
            } else if web.host == other {
                try await neverBooted("web-0", on: other)
                hosts.reverse()
            }
            try await cluster.must("the page is served at \(hosts[0])", within: .seconds(60)) {
                try await serves(hosts[0])
            }
        }
        print("cancelled in \(cancelled)")
        #expect(cancelled.contains("copy"))
    }

    private func strike(_ fate: Fate, _ move: MoveView) async throws {
        switch fate {
        case .cancelled: try await cluster.run("moves", "cancel", move.id)
        case .targetDies: try await Lab.script("kill", "lab-2")
        case .sourceAgentDies: try await Lab.script("kill", "lab-1:agent")
        case .targetAgentDies: try await Lab.script("kill", "lab-2:agent")
        case .coordinatorDies: try await Lab.script("kill", "coordinator")
        }
    }

    private func replies(_ path: String) throws -> Int {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.split(separator: "\n").count ?? 0
    }

    /// A guest that boots says so on its console, and this host's part of the console has no such line.
    func neverBooted(_ instance: String, on host: String) async throws {
        let log = "/var/lib/huddle/agent/vms/\(instance)/run/console.log"
        let boots = try await Lab.inside(host, "grep --count 'huddle guest ready' \(log) || true")
        #expect(
            boots.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "it booted on \(host)")
    }

    private func servedEverywhere() async throws {
        for host in Lab.hosts {
            try await cluster.must("the page is served at \(host)", within: .seconds(90)) {
                try await serves(host)
            }
        }
    }
}
