internal import Files
internal import JSON
internal import Tensors

/// The state in which an adapter's training began, kept in the folder `init` beside its weights.
///
/// PiSSA, OLoRA, CorDA and LoRA-GA take s·B₀·A₀ out of the base before training, so that the adapter
/// is one of what is left. On the untouched base its update is s·(B·A − B₀·A₀): the factors side by
/// side, of twice the rank. PEFT writes that as an adapter of its own where it is told where the
/// initial one is (`path_initial_model_for_weight_conversion`).
struct InitialAdapter {
  private let folder: Path
  private let updates: [TargetParameter: LowRank]
  /// The tensors of the initial adapter's file.
  let file: TensorFile

  /// The name of the folder.
  static let folderName = "init"

  /// Where the initial adapter of some weights is; nil where there is none.
  static func folder(beside weights: Path) -> Path? {
    let folder = weights.parent.appending(folderName)
    let names = ["adapter_model.safetensors", "adapter_model.bin"]
    return names.contains { folder.appending($0).isFile } ? folder : nil
  }

  /// Opens the initial adapter in a folder.
  init(opening folder: Path) throws(AdapterError) {
    self.folder = folder
    let files = try AdapterFiles(locating: folder)
    guard let configuration = files.configuration else {
      throw .notAnAdapter(
        files.weights, what: "an initial adapter without \(AdapterFiles.configurationName)",
        candidates: [])
    }
    do { file = try TensorFile(opening: files.weights) } catch { throw .tensor(error) }
    let reader = PEFTReader(
      path: files.weights, configuration: try PEFTConfiguration(reading: configuration))
    var updates: [TargetParameter: LowRank] = [:]
    for update in try reader.updates(of: PEFTTensors(file)) {
      if case .delta(.lowRank(let factors)) = update.change { updates[update.target] = factors }
    }
    self.updates = updates
  }

  /// The updates on the untouched base; throws where one has no counterpart.
  func takenOut(of trained: [WeightUpdate]) throws(AdapterError) -> [WeightUpdate] {
    var taken: [WeightUpdate] = []
    for update in trained {
      guard update.delta != nil, update.target.parameter == "weight" else {
        taken.append(update)
        continue
      }
      guard case .delta(.lowRank(let factors)) = update.change,
        let initial = updates[update.target], initial.placement == factors.placement
      else {
        throw .inconsistent(
          folder, rule: "does not have the initial factors of \(update.target) in its shape")
      }
      let share = Float(-initial.scaling.factor / factors.scaling.factor)
      guard share.isFinite else {
        throw .inconsistent(folder, rule: "belongs to \(update.target), whose scaling is 0")
      }
      let both = LowRank(
        a: .stacked([factors.a, initial.a]),
        b: .sideBySide([factors.b, initial.b.scaled(by: share)]), scaling: factors.scaling,
        placement: factors.placement)
      taken.append(WeightUpdate(target: update.target, change: .delta(.lowRank(both))))
    }
    return taken
  }
}
