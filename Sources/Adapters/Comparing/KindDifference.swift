internal import Compute

/// How far an adapter's modules of one kind, such as all `q_proj`, moved.
public struct KindDifference: Sendable, Hashable {
  /// The kind.
  public let kind: String
  /// How many of them changed.
  public let count: Int
  /// ‖old‖ over those that changed; Frobenius.
  public let oldNorm: Double
  /// ‖new − old‖ over them; Frobenius.
  public let distance: Double
}

extension AdapterDifference {
  /// The modules that changed and could be measured, by kind, in the order of their names.
  public var changedKinds: [KindDifference] {
    Dictionary(grouping: changedUpdates.filter { $0.norms != nil }, by: \.target.module.kind)
      .sorted { $0.key < $1.key }.map { kind, updates in
        let norms = updates.compactMap(\.norms)
        return KindDifference(
          kind: kind, count: norms.count,
          oldNorm: norms.reduce(0.0) { $0 + $1.old * $1.old }.squareRoot(),
          distance: norms.reduce(0.0) { $0 + $1.distance * $1.distance }.squareRoot())
      }
  }
}
