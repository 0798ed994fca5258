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
  /// Which weights may lose rank; the others keep theirs.
  public var filter = NameFilter()

  /// A selection, nothing padded, singular values shared equally, types kept.
  public init(_ selection: RankSelection) { self.selection = selection }

  /// The options for a module: those of one that may not lose rank keep all of it.
  func settled(for module: TargetModule) -> TruncationOptions {
    guard !admits(module) else { return self }
    var options = self
    options.selection = RankSelection(.exactly(.max))
    return options
  }

  /// Whether a module may lose rank.
  func admits(_ module: TargetModule) -> Bool {
    filter.admits(TensorName(TargetParameter(module).description))
  }

  /// The largest rank that a module may be written with. Factors can have more than their product,
  /// and then do not stay as they are where fewer are asked for.
  var mostWrittenRank: Int {
    var most = min(selection.mostRank, paddedRank ?? .max)
    if case .exactly(let rank) = selection.rule { most = min(most, rank) }
    return most
  }
}
