internal import Archives
internal import Files

extension TensorFile {
  /// Reads the pickle of a `torch.save` zip and finds each tensor's bytes in place.
  ///
  /// The layout (FORMATS §1.2): one `<root>/data.pkl`, and one stored member `<root>/data/<key>` per
  /// storage, exactly as large as the pickle says.
  static func pytorchZip(_ reader: FileReader) throws(TensorError) -> TensorFile {
    do {
      let archive = try TorchArchive(reader)
      let pickle = try archive.pickle()
      var machine = PickleMachine(valueLimit: valueLimit(reader))
      var pickleReader = PickleReader(pickle)
      let value = try machine.run(&pickleReader)
      guard pickleReader.remaining == 0 else {
        throw PickleError.broken("has \(pickleReader.remaining) bytes behind its pickle")
      }
      let stateDict = try stateDict(value, machine.heap, pickleByteCount: pickle.count, reader)
      return try file(reader, .pytorchZip, stateDict, machine.heap) { storage in
        try archive.byteOffset(of: storage)
      }
    } catch {
      throw refusal(error, reader.path, .pytorchZip)
    }
  }

  /// Reads the pickles of a `torch.save` file from before PyTorch 1.6, and finds each tensor's bytes
  /// in the storages behind them (FORMATS §1.3).
  static func pytorchLegacy(_ reader: FileReader) throws(TensorError) -> TensorFile {
    do {
      let legacy = try TorchLegacyFile(reader, valueLimit: valueLimit(reader))
      let stateDict = try stateDict(
        legacy.value,
        legacy.heap,
        pickleByteCount: legacy.pickleByteCount,
        reader
      )
      return try file(reader, .pytorchLegacy, stateDict, legacy.heap) { storage in
        try legacy.byteOffset(of: storage)
      }
    } catch {
      throw refusal(error, reader.path, .pytorchLegacy)
    }
  }

  /// How many values a pickle may keep: in proportion to the file, so that memory is too.
  private static func valueLimit(_ reader: FileReader) -> Int {
    max(PickleMachine.leastValueLimit, reader.byteCount / 4)
  }

  private static func stateDict(
    _ value: PickleValue,
    _ heap: PickleHeap,
    pickleByteCount: Int,
    _ reader: FileReader
  ) throws(PickleError) -> StateDict {
    try StateDict(
      value,
      in: heap,
      visitLimit: 4 * valueLimit(reader),
      nameByteLimit: 1 << 20 + 2 * pickleByteCount
    )
  }

  /// The file of the tensors of `stateDict`, each checked to lie inside its storage.
  private static func file(
    _ reader: FileReader,
    _ format: TensorFormat,
    _ stateDict: StateDict,
    _ heap: PickleHeap,
    storageOffset: (TorchStorage) throws -> Int
  ) throws -> TensorFile {
    var tensors: [TensorInfo] = []
    var names: Set<TensorName> = []
    for entry in stateDict.entries {
      let tensor = heap.tensors[entry.tensor]
      let storage = heap.storages[tensor.storage]
      guard names.insert(entry.name).inserted else {
        throw PickleError.broken("has two tensors named \(excerpt(entry.name.text))")
      }
      guard
        let info = tensor.info(
          named: entry.name,
          in: storage,
          storageOffset: try storageOffset(storage)
        )
      else {
        throw TensorError.malformedTensor(
          reader.path,
          entry.name,
          rule: "reaches beyond its storage of \(storage.byteCount) bytes"
        )
      }
      tensors.append(info)
    }
    tensors.sort { ($0.byteOffset, $0.byteCount, $0.name) < ($1.byteOffset, $1.byteCount, $1.name) }
    return TensorFile(
      reader: reader,
      format: format,
      tensors: tensors,
      metadata: notes(stateDict),
      headerByteCount: 0
    )
  }

  /// What was left out, as metadata: `skipped` names values that are no tensors, `unwrapped` the
  /// keys around the state dict.
  private static func notes(_ stateDict: StateDict) -> [(key: String, value: String)] {
    var notes: [(key: String, value: String)] = []
    if !stateDict.wrappers.isEmpty {
      notes.append(("unwrapped", stateDict.wrappers.joined(separator: ".")))
    }
    if stateDict.skippedCount > 0 {
      let more = stateDict.skippedCount - stateDict.skipped.count
      let names = stateDict.skipped.joined(separator: ", ")
      notes.append(("skipped", more > 0 ? "\(names) and \(more) more" : names))
    }
    return notes
  }

  /// Any error of this file as the room's own.
  private static func refusal(
    _ error: any Error,
    _ path: Path,
    _ format: TensorFormat
  ) -> TensorError {
    switch error {
    case let error as TensorError: return error
    case ArchiveError.file(let error), PickleError.file(let error): return .file(error)
    case let error as ArchiveError:
      return .malformed(path, format: format, rule: error.rule ?? "cannot be read")
    case PickleError.forbiddenGlobal(let global):
      return .forbiddenGlobal(path, global: global)
    case PickleError.broken(let rule): return .malformed(path, format: format, rule: rule)
    default: preconditionFailure("reading throws these three errors only")
    }
  }
}

extension TorchTensor {
  /// The tensor's place in the file; nil where it reaches beyond its storage, or repeats elements
  /// until it is larger than its storage.
  func info(named name: TensorName, in storage: TorchStorage, storageOffset: Int) -> TensorInfo? {
    let width = dtype.bitWidth / 8
    guard let byteCount = layout.shape.byteCount(of: dtype), byteCount <= storage.visible.count,
      elementOffset <= storage.visible.count / width,
      layout.spanElementCount <= storage.visible.count / width - elementOffset
    else { return nil }
    return TensorInfo(
      name: name,
      dtype: dtype,
      shape: layout.shape,
      byteOffset: storageOffset + storage.visible.lowerBound + elementOffset * width,
      byteCount: byteCount,
      strides: layout.isContiguous ? nil : layout.strides
    )
  }
}
