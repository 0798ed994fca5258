public import Tensors

/// What an adapter's header tells, without reading a single weight.
public struct Inspection: Sendable {
  /// One update as a table shows it.
  public struct Row: Sendable, Hashable {
    /// What it changes.
    public let target: TargetParameter
    /// The kind of change.
    public let kind: String
    /// Whether it is added to the base, whatever the base is.
    public let isAdditive: Bool
    /// How it is taken out again, bit for bit.
    public let undoing: Undoing
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

  /// How an update is taken out of a merged weight; the residual corrects what rounding loses.
  public enum Undoing: String, Sendable, Hashable {
    /// The delta is computed again and subtracted.
    case subtracting
    /// The base was multiplied by stored factors, which divide again.
    case dividing
    /// The inverse of a map is applied.
    case inverting
    /// Factors that depend on the base are kept in the residual.
    case keepingFactors = "keeping factors"
    /// The base's values are kept in the residual.
    case keepingValues = "keeping values"
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
    let undoing: Inspection.Undoing
    switch update.change {
    case .delta: undoing = .subtracting
    case .magnitude: undoing = .keepingFactors
    case .gain: undoing = .dividing
    case .rotation: undoing = .inverting
    case .replacement, .rows: undoing = .keepingValues
    }
    var rank: Int?
    var scaling: Double?
    var extents = update.tensors.first?.shape.extents ?? []
    switch update.change {
    case .delta(let delta), .magnitude(let delta, _):
      rank = delta.rankBound
      scaling = delta.scaling
      if let product = delta.placement?.matrix { extents = [product.rows, product.columns] }
    case .gain, .rotation, .replacement, .rows: break
    }
    self.init(
      target: update.target, kind: update.kind, isAdditive: undoing == .subtracting,
      undoing: undoing, rank: rank, scaling: scaling, extents: extents,
      dtypes: Set(update.tensors.map(\.dtype)).sorted { $0.rawValue < $1.rawValue },
      parameterCount: update.tensors.reduce(0) { $0 + $1.shape.elementCount })
  }
}
