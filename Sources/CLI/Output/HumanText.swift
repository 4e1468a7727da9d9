import ClusterModel
import Specs

/// Quantities as people read them: at most three digits and the unit.
enum HumanText {
    private static let binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// `1.2GiB`; rounded, so only for eyes.
    static func bytes(_ bytes: Bytes) -> String {
        var unit = 0
        var divisor: UInt64 = 1
        while unit < binaryUnits.count - 1, bytes.count / divisor >= 1000 {
            unit += 1
            divisor <<= 10
        }
        let whole = bytes.count / divisor
        guard unit > 0, whole < 100 else { return "\(whole)\(binaryUnits[unit])" }
        // A 1024th of the unit is all the precision that three digits can show.
        let hundredths = (bytes.count % divisor) / (divisor / 1024) * 100 / 1024
        let shown = whole < 10 ? hundredths : hundredths / 10 * 10
        return "\(whole)\(fraction(shown))\(binaryUnits[unit])"
    }

    /// `.07`, `.5` or nothing.
    private static func fraction(_ hundredths: UInt64) -> String {
        guard hundredths > 0 else { return "" }
        if hundredths.isMultiple(of: 10) { return ".\(hundredths / 10)" }
        return hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
    }

    /// `63% round 2, 12MiB left at 110MiB/s`.
    static func advance(_ advance: MoveAdvance) -> String {
        let latest = advance.latest
        return
            "\(advance.share.permille / 10)% round \(latest.rounds), \(bytes(latest.remaining)) left "
            + "at \(rate(BytesPerSecond(latest.bytesPerSecond)))"
    }

    static func rate(_ rate: BytesPerSecond) -> String { bytes(Bytes(rate.count)) + "/s" }

    /// `1.5` cores, or `300m` below one.
    static func cpu(_ cpu: CPU) -> String {
        guard cpu.millicores >= 1000, !cpu.millicores.isMultiple(of: 1000) else {
            return cpu.notation
        }
        let tenths = cpu.millicores % 1000 / 100
        return "\(cpu.millicores / 1000).\(tenths)"
    }

    /// `79%` of `whole`, rounded to the nearest; `-` of nothing.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else { return "-" }
        let (product, overflow) = part.multipliedReportingOverflow(by: 100)
        return overflow ? "-" : "\((product.saturatingSum(whole / 2)) / whole)%"
    }

    /// `3m` for what lies between; the largest unit alone.
    static func age(from earlier: Instant, to now: Instant) -> String {
        let seconds = max(0, now.since(earlier).milliseconds / 1000)
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }

    /// `2026-01-02T03:04:05Z`.
    static func time(_ instant: Instant) -> String { instant.timestamp }

    /// `1 host`, `2 hosts`.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// The dimensions that are not zero, such as `500m CPU, 256MiB memory`.
    static func resources(_ resources: Resources) -> String {
        var parts: [String] = []
        if resources.cpu > .zero { parts.append("\(cpu(resources.cpu)) CPU") }
        if resources.memory > .zero { parts.append("\(bytes(resources.memory)) memory") }
        if resources.disk > .zero { parts.append("\(bytes(resources.disk)) disk") }
        if resources.network > .zero { parts.append("\(rate(resources.network)) network") }
        parts += resources.scalars.filter { $0.amount > 0 }.map {
            "\(CPU(millicores: $0.amount).notation) \($0.name)"
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}
