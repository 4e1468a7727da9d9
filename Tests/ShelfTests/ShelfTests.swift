import ClusterModel
import Foundation
import Shelf
import Testing

@Suite("A shelf keeps whole files by their content") struct ShelfTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "shelf-\(UUID().uuidString)")

    private func withShelf(_ body: (Shelf) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(try Shelf(directory: directory.path()))
    }

    /// SHA-256 of the five bytes "hello".
    /// - Source: FIPS 180-4; `printf hello | sha256sum`.
    private static let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    @Test("what was received is found by its digest and read back")
    func receives() throws {
        try withShelf { shelf in
            let writer = try shelf.receive()
            try writer.write(Array("hel".utf8))
            try writer.write(Array("lo".utf8))
            #expect(!shelf.has(Self.hello), "a file on its way is not here")
            let (digest, size) = try writer.finish(expecting: Self.hello)
            #expect(digest == Self.hello)
            #expect(size.count == 5)
            #expect(try shelf.digests() == [Self.hello])
            let reader = try shelf.open(Self.hello)
            #expect(try reader.next(atMost: 3) == Array("hel".utf8))
            #expect(try reader.next(atMost: 9) == Array("lo".utf8))
            #expect(try reader.next(atMost: 9) == nil)
        }
    }

    @Test("content that is not what its name says is dropped")
    func refusesOtherContent() throws {
        try withShelf { shelf in
            let writer = try shelf.receive()
            try writer.write(Array("hullo".utf8))
            #expect(throws: ShelfFailure.self) { try writer.finish(expecting: Self.hello) }
            #expect(try shelf.digests() == [])
        }
    }

    @Test(
        "a name that is no digest never becomes part of a path",
        arguments: [
            "../secret", "", "..", "/etc/passwd",
            String(repeating: "../", count: 20) + "etc",
            String(repeating: "A", count: 64), String(repeating: "a", count: 63) + "/",
        ])
    func names(name: String) throws {
        try withShelf { shelf in
            try Data("secret".utf8).write(to: directory.appending(path: "secret"))
            #expect(!shelf.has(name))
            #expect(throws: ShelfFailure.self) { _ = try shelf.open(name) }
            shelf.remove(name)
        }
    }

    @Test("what an earlier process left unfinished is swept away")
    func sweeps() throws {
        try withShelf { shelf in
            let left = directory.appending(path: "receiving-1")
            try Data("half".utf8).write(to: left)
            _ = try Shelf(directory: shelf.directory)
            #expect(!FileManager.default.fileExists(atPath: left.path()))
        }
    }
}
