import Glibc

/// A call about a file that the kernel refused.
package struct FileFailure: Error, Hashable, Sendable {
    /// What was tried, such as `open`.
    package let operation: String
    package let path: String
    /// The kernel's error number.
    package let code: Int32

    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var isMissing: Bool { code == ENOENT }
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
}

extension FileFailure: CustomStringConvertible {
    package var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
}
