import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// The stored result is read back and its difference from the source is factorised: what is lost is
/// measured on the files, and not taken from the report.
@Suite struct TruncationTests {
  static let fixtures = [
    "lora", "lora_bf16", "rslora", "rslora_patterns", "lora_patterns", "lora_embedding",
    "lora_conv", "lora_conv1d_gpt2", "lora_lorabias_gpt2", "lora_modules_to_save",
    "lora_trainable_tokens", "dora", "dora_conv", "dora_embedding",
  ]

  private static func errors(
    of truncation: Truncation, from source: Adapter, to copy: Adapter
  ) throws {
    for module in truncation.modules {
      let old = try #require(source.updates.first { $0.isWeight(module.target) }?.factors)
      let new = copy.updates.first { $0.isWeight(module.target) }?.factors
      let before = try old.loaded(.best)
      var terms = [before]
      if let new {
        let after = try new.loaded(.best)
        terms.append(
          ScaledFactors(left: after.left, right: after.right, scaling: -after.scaling))
        #expect(abs(after.scaling - before.scaling) <= abs(before.scaling) * 0x1p-51)
        #expect(new.rank == module.writtenRank)
      }
      let core = try FactoredDecomposition(ofSumOf: terms)
      let lost = Spectrum(try core.values())
      // Eckart, Young: σ_{k+1} and the tail, changed by no more than the rounding of the factors.
      let noise = core.noiseFloor * 10
      let (spectral, frobenius) = module.rounding
      #expect(abs(lost.spectralNorm - module.spectralError) <= spectral + noise)
      #expect(lost.spectralNorm <= module.storedSpectralBound + noise)
      #expect(abs(lost.frobeniusNorm - module.frobeniusError) <= frobenius + noise)
      // The product of both roundings is all that the sum of squares leaves out.
      let second = frobenius * 0x1p-7 + noise
      #expect(abs(lost.frobeniusNorm - module.storedFrobeniusError) <= second)
    }
  }

  @Test(arguments: fixtures)
  func `truncating to every rank loses the next singular value and the tail`(name: String) throws {
    let folder = try MadeFolder()
    let source = try Adapter(opening: Fixtures.peft.appending(name))
    let highest = source.updates.compactMap { $0.factors?.rank }.max() ?? 0
    let options = (1...highest).map { TruncationOptions(RankSelection(.exactly($0))) }
    let truncations = try source.truncated(by: options, execution: .small)
    for (rank, truncation) in zip(1...highest, truncations) {
      let place = folder.path.appending("r\(rank)")
      try truncation.draft.write(to: place, execution: .small)
      let copy = try Adapter(opening: place)
      #expect(copy.updates.count == source.updates.count)
      #expect(truncation.modules.allSatisfy { $0.keptRank == min(rank, $0.spectrum.values.count) })
      try Self.errors(of: truncation, from: source, to: copy)
    }
  }

  @Test(arguments: TruncationOptions.Distribution.allCases)
  func `the product does not depend on who carries the singular values`(
    distribution: TruncationOptions.Distribution
  ) throws {
    let folder = try MadeFolder()
    let source = try Adapter(opening: Fixtures.peft.appending("lora"))
    var options = TruncationOptions(RankSelection(.exactly(2)))
    options.distribution = distribution
    let truncation = try source.truncated(by: [options], execution: .small)[0]
    try truncation.draft.write(to: folder.path.appending("out"), execution: .small)
    try Self.errors(
      of: truncation, from: source, to: Adapter(opening: folder.path.appending("out")))
  }

  @Test func `padding gives every module one rank and changes nothing else`() throws {
    let folder = try MadeFolder()
    let source = try Adapter(opening: Fixtures.peft.appending("lora_patterns"))
    var options = TruncationOptions(RankSelection(.energy(0.8)))
    options.paddedRank = 8
    let truncation = try source.truncated(by: [options], execution: .small)[0]
    try truncation.draft.write(to: folder.path.appending("out"), execution: .small)
    let copy = try Adapter(opening: folder.path.appending("out"))
    #expect(copy.updates.allSatisfy { $0.factors?.rank == 8 })
    #expect(Set(truncation.modules.map(\.keptRank)).count > 1)
    try Self.errors(of: truncation, from: source, to: copy)
    options.paddedRank = 1
    #expect(throws: AdapterError.self) { try source.truncated(by: [options], execution: .small) }
  }

