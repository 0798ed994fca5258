/// Where numbers go when they are sorted by bucket.
struct BucketPlaces {
  /// Where each bucket starts, and where the last one ends.
  let starts: [Int]
  /// Where the first number of each bucket goes, for each quarter of the numbers by itself.
  let places: [UInt32]

  /// The numbers that are sorted.
  var count: Int { starts.last ?? 0 }
}
