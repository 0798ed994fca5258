internal import CKernels

extension BLAKE3 {
  /// The digest of bytes that come in pieces, such as a file while it is written.
  public struct Hasher: Sendable {
    private var state = adapterctl_blake3_state()
    private var pending: [UInt8] = []

    /// No bytes so far.
    public init() {}

    /// Adds bytes behind those that came before.
    public mutating func update(_ bytes: [UInt8]) {
      let group = Int(ADAPTERCTL_BLAKE3_GROUP)
      pending += bytes
      guard pending.count > group else { return }
      // The last group stays until it is known whether it is the last.
      let ready = (pending.count - 1) / group
      unsafe pending.withUnsafeBufferPointer { pending in
        guard let start = pending.baseAddress else { return }
        for number in 0..<ready {
          unsafe adapterctl_blake3_add_group(
            adapterctl_best_form(),
            &state,
            start + number * group
          )
        }
      }
      pending.removeFirst(ready * group)
    }

    /// The digest of all bytes so far; more may follow.
    public var digest: Digest {
      var state = state
      var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
      unsafe pending.withUnsafeBufferPointer { pending in
        unsafe adapterctl_blake3_finish(
          adapterctl_best_form(),
          &state,
          pending.baseAddress,
          pending.count,
          &bytes
        )
      }
      return Digest(checked: bytes)
    }
  }
}
