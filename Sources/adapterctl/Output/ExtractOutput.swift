internal import Adapters
internal import Compute
internal import Files
internal import JSON
internal import Tensors

/// What an extraction made, and what it misses.
struct ExtractOutput: CommandOutput {
  let report: ExtractionReport

  func text(verbose: Bool) -> [String] {
    let factored = report.factored
    let ranks = factored.map(\.factors.rank)
    var lines = [
      "adapter     \(report.destination?.text ?? "not written"), "
        + Numbers.bytes(report.byteCount),
      "from        \(report.plan.fineTune.name)",
      "base        \(report.plan.fineTune.base.path)",
      "factors     \(Numbers.count(factored.count, "module")) of rank "
        + "\(ranks.min() ?? 0) to \(ranks.max() ?? 0)",
      "missing     \(Numbers.significant(report.errorBound)) of "
        + "\(Numbers.significant(report.norm)) in the Frobenius norm at most, rounding included",
    ].map(Terminal.escaped)
    let whole = report.modules.filter { if case .factors = $0.kind { false } else { true } }
    if !whole.isEmpty {
      lines.append(
        Terminal.escaped(
          "whole       "
            + whole.prefix(3).map(\.module.path).joined(separator: ", ")
            + (whole.count > 3 ? " and \(whole.count - 3) more" : "")))
    }
    return lines + (verbose ? everyModule : byKind).lines
  }

  /// The worst of each kind of module.
  private var byKind: TextTable {
    var table = TextTable(header: [
      "module", "weights", "rank", "energy", "error", "spectral error", "change/base",
    ])
    let groups = Dictionary(grouping: report.factored, by: \.module.kind)
    for kind in groups.keys.sorted() {
      let group = groups[kind] ?? []
      let ranks = group.map(\.factors.rank)
      let (least, most) = (ranks.min() ?? 0, ranks.max() ?? 0)
      func worst(_ part: (ExtractedFactors) -> Double) -> String {
        Numbers.significant(group.map { part($0.factors) }.max() ?? 0)
      }
      table.add([
        kind, Numbers.grouped(group.count), least == most ? "\(least)" : "\(least)-\(most)",
        Numbers.percent(group.map(\.factors.energy).min() ?? 0), worst(\.relativeError),
        worst(\.relativeSpectralError), worst(\.relativeChange),
      ])
    }
    return table
  }

  private var everyModule: TextTable {
    var table = TextTable(header: [
      "module", "rank", "energy", "error", "spectral error", "change/base",
    ])
    for (module, factors) in report.factored {
      table.add([
        module.path, "\(factors.rank)", Numbers.percent(factors.energy),
        Numbers.significant(factors.relativeError),
        Numbers.significant(factors.relativeSpectralError),
        Numbers.significant(factors.relativeChange),
      ])
    }
    return table
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.extract/1",
      "output": report.destination.map { .string($0.text) } ?? .null,
      "dry_run": .bool(report.destination == nil),
      "tuned": .string(report.plan.fineTune.name.text),
      "base": .string(report.plan.fineTune.base.path.text),
      "bytes": .integer(report.byteCount), "norm": .number(report.norm),
      "error_bound": .number(report.errorBound),
      "modules": .array(report.modules.map(Self.json)),
      "notes": .array(report.notes.map { .string($0) }),
    ]
  }

  private static func json(_ module: ExtractedModule) -> JSONValue {
    var json: JSONValue = [
      "module": .string(module.module.path),
      "tensors": .array(module.tensors.map { .string($0.text) }),
      "parameters": .integer(module.parameterCount),
    ]
    switch module.kind {
    case .whole: json.set("stored", to: "whole")
    case .bias: json.set("stored", to: "bias")
    case .factors(let factors):
      let error = factors.error
      json.set("stored", to: "factors")
      json.set("rank", to: .integer(factors.rank))
      json.set("dtype", to: .string(factors.dtype.rawValue))
      json.set("norm", to: .number(factors.norm))
      json.set("base_norm", to: .number(factors.baseNorm))
      json.set("singular_values", to: .array(factors.values.map { .number($0) }))
      json.set("energy", to: .number(factors.energy))
      json.set("frobenius_error", to: .number(error.frobenius))
      json.set("frobenius_error_bound", to: .number(error.frobeniusBound))
      json.set("spectral_error", to: .number(error.spectral.lower))
      json.set("spectral_error_bound", to: .number(error.spectralBound))
      json.set("spectral_bound_is_certain", to: .bool(error.spectral.isCertain))
      json.set("rounding", to: .number(error.rounding))
    }
    return json
  }
}

extension ExtractedFactors {
  /// ‖E‖_F / ‖Δ‖_F, at most.
  var relativeError: Double { norm > 0 ? error.frobeniusBound / norm : 0 }
  /// ‖E‖₂ / σ₁ of the change, at most; where nothing is kept they are the same.
  var relativeSpectralError: Double { values.first.map { error.spectralBound / $0 } ?? 1 }
  /// ‖Δ‖_F / ‖W_base‖_F
  var relativeChange: Double { baseNorm > 0 ? norm / baseNorm : .infinity }
}
