internal import Digests

/// How fast are digests?
struct DigestQuestion: Question {
  let name = "digest"
  let text = "BLAKE3 of a buffer, one thread; limit: memcpy's reading side"

  func answer() {
    for mebibytes in [1, 64] {
      let bytes = [UInt8](repeating: 7, count: mebibytes << 20)
      let seconds = Measurement.seconds { _ = BLAKE3.digest(of: bytes) }
      let limit = Limits.copying(bytes.count) / 2
      Measurement.report("\(mebibytes) MiB", Double(bytes.count) / seconds / 1e9, of: limit, "GB/s")
    }
  }
}
