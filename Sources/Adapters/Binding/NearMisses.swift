internal import Tensors

/// Finds the names of a base that come closest to one it does not have.
struct NearMisses {
  /// For how many targets near misses are looked for; a wrong base misses all of them alike.
  static let targetLimit = 32
  /// How many names of the base are compared with one target.
  private static let comparisonLimit = 2000

  private let byParameter: [Substring: [TensorInfo]]
  private var distances: [Pair: Double] = [:]

  private struct Pair: Hashable {
    let one: Substring
    let other: Substring
  }

  init(_ base: Checkpoint) {
    let all = base.shards.flatMap(\.tensors).sorted { $0.name < $1.name }
    byParameter = Dictionary(grouping: all) { Self.last($0.name.text) }
  }

  private static func last(_ name: String) -> Substring {
    name.split(separator: ".").last ?? name[...]
  }

  /// The tensors whose names come closest, best first, at most three; none where all are far off.
  ///
  /// The distance counts segments: one more or less costs 1, another one costs what its letters
  /// differ by, another layer's number ½; a shape that does not fit costs ½.
  mutating func nearest(to update: WeightUpdate) -> [TensorName] {
    let name = update.target.description
    let segments = name.split(separator: ".")
    var candidates = byParameter[Self.last(name)] ?? []
    if candidates.count > Self.comparisonLimit {
      let ending = segments.suffix(2).joined(separator: ".")
      let alike = candidates.filter { $0.name.text.hasSuffix(ending) }
      candidates = Array((alike.isEmpty ? candidates : alike).prefix(Self.comparisonLimit))
    }
    var scored: [(distance: Double, name: TensorName)] = []
    for candidate in candidates {
      let other = candidate.name.text.split(separator: ".")
      guard abs(other.count - segments.count) <= 3 else { continue }
      var distance = distance(segments, other)
      if case .misfits = update.fit(to: candidate.shape) { distance += 0.5 }
      scored.append((distance, candidate.name))
    }
    let limit = max(2, Double(segments.count) / 2)
    return scored.filter { $0.distance <= limit }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(3).map(\.name)
  }

  private mutating func distance(_ one: [Substring], _ other: [Substring]) -> Double {
    var row = (0...other.count).map(Double.init)
    for (i, segment) in one.enumerated() {
      var diagonal = row[0]
      row[0] = Double(i + 1)
      for (j, candidate) in other.enumerated() {
        let replaced = diagonal + difference(segment, candidate)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[other.count]
  }

  /// How different two segments are: 0 for equal ones, 1 for ones without a letter in common.
  private mutating func difference(_ one: Substring, _ other: Substring) -> Double {
    if one == other { return 0 }
    if Int(one) != nil, Int(other) != nil { return 0.5 }
    let pair = Pair(one: one, other: other)
    if let known = distances[pair] { return known }
    let (a, b) = (Array(one.utf8.prefix(64)), Array(other.utf8.prefix(64)))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, candidate) in b.enumerated() {
        let replaced = diagonal + (letter == candidate ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    let difference = Double(row[b.count]) / Double(max(a.count, b.count, 1))
    distances[pair] = difference
    return difference
  }
}
