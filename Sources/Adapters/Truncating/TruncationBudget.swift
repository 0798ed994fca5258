internal import Files
internal import Tensors

/// Which ranks the weights of a given size can have, over all modules of an adapter.
///
/// The size is that of the whole file. A module costs its ranks, and once its names in the header:
/// one that keeps nothing costs neither.
struct TruncationBudget {
  let path: Path
  let source: AdapterDraft
  let truncators: [ModuleTruncator]
  let spectra: [Spectrum]

  /// The ranks for an option; nil where its rule is no budget. Throws where the least that the file
  /// can be is more than is allowed.
  func ranks(_ option: TruncationOptions) throws(AdapterError) -> [Int]? {
    guard case .size(let allowed) = option.selection.rule else { return nil }
    if let padded = option.paddedRank {
      // Zeros take as much as values: the size is given, and all that fits in the padding is kept.
      let needed = byteCount(padded, option, allowed)
      guard needed <= allowed else {
        throw .sizeTooSmall(path, needed: needed, allowed: allowed)
      }
      return zip(truncators, spectra).map {
        min($0.rankBound, $1.values.count, padded, option.selection.mostRank)
      }
    }
    let candidates = zip(truncators, spectra).map { truncator, spectrum in
      RankSelection.Candidate(
        spectrum, byteCountPerRank: truncator.byteCountPerRank(as: option.dtype),
        byteCountOnce: Self.headerByteCount(truncator.module, offsets: allowed),
        isPermanent: truncator.isPermanent)
    }
    let fixed = fixedByteCount(option)
    var ranks = option.selection.ranks(of: candidates, fixedByteCount: fixed) ?? []
    let needed = zip(ranks, candidates).reduce(fixed) { $0 + $1.1.byteCount(ofRank: $1.0) }
    guard needed <= allowed, ranks.contains(where: { $0 > 0 }) else {
      let least = candidates.map { $0.byteCount(ofRank: 1) }.min() ?? 0
      throw .sizeTooSmall(path, needed: max(needed, fixed + least), allowed: allowed)
    }
    // Names and padding were taken at their most: what that leaves may be one more rank.
    let spare = needed - byteCount(ranks, option)
    let more = option.selection.ranks(of: candidates, fixedByteCount: fixed - spare) ?? ranks
    if byteCount(more, option) <= allowed { ranks = more }
    return ranks
  }

  /// The size of the file with the given ranks.
  private func byteCount(_ ranks: [Int], _ option: TruncationOptions) -> Int {
    let kept = zip(truncators, ranks).filter { $0.0.isPermanent || $0.1 > 0 }
    var entries = PEFTLayout.carried(by: source, beside: kept.map(\.0.module)).map {
      SafetensorsHeader.Entry(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape)
    }
    for (truncator, rank) in kept {
      for (number, entry) in PEFTLayout.entries(of: truncator.module).enumerated() {
        var extents = entry.tensor.shape.extents
        if number < 2 { extents[number] = max(rank, 1) }
        guard let shape = Shape(extents) else { continue }
        entries.append(
          .init(
            name: entry.name,
            dtype: number < 2 ? option.dtype ?? entry.tensor.dtype : entry.tensor.dtype,
            shape: shape))
      }
    }
    return SafetensorsHeader(entries, metadata: [("format", "pt")]).fileByteCount + 8
  }

  /// The size of a file whose modules all have one rank.
  private func byteCount(_ rank: Int, _ option: TruncationOptions, _ allowed: Int) -> Int {
    truncators.reduce(fixedByteCount(option)) { sum, truncator in
      sum + rank * truncator.byteCountPerRank(as: option.dtype)
        + Self.headerByteCount(truncator.module, offsets: allowed)
    }
  }

  /// What the file takes without any module, and what is written of modules that are always there
  /// besides their ranks.
  private func fixedByteCount(_ option: TruncationOptions) -> Int {
    let carried = PEFTLayout.carried(by: source, beside: source.modules)
    let rest = SafetensorsHeader(
      carried.map { .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape) },
      metadata: [("format", "pt")]
    ).fileByteCount
    let besides = truncators.reduce(0) { sum, truncator in
      let module = truncator.module
      return sum
        + [module.magnitude, module.bias].compactMap { $0 }.reduce(0) { $0 + $1.byteCount }
    }
    // The header is filled up to a multiple of 8.
    return rest + besides + 8
  }

  private static func headerByteCount(_ module: ModuleDraft, offsets largest: Int) -> Int {
    PEFTLayout.entries(of: module).reduce(0) {
      $0
        + PEFTLayout.headerByteCount(
          of: $1.name, extents: $1.tensor.shape.extents, offsets: largest)
    }
  }
}
