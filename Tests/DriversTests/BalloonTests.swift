import ClusterModel
import Ports
import Testing

@testable import Drivers

/// What a guest is asked to keep, how long that is waited for, and what its figures mean.
@Suite struct BalloonTests {
    private static func kept(
        _ size: UInt64, available: UInt64, inhabited: UInt64? = nil
    ) -> Bytes? {
        Balloon(
            size: .mebibytes(size), available: .mebibytes(available),
            inhabited: inhabited.map { .mebibytes($0) }
        ).kept
    }

    @Test("what is in use and a margin stays", arguments: [nil, 512] as [UInt64?])
    func keepsWhatIsUsed(inhabited: UInt64?) {
        #expect(Self.kept(512, available: 452, inhabited: inhabited) == .mebibytes(124))
        // An eighth of what is used, where that is more.
        #expect(Self.kept(8_192, available: 4_096, inhabited: nil) == .mebibytes(4_608))
        // One that did without some already and is asked again.
        #expect(Self.kept(256, available: 196) == .mebibytes(124))
    }

    @Test("whole MiB, upwards")
    func wholeMebibytes() {
        let balloon = Balloon(
            size: .mebibytes(512), available: Bytes((400 << 20) + 1), inhabited: nil)
        #expect(balloon.kept == .mebibytes(176))
        let less = Balloon(
            size: .mebibytes(512), available: Bytes((400 << 20) - 1), inhabited: nil)
        #expect(less.kept == .mebibytes(177))
    }

    @Test("it is not asked where that gains nothing")
    func gainsNothing() {
        // All of it used; too little to spare; as much as it takes.
        #expect(Self.kept(512, available: 0) == nil)
        #expect(Self.kept(512, available: 95) == nil)
        #expect(Self.kept(512, available: 512 - 60) != nil)
        // It never touched more than it would keep.
        #expect(Self.kept(8_192, available: 8_000, inhabited: 256) == nil)
        #expect(Self.kept(8_192, available: 8_000, inhabited: 287) == nil)
        #expect(Self.kept(8_192, available: 8_000, inhabited: 288) == .mebibytes(256))
        // More than it has.
        #expect(Self.kept(512, available: 513) == nil)
        #expect(Balloon(size: .zero, available: Bytes(.max), inhabited: nil).kept == nil)
        #expect(Balloon(size: Bytes(.max), available: .zero, inhabited: nil).kept == nil)
    }

    @Test("never less than it uses and the margin, never more than it can give")
    func bounds() {
        var random = SplitMix64(seed: 11)
        var asked = 0
        for _ in 0..<10_000 {
            let size = Bytes(UInt64.random(in: 0...(64 << 30), using: &random))
            let available = Bytes(UInt64.random(in: 0...size.count, using: &random))
            let inhabited = Bytes(UInt64.random(in: 0...size.count, using: &random))
            let balloon = Balloon(size: size, available: available, inhabited: inhabited)
            guard let kept = balloon.kept else { continue }
            asked += 1
            let used = size.count - available.count
            #expect(kept.count >= used + max(64 << 20, used / 8), "\(balloon)")
            #expect(size.count - kept.count <= available.count, "\(balloon)")
            #expect(kept.count + (32 << 20) <= inhabited.count, "\(balloon)")
        }
        #expect(asked > 100)
    }

    @Test("waited for until it is there, stops, or takes too long")
    func patience() {
        func looks(_ sizes: [(Int64, UInt64)]) -> [Bool] {
            var inflation = Inflation(from: .mebibytes(1_000), to: .mebibytes(100))
            return sizes.map {
                inflation.isOver(.mebibytes($0.1), at: .milliseconds($0.0))
            }
        }
        #expect(looks([(10, 1_000), (500, 400), (900, 100)]) == [false, false, true])
        #expect(looks([(10, 1_000), (990, 1_000), (1_000, 1_000)]) == [false, false, true])
        #expect(looks([(900, 500), (1_800, 500), (1_900, 500)]) == [false, false, true])
        // One that got some back meanwhile did not shrink.
        #expect(looks([(900, 500), (1_800, 600), (1_900, 550)]) == [false, false, true])
        let slow = looks((1...11).map { (Int64($0 * 950), UInt64(1_000 - $0)) })
        #expect(slow == Array(repeating: false, count: 10) + [true])
    }

