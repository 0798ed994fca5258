import CKernels
import TestSupport
import Testing

@testable import Storage

@Suite struct PlaneKernelsTests {
  static let forms: [adapterctl_form] = [
    ADAPTERCTL_FORM_SCALAR, ADAPTERCTL_FORM_AVX2, ADAPTERCTL_FORM_AVX512,
  ].filter { adapterctl_form_is_supported($0) != 0 }

  static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 24) }
  }

  @Test(arguments: [2, 4, 8], [0, 1, 7, 1023, 1024, 2500])
  func `agree with their slow twins in every form`(width: Int, count: Int) {
    let numbers = Self.noise(count * width, seed: UInt64(count))
    let parents = Self.noise(count * width, seed: 99)
    for form in Self.forms {
      let kernels = PlaneKernels(form: form)
      var result: [UInt8] = []
      var back: [UInt8] = []
      for exponentFirst in [false, true] {
        kernels.split(numbers, width: width, exponentFirst: exponentFirst, into: &result)
        #expect(
          result == SlowPlanes.split(numbers, width: width, exponentFirst: exponentFirst)
        )
        kernels.join(result, width: width, exponentFirst: exponentFirst, into: &back)
        #expect(back == numbers)
      }
      kernels.subtract(parents, from: numbers, width: width, into: &result)
      #expect(result == SlowPlanes.subtract(parents, from: numbers, width: width))
      kernels.add(parents, to: result, width: width, into: &back)
      #expect(back == numbers)
    }
  }

  @Test(
    arguments: [ElementLayout.bfloat16, .binary16, .binary32, .binary64],
    [1, 3, 4, 37, 3001, 9000]
  )
  func `sort differences by the exponent and back`(layout: ElementLayout, count: Int) throws {
    let numbers = Self.noise(count * layout.width, seed: 5)
    let parents = Self.noise(count * layout.width, seed: 6)
    let exponent = try #require(layout.exponent)
    let words = SlowPlanes.words(parents, width: layout.width)
    let fields = words.map { Int($0 >> UInt64(exponent.shift)) & Int(exponent.mask) }
    for form in Self.forms {
      let kernels = PlaneKernels(form: form)
      var sorted: [UInt8] = []
      var back: [UInt8] = []
      let top = UInt16(exponent.mask / 2)
      let places = kernels.places(of: parents, width: layout.width, exponent: exponent, top: top)
      let buckets = fields.map { UInt8(min(15, max(0, Int(top) - $0))) }
      #expect(places.count == count)
      #expect(places.starts == (0...16).map { bucket in buckets.count { $0 < bucket } })
      kernels.sortDifferences(of: numbers, from: parents, places: places, into: &sorted)
      let differences = SlowPlanes.subtract(parents, from: numbers, width: layout.width)
      #expect(sorted == SlowPlanes.sortedByBucket(differences, buckets, width: layout.width))
      kernels.add(parents, toSorted: sorted, places: places, into: &back)
      #expect(back == numbers)
      let counts = kernels.exponentCounts(of: parents, width: layout.width, exponent: exponent)
      #expect(
        counts.indices.allSatisfy { field in
          Int(counts[field]) == fields.count { $0 == field }
        }
      )
    }
  }

  @Test func `count bytes`() {
    let bytes = Self.noise(1003, seed: 3)
    let counts = PlaneKernels.counts(of: bytes, in: 2..<1001)
    #expect(
      (0..<256).allSatisfy { byte in
        Int(counts[byte]) == bytes[2..<1001].count { Int($0) == byte }
      }
    )
  }
}
