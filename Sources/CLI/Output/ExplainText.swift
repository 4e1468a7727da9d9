import ClusterModel
import Specs
import Wire

/// What every host says to an instance, and what was decided last.
struct ExplainText {
    let reply: ExplainReply

    func text(width: Int?, colour: Bool) -> String {
        let summary = reply.instance
        let instance = summary.instance
        let place = instance.host.map { " on \($0)" } ?? ""
        let state = summary.orphan ? "orphan" : instance.observed.word
        var text =
            "\(instance.id) is \(state)\(place); "
            + "reserves \(HumanText.resources(summary.reserved))\n"
        if let reason = instance.observed.reason { text += "reason: \(reason)\n" }
        let decision = reply.lastDecision.map { PlanText.words($0.decision) } ?? "none"
        return text + "last decision: \(decision)\n\n" + table.text(width: width, colour: colour)
            + obstacles + relocations + forecasts + exceedances + flips
    }

    /// What would make each host take it, all that is needed in one line; where there is a choice, a line for each.
    private var flips: String {
        let lines = reply.verdicts.sorted { $0.host < $1.host }.flatMap { verdict in
            verdict.flips.enumerated().map { position, flip in
                (position == 0 ? "\(verdict.host) would take it" : "  or") + " if "
                    + FlipText.words(flip) + "\n"
            }
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    /// Why it would not come live where that is more than a column of a terminal shows.
    private var obstacles: String {
        let lines = reply.verdicts.sorted { $0.host < $1.host }.compactMap { verdict in
            verdict.obstacle.flatMap {
                $0.count > Self.shownObstacle ? "not live to \(verdict.host): \($0)\n" : nil
            }
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    /// Longer ones are cut on a terminal of 160 columns, of which the others take a hundred.
    private static let shownObstacle = 60

    /// Why it is not relocated, for a spec that asks for that.
    private var relocations: String {
        let lines = reply.verdicts.sorted { $0.host < $1.host }.compactMap { verdict in
            verdict.relocateObstacle.map { "not relocated to \(verdict.host): \($0)\n" }
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    /// What its move to each host that can have it is expected to come to.
    private var forecasts: String {
        let lines = reply.verdicts.sorted { $0.host < $1.host }.compactMap { verdict in
            verdict.forecast.map {
                "a move to \(verdict.host) (\($0.mode.rawValue)): \($0.words)\n"
            }
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    /// How often hosts would have been above their ceilings with it.
    private var exceedances: String {
        let lines = reply.verdicts.sorted { $0.host < $1.host }.compactMap { verdict in
            verdict.exceedance.flatMap { entry in
                entry.above == 0
                    ? nil
                    : "above the ceiling of \(verdict.host) with it: \(PlanText.words(entry))\n"
            }
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    private var table: Table {
        var table = Table(
            .text("HOST"), .text("FITS"), .number("RANK"), .text("FULLEST THEN"), .text("COMES BY"),
            .text("WHY NOT"), .number("CPU LEFT"),
            .number("MEMORY LEFT"), .text("WHY NOT LIVE"))
        for verdict in reply.verdicts.sorted(by: { $0.host < $1.host }) {
            table.add(
                .init(verdict.current ? "\(verdict.host) *" : verdict.host.rawValue), fits(verdict),
                .init(verdict.rank.map { "\($0)" } ?? "-"), .init(score(verdict)),
                .init(verdict.mode?.rawValue ?? "-"),
                .init(
                    verdict.misfit.map { MisfitText.cell($0) }
                        ?? (verdict.current ? "it is here" : "")),
                .init(HumanText.cpu(verdict.room.cpu)), .init(HumanText.bytes(verdict.room.memory)),
                .init(verdict.obstacle ?? ""))
        }
        return table
    }

    private func score(_ verdict: HostVerdict) -> String {
        verdict.score.map(Self.words) ?? "-"
    }

    /// Such as `cpu 62%, else empty, lacks 1 preferred`.
    static func words(_ score: HostVerdict.Score) -> String {
        let missing = score.missing == 0 ? "" : ", lacks \(score.missing) preferred"
        return "\(score.resource) \(score.fullness.notation)"
            + (score.isEmpty ? ", else empty" : "") + missing
    }

    private func fits(_ verdict: HostVerdict) -> Table.Cell {
        verdict.misfit == nil ? .init("yes", .good) : .init("no", .warning)
    }
}
