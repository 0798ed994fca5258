public import Tensors

/// What a truncation may be told, apart from the adapter.
public struct TruncationOptions: Sendable {
  /// How the singular values are shared between the factors: the product is the same.
  public enum Distribution: String, Sendable, CaseIterable {
    /// Their roots to each.
    case sqrt
    /// All to A.
    case a
    /// All to B.
    case b
  }

  /// How many singular values are kept.
  public var selection: RankSelection
  /// The rank that smaller ones are filled up to with zeros, so that all modules have one; nil for
  /// none.
  public var paddedRank: Int?
  /// How the singular values are shared between the factors.
  public var distribution = Distribution.sqrt
  /// The type of the factors; nil keeps each factor's own.
  public var dtype: DType?

  /// A selection, nothing padded, singular values shared equally, types kept.
  public init(_ selection: RankSelection) { self.selection = selection }

  /// The largest rank that a module may be written with. Factors can have more than their product,
  /// and then do not stay as they are where fewer are asked for.
  var mostWrittenRank: Int {
    var most = min(selection.mostRank, paddedRank ?? .max)
    if case .exactly(let rank) = selection.rule { most = min(most, rank) }
    return most
  }
}
