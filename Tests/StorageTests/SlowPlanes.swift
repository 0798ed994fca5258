/// The kernels of the codec once more, a number at a time.
enum SlowPlanes {
  static func words(_ bytes: [UInt8], width: Int) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: width).map { start in
      bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  static func bytes(_ words: [UInt64], width: Int) -> [UInt8] {
    words.flatMap { word in (0..<width).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
  }

  static func split(_ numbers: [UInt8], width: Int, exponentFirst: Bool) -> [UInt8] {
    var words = words(numbers, width: width)
    let bits = UInt64(width) * 8
    if exponentFirst {
      words = words.map { word in
        let exponent = word >> (bits - 9) & 0xFF
        let sign = word >> (bits - 1)
        let mantissa = word & ((1 << (bits - 9)) - 1)
        return exponent << (bits - 8) | sign << (bits - 9) | mantissa
      }
    }
    return (0..<width).reversed().flatMap { byte in
      words.map { UInt8(truncatingIfNeeded: $0 >> (8 * UInt64(byte))) }
    }
  }

  static func subtract(_ parents: [UInt8], from numbers: [UInt8], width: Int) -> [UInt8] {
    let bits = UInt64(width) * 8
    let mask = width == 8 ? UInt64.max : (1 << bits) - 1
    let top = UInt64(1) << (bits - 1)
    func ordered(_ word: UInt64) -> UInt64 { word & top != 0 ? ~word & mask : word | top }
    let differences = zip(words(numbers, width: width), words(parents, width: width)).map {
      let difference = (ordered($0) &- ordered($1)) & mask
      // As a signed number: 0, −1, 1, −2, … become 0, 1, 2, 3, …
      return difference & top == 0 ? difference << 1 : (~difference << 1 | 1) & mask
    }
    return bytes(differences, width: width)
  }

  static func sortedByBucket(_ numbers: [UInt8], _ buckets: [UInt8], width: Int) -> [UInt8] {
    let words = words(numbers, width: width)
    let order = words.indices.sorted { (buckets[$0], $0) < (buckets[$1], $1) }
    return bytes(order.map { words[$0] }, width: width)
  }
}
