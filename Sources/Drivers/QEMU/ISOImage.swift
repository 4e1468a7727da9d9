/// A read-only file system with a few small files in its root, without a tool of the host.
///
/// File names are written in lower case, which the standard does not foresee and every reader of it
/// accepts.
/// - Source: ECMA-119, 4th edition; section numbers below are its.
struct ISOImage: Hashable, Sendable {
    let label: String
    /// In ascending order of their names, as the standard wants directories.
    let files: [File]

    /// One file of the root.
    struct File: Hashable, Sendable {
        let name: String
        let content: [UInt8]
    }

    private static let sector = 2048
    /// Sixteen sectors belong to the system (6.2.1); then come the two descriptors.
    private static let pathTable = 18
    private static let mirroredPathTable = 19
    private static let root = 20
    /// Empty sectors at the end: some readers look for a file system in the first 68 KiB at once
    /// and give up on a disk that has less (seen with BusyBox 1.35). As many as mkisofs adds.
    private static let slack = 150

    init(label: String, files: [File]) {
        self.label = label
        self.files = files.sorted { $0.name < $1.name }
    }

    var bytes: [UInt8] {
        var image = [UInt8](repeating: 0, count: 16 * Self.sector)
        image += padded(primaryDescriptor)
        image += padded([255] + Array("CD001".utf8) + [1])
        image += padded(pathTable(little: true))
        image += padded(pathTable(little: false))
        image += padded(rootDirectory)
        for file in files { image += padded(file.content) }
        return image + zeros(Self.slack * Self.sector)
    }

    /// First sector of each file, then the number of all sectors.
    private var layout: (first: [Int], total: Int) {
        var next = Self.root + 1
        let first = files.map { file in
            defer { next += Self.sectors(file.content.count) }
            return next
        }
        return (first, next)
    }

    /// 8.4: the volume descriptor.
    private var primaryDescriptor: [UInt8] {
        let table = pathTable(little: true).count
        var field = [UInt8]()
        field += [1] + Array("CD001".utf8) + [1, 0]
        field += text("", 32) + text(label, 32) + zeros(8)
        field += both(UInt32(layout.total)) + zeros(32)
        field += both(UInt16(1)) + both(UInt16(1)) + both(UInt16(Self.sector)) + both(UInt32(table))
        field += little(UInt32(Self.pathTable)) + zeros(4)
        field += big(UInt32(Self.mirroredPathTable)) + zeros(4)
        field += entry(name: [0], sector: Self.root, size: Self.sector, isDirectory: true)
        field += text("", 128 * 4 + 37 * 3)
        // 8.4.26.1: four times with digits of zero and no zone, and the version of the structure.
        for _ in 0..<4 { field += [UInt8](repeating: UInt8(ascii: "0"), count: 16) + [0] }
        return field + [1, 0]
    }

    /// 9.4: one entry, the root.
    private func pathTable(little isLittle: Bool) -> [UInt8] {
        [1, 0] + (isLittle ? little(UInt32(Self.root)) : big(UInt32(Self.root)))
            + (isLittle ? [1, 0] : [0, 1]) + [0, 0]
    }

    private var rootDirectory: [UInt8] {
        var field = entry(name: [0], sector: Self.root, size: Self.sector, isDirectory: true)
        field += entry(name: [1], sector: Self.root, size: Self.sector, isDirectory: true)
        for (file, sector) in zip(files, layout.first) {
            field += entry(
                name: Array("\(file.name);1".utf8), sector: sector, size: file.content.count,
                isDirectory: false)
        }
        return field
    }

    /// 9.1: a directory record; its length is even.
    private func entry(name: [UInt8], sector: Int, size: Int, isDirectory: Bool) -> [UInt8] {
        let padding = name.count % 2 == 0 ? 1 : 0
        var field: [UInt8] = [UInt8(33 + name.count + padding), 0]
        field += both(UInt32(sector)) + both(UInt32(size)) + zeros(7)
        field += [isDirectory ? 2 : 0, 0, 0] + both(UInt16(1))
        field += [UInt8(name.count)] + name
        return field + zeros(padding)
    }

    private func padded(_ content: [UInt8]) -> [UInt8] {
        content + zeros(Self.sectors(content.count) * Self.sector - content.count)
    }

    private static func sectors(_ count: Int) -> Int { (count + sector - 1) / sector }

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// Text in a field that spaces fill up.
    private func text(_ text: String, _ count: Int) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(count))
        return bytes + [UInt8](repeating: UInt8(ascii: " "), count: count - bytes.count)
    }

    private func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
    }

    private func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        little(number).reversed()
    }

    /// 7.2.3 and 7.3.3: little-endian, then the same big-endian.
    private func both<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        little(number) + big(number)
    }
}
