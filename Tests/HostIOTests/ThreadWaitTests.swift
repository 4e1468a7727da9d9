import Glibc
import HostIO
import Testing

@Suite struct ThreadWaitTests {
    /// A process of its own that waits for a second process to end, and that sleeps.
    @Test func whatAThreadWaitsForIsFound() throws {
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawnp(&process, "sleep", nil, nil, &arguments, environ) == 0)
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        // Until it has come to sleep it waits for other things.
        var found = ThreadWait.isAny(of: process, in: "nanosleep")
        let deadline = ContinuousClock.now + .seconds(10)
        while found != true, ContinuousClock.now < deadline {
            usleep(1_000)
            found = ThreadWait.isAny(of: process, in: "nanosleep")
        }
        #expect(found == true, "this kernel keeps to itself what threads wait for")
        #expect(ThreadWait.isAny(of: process, in: "userfault") == false)
        #expect(ThreadWait.isAny(of: -1, in: "futex") == nil)
    }
}
