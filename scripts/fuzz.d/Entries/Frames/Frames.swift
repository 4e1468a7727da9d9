import FuzzTargets

/// What libFuzzer calls with each of its inputs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.frames.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
