import ClusterModel
import HostIO
import Ports

/// What is decided about one VM, written before it starts; the process itself is noted beside it.
struct VMRecord: Codable, Hashable, Sendable {
    let instance: String
    let generation: UInt64
    /// User that QEMU runs as; the VM keeps it while it exists.
    let user: UInt32
    let machine: String
    /// `kvm` or `tcg`.
    let accelerator: String
    /// Base of the overlay; `nil` for a VM that boots from a kernel.
    let base: String?
    /// QEMU's arguments at the last start, or those of the next one where it came by a move.
    let arguments: [String]
    /// Release of the QEMU that was started last, such as `[10, 0]`; records of older agents lack it.
    let release: [Int]?
    /// Whether it waits for a move, and nothing of it runs here; records of older agents lack it.
    private let receiving: Bool?

    init(
        instance: InstanceID, generation: Generation, user: UInt32, accelerator: String = "",
        base: String? = nil, arguments: [String] = [], release: [Int]? = nil,
        isReceiving: Bool = false
    ) {
        self.instance = instance.rawValue
        self.generation = generation.number
        self.user = user
        machine = QEMUCommandLine.machine
        self.accelerator = accelerator
        self.base = base
        self.arguments = arguments
        self.release = release
        receiving = isReceiving ? true : nil
    }

    var instanceID: InstanceID { InstanceID(instance) }
    var order: Generation { Generation(generation) }

    var isReceiving: Bool { receiving == true }

    /// Whether its QEMU has a balloon; what an agent started that knew of none has none.
    var hasBalloon: Bool { arguments.contains(QEMUCommandLine.balloonDevice) }

    /// Whether its QEMU has disks open that hosts share.
    var hasSharedDisks: Bool {
        arguments.contains { $0.hasPrefix("virtio-blk-pci,drive=\(SharedDiskFile.nodePrefix)") }
    }

    /// Whether the VM had this disk here, or was carried here from a host where it ran.
    func knew(_ file: SharedDiskFile) -> Bool {
        guard !isPlaceholder else { return false }
        return arguments.isEmpty || arguments.contains(file.device)
    }

    /// The same once the VM runs here.
    var arrived: VMRecord {
        VMRecord(
            instance: instanceID, generation: order, user: user, accelerator: accelerator,
            base: base, arguments: arguments, release: release)
    }

    /// Whether it only holds a user for a VM whose first start is under way or was interrupted.
    var isPlaceholder: Bool { generation == 0 && arguments.isEmpty }

    func write(to directory: VMDirectory) async throws(DriverFailure) {
        let content = try JSON.encode(self)
        do throws(FileFailure) {
            try await HostFile.save(content, to: directory.record)
        } catch {
            throw DriverFailure(vm: error, doing: "write the record of \(instance)")
        }
    }

    /// The record in `directory`; `nil` when there is none.
    static func read(from directory: VMDirectory) throws(DriverFailure) -> VMRecord? {
        let content: [UInt8]
        do throws(FileFailure) {
            content = try HostFile.read(directory.record)
        } catch {
            if error.isMissing { return nil }
            throw DriverFailure(vm: error, doing: "read the record of \(directory.instance)")
        }
        return try JSON.decode(VMRecord.self, from: content, of: directory.record)
    }
}

extension DriverFailure {
    /// A file that the kernel refused.
    init(vm failure: FileFailure, doing: String) {
        self.init(failure.isFull ? .exhausted : .refused, "could not \(doing)", cause: "\(failure)")
    }

    /// A QEMU that refused or is gone.
    init(vm failure: QMPFailure, doing: String) {
        switch failure {
        case .connection:
            self.init(.unavailable, "QEMU does not answer: could not \(doing)", cause: "\(failure)")
        case .refused: self.init(.refused, "QEMU could not \(doing)", cause: "\(failure)")
        }
    }

    /// A tool that could not be run or complained.
    init(tool failure: ProcessFailure, doing: String) {
        self.init(.unavailable, "could not \(doing)", cause: "\(failure)")
    }
}
