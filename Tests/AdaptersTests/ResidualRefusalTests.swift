import Adapters
import Compute
import Testing

@Suite struct ResidualRefusalTests {
  static func decode(_ bytes: [UInt8], elementCount: Int = 1000) throws -> Corrections {
    try ResidualTests.decode(bytes, width: .two, elementCount: elementCount)
  }

  static let header: [UInt8] = [1, 2, 0xe8, 0x07]

  static let malformed: [(rule: String, rest: [UInt8])] = [
    ("unknown kind", [9]),
    ("beyond its end", [0, 0]),
    ("no corrections in a block", [1, 0, 1, 1, 0, 1, 1, 1, 0]),
    ("more corrections than elements", [1, 0xe9, 0x07, 1, 1, 0, 1, 1, 1, 0]),
    ("more dense elements than elements", [2, 0xe9, 0x07, 1, 1, 0, 0]),
    ("a correction beyond the tensor", [1, 1, 2, 1, 0xe8, 1, 0x03, 1, 1, 1, 0]),
    (
      "a gap beyond 63 bits",
      [1, 1, 8] + [UInt8](repeating: 1, count: 16) + [1, 1, 1, 0]
    ),
    ("a value of 0", [1, 1, 1, 1, 0, 1, 1, 0, 0]),
    ("three planes of two-byte values", [1, 1, 1, 1, 0, 3, 1, 1, 1, 1, 1, 1, 0]),
    ("no planes", [1, 1, 0, 1, 1, 1, 0]),
    ("unknown coding", [1, 1, 1, 3, 0, 1, 1, 1, 0]),
    ("a frame that is none", [1, 5, 1, 2, 4, 1, 2, 3, 4, 1, 1, 1, 0]),
    ("a frame larger than its plane", [1, 1, 1, 2, 0xff, 0x7f, 1, 1, 1, 0]),
    ("an endless number", [1] + [UInt8](repeating: 0xff, count: 20)),
  ]

  @Test(arguments: malformed)
  func `refuses what breaks the format`(rule: String, rest: [UInt8]) {
    let error = #expect(throws: ResidualError.self) { try Self.decode(Self.header + rest) }
    guard case .malformed = error else {
      Issue.record("\(rule): \(String(describing: error))")
      return
    }
  }

  @Test func `refuses the corrections of another tensor`() {
    #expect(throws: ResidualError.otherTensor(elementCount: 1000, bytesPerElement: 2)) {
      try ResidualDecoder(Self.header + [0], width: .four, elementCount: 1000)
    }
    #expect(throws: ResidualError.otherTensor(elementCount: 1000, bytesPerElement: 2)) {
      try ResidualDecoder(Self.header + [0], width: .two, elementCount: 999)
    }
    #expect(throws: ResidualError.malformed(rule: "are of the unknown version 2")) {
      try ResidualDecoder([2, 2, 0, 0], width: .two, elementCount: 0)
    }
  }

  @Test func `finds every missing end`() throws {
    let whole = ResidualTests.encode(
      ResidualTests.scattered(1000, spacing: 9, width: .two),
      width: .two
    )
    for count in whole.indices {
      #expect(throws: ResidualError.truncated) { try Self.decode(Array(whole.prefix(count))) }
    }
  }

  @Test(arguments: [1, 3, 90])
  func `survives every changed byte`(spacing: Int) throws {
    let corrections = ResidualTests.scattered(1000, spacing: spacing, width: .two)
    let whole = ResidualTests.encode(corrections, width: .two)
    for index in whole.indices {
      for change: UInt8 in [1, 0x80, 0xff] {
        var broken = whole
        broken[index] ^= change
        guard let decoded = try? Self.decode(broken) else { continue }
        #expect(zip(decoded.offsets, decoded.offsets.dropFirst()).allSatisfy { $0 < $1 })
        #expect(decoded.offsets.allSatisfy { $0 < 1000 })
        #expect(decoded.values.allSatisfy { 1...0xffff ~= $0 })
      }
    }
  }

  @Test func `allocates for a block, not for what a tensor might be`() {
    // 2^40 elements announced on both sides, then a block that claims them all.
    let count: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x20]
    for mark: UInt8 in [1, 2] {
      let bytes = [1, 2] + count + [mark] + count + [1, 1, 0, 1, 1, 1, 0]
      #expect(throws: ResidualError.malformed(rule: "have a block of an impossible size")) {
        var decoder = try ResidualDecoder(bytes, width: .two, elementCount: 1 << 40)
        _ = try decoder.corrections(ofNext: 1)
      }
    }
  }
}
