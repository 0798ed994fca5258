public import Tensors

/// What an adapter's header tells, without reading a single weight.
public struct Inspection: Sendable {
  /// One update as a table shows it.
  public struct Row: Sendable, Hashable {
    /// What it changes.
    public let target: TargetParameter
    /// The kind of change.
    public let kind: String
    /// What the rank of an additive update cannot exceed; nil for others.
    public let rank: Int?
    /// The factor in front of the product; nil where there is none.
    public let scaling: Double?
    /// The extents of the product as a matrix, or of the stored tensor.
    public let extents: [Int]
    /// The types of the tensors it is made of.
    public let dtypes: [DType]
    /// The trained numbers it is made of.
    public let parameterCount: Int
  }

  /// The adapter.
  public let adapter: Adapter
  /// Its updates, by target.
  public let rows: [Row]

  /// Describes an adapter.
  public init(_ adapter: Adapter) {
    self.adapter = adapter
    rows = adapter.updates.map(Row.init)
  }

  /// The trained numbers of the whole adapter.
  public var parameterCount: Int {
    adapter.file.tensors.reduce(0) { $0 + $1.shape.elementCount }
  }

  /// The bytes of its tensors.
  public var byteCount: Int { adapter.file.tensors.reduce(0) { $0 + $1.byteCount } }
}

extension Inspection.Row {
  init(_ update: WeightUpdate) {
    var rank: Int?
    var scaling: Double?
    var extents = update.tensors.first?.shape.extents ?? []
    switch update.change {
    case .delta(let delta), .magnitude(let delta, _):
      rank = delta.rankBound
      scaling = delta.scaling
      if let product = delta.placement?.matrix { extents = [product.rows, product.columns] }
    case .replacement, .rows: break
    }
    self.init(
      target: update.target, kind: update.kind, rank: rank, scaling: scaling, extents: extents,
      dtypes: Set(update.tensors.map(\.dtype)).sorted { $0.rawValue < $1.rawValue },
      parameterCount: update.tensors.reduce(0) { $0 + $1.shape.elementCount })
  }
}
