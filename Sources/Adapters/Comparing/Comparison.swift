public import Compute
public import Tensors

/// Two sides compared as far as both are understood: adapters update by update, anything else
/// tensor by tensor.
public struct Comparison: Sendable {
  /// The earlier side.
  public let old: ComparedSide
  /// The later side.
  public let new: ComparedSide
  /// The updates compared; nil where not both sides are adapters of a supported layout.
  public let adapters: AdapterDifference?
  /// The settings that differ.
  public let configuration: [ConfigurationChange]
  /// The tensors compared.
  public let tensors: TensorDifference
  /// Things a user should know, as whole sentences.
  public let notes: [String]

  /// Compares two sides; reads every tensor of both. At a base, what both make of it is compared,
  /// whatever they are.
  public init(
    from old: ComparedSide, to new: ComparedSide, at base: Checkpoint? = nil,
    measuring measures: DifferenceMeasures = .init(), execution: Execution = Execution()
  ) throws(AdapterError) {
    self.old = old
    self.new = new
    if let base {
      let difference = try AdapterDifference(
        from: old, to: new, at: base, measuring: measures, execution: execution)
      adapters = difference
      configuration = difference.configuration
      tensors = difference.tensors
    } else if let before = old.adapter, let after = new.adapter {
      let difference = try AdapterDifference(
        from: before, to: after, measuring: measures, execution: execution)
      adapters = difference
      configuration = difference.configuration
      tensors = difference.tensors
    } else {
      adapters = nil
      configuration = ConfigurationChange.changes(from: old.configuration, to: new.configuration)
      tensors = try TensorDifference(
        from: old.files, to: new.files, measuring: measures, execution: execution)
    }
    notes = Self.notes(old, new, adapters, tensors)
  }

  /// Whether neither a setting nor a bit of a tensor differs.
  public var isEmpty: Bool { configuration.isEmpty && tensors.changed.isEmpty }

  /// Whether values that are NaN or infinite kept something that changed from being measured.
  public var hasUnmeasured: Bool { !Self.odd(tensors).isEmpty }

  /// How many updates, or tensors where those are compared, differ by more than a share of the old
  /// norm; what cannot be measured does.
  public func countBeyond(_ tolerance: Double, _ norm: MatrixNorm) -> Int {
    guard let adapters else {
      return tensors.changed.count { change in
        guard let norms = change.norms(nearest: norm), norms.distance.isFinite else { return true }
        return norms.distance > tolerance * norms.old
      }
    }
    return adapters.updates.count { !$0.isWithin(tolerance, norm) }
  }

  private static func odd(_ tensors: TensorDifference) -> [TensorChange] {
    tensors.changed.filter { $0.norms.map { !$0.isFinite } ?? false }
  }

  /// What is to be known of spectral norms that are lower ends of intervals.
  private static func intervals(
    _ adapters: AdapterDifference?, _ tensors: TensorDifference
  ) -> [String] {
    let norms =
      adapters?.updates.compactMap { $0.norms(.spectral) }
      ?? tensors.tensors.compactMap { $0.measures[.spectral] }
    let wide = norms.filter { $0.errorBound > 1e-3 * $0.distance && $0.distance > 0 }
    guard let most = wide.map({ $0.errorBound / $0.distance }).max() else { return [] }
    let percent = (most * 1000).rounded(.up) / 10
    return [
      "The spectral norms of \(wide.count) large \(wide.count == 1 ? "matrix" : "matrices") are told "
        + "from below: the true ‖new − old‖ is at most \(percent) % larger."
    ]
  }

  private static func notes(
    _ old: ComparedSide, _ new: ComparedSide, _ adapters: AdapterDifference?,
    _ tensors: TensorDifference
  ) -> [String] {
    var notes: [String] = []
    if let adapters {
      if adapters.updates.contains(where: { $0.coverage == .lowRankPart }) {
        notes.append(
          "Of DoRA the low-rank part is measured, and the magnitudes beside it; the whole effect "
            + "depends on the base, which --base names.")
      }
      let count = adapters.updates.count { $0.coverage == .none }
      if count > 0 {
        notes.append(
          "\(count) \(count == 1 ? "update has" : "updates have") another kind or shape on either "
            + "side, so that without the base, which --base names, there is no difference to measure."
        )
      }
    } else if old.noun != new.noun {
      notes.append("This is \(old.noun) beside \(new.noun), so tensors are compared by name.")
    } else if old.noun != "a full model" {
      notes.append("This is \(old.noun), so tensors are compared by name.")
    }
    notes += intervals(adapters, tensors)
    let odd = odd(tensors)
    if !odd.isEmpty {
      notes.append(
        "Not finite: \(odd.prefix(3).map(\.name.text).joined(separator: ", "))"
          + (odd.count > 3 ? " and \(odd.count - 3) more" : "")
          + " with values that are NaN or infinite have no norms.")
    }
    return notes
  }
}
