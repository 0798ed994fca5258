internal import Adapters
internal import ArgumentParser
internal import Compute

/// What a list of differences is ordered by.
enum DifferenceOrder: String, ExpressibleByArgument, CaseIterable, Sendable {
  case name
  case relative
  case distance
  case old
  case new
  case cosine

  static let allValueDescriptions = [
    "name": "By name", "relative": "By ‖new − old‖ / ‖old‖, the largest first",
    "distance": "By ‖new − old‖, the largest first", "old": "By ‖old‖, the largest first",
    "new": "By ‖new‖, the largest first", "cosine": "By the cosine, the least first",
  ]

  /// What norms are ordered by; nil keeps the order of names.
  func key(_ norms: DifferenceNorms?, isOneSided: Bool) -> Double? {
    guard let norms else { return nil }
    switch self {
    case .name, .cosine: return nil
    case .relative: return isOneSided ? nil : norms.relative
    case .distance: return norms.distance
    case .old: return norms.old
    case .new: return norms.new
    }
  }

  /// What an update is ordered by, in some norm.
  func key(_ update: UpdateDifference, _ norm: MatrixNorm) -> Double? {
    // The others are negative, so that what has no key comes behind all cosines.
    if self == .cosine { return update.measures?.cosine.map { 2 - $0 } }
    return key(update.norms(norm), isOneSided: update.coverage == .oneSide)
  }

  /// Elements in this order; those without a key stand last, in the order they had.
  func sorted<Element>(_ elements: [Element], by key: (Element) -> Double?) -> [Element] {
    guard self != .name else { return elements }
    return elements.enumerated().map { (place: $0, element: $1, key: key($1) ?? -1) }
      .sorted { $0.key == $1.key ? $0.place < $1.place : !($0.key <= $1.key) }.map(\.element)
  }
}
