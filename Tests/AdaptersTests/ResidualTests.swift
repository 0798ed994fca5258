import Adapters
import Compute
import Testing

@Suite struct ResidualTests {
  /// Encodes one whole tensor in runs of `run` elements.
  static func encode(
    _ corrections: Corrections,
    width: ElementWidth,
    run: Int = .max
  ) -> [UInt8] {
    var encoder = ResidualEncoder(width: width, elementCount: corrections.elementCount)
    var bytes: [UInt8] = []
    for part in corrections.split(run: run) {
      encoder.append(part)
      bytes += encoder.takeBytes()
    }
    return bytes + encoder.finish()
  }

  /// Decodes one whole tensor in runs of `run` elements.
  static func decode(
    _ bytes: [UInt8],
    width: ElementWidth,
    elementCount: Int,
    run: Int = .max
  ) throws -> Corrections {
    var decoder = try ResidualDecoder(bytes, width: width, elementCount: elementCount)
    var all = Corrections(elementCount: 0)
    repeat {
      let part = try decoder.corrections(ofNext: min(run, elementCount - all.elementCount))
      all.offsets += part.offsets.map { $0 + UInt32(all.elementCount) }
      all.values += part.values
      all.elementCount += part.elementCount
    } while all.elementCount < elementCount
    return all
  }

  /// One correction in `spacing` elements on average, with every byte of the width in use.
  static func scattered(_ count: Int, spacing: Int, width: ElementWidth) -> Corrections {
    var corrections = Corrections(elementCount: count)
    var state = UInt64(spacing)
    for index in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      guard Int(state >> 33) % spacing == 0 else { continue }
      let size = (state >> 20) % width.bitCount
      corrections.offsets.append(UInt32(index))
      corrections.values.append(max(1, (state >> 7) & (UInt64.max >> (63 - size))))
    }
    return corrections
  }

  static let cases: [Corrections] = [
    Corrections(elementCount: 0),
    Corrections(elementCount: 1),
    Corrections(elementCount: 1, offsets: [0], values: [1]),
    Corrections(elementCount: 100_000, offsets: [99_999], values: [0xffff]),
    Corrections(elementCount: 100_000, offsets: [0, 99_998], values: [2, 1]),
    Corrections(
      elementCount: 3000,
      offsets: (0..<3000).map { $0 },
      values: .init(repeating: 9, count: 3000)
    ),
    Corrections(
      elementCount: 4_000_000_000,
      offsets: [3_999_999_999],
      values: [1]
    ),
  ]

  @Test(arguments: cases)
  func `gives back edge cases`(corrections: Corrections) throws {
    for width in ElementWidth.allCases {
      let bytes = Self.encode(corrections, width: width)
      let count = corrections.elementCount
      #expect(try Self.decode(bytes, width: width, elementCount: count) == corrections)
    }
  }

  @Test(arguments: ElementWidth.allCases, [1, 2, 3, 40, 700])
  func `gives back scattered corrections`(width: ElementWidth, spacing: Int) throws {
    let corrections = Self.scattered(20_011, spacing: spacing, width: width)
    let bytes = Self.encode(corrections, width: width)
    for run in [.max, 1000, 333] {
      #expect(Self.encode(corrections, width: width, run: run) == bytes)
      #expect(try Self.decode(bytes, width: width, elementCount: 20_011, run: run) == corrections)
    }
  }

  @Test(arguments: [1, 2, 3, 5])
  func `gives back several blocks`(spacing: Int) throws {
    let corrections = Self.scattered(300_000 * spacing, spacing: spacing, width: .two)
    let bytes = Self.encode(corrections, width: .two, run: 1 << 16)
    let count = corrections.elementCount
    let decoded = try Self.decode(bytes, width: .two, elementCount: count, run: 100_003)
    #expect(decoded == corrections)
  }

  @Test func `has the bytes that its format says`() {
    let corrections = Corrections(elementCount: 1000, offsets: [1, 4, 300], values: [1, 2, 0x100])
    let bytes: [UInt8] = [
      1, 2, 0xe8, 0x07,  // version, bytes per element, 1000 elements
      1, 3,  // a sparse block of three
      2, 0, 1, 2, 0x27, 0, 0, 0, 1,  // gaps 1, 2, 295 in two raw planes
      2, 0, 1, 2, 0, 0, 0, 0, 1,  // values 1, 2, 256 in two raw planes
      0,
    ]
    #expect(Self.encode(corrections, width: .two) == bytes)
    let dense: [UInt8] = [1, 4, 5, 2, 4, 1, 0, 0, 7, 3, 9, 0]
    let decoded = try? Self.decode(dense, width: .four, elementCount: 5)
    #expect(decoded == Corrections(elementCount: 5, offsets: [1, 2, 3], values: [7, 3, 9]))
  }
}

extension Corrections {
  /// The same corrections in runs of at most `run` elements.
  func split(run: Int) -> [Corrections] {
    var runs: [Corrections] = []
    var next = 0
    var start = 0
    while start < elementCount {
      var part = Corrections(elementCount: min(run, elementCount - start))
      while next < offsets.count, Int(offsets[next]) < start + part.elementCount {
        part.offsets.append(offsets[next] - UInt32(start))
        part.values.append(values[next])
        next += 1
      }
      start += part.elementCount
      runs.append(part)
    }
    return runs
  }
}
