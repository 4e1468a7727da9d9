import CLinux
import Glibc

/// Extended attributes of open files, access lists among them.
enum Attributes {
    static func read(
        of descriptor: Int32, _ path: [UInt8]
    ) throws(FileFailure) -> [TreeEntry.Attribute] {
        let names: [UInt8]? = try grown(path) { flistxattr(descriptor, $0, $1) }
        guard let names else { return [] }
        var attributes: [TreeEntry.Attribute] = []
        for name in names.split(separator: 0).map(Array.init) {
            let value: [UInt8]? = try grown(path) { buffer, size in
                (name + [0]).withUnsafeBytes {
                    fgetxattr(
                        descriptor, $0.baseAddress?.assumingMemoryBound(to: CChar.self), buffer,
                        size)
                }
            }
            // `nil` where it is gone by now.
            if let value { attributes.append(TreeEntry.Attribute(name: name, value: value)) }
        }
        return attributes
    }

    /// Takes away what an open file has, but for what the host itself says of it, such as its label.
    static func remove(of descriptor: Int32, _ path: [UInt8]) throws(FileFailure) {
        for attribute in try read(of: descriptor, path)
        where !attribute.name.starts(with: Array("security.".utf8)) {
            let result = (attribute.name + [0]).withUnsafeBytes {
                fremovexattr(descriptor, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
            }
            guard result == 0 || errno == ENODATA else {
                throw FileFailure("remove attributes of", OpenDirectory.told(path))
            }
        }
    }

    /// What `call` gives into a buffer that is large enough; `nil` where there is none of it.
    /// - Source: xattr(7): names and values are of 64 KiB at most.
    private static func grown(
        _ path: [UInt8], _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws(FileFailure) -> [UInt8]? {
        for size in [256, 64 << 10] {
            var buffer = [CChar](repeating: 0, count: size)
            let count = call(&buffer, size)
            if count >= 0 { return buffer.prefix(count).map { UInt8(bitPattern: $0) } }
            switch errno {
            case ENOTSUP, ENODATA: return nil
            case ERANGE where size < 64 << 10: continue
            default: throw FileFailure("read attributes of", OpenDirectory.told(path))
            }
        }
        return nil
    }
}
