/// A folder or a file that is not what a test bed takes: which, where in it, and why.
struct UnusableFile: Error, CustomStringConvertible {
    let file: String
    var line: Int?
    let problem: String

    var description: String { line.map { "\(file):\($0): \(problem)" } ?? "\(file): \(problem)" }
}
