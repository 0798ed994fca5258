public import Files
internal import JSON
internal import Parallel
internal import Tensors

extension AdapterConversion {
  /// Writes the adapter in its new layout to a directory, whole or not at all. Its bytes depend on
  /// the adapter, the base's configuration and the options alone.
  ///
  /// Throws where something stands at `destination` that may not be replaced, where an input lies in
  /// it, where the disk has too little room, and where a value does not fit its type.
  public func write(
    to destination: Path, replacing: Bool = false, checkingRoundTrip: Bool = false,
    execution: Execution = Execution()
  ) throws(AdapterError) -> ConversionReport {
    var check: RoundTripCheck?
    func inspect(_ folder: Path) throws(AdapterError) {
      guard checkingRoundTrip, target != .dense else { return }
      check = try RoundTripCheck(
        of: adapter, written: folder, base: base, dtypes: dtypes, execution)
    }
    switch output {
    case .draft(let draft):
      try draft.write(
        to: destination, replacing: replacing, execution: execution, inspecting: inspect)
    case .files(let files):
      try write(files, to: destination, replacing: replacing, execution, inspecting: inspect)
    }
    var byteCount = 0
    if case .file(let count) = destination.appending(target.fileName).kind { byteCount = count }
    return ConversionReport(
      target: target, destination: destination, fileName: target.fileName,
      tensorCount: dtypes.count, byteCount: byteCount, remarks: remarks, check: check)
  }

  /// The types of the written tensors.
  private var dtypes: [DType] {
    switch output {
    case .draft(let draft): return PEFTLayout(draft).entries.map(\.tensor.dtype)
    case .files(let files): return files.tensors.map(\.tensor.dtype)
    }
  }

  private func write(
    _ files: ConvertedFiles, to destination: Path, replacing: Bool, _ execution: Execution,
    inspecting inspect: (Path) throws(AdapterError) -> Void
  ) throws(AdapterError) {
    let needed = files.tensors.reduce(1 << 16) {
      $0 + ($1.tensor.shape.byteCount(of: $1.tensor.dtype) ?? 0) + 512
    }
    let staged = try StagedOutput(
      destination, replacing: replacing,
      inputs: [adapter.path] + (base.map { [$0.path] } ?? []), needed: needed)
    try staged.fill { () throws(AdapterError) in
      try write(files, to: staged.path.appending(target.fileName), execution)
      if let configuration = files.configuration {
        try staged.write(
          Array((configuration.text(.indented) + "\n").utf8), to: AdapterFiles.configurationName)
      }
      try inspect(staged.path)
      try execution.interruption.check()
      try staged.publish()
    }
  }

  private func write(
    _ files: ConvertedFiles, to path: Path, _ execution: Execution
  ) throws(AdapterError) {
    let entries = files.entries
    switch target {
    case .torchtune:
      do {
        try TorchFileWriter.write(entries, creating: path) { number throws(AdapterError) in
          try files.bytes(number, execution)
        }
      } catch let error as AdapterError {
        throw error
      } catch let error as FileError {
        throw .file(error)
      } catch {
        throw .tensor(.malformed(path, format: .pytorchZip, rule: "cannot be written: \(error)"))
      }
    case .gguf:
      guard let header = GGUFFileHeader(entries, notes: files.notes) else {
        preconditionFailure("two-dimensional factors of types that ggml has")
      }
      try files.write(
        header.bytes, header.byteOffsets, byteCount: header.fileByteCount, to: path, execution)
    default:
      let header = SafetensorsHeader(entries, metadata: files.metadata)
      try files.write(
        header.bytes, header.tensors.map(\.byteOffset), byteCount: header.fileByteCount, to: path,
        execution)
    }
  }
}

extension ConvertedFiles {
  /// A tensor's elements as they are written.
  fileprivate func bytes(_ number: Int, _ execution: Execution) throws(AdapterError) -> [UInt8] {
    try execution.interruption.check()
    let (name, tensor) = tensors[number]
    let bytes = try tensor.checkedBytes(named: name, form: execution.form)
    execution.progress(bytes.count)
    return bytes
  }

  /// Writes a header and each tensor at its offset; what lies between and behind them is zeros.
  fileprivate func write(
    _ header: [UInt8], _ offsets: [Int], byteCount: Int, to path: Path, _ execution: Execution
  ) throws(AdapterError) {
    func checked(_ work: () throws(FileError) -> Void) throws(AdapterError) {
      do throws(FileError) { try work() } catch { throw .file(error) }
    }
    let writer: FileWriter
    do throws(FileError) { writer = try FileWriter(creating: path) } catch { throw .file(error) }
    try checked { () throws(FileError) in try writer.write(header, at: 0) }
    try execution.workers.perform(jobs: offsets.count, scratch: {}) {
      number, _ throws(AdapterError) in
      let bytes = try self.bytes(number, execution)
      do throws(FileError) { try writer.write(bytes, at: offsets[number]) } catch {
        throw .file(error)
      }
    }
    // The last tensor's padding belongs to the file.
    let end = zip(offsets, entries).map { $0 + ($1.shape.byteCount(of: $1.dtype) ?? 0) }.max()
    if let end, end < byteCount {
      try checked { () throws(FileError) in
        try writer.write([UInt8](repeating: 0, count: byteCount - end), at: end)
      }
    }
    try checked { () throws(FileError) in try writer.sync() }
  }
}

/// What was written.
public struct ConversionReport: Sendable {
  /// The layout.
  public let target: ConversionTarget
  /// The directory.
  public let destination: Path
  /// The file of weights in it.
  public let fileName: String
  /// Its tensors.
  public let tensorCount: Int
  /// Its size.
  public let byteCount: Int
  /// Things a user should know, as whole sentences.
  public let remarks: [String]
  /// What reading it back found; nil where that was not asked for.
  public let check: RoundTripCheck?
}