  @Test func `weights of a size fit in it, and a rank more would not`() throws {
    let source = try Adapter(opening: Fixtures.peft.appending("lora_modules_to_save"))
    let whole = try AdapterDraft(copying: source).weightsByteCount
    let per = (64 + 64) * 4
    let truncation = try source.truncated(
      by: [TruncationOptions(RankSelection(.size(whole - per * 3)))], execution: .small)[0]
    #expect(truncation.draft.weightsByteCount <= whole - per * 3)
    // A budget that ends between two ranks, within the padding of a header.
    #expect(truncation.draft.weightsByteCount > whole - per * 4 - 16)
    #expect {
      try source.truncated(
        by: [TruncationOptions(RankSelection(.size(100)))], execution: .small)
    } throws: { error in
      if case AdapterError.sizeTooSmall = error { true } else { false }
    }
  }

  @Test func `a rank that no module has, and a rule that keeps nothing, are refused`() throws {
    let source = try Adapter(opening: Fixtures.peft.appending("lora_patterns"))
    func truncated(_ rule: RankRule) throws -> Truncation {
      try source.truncated(by: [TruncationOptions(RankSelection(rule))], execution: .small)[0]
    }
    #expect(try truncated(.exactly(8)).modules.allSatisfy(\.isKept))
    #expect(throws: AdapterError.self) { try truncated(.exactly(9)) }
    #expect(throws: AdapterError.self) { try truncated(.above(1e9)) }
  }

  @Test func `a module without a singular value left is left out of the adapter`() throws {
    let folder = try MadeFolder()
    let source = try Adapter(opening: Fixtures.peft.appending("lora"))
    let norms = try SpectrumInspection(of: source, execution: .small).rows
      .map(\.spectrum.spectralNorm).sorted()
    let truncation = try source.truncated(
      by: [TruncationOptions(RankSelection(.above(norms[norms.count / 2])))], execution: .small)[0]
    try truncation.draft.write(to: folder.path.appending("out"), execution: .small)
    let copy = try Adapter(opening: folder.path.appending("out"))
    #expect(!truncation.droppedModules.isEmpty)
    #expect(copy.updates.count + truncation.droppedModules.count == source.updates.count)
    try Self.errors(of: truncation, from: source, to: copy)
  }

  @Test func `the bytes are the same for any number of threads`() throws {
    let folder = try MadeFolder()
    let source = try Adapter(opening: Fixtures.peft.appending("lora_bf16"))
    for threads in [1, 4] {
      let execution = Execution(workers: .init(count: threads))
      try source.truncated(
        by: [TruncationOptions(RankSelection(.exactly(2)))], execution: execution)[0]
        .draft.write(to: folder.path.appending("\(threads)"), execution: execution)
    }
    let differences = try DirectoryContents(folder.path.appending("1"))
      .differences(from: DirectoryContents(folder.path.appending("4")))
    #expect(differences.isEmpty)
  }

  /// Adapters that others trained, read in place.
  @Test(
    .enabled(if: Fixtures.shared != nil),
    arguments: [
      "arona-tinyllama-r4/tinyllama_lora/checkpoint-180", "abrhaley-gpt2-tigrinya",
      "bk7195-open-calm-1b-r1/adapter", "peft-opt125m-bnb4bit/lora_opt-125m_bnb_4bit/0.5.0",
    ])
  func `real adapters lose what their spectra say at every rank`(name: String) throws {
    let folder = try MadeFolder()
    let shared = try #require(Fixtures.shared)
    let source = try Adapter(opening: shared.appending("real/adapters").appending(name))
    let highest = source.updates.compactMap { $0.factors?.rank }.max() ?? 0
    let options = (1...highest).map { TruncationOptions(RankSelection(.exactly($0))) }
    for (rank, truncation) in zip(
      1...highest, try source.truncated(by: options, execution: .small))
    {
      let place = folder.path.appending("r\(rank)")
      try truncation.draft.write(to: place, execution: .small)
      try Self.errors(of: truncation, from: source, to: Adapter(opening: place))
      try place.removeTree()
    }
  }
}

extension WeightUpdate {
  fileprivate func isWeight(_ module: TargetModule) -> Bool {
    target == TargetParameter(module) && !isWhole
  }
}

extension TruncationTests {
  @Test func `modules that the filter leaves out stay bit for bit as they are`() throws {
    let source = try Adapter(opening: Fixtures.peft.appending("lora"))
    var options = TruncationOptions(RankSelection(.exactly(2)))
    options.filter.excluded = ["*.mlp.*"]
    let folder = try MadeFolder()
    let place = folder.path.appending("out")
    let truncation = try #require(try source.truncated(by: [options], execution: .small).first)
    try truncation.draft.write(to: place, execution: .small)
    let copy = try Adapter(opening: place)
    for (old, new) in zip(source.updates, copy.updates) {
      let isLeft = old.target.module.path.contains(".mlp.")
      #expect(old.target == new.target && new.factors?.rank == (isLeft ? old.factors?.rank : 2))
      guard isLeft else { continue }
      for (one, other) in zip(old.tensors, new.tensors) {
        #expect(try one.bytes(ofPiece: 0, of: 1) == other.bytes(ofPiece: 0, of: 1))
      }
    }
    options.filter.included = ["*.none"]
    #expect {
      try source.truncated(by: [options], execution: .small)
    } throws: { if case AdapterError.nothingAdmitted = $0 { true } else { false } }
  }

  @Test func `values too large for the type are named, and not called without singular values`()
    throws
  {
    let folder = try MadeFolder()
    let adapter = try folder.adapter([
      FilledTensor(
        "base_model.model.q.lora_A.weight", [4, 9], .f16, values: .init(repeating: 30000, count: 36)
      ),
      FilledTensor(
        "base_model.model.q.lora_B.weight", [7, 4], .f16, values: .init(repeating: 30000, count: 28)
      ),
    ])
    var options = TruncationOptions(RankSelection(.exactly(1)))
    options.distribution = .a
    #expect {
      try adapter.truncated(by: [options], execution: .small)
    } throws: { if case AdapterError.overflow(_, .f16, 9) = $0 { true } else { false } }
  }
}
