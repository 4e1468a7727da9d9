import Telemetry
import Testing

@Suite struct RateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("growth needs two readings")
    func first() {
        var rate = Rate()
        #expect(rate.grow(to: 100, atNanoseconds: 0) == nil)
        let growth = rate.grow(to: 600, atNanoseconds: 2 * Self.second)
        #expect(growth?.count == 500)
        #expect(growth?.scaled(by: Self.second) == 250)
    }

    @Test("a counter that was restarted says nothing once, then goes on")
    func reset() {
        var rate = Rate()
        _ = rate.grow(to: 1_000_000, atNanoseconds: 0)
        #expect(rate.grow(to: 10, atNanoseconds: Self.second) == nil)
        #expect(rate.grow(to: 30, atNanoseconds: 2 * Self.second)?.count == 20)
    }

    @Test("a missing reading interrupts: what comes after it is a first one")
    func missing() {
        var rate = Rate()
        _ = rate.grow(to: 10, atNanoseconds: 0)
        #expect(rate.grow(to: nil, atNanoseconds: Self.second) == nil)
        #expect(rate.grow(to: 5_000_000, atNanoseconds: 2 * Self.second) == nil)
        #expect(rate.grow(to: 5_000_001, atNanoseconds: 3 * Self.second)?.count == 1)
    }

    @Test(
        "time that stands still or runs back gives no rate",
        arguments: [0, Self.second] as [UInt64])
    func still(moment: UInt64) {
        var rate = Rate()
        _ = rate.grow(to: 10, atNanoseconds: Self.second)
        #expect(rate.grow(to: 20, atNanoseconds: moment) == nil)
        #expect(rate.grow(to: 30, atNanoseconds: 2 * Self.second)?.count == 20)
    }

    @Test("figures past the largest number saturate")
    func saturation() {
        var rate = Rate()
        _ = rate.grow(to: 0, atNanoseconds: 0)
        let growth = rate.grow(to: .max, atNanoseconds: Self.second)
        #expect(growth?.scaled(by: Self.second) == .max)
        #expect(growth?.scaled(by: 1000) == UInt64.max / 1_000_000)
        _ = rate.grow(to: 0, atNanoseconds: 2 * Self.second)
        #expect(
            rate.grow(to: .max, atNanoseconds: 2 * Self.second + 1)?.scaled(by: Self.second) == .max
        )
    }
}
