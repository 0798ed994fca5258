/// Where numbers go when they are sorted by the exponents of their parents.
struct BucketPlaces {
  let width: Int
  let exponent: (shift: UInt32, mask: UInt32)
  /// The exponent of bucket 0.
  let top: UInt16
  /// Where each bucket starts, and where the last one ends.
  let starts: [Int]
  /// Where the first number of each bucket goes, for each quarter of the numbers by itself.
  let places: [UInt32]

  /// The numbers that are sorted.
  var count: Int { starts.last ?? 0 }
}
