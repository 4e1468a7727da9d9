import ClusterModel

/// A run as an SVG picture: hosts as rows, time to the right, colour by load, moves as ticks; below it how many
/// hosts were on, and how few would have done.
///
/// The same run is the same bytes.
/// - Source: W3C, Scalable Vector Graphics (SVG) 1.1.
package struct RunPicture {
    private let run: Run
    private let row: Int
    private var body = ""

    private static let left = 120
    private static let width = 960
    private static let top = 44
    private static let graphHeight = 90
    private static let below = 56

    package init(_ run: Run) {
        self.run = run
        row = run.hosts.count <= 40 ? 18 : max(4, 720 / run.hosts.count)
    }

    /// The whole document.
    package var svg: String {
        var picture = self
        picture.draw()
        return picture.body
    }

    private var height: Int {
        Self.top + run.hosts.count * row + 30 + Self.graphHeight + Self.below
    }

    private mutating func draw() {
        let whole = Self.left + Self.width + 24
        body += """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(whole)" height="\(height)" \
            viewBox="0 0 \(whole) \(height)" font-family="sans-serif" font-size="11">
            <title>Hosts over time</title>
            <rect width="\(whole)" height="\(height)" fill="#ffffff"/>

            """
        drawLegend()
        for (index, host) in run.hosts.enumerated() { draw(host, index) }
        for move in run.moves { draw(move) }
        drawGraph()
        drawTimes()
        body += "</svg>\n"
    }

    // MARK: - Parts

    private mutating func drawLegend() {
        var x = Self.left
        for (label, colour) in [
            ("asleep", Self.asleep), ("0%", Self.colour(0)), ("50%", Self.colour(500)),
            ("80%", Self.colour(800)), ("100%", Self.colour(1000)), ("away", Self.away),
        ] {
            body += "<rect x=\"\(x)\" y=\"12\" width=\"12\" height=\"12\" fill=\"\(colour)\"/>\n"
            text(label, x + 16, 22)
            x += 74
        }
        text("moves: ticks from source to target", x, 22)
    }

    private mutating func draw(_ host: HostID, _ index: Int) {
        let y = Self.top + index * row
        if row >= 10 { text(host.rawValue, Self.left - 8, y + row / 2 + 4, anchor: "end") }
        // Neighbouring samples of one colour are one rectangle.
        var first = 0
        let colours = run.samples.map { Self.colour(of: $0.hosts[index]) }
        for next in 1...max(1, colours.count) where !colours.isEmpty {
            guard next == colours.count || colours[next] != colours[first] else { continue }
            let (from, to) = (
                x(run.samples[first].at),
                next == colours.count ? x(run.length) : x(run.samples[next].at)
            )
            body +=
                "<rect x=\"\(Self.tenths(from))\" y=\"\(y)\" width=\"\(Self.tenths(to - from))\" "
            body += "height=\"\(row - 2)\" fill=\"\(colours[first])\"/>\n"
            first = next
        }
    }

    private mutating func draw(_ move: Run.MoveEnd) {
        guard let source = run.hosts.firstIndex(of: move.source),
            let target = run.hosts.firstIndex(of: move.target)
        else { return }
        let at = Self.tenths(x(move.ended))
        let (from, to) = (middle(source), middle(target))
        let colour = move.outcome == .done ? "#1a1a1a" : "#c2185b"
        body += "<g stroke=\"\(colour)\" fill=\"\(colour)\"><title>"
        body += Self.escaped(
            "\(move.instance): \(move.source) to \(move.target), \(move.mode.rawValue)")
        body += "</title><line x1=\"\(at)\" y1=\"\(from)\" x2=\"\(at)\" y2=\"\(to)\" "
        body += "stroke-width=\"0.7\" stroke-opacity=\"0.6\"/>"
        body += "<circle cx=\"\(at)\" cy=\"\(to)\" r=\"1.8\"/></g>\n"
    }

    private mutating func drawGraph() {
        let bottom = graphBottom
        text("hosts on", Self.left - 8, bottom - Self.graphHeight + 10, anchor: "end")
        text("bound", Self.left - 8, bottom - Self.graphHeight + 24, anchor: "end", fill: "#2e7d32")
        text("\(run.hosts.count)", Self.left + Self.width + 6, bottom - Self.graphHeight + 8)
        text("0", Self.left + Self.width + 6, bottom)
        body +=
            "<rect x=\"\(Self.left)\" y=\"\(bottom - Self.graphHeight)\" width=\"\(Self.width)\" "
        body += "height=\"\(Self.graphHeight)\" fill=\"#f5f5f5\"/>\n"
        line(run.samples.map(\.bound), colour: "#2e7d32")
        line(run.samples.map { $0.hosts.count { $0.state == .on } }, colour: "#1a1a1a")
    }

    private mutating func line(_ counts: [Int], colour: String) {
        let most = max(1, run.hosts.count)
        var points: [String] = []
        for (index, count) in counts.enumerated() {
            let y = Self.tenths(
                Double(graphBottom) - Double(min(count, most) * Self.graphHeight) / Double(most))
            let end = index + 1 == counts.count ? run.length : run.samples[index + 1].at
            points.append("\(Self.tenths(x(run.samples[index].at))),\(y)")
            points.append("\(Self.tenths(x(end))),\(y)")
        }
        body += "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\" "
        body += "points=\"\(points.joined(separator: " "))\"/>\n"
    }

    /// A mark each hour, six hours or day, whatever leaves about a dozen.
    private mutating func drawTimes() {
        let hours = max(1, run.length.milliseconds / 3_600_000)
        let steps: [Int64] = [1, 2, 6, 12, 24, 48, 168, 720, 2_160]
        let step = steps.first { hours / $0 <= 14 } ?? 8_760
        for hour in stride(from: Int64(0), through: hours, by: Int64.Stride(step)) {
            let at = Self.tenths(x(.seconds(hour * 3_600)))
            body +=
                "<line x1=\"\(at)\" y1=\"\(Self.top - 4)\" x2=\"\(at)\" y2=\"\(graphBottom + 4)\" "
            body += "stroke=\"#9e9e9e\" stroke-width=\"0.4\"/>\n"
            let label = step.isMultiple(of: 24) ? "\(hour / 24)d" : "\(hour)h"
            body +=
                "<text x=\"\(at)\" y=\"\(graphBottom + 18)\" text-anchor=\"middle\">\(label)</text>\n"
        }
    }

    // MARK: - Measures

    private var graphBottom: Int {
        Self.top + run.hosts.count * row + 30 + Self.graphHeight
    }

    private func middle(_ index: Int) -> Int { Self.top + index * row + row / 2 - 1 }

    private func x(_ time: Duration) -> Double {
        let part = Double(time.milliseconds) / Double(max(1, run.length.milliseconds))
        return Double(Self.left) + part * Double(Self.width)
    }

    private mutating func text(
        _ text: String, _ x: Int, _ y: Int, anchor: String = "start", fill: String = "#1a1a1a"
    ) {
        body += "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" fill=\"\(fill)\">"
        body += "\(Self.escaped(text))</text>\n"
    }

    private static let asleep = "#eceff1"
    private static let away = "#616161"

    private static func colour(of sample: Run.HostSample) -> String {
        switch sample.state {
        case .asleep: asleep
        case .away: away
        case .on: colour(Int(min(sample.load.permille, 1000)) / 50 * 50)
        }
    }

    /// From pale blue by blue to orange at the ceiling and red above it.
    private static func colour(_ permille: Int) -> String {
        let stops = [
            (0, [222, 235, 247]), (500, [66, 133, 196]), (800, [251, 173, 60]),
            (1000, [198, 40, 40]),
        ]
        let upper = stops.dropFirst().first { permille <= $0.0 } ?? stops[3]
        let lower = stops.last { $0.0 < upper.0 } ?? stops[0]
        let digits = Array("0123456789abcdef")
        return zip(lower.1, upper.1).reduce("#") { text, pair in
            let value = pair.0 + (pair.1 - pair.0) * (permille - lower.0) / (upper.0 - lower.0)
            return text + String([digits[value / 16], digits[value % 16]])
        }
    }

    /// One digit behind the point, the same on every machine.
    private static func tenths(_ number: Double) -> String {
        let whole = Int64((number * 10).rounded())
        let sign = whole < 0 ? "-" : ""
        return "\(sign)\(whole.magnitude / 10).\(whole.magnitude % 10)"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce("") { escaped, character in
            switch character {
            case "&": escaped + "&amp;"
            case "<": escaped + "&lt;"
            case ">": escaped + "&gt;"
            case "\"": escaped + "&quot;"
            default: escaped + String(character)
            }
        }
    }
}
