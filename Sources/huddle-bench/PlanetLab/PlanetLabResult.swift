import Foundation

/// What a simulated day has shown.
struct PlanetLabResult: Codable, Sendable {
    let energyKwh: Double
    let migrations: Int
    /// Share of active hosts' time in which they gave less than they were asked for.
    let slatah: Double
    /// Share of what machines asked for that moves took.
    let pdm: Double
    let slav: Double
    let esv: Double
    let ms: Int

    init(_ centre: DataCentre, elapsed: Duration) {
        energyKwh = centre.wattSeconds / 3_600_000
        migrations = centre.moves
        slatah = centre.service.slatah
        pdm = centre.service.pdm
        slav = slatah * pdm
        esv = energyKwh * slav
        ms = Int(elapsed / .milliseconds(1))
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
