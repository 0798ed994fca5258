public import Adapters
internal import Files
public import Storage

/// What a commit changed of an adapter's modules of one kind, such as all `q_proj`.
public struct ChangedModules: Hashable, Sendable {
  /// The kind.
  public let kind: String
  /// How many of them changed.
  public let count: Int
  /// ‖Δ‖ before, over those that changed; Frobenius.
  public let oldNorm: Double
  /// ‖Δ − Δ_parent‖ over them; Frobenius.
  public let distance: Double
}

extension Repository {
  /// The modules of an adapter that differ between two snapshots, by kind, in the order of their
  /// names; nil where its layout is one that cannot be computed with, or where it is no adapter.
  ///
  /// The files of both are restored aside for it.
  public func changedModules(
    from old: ObjectID, to new: ObjectID, execution: Execution
  ) throws(HistoryError) -> [ChangedModules]? {
    for id in [old, new] where try read(Snapshot.self, id).content != .adapter { return nil }
    let before = try Materialised(old, named: "old", in: self, execution: execution)
    let after = try Materialised(new, named: "new", in: self, execution: execution)
    defer { withExtendedLifetime((before, after)) {} }
    guard let left = try? Adapter(opening: before.path),
      let right = try? Adapter(opening: after.path)
    else { return nil }
    let difference: AdapterDifference
    do {
      difference = try AdapterDifference(from: left, to: right, execution: execution)
    } catch { throw .adapter(error) }
    return difference.changedKinds.map {
      ChangedModules(
        kind: $0.kind, count: $0.count, oldNorm: $0.oldNorm, distance: $0.distance)
    }
  }
}
