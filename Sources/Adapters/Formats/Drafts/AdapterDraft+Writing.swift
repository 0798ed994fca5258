public import Files
internal import JSON
internal import Parallel
internal import Tensors

extension AdapterDraft {
  /// The bytes of the weights file.
  public var weightsByteCount: Int { PEFTLayout(self).header.fileByteCount }

  /// Writes the adapter as PEFT does: `adapter_config.json` beside `adapter_model.safetensors`, and
  /// the first source's side files. The directory appears whole or not at all, and its bytes depend on
  /// the draft alone.
  ///
  /// Throws where something stands at `destination` that may not be replaced, where a source lies in
  /// it, where the disk has too little room, and where a value is not finite in its type.
  public func write(
    to destination: Path, replacing: Bool = false, execution: Execution = Execution()
  ) throws(AdapterError) {
    try write(to: destination, replacing: replacing, execution: execution) { _ in }
  }

  /// The same, with a look at what was written before it gets its final name.
  func write(
    to destination: Path, replacing: Bool, execution: Execution,
    inspecting inspect: (Path) throws(AdapterError) -> Void
  ) throws(AdapterError) {
    let layout = PEFTLayout(self)
    let sideFiles = sideFiles
    let staged = try StagedOutput(
      destination, replacing: replacing, inputs: sources,
      needed: layout.header.fileByteCount + sideFiles.reduce(1 << 16) { $0 + $1.byteCount })
    try staged.fill { () throws(AdapterError) in
      let writers = try staged.createShards(
        CheckpointLayout(
          shards: [.init(fileName: "adapter_model.safetensors", header: layout.header)]))
      try Self.write(layout, to: writers[0], execution)
      try staged.sync(writers, workers: execution.workers)
      let configuration = PEFTConfigurationDraft(self).document.text(.indented) + "\n"
      try staged.write(Array(configuration.utf8), to: AdapterFiles.configurationName)
      for file in sideFiles { try staged.copy(file, to: file.name) }
      try inspect(staged.path)
      try execution.interruption.check()
      try staged.publish()
    }
  }

  private static func write(
    _ layout: PEFTLayout, to writer: FileWriter, _ execution: Execution
  ) throws(AdapterError) {
    try execution.workers.perform(jobs: layout.entries.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let (name, tensor) = layout.entries[number]
      let bytes = try tensor.checkedBytes(named: name, form: execution.form)
      do throws(FileError) {
        try writer.write(bytes, at: layout.header.tensors[number].byteOffset)
      } catch { throw .file(error) }
      execution.progress(bytes.count)
    }
  }

  /// What stands beside the first source's weights and belongs to whoever loads the adapter: neither
  /// weights nor the state of a training run.
  private var sideFiles: [Path] {
    guard let source = sources.first else { return [] }
    let folder = source.isDirectory ? source : source.parent
    guard folder.appending(AdapterFiles.configurationName).isFile else { return [] }
    let endings = [".json", ".txt", ".md", ".jinja", ".model"]
    let states = ["trainer_state.json", MergeReceipt.fileName, AdapterFiles.configurationName]
    return ((try? folder.entryNames()) ?? []).sorted()
      .filter { name in
        (endings.contains(where: name.hasSuffix) || name == "LICENSE" || name == "NOTICE")
          && !name.hasSuffix(".index.json") && !states.contains(name)
          && !name.hasPrefix(".") && folder.appending(name).isFile
      }
      .map(folder.appending)
  }
}

extension Path {
  fileprivate var byteCount: Int {
    guard case .file(let count) = kind else { return 0 }
    return count
  }
}
