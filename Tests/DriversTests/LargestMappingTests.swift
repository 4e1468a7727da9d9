import ClusterModel
import Testing

@testable import Drivers

@Suite struct LargestMappingTests {
    @Test func theLargestOfAProcessIsFound() throws {
        let text = """
            55d0a1c00000-55d0a1f00000 r--p 00000000 fe:00 1234 /usr/bin/qemu-system-x86_64
            7f1bb7e00000-7f1bc7e00000 rw-p 00000000 00:00 0
            7f1bc8000000-7f1bc8021000 rw-p 00000000 00:00 0
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]

            """
        let found = try #require(LargestMapping(text))
        #expect(found.addresses == 0x7f1b_b7e0_0000..<0x7f1b_c7e0_0000)
        #expect(found.size == .mebibytes(256))
        for other in ["", "what is this", "12-", "7f00-6f00 rw-p", "-5 rw-p"] {
            #expect(LargestMapping(other) == nil)
        }
    }

    @Test(arguments: [1, 2, 3, 4_095, 4_096, 4_097, 65_536, 1 << 28] as [UInt64])
    func aSampleIsSpreadOverAllOfIt(pages: UInt64) throws {
        let start: UInt64 = 0x7f00_0000_0000
        let end = start + pages * 4_096
        let mapping = try #require(
            LargestMapping(String(start, radix: 16) + "-" + String(end, radix: 16) + " rw-p"))
        let sample = mapping.sample(4_096, pagesOf: 4_096)
        #expect(sample.count == Int(min(pages, 4_096)))
        #expect(sample.allSatisfy { mapping.addresses.contains($0) && $0 % 4_096 == 0 })
        #expect(zip(sample, sample.dropFirst()).allSatisfy(<))
        // No part of a sixteenth has more than its share and one.
        let sixteenth = Double(end - start) / 16
        let parts = Dictionary(grouping: sample) { Int(Double($0 - start) / sixteenth) }
        #expect(parts.values.allSatisfy { $0.count <= sample.count / 16 + 1 })
        // Regular structures of the guest's are hit as often as they are there.
        if pages >= 65_536 {
            let huge = sample.filter { ($0 >> 12) % 512 < 256 }.count
            #expect((1_900...2_200).contains(huge))
        }
        #expect(mapping.share(sample.count, of: sample.count) == mapping.size)
        #expect(mapping.share(0, of: sample.count) == .zero)
        #expect(mapping.share(5, of: 0) == .zero)
    }
}
