internal import CKernels
internal import Glibc

/// The kernels of the codec, for arrays whose sizes are checked here.
struct PlaneKernels {
  /// How many buckets numbers are sorted into.
  static let bucketCount = 16

  let form: adapterctl_form

  init(form: adapterctl_form = adapterctl_best_form()) { self.form = form }

  /// Makes `planes` the byte planes of `numbers`, the highest first.
  func split(
    _ numbers: [UInt8],
    width: Int,
    exponentFirst: Bool,
    into planes: inout [UInt8]
  ) {
    Self.resize(&planes, to: numbers.count)
    unsafe adapterctl_split_planes(
      form,
      width,
      exponentFirst ? 1 : 0,
      numbers,
      numbers.count / width,
      &planes
    )
  }

  /// Makes `numbers` those whose planes these are.
  func join(_ planes: [UInt8], width: Int, exponentFirst: Bool, into numbers: inout [UInt8]) {
    Self.resize(&numbers, to: planes.count)
    unsafe adapterctl_join_planes(
      form,
      width,
      exponentFirst ? 1 : 0,
      planes,
      planes.count / width,
      &numbers
    )
  }

  /// Makes `differences` what the numbers differ by from their parents, as ordered integers.
  func subtract(
    _ parents: [UInt8],
    from numbers: [UInt8],
    width: Int,
    into differences: inout [UInt8]
  ) {
    precondition(parents.count == numbers.count)
    Self.resize(&differences, to: numbers.count)
    unsafe adapterctl_subtract_ordered(
      form,
      width,
      numbers,
      parents,
      numbers.count / width,
      &differences
    )
  }

  /// Makes `numbers` those that differ by `differences` from their parents.
  func add(
    _ parents: [UInt8],
    to differences: [UInt8],
    width: Int,
    into numbers: inout [UInt8]
  ) {
    precondition(parents.count == differences.count)
    Self.resize(&numbers, to: differences.count)
    unsafe adapterctl_add_ordered(
      form,
      width,
      differences,
      parents,
      numbers.count / width,
      &numbers
    )
  }

  /// The exponents that occur, by how often they do.
  func exponentCounts(
    of numbers: [UInt8],
    width: Int,
    exponent: (shift: UInt32, mask: UInt32)
  ) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: Int(exponent.mask) + 1)
    unsafe adapterctl_count_exponents(
      width,
      exponent.shift,
      exponent.mask,
      numbers,
      numbers.count / width,
      &counts
    )
    return counts
  }

  /// Where numbers go when they are sorted by how far their parents' exponents are below `top`.
  func places(
    of parents: [UInt8],
    width: Int,
    exponent: (shift: UInt32, mask: UInt32),
    top: UInt16
  ) -> BucketPlaces {
    var starts = [UInt32](repeating: 0, count: Self.bucketCount + 1)
    var places = [UInt32](repeating: 0, count: 4 * Self.bucketCount)
    unsafe adapterctl_find_places(
      form,
      width,
      exponent.shift,
      exponent.mask,
      UInt32(top),
      parents,
      parents.count / width,
      &starts,
      &places
    )
    return BucketPlaces(
      width: width,
      exponent: exponent,
      top: top,
      starts: starts.map { Int($0) },
      places: places
    )
  }

  /// Makes `sorted` what the numbers differ by from their parents, bucket by bucket; `places` are of
  /// these parents.
  func sortDifferences(
    of numbers: [UInt8],
    from parents: [UInt8],
    places: BucketPlaces,
    into sorted: inout [UInt8]
  ) {
    precondition(parents.count == numbers.count)
    precondition(places.count * places.width == numbers.count)
    Self.resize(&sorted, to: numbers.count)
    var next = places.places
    unsafe adapterctl_sort_differences(
      form,
      places.width,
      places.exponent.shift,
      places.exponent.mask,
      UInt32(places.top),
      numbers,
      parents,
      places.count,
      &next,
      &sorted
    )
  }

  /// Makes `numbers` those whose sorted differences these are; `places` are of these parents.
  func add(
    _ parents: [UInt8],
    toSorted sorted: [UInt8],
    places: BucketPlaces,
    into numbers: inout [UInt8]
  ) {
    precondition(parents.count == sorted.count)
    precondition(places.count * places.width == sorted.count)
    Self.resize(&numbers, to: sorted.count)
    var next = places.places
    unsafe adapterctl_add_sorted(
      form,
      places.width,
      places.exponent.shift,
      places.exponent.mask,
      UInt32(places.top),
      sorted,
      parents,
      places.count,
      &next,
      &numbers
    )
  }

  /// How often each byte occurs in a range.
  static func counts(of bytes: [UInt8], in range: Range<Int>) -> [UInt32] {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    var counts = [UInt32](repeating: 0, count: 256)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe adapterctl_count_bytes(start + range.lowerBound, range.count, &counts)
    }
    return counts
  }

  /// Ranges of more bytes are judged by a part of them.
  static let sampledByteCount = 128 << 10

  /// About how often each byte occurs in a range: exactly in a short one; by a quarter of a long
  /// one, where a rare byte may be missed.
  static func sampledCounts(of bytes: [UInt8], in range: Range<Int>) -> [UInt32] {
    guard range.count > sampledByteCount else { return counts(of: bytes, in: range) }
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    var counts = [UInt32](repeating: 0, count: 256)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe adapterctl_sample_bytes(start + range.lowerBound, range.count, &counts)
    }
    return counts
  }

  /// Whether all bytes of a range are the same.
  static func isConstant(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    guard range.count > 1 else { return true }
    return unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      let first = unsafe start + range.lowerBound
      return unsafe memcmp(first, first + 1, range.count - 1) == 0
    }
  }

  /// Whether two chunks are the same; a comparison of arrays takes one byte at a time.
  static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe memcmp(left, right, left.count) == 0
  }

  /// Makes all bytes of a range the same.
  static func fill(_ bytes: inout [UInt8], _ range: Range<Int>, with byte: UInt8) {
    unsafe bytes.withUnsafeMutableBufferPointer { unsafe $0[range].update(repeating: byte) }
  }

  /// The least bits in which a code of single bytes writes bytes that occur so often.
  static func order0Bits(_ counts: [UInt32]) -> Double {
    precondition(counts.count == 256)
    return unsafe adapterctl_order0_bits(counts)
  }

  /// Room for what a kernel fills from end to end; to clear it first takes as long as some kernels do.
  private static func resize(_ buffer: inout [UInt8], to count: Int) {
    guard buffer.count != count else { return }
    buffer = unsafe [UInt8](unsafeUninitializedCapacity: count) { _, filled in filled = count }
  }
}
