import ClusterModel
import Ports
import Testing

@testable import Drivers

/// What hosts of different versions have to agree on, and what keeps two of them from one disk.
@Suite struct SharedDiskCommandTests {
    private func arguments(isIncoming: Bool) throws -> [String] {
        let disk = try Storage.SharedDisk(
            name: "data", size: .mebibytes(8), directory: "/srv/a \"b\"")
        let workload = try Workload(
            kind: .vm, name: WorkloadID("web"), image: .named("image"),
            storage: Storage(disks: [.mebibytes(8)], sharedDisks: [disk]),
            size: Resources(cpu: CPU(millicores: 100), memory: .mebibytes(64)))
        let order = StartOrder(
            instance: InstanceID("web-0"), generation: Generation(1), workload: workload,
            image: .kernel(kernel: "/k", initrd: "/i", append: ""), network: .published([]))
        return QEMUCommandLine(
            order: order, directory: VMDirectory(InstanceID("web-0"), in: "/vms"),
            acceleration: .tcg, isIncoming: isIncoming
        ).arguments
    }

    @Test(
        "past the page cache, never without locks, and of no other file", arguments: [false, true])
    func command(isIncoming: Bool) throws {
        let arguments = try arguments(isIncoming: isIncoming)
        #expect(
            arguments.contains(
                #"{"driver":"qcow2","node-name":"shared-data","read-only":false,"discard":"unmap","#
                    + #""cache":{"direct":true},"backing":null,"file":{"driver":"file","#
                    + #""cache":{"direct":true},"locking":"on","#
                    + #""filename":"/srv/a \"b\"/web-0.data.qcow2"}}"#))
        #expect(arguments.contains("virtio-blk-pci,drive=shared-data,serial=data"))
        let own = "virtio-blk-pci,drive=disk0,serial=disk0" + (isIncoming ? ",share-rw=on" : "")
        let places = (
            own: arguments.firstIndex(of: own),
            shared: arguments.firstIndex(of: "virtio-blk-pci,drive=shared-data,serial=data")
        )
        #expect(try #require(places.own) < #require(places.shared))
        let record = VMRecord(
            instance: InstanceID("web-0"), generation: Generation(1), user: 1, arguments: arguments)
        #expect(record.hasSharedDisks)
    }

    /// Another version that chose otherwise could not open the file that this one has open.
    @Test func theGroupIsTheSameForEver() {
        #expect(SharedDiskFile.group(of: InstanceID("web-0")) == 1_865_670_978)
        #expect(
            SharedDiskFile.group(of: InstanceID("web-1"))
                != SharedDiskFile.group(of: InstanceID("web-0")))
    }

    @Test(
        "mounts that keep their locks to themselves",
        arguments: [
            ("/srv rw,relatime,vers=4.2,local_lock=none,addr=192.0.2.1", nil),
            ("/srv rw,vers=3,nolock,local_lock=all", "nolock"),
            ("/srv rw,vers=3,local_lock=posix", "local_lock=posix"),
            ("/srv rw,vers=3,local_lock=flock", nil),
            ("/srv rw,vers=3.1.1,nobrl", "nobrl"),
            ("/srv rw,relatime", nil),
        ] as [(String, String?)])
    func mounts(line: String, option: String?) throws {
        let mount = try #require(SharedPlaces.Mount(line[...]))
        #expect(mount.target == "/srv")
        #expect(mount.localLocks == option)
    }
}
