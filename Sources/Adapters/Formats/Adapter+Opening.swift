public import Files
internal import JSON
internal import Tensors

extension Adapter {
  /// Opens an adapter: its folder, its weights file, or its configuration file.
  ///
  /// Reads headers and the configuration, no payload. Every tensor of the file belongs to exactly
  /// one update afterwards, or is named in `notes` as having no effect; anything else throws. What
  /// is recognised and not supported throws `AdapterError.unsupported`.
  public init(opening path: Path) throws(AdapterError) {
    let files = try AdapterFiles(locating: path)
    let document = files.configuration?.document
    try ForeignLayout.refuse(
      AdapterClues(weights: files.weights, configuration: document, tensors: [])
    )
    let file: TensorFile
    do { file = try Self.tensorFile(files.weights) } catch { throw .tensor(error) }
    guard !file.tensors.isEmpty else { throw .empty(files.weights) }
    let clues = AdapterClues(
      weights: files.weights, configuration: document, tensors: file.tensors)
    let layout = AdapterLayout.matching(clues)
    if layout == nil { try ForeignLayout.refuse(clues) }
    if let hollow = file.tensors.first(where: { $0.shape.elementCount == 0 }) {
      throw .unsupported(
        files.weights,
        what: "an adapter with empty tensors (\(hollow.name) \(hollow.shape)), as "
          + "ZeRO-3 and FSDP leave them when the parameters are not gathered before saving",
        advice: "Save it again from the gathered model: zero_to_fp32.py in the checkpoint, or "
          + "stage3_gather_16bit_weights_on_model_save in the DeepSpeed configuration."
      )
    }
    if let layout {
      try self.init(path: path, files: files, file: file, layout: layout)
      return
    }
    guard let configuration = files.configuration else {
      throw .notAnAdapter(files.weights, what: Self.kind(of: file), candidates: [])
    }
    try self.init(
      path: path,
      files: files,
      file: file,
      peft: PEFTConfiguration(reading: configuration),
      bytes: configuration.bytes
    )
  }

  /// Opens a file of weights in any of the containers that adapters come in.
  static func tensorFile(_ path: Path) throws(TensorError) -> TensorFile {
    TensorFile.isGGUF(path) ? try TensorFile(openingGGUF: path) : try TensorFile(opening: path)
  }

  private init(
    path: Path, files: AdapterFiles, file: TensorFile, layout: AdapterLayout
  ) throws(AdapterError) {
    let contents = try layout.read(
      AdapterSource(file: file, configuration: files.configuration))
    self.init(
      path: path, format: layout.format, method: contents.method, file: file,
      configBytes: files.configuration?.bytes ?? [], declaredBase: contents.declaredBase,
      updates: contents.updates, notes: files.notes + contents.notes)
  }

  private init(
    path: Path,
    files: AdapterFiles,
    file: TensorFile,
    peft: PEFTConfiguration,
    bytes: [UInt8]
  ) throws(AdapterError) {
    let tensors = try PEFTTensors(file)
    let reader = PEFTReader(path: files.weights, configuration: peft)
    var updates = try reader.updates(of: tensors)
    var initialNotes: [String] = []
    if let name = peft.baseChangingInitialisation {
      guard let folder = InitialAdapter.folder(beside: files.weights) else {
        throw .inconsistent(files.weights, rule: "belongs to the base that \(name) left")
      }
      updates = try InitialAdapter(opening: folder).takenOut(of: updates)
      initialNotes = [
        "What \(name) took out of the base before training is taken out with the initial adapter in "
          + "\(folder), so that the rank doubles."
      ]
    }
    self.init(
      path: path,
      format: .peft,
      method: peft.method(of: tensors),
      file: file,
      configBytes: bytes,
      declaredBase: peft.declaredBase,
      updates: updates,
      wholeModules: peft.wholeModules,
      tiesEmbeddings: peft.tiesEmbeddings,
      notes: files.notes + peft.notes + tensors.notes + initialNotes
    )
  }

  /// What a file of tensors without a configuration beside it is.
  private static func kind(of file: TensorFile) -> String {
    func has(_ parts: String...) -> Bool {
      file.tensors.contains { tensor in parts.contains { tensor.name.text.contains($0) } }
    }
    if has(".lora_A", ".lora_B", ".lora_embedding_A") {
      return "the weights of a PEFT LoRA without the \(AdapterFiles.configurationName) that holds "
        + "its rank and alpha"
    }
    if has(".quant_state.", ".SCB", ".qweight") { return "a quantised model, not an adapter" }
    return "a full model or another file of tensors"
  }
}
