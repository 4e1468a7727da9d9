import HTTP2
import RPC

/// Bytes as a socket would bring them, to a session or an engine of either role.
///
/// The first byte picks the role and what is done, the second how the bytes are cut. A session is asked twice, with
/// the bytes in one piece and in several: what it makes of them may not depend on that.
enum FrameTarget {
    private struct Course {
        /// Of which role the side under test is.
        let role: HTTP2Session.Role
        /// The bytes, with what every peer begins with unless the fuzzer makes that too.
        let bytes: [UInt8]
        let piece: Int
        let manner: Manner

        var pieces: [[UInt8]] {
            stride(from: 0, to: bytes.count, by: piece).map { start in
                Array(bytes[start..<min(start + piece, bytes.count)])
            }
        }
    }

    /// How the owner of an engine behaves.
    private enum Manner: UInt8 { case answers, refuses, expires, sleeps }

    static func run(_ bytes: [UInt8]) {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        let piece = Int(input.byte()) + 1
        let role = choice & 1 == 0 ? HTTP2Session.Role.server : .client
        var start: [UInt8] = []
        if choice & 4 == 0 {
            start = role == .server ? FrameStream.preface : []
            start += FrameStream.settings + FrameStream.acknowledgement
        }
        let course = Course(
            role: role, bytes: start + input.remainder(), piece: piece,
            manner: Manner(rawValue: choice >> 4 & 3) ?? .answers)
        do {
            switch (choice & 2, role) {
            case (0, .server):
                var engine = try ServerEngine()
                var journal = CallJournal()
                play(course, on: &engine, &journal)
            case (0, .client):
                var engine = try ClientEngine(authority: "h", isSecure: false)
                var journal = CallJournal()
                try call(&engine, &journal)
                play(course, on: &engine, &journal)
            default: try compare(course)
            }
        } catch {
            broken("an engine could not be made: \(error)")
        }
    }

    // MARK: Engines

    /// Opens what the peer may answer: a call that is half-closed, one that is not, one without a message.
    private static func call(_ engine: inout ClientEngine, _ journal: inout CallJournal) throws {
        for number in UInt8(0)..<3 {
            let id = try engine.open(RequestHead(path: "/a.B/C", timeout: .seconds(1)))
            journal.began(id)
            if number < 2 { engine.send([number], on: id) }
            if number == 0 { engine.halfClose(id) }
        }
        _ = drain(&engine)
    }

    private static func play<Engine: ConnectionEngine & ~Copyable>(
        _ course: Course, on engine: inout Engine, _ journal: inout CallJournal
    ) {
        engine.ping()
        for piece in course.pieces {
            var hasFailed = false
            do throws(RPCStatus) {
                try engine.receive(piece.span.bytes)
            } catch {
                hasFailed = true
            }
            react(course.manner, &engine, &journal)
            if course.manner != .sleeps { hasFailed = !drain(&engine) || hasFailed }
            react(course.manner, &engine, &journal)
            if hasFailed || engine.isFinished { break }
        }
        // However it ended: the owner may still say what it wants, and nothing may come of it but frames.
        engine.shutDown()
        for id in journal.open {
            engine.send([1, 2, 3], on: id)
            engine.end(id, with: .ok)
            journal.left(id)
        }
        _ = drain(&engine)
        react(.sleeps, &engine, &journal)
        promise(engine.openCalls == 0, "\(engine.openCalls) calls are left over")
    }

    private static func react<Engine: ConnectionEngine & ~Copyable>(
        _ manner: Manner, _ engine: inout Engine, _ journal: inout CallJournal
    ) {
        // Of calls that we end this list may still tell; later ones may not.
        var gone: [CallID] = []
        for event in engine.takeEvents() {
            journal.note(event)
            switch (event, manner) {
            case (.opened(let id, _), .refuses):
                engine.end(id, with: RPCStatus(.notFound, "ö %", details: [0, 1]))
                gone.append(id)
            case (.message(let id, let message), .answers):
                // What cannot be read ends a call elsewhere; here the engine goes on with it.
                if let payload = try? message.decoded() { engine.send(payload, on: id) }
                engine.credit(message.cost, on: id)
            case (.message(let id, _), .expires):
                engine.expire(id, with: RPCStatus(.deadlineExceeded, "late"))
                gone.append(id)
            case (.halfClosed(let id), .answers):
                engine.end(id, with: .ok)
                gone.append(id)
            default: break
            }
        }
        for id in gone { journal.left(id) }
    }

