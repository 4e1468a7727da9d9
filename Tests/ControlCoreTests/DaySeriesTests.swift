import ClusterModel
import ControlCore
import Testing

/// What the coordinator keeps of a day.
@Suite struct DaySeriesTests {
    private let minute = Int64(60_000)

    private func at(_ minutes: Int64) -> Instant { Instant(milliseconds: minutes * minute) }

    @Test("reports of five minutes become their mean, in buckets that all instances share")
    func buckets() {
        var recorder = DayRecorder()
        for (time, amount) in [(100, 10), (102, 20), (104, 30), (105, 500)] as [(Int64, UInt64)] {
            recorder.note(amount, at: at(time))
        }
        let open = recorder.series(at: at(109))
        #expect(open.all == [20] && open.end == 21)
        let closed = recorder.series(at: at(110))
        #expect(closed.all == [20, 500] && closed.end == 22)
        #expect(closed[20] == 20 && closed[21] == 500 && closed[19] == nil && closed[22] == nil)
    }

    @Test("what was not heard is unknown, and a clock that is set back changes nothing")
    func gaps() {
        var recorder = DayRecorder()
        recorder.note(7, at: at(0))
        recorder.note(9, at: at(20))
        recorder.note(1_000, at: at(3))
        #expect(recorder.series(at: at(25)).all == [7, nil, nil, nil, 9])
    }

    @Test("a clock that was far ahead is forgotten once it is right")
    func clockAhead() {
        var recorder = DayRecorder()
        recorder.note(7, at: at(100_000))
        recorder.note(9, at: at(20))
        recorder.note(3, at: at(25))
        #expect(recorder.series(at: at(30)).all == [9, 3])
    }

    @Test("a day is kept and no more, and after a day of silence nothing")
    func bounded() {
        var recorder = DayRecorder()
        for bucket in Int64(0)..<400 { recorder.note(UInt64(bucket), at: at(bucket * 5)) }
        let day = recorder.series(at: at(2_000))
        #expect(day.all.count == DaySeries.capacity && day[399] == 399 && day[111] == nil)
        recorder.note(5, at: at(2_000 + 5 * 300))
        #expect(recorder.series(at: at(10_000)).all == [5])
    }

    @Test("numbers below zero are buckets, too")
    func negative() {
        #expect(DaySeries.number(of: at(-1)) == -1)
        #expect(DaySeries.number(of: at(-5)) == -1)
        #expect(DaySeries.number(of: at(-6)) == -2)
        #expect(DaySeries.number(of: Instant(milliseconds: .min)) < 0)
    }

    @Test("the day goes along when an instance moves; reports of the last minutes do not")
    func moves() {
        var seen = Observations(since: at(0))
        let (id, a, b) = (InstanceID("web-0"), HostID("a"), HostID("b"))
        func use(_ minutes: Int64) -> Use {
            Use(at: at(minutes), cpu: Use.Figure(of: [300]), memory: .zero)
        }
        seen.note(id, on: a, .running, Generation(1))
        seen.note(use(1), of: id, on: a, at: at(1))
        seen.note(id, on: b, .running, Generation(2))
        seen.note(use(6), of: id, on: b, at: at(6))
        seen.note(use(11), of: id, on: a, at: at(11))
        #expect(seen.instances[id]?.use.samples.count == 1)
        #expect(seen.instances[id]?.day.series(at: at(20)).all == [300, 300])
    }
}
