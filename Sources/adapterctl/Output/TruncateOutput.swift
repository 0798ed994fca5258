internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// Truncated adapters, as they are shown.
struct TruncateOutput: CommandOutput {
  /// One output.
  struct Result {
    let selection: RankSelection
    let output: Path?
    let truncation: Truncation
  }

  let adapter: Adapter
  let results: [Result]
  let isDryRun: Bool

  func text(verbose: Bool) -> [String] {
    results.flatMap { result in
      var lines = [
        Terminal.escaped(
          (isDryRun ? "would truncate " : "truncated ") + adapter.path.text
            + (isDryRun ? "" : result.output.map { " to \($0)" } ?? "")
            + " by \(result.selection.rule.label)")
      ]
      lines += table(result.truncation, listsAll: verbose).lines
      return lines + summary(result.truncation)
    }
  }

  private func summary(_ truncation: Truncation) -> [String] {
    let norm = truncation.frobeniusNorm
    func share(_ error: Double) -> String {
      norm > 0 ? " (\(Numbers.significant(error / norm)) of ‖Δ‖)" : ""
    }
    let (cut, stored) = (truncation.frobeniusError, truncation.storedFrobeniusError)
    var lines = [
      "lost      ‖·‖ \(Numbers.significant(cut))\(share(cut)), spectral at most "
        + Numbers.significant(truncation.spectralError),
      "stored    ‖·‖ \(Numbers.significant(stored))\(share(stored)) with the rounding of the type",
      "weights   \(Numbers.bytes(adapter.file.reader.byteCount)) → "
        + Numbers.bytes(truncation.draft.weightsByteCount),
    ]
    let kept = truncation.modules.count(where: \.isKept)
    if kept > 0 {
      lines.append("note: \(Numbers.count(kept, "module")) kept as stored: no rank is cut there.")
    }
    let dropped = truncation.droppedModules
    if !dropped.isEmpty {
      lines.append(
        Terminal.escaped(
          "note: \(Numbers.count(dropped.count, "module")) left out, with no singular value kept: "
            + dropped.prefix(3).map(\.path).joined(separator: ", ")
            + (dropped.count > 3 ? ", …" : "")))
    }
    if adapter.method == .dora {
      lines.append("note: Of DoRA the low-rank part was truncated; the magnitudes stay.")
    }
    return lines
  }

  private func table(_ truncation: Truncation, listsAll: Bool) -> TextTable {
    var table = TextTable(
      header: [
        "module", "weights", "rank", "kept", "energy", "σₖ₊₁", "‖lost‖",
        "rounding",
      ])
    var keys: [String] = []
    var groups: [String: [ModuleTruncation]] = [:]
    for module in truncation.modules {
      let key = listsAll ? module.target.path : module.target.kind
      if groups[key] == nil { keys.append(key) }
      groups[key, default: []].append(module)
    }
    for key in keys {
      let group = groups[key] ?? []
      func range(_ part: (ModuleTruncation) -> Int) -> String {
        let (least, most) = (group.map(part).min() ?? 0, group.map(part).max() ?? 0)
        return least == most ? "\(least)" : "\(least)–\(most)"
      }
      func root(_ part: (ModuleTruncation) -> Double) -> Double {
        group.reduce(0.0) { $0 + part($1) * part($1) }.squareRoot()
      }
      let (norm, lost) = (root(\.spectrum.frobeniusNorm), root(\.frobeniusError))
      table.add(
        [
          key, Numbers.grouped(group.count), range(\.oldRank), range(\.keptRank),
          Numbers.percent(norm > 0 ? 1 - lost * lost / (norm * norm) : 1),
          Numbers.significant(group.map(\.spectralError).max() ?? 0), Numbers.significant(lost),
          Numbers.significant(root(\.rounding.frobenius)),
        ])
    }
    return table
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.truncate/1", "adapter": .string(adapter.path.text),
      "method": .string(adapter.method.rawValue), "dry_run": .bool(isDryRun),
      "outputs": .array(results.map(Self.json)),
    ]
  }

  private static func json(_ result: Result) -> JSONValue {
    let truncation = result.truncation
    return [
      "output": result.output.map { .string($0.text) } ?? .null,
      "rule": .string(result.selection.rule.label),
      "bytes": .integer(truncation.draft.weightsByteCount),
      "frobenius_norm": .number(truncation.frobeniusNorm),
      "spectral_error": .number(truncation.spectralError),
      "frobenius_error": .number(truncation.frobeniusError),
      "stored_frobenius_error": .number(truncation.storedFrobeniusError),
      "left_out": .array(truncation.droppedModules.map { .string($0.path) }),
      "modules": .array(
        truncation.modules.map { module in
          [
            "module": .string(module.target.path),
            "shape": [.integer(module.extents.rows), .integer(module.extents.columns)],
            "old_rank": .integer(module.oldRank), "kept_rank": .integer(module.keptRank),
            "written_rank": .integer(module.writtenRank), "unchanged": .bool(module.isKept),
            "spectral_norm": .number(module.spectrum.spectralNorm),
            "frobenius_norm": .number(module.spectrum.frobeniusNorm),
            "spectral_error": .number(module.spectralError),
            "frobenius_error": .number(module.frobeniusError),
            "rounding_spectral": .number(module.rounding.spectral),
            "rounding_frobenius": .number(module.rounding.frobenius),
            "stored_spectral_bound": .number(module.storedSpectralBound),
            "stored_frobenius_error": .number(module.storedFrobeniusError),
          ]
        }),
    ]
  }
}

extension RankRule {
  /// The rule as reports name it: without its option where every rank is kept.
  var label: String {
    if case .exactly(.max) = self { return "keeping every rank" }
    return text
  }
}