    /// False when the engine refused to go on.
    private static func drain<Engine: ConnectionEngine & ~Copyable>(
        _ engine: inout Engine
    ) -> Bool {
        var output: [UInt8] = []
        defer { FrameStream.check(output) }
        do throws(RPCStatus) {
            let count = try engine.drain(limit: .max) { frame in
                frame.withUnsafeBytes { output.append(contentsOf: $0) }
            }
            promise(count == output.count, "\(count) bytes said, \(output.count) sent")
            return true
        } catch {
            return false
        }
    }

    // MARK: Sessions

    private struct Outcome: Equatable {
        var events: [HTTP2Event] = []
        var output: [UInt8] = []
        var hasFailed = false
    }

    private static func compare(_ course: Course) throws {
        let whole = try outcome(of: [course.bytes], course.role)
        let pieces = try outcome(of: course.pieces, course.role)
        // What comes after the end is read only with what ended it; nobody gives a session more, then.
        guard !isOver(pieces.events, course.role) else {
            promise(
                whole.events.starts(with: pieces.events.dropLast()),
                "in one piece \(whole), in several \(pieces)")
            return
        }
        promise(
            whole.hasFailed == pieces.hasFailed, "in one piece \(whole), in several \(pieces)")
        guard whole.hasFailed else {
            promise(whole == pieces, "in one piece \(whole), in several \(pieces)")
            return
        }
        // In one piece, what follows a failure that is found at the end has been read before it. The last data may be
        // a part of what the other got.
        let common = pieces.events.dropLast()
        promise(
            whole.events.starts(with: common), "in one piece \(whole), in several \(pieces)")
    }

    /// Whether the peer had said GOAWAY and no stream was open: the library then reads no further.
    private static func isOver(_ events: [HTTP2Event], _ role: HTTP2Session.Role) -> Bool {
        var open: Set<Int32> = role == .client ? [1, 3] : []
        var isGoingAway = false
        for event in events {
            switch event {
            case .goAway: isGoingAway = true
            case .headers(let stream, _, _) where role == .server: open.insert(stream)
            case .headersTooLarge(let stream) where role == .server: open.insert(stream)
            case .closed(let stream, _): open.remove(stream)
            default: break
            }
            if isGoingAway, open.isEmpty { return true }
        }
        return false
    }

    private static func outcome(
        of pieces: [[UInt8]], _ role: HTTP2Session.Role
    ) throws -> Outcome {
        var session = try HTTP2Session(role: role)
        if role == .client {
            let request = [
                HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"),
                HTTP2Header(":path", "/a"), HTTP2Header(":authority", "h"),
            ]
            _ = try session.submitRequest(request, bodyFollows: false)
            session.send([1], on: try session.submitRequest(request, bodyFollows: true))
            _ = try session.drain(limit: .max) { _ in }
        }
        var outcome = Outcome()
        do throws(HTTP2Failure) {
            for piece in pieces { try session.receive(piece.span.bytes) }
        } catch {
            outcome.hasFailed = true
        }
        do throws(HTTP2Failure) {
            _ = try session.drain(limit: .max) { frame in
                frame.withUnsafeBytes { outcome.output.append(contentsOf: $0) }
            }
        } catch {
            outcome.hasFailed = true
        }
        FrameStream.check(outcome.output)
        for event in session.takeEvents() { outcome.events.merge(event) }
        return outcome
    }
}

extension [HTTP2Event] {
    /// Appends an event; the parts of one DATA frame are one.
    fileprivate mutating func merge(_ event: HTTP2Event) {
        if case .data(let stream, let more) = event, case .data(stream, let before)? = last {
            self[count - 1] = .data(stream: stream, before + more)
        } else {
            append(event)
        }
    }
}
