import Foundation

/// Processes of a lab host as this machine counts them.
enum LabProcess {
    /// The process that has the number `inside` in the host whose first process is `first`; `nil` where there is none.
    ///
    /// A container of the host has a namespace within the host's, so the number is not always the last that the kernel
    /// tells; and other hosts count the same numbers, so it has to descend from that first process.
    static func find(_ inside: Int, in first: pid_t) -> pid_t? {
        let depth = numbers(of: first).count
        guard depth > 0 else { return nil }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.lazy.compactMap { pid_t($0) }.first { process in
            let numbers = numbers(of: process)
            return numbers.count >= depth && numbers[depth - 1] == inside
                && descends(process, from: first)
        }
    }

    /// The process's numbers in its namespace and all around it, this machine's first.
    private static func numbers(of process: pid_t) -> [Int] {
        field("NSpid", of: process).split(separator: "\t").compactMap { Int($0) }
    }

    private static func descends(_ process: pid_t, from first: pid_t) -> Bool {
        var process = process
        while process > 1, process != first {
            process = pid_t(field("PPid", of: process)) ?? 0
        }
        return process == first
    }

    private static func field(_ name: String, of process: pid_t) -> String {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
        else { return "" }
        return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
    }
}
