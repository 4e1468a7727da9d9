package import ClusterModel

/// The three files that say how long tasks waited for processor, memory and disk.
/// - Source: Linux, Documentation/accounting/psi.rst.
package struct PressureFiles: Hashable, Sendable {
    private let scope: Pressure.Scope
    private let cpu: String
    private let memory: String
    private let io: String

    /// Those of the whole machine, whatever part of it this host is.
    package static let machine = PressureFiles(
        scope: .machine, cpu: "/proc/pressure/cpu", memory: "/proc/pressure/memory",
        io: "/proc/pressure/io")

    /// Those of the control group of version 2 in `directory`.
    package static func group(_ directory: String) -> PressureFiles {
        PressureFiles(
            scope: .cgroup, cpu: directory + "/cpu.pressure",
            memory: directory + "/memory.pressure",
            io: directory + "/io.pressure")
    }

    /// The pressure now; `nil` where the kernel keeps none, as after a boot with `psi=0`.
    package func read(_ files: KernelFiles) -> Pressure? {
        guard let cpu = Self.waiting(cpu, files), let memory = Self.waiting(memory, files),
            let io = Self.waiting(io, files)
        else { return nil }
        return Pressure(scope: scope, cpu: cpu, memory: memory, io: io)
    }

    /// `some avg10=12.34`, in per cent, to the nearest thousandth.
    private static func waiting(_ path: String, _ files: KernelFiles) -> Share? {
        files.read(path) { text in
            guard text.skip("some avg10="), let whole = text.number(), text.skip("."),
                let hundredths = text.number(), whole <= 100, hundredths < 100
            else { return nil }
            return Share(permille: UInt32((whole * 100 + hundredths + 5) / 10))
        }
    }
}
