public import Tensors

/// What an extraction may be told, apart from the two models.
public struct ExtractionOptions: Sendable {
  /// How many singular values of each change are kept.
  public var selection: RankSelection
  /// Globs of matrices that are brought whole, never as two factors.
  public var wholeTensors: [String] = []
  /// Which tensors may be taken into the adapter.
  public var filter = NameFilter()
  /// The type of the factors; nil takes each fine-tuned tensor's own.
  public var dtype: DType?
  /// Where randomness starts from; together with a tensor's name it decides every bit of it.
  public var seed: UInt64 = 0
  /// What the adapter says its base is.
  public var baseName: String?

  /// A rule, and everything else as usual.
  public init(_ selection: RankSelection) { self.selection = selection }

  /// Whether a matrix is to be brought whole.
  func isWhole(_ name: TensorName) -> Bool {
    guard !wholeTensors.isEmpty else { return false }
    var filter = NameFilter()
    filter.included = wholeTensors
    return filter.admits(name)
  }
}

extension RankSelection {
  /// The rank that most matrices may have: it cuts the work, and decides no result.
  var expectedRank: Int {
    if case .exactly(let rank) = rule { return min(rank, mostRank) }
    return min(32, mostRank)
  }
}
