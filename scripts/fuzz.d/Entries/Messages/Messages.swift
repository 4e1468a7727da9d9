import FuzzTargets

/// What libFuzzer calls with each of its inputs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.messages.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