    @Test("what a guest tells")
    func figures() throws {
        func read(_ stats: String, at moment: Int = 7) throws -> GuestMemory {
            let text = "{\"stats\": {\(stats)}, \"last-update\": \(moment)}"
            return try JSON.decode(GuestMemory.self, from: Array(text.utf8), of: "QEMU")
        }
        let unknown = "18446744073709551615"
        let both = try read("\"stat-free-memory\": 5, \"stat-available-memory\": 9")
        #expect(both.available == Bytes(9) && both.toldAt == 7)
        let old = try read("\"stat-free-memory\": 5, \"stat-available-memory\": \(unknown)")
        #expect(old.available == Bytes(5))
        let silent = try read(
            "\"stat-free-memory\": \(unknown), \"stat-available-memory\": \(unknown)", at: 0)
        #expect(silent.available == nil && silent.toldAt == 0)
        #expect(try read("\"stat-available-memory\": -1").available == nil)
        #expect(throws: DriverFailure.self) {
            _ = try JSON.decode(GuestMemory.self, from: Array("{}".utf8), of: "QEMU")
        }
    }
}

/// The whole of what QEMU is told, with a balloon and without: a move needs the same devices on both sides.
@Suite struct QEMUCommandLineTests {
    private static let without = """
        -name mail-0 -nodefaults -no-user-config -display none \
        -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
        -msg timestamp=on -machine pc-q35-7.2 -rtc base=utc -smp 1 -m 256M \
        -accel tcg,thread=multi,tb-size=64 -cpu Nehalem \
        -chardev socket,id=monitor,path=/d/mail-0/run/qmp.sock,server=on,wait=off \
        -mon chardev=monitor,mode=control \
        -chardev socket,id=console,path=/d/mail-0/run/console.sock,server=on,wait=off,\
        logfile=/d/mail-0/run/console.log,logappend=on \
        -device isa-serial,chardev=console -device virtio-rng-pci \
        -blockdev {"driver":"qcow2","node-name":"root","read-only":false,"discard":"unmap",\
        "file":{"driver":"file","filename":"/d/mail-0/run/overlay.qcow2"}} \
        -device virtio-blk-pci,drive=root,serial=root,bootindex=1 \
        -netdev user,id=net -device virtio-net-pci,netdev=net,mac=52:54:00:ab:e3:96
        """

    private static func line(_ move: MovePreference, isIncoming: Bool = false) throws -> String {
        let id = InstanceID("mail-0")
        let workload = try Workload(
            kind: .vm, name: WorkloadID("mail"), image: .named("debian"),
            size: Resources(cpu: CPU(millicores: 500), memory: .mebibytes(256)), move: move)
        let order = StartOrder(
            instance: id, generation: Generation(1), workload: workload,
            image: .qcow2(path: "/images/debian.qcow2"), network: .published([]))
        return QEMUCommandLine(
            order: order, directory: VMDirectory(id, in: "/d"), acceleration: .tcg,
            isIncoming: isIncoming
        ).arguments.joined(separator: " ")
    }

    @Test func withoutABalloonItIsAsItWas() throws {
        #expect(try Self.line(.standard) == Self.without)
        let other = MovePreference(
            allow: [.restart], downtime: .milliseconds(9), converge: [.longer])
        #expect(try Self.line(other) == Self.without)
    }

    /// Last, so that nothing else changes its slot.
    @Test func aBalloonIsTheLastDevice() throws {
        let balloon = Self.without + " -device virtio-balloon-pci,id=balloon,deflate-on-oom=on"
        #expect(try Self.line(MovePreference(balloon: true)) == balloon)
        let incoming = try Self.line(MovePreference(balloon: true), isIncoming: true)
        #expect(incoming.replacing(",share-rw=on", with: "") == balloon + " -incoming defer")
    }
}
