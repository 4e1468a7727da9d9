import FuzzTargets

/// What libFuzzer calls with each of its inputs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpansion(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.expansion.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
