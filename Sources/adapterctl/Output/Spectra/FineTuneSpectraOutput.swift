internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// The singular values of what a fine-tune changed, as they are shown.
struct FineTuneSpectraOutput: SpectraOutput {
  let spectra: FineTuneSpectra
  /// The fine-tuned model as the user named it.
  let name: String
  /// The base as the user named it.
  let base: String?
  let selection: SpectrumSelection

  private var fineTune: FineTune { spectra.fineTune }
  private var resized: [TensorName] { fineTune.pairs.filter(\.isResized).map(\.name) }

  func text(verbose: Bool) -> [String] {
    var lines = [
      "model       \(name)",
      "base        \(base ?? fineTune.base.path.text)",
      "tensors     \(Numbers.grouped(spectra.matrices.count)) matrices changed, "
        + "\(Numbers.count(spectra.others.count, "other tensor")) changed, "
        + "\(Numbers.grouped(spectra.unchangedCount)) the same",
    ].map(Terminal.escaped)
    for (label, names) in [
      ("added", fineTune.added), ("removed", fineTune.removed), ("resized", resized),
    ] where !names.isEmpty {
      let line = label + String(repeating: " ", count: 12 - label.count) + Failure.list(names)
      lines.append(Terminal.escaped(line))
    }
    guard !spectra.matrices.isEmpty else { return lines }
    if verbose || selection.listsAll {
      let shown = selection.rows(of: spectra.matrices)
      lines += SpectrumTable(rows: shown).lines + selection.rest(of: spectra.matrices)
      lines += Self.sides(shown)
      if verbose { lines += SpectrumTable(rows: shown).leading }
    } else {
      lines += FineTuneDepths(matrices: spectra.matrices).lines
    }
    return lines + notes(listsAll: verbose || selection.listsAll)
  }

  /// The ranks of the weights before and after, beside the change with and without rounding.
  private static func sides(_ rows: [TunedSpectrum]) -> [String] {
    let hasIntruders = rows.contains { $0.intruders != nil }
    var table = TextTable(
      header: ["weight", "W", "W+Δ", "Δ", "above noise", "rounding"]
        + (hasIntruders ? ["intruders"] : []))
    for row in rows {
      table.add(
        [row.target.shortName]
          + [row.base, row.tuned, row.change, row.denoised].map { String($0.rank(atEnergy: 0.9)) }
          + [Numbers.significant(row.floor.edge)]
          + (hasIntruders ? [FineTuneDepths.intruders([row])] : []))
    }
    return table.fittedLines()
  }

  private func notes(listsAll: Bool) -> [String] {
    var notes = [
      "note: W, W+Δ, Δ: the least rank with 90 % of Σσ² of the weight before, after, and of the change.",
      listsAll
        ? "note: Norms are of Δ as it is stored; the ranks in the upper table are above rounding."
        : "note: Above noise and stable are of Δ without the rounding of the stored weights.",
    ]
    if spectra.matrices.contains(where: { $0.intruders != nil }) {
      notes.append(
        "note: Intruders are leading directions of W+Δ that have no cosine of "
          + "\(IntruderDimensions.threshold) or more with any of W.")
    }
    return notes
  }

  var csvLines: [String] {
    typealias Table = SpectrumCSV<TunedSpectrum>
    return Table(
      rows: selection.rows(of: spectra.matrices),
      further: (
        Table.header("above_noise") + Table.header("base") + Table.header("tuned")
          + ["rounding_deviation", "noise_edge", "error_bound", "intruders"]
          + ["above_noise_values", "base_values", "tuned_values"],
        { row in
          Table.cells(row.denoised) + Table.cells(row.base) + Table.cells(row.tuned)
            + [row.floor.deviation, row.floor.edge, row.errorBound].map(CSV.number)
            + [row.intruders.map { String($0.places.count) } ?? ""]
            + [row.denoised, row.base, row.tuned].map { CSV.list($0.values) }
        }
      )
    ).lines
  }

  var json: JSONValue {
    func names(_ names: [TensorName]) -> JSONValue { .array(names.map { .string($0.text) }) }
    var json = CheckpointOutput(checkpoint: fineTune.tuned, name: name).json
    json.set(
      "spectrum",
      to: [
        "base": .string(base ?? fineTune.base.path.text),
        "added": names(fineTune.added), "removed": names(fineTune.removed),
        "resized": names(resized), "changed_otherwise": names(spectra.others),
        "unchanged": .integer(spectra.unchangedCount),
        "weights": .array(selection.rows(of: spectra.matrices).map(Self.json)),
      ])
    return json
  }

  private static func json(_ matrix: TunedSpectrum) -> JSONValue {
    var json = matrix.json
    json.set("above_noise", to: matrix.denoised.json)
    json.set("base", to: matrix.base.json)
    json.set("tuned", to: matrix.tuned.json)
    json.set(
      "rounding",
      to: ["deviation": .number(matrix.floor.deviation), "edge": .number(matrix.floor.edge)])
    json.set("error_bound", to: .number(matrix.errorBound))
    json.set("intruders", to: matrix.intruders.map(\.json) ?? .null)
    return json
  }
}
