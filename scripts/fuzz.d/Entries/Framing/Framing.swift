import FuzzTargets

/// What libFuzzer calls with each of its inputs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFraming(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.framing.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
