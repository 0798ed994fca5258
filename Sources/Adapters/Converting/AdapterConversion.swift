internal import Files
internal import JSON
public import Tensors

/// An adapter on its way into another layout: what will be written, checked before anything is.
///
/// Whatever has two exact factors becomes a plain low-rank update, exactly; what the layout cannot
/// express is refused by name.
public struct AdapterConversion: Sendable {
  /// The adapter.
  public let adapter: Adapter
  /// The layout it is written in.
  public let target: ConversionTarget
  /// Things a user should know, as whole sentences.
  public let remarks: [String]
  let base: Checkpoint?
  let output: Output

  /// What is written.
  enum Output: Sendable {
    /// A PEFT adapter.
    case draft(AdapterDraft)
    /// The files of another layout.
    case files(ConvertedFiles)
  }

  /// Plans a conversion. `base` is needed where the adapter's names or the order of its rows, or
  /// those of the target, are the base's; its payload is not read.
  ///
  /// Throws `unsupported` for what the target cannot express, and what binding to a base throws.
  public init(
    _ adapter: Adapter, to target: ConversionTarget, base: Checkpoint? = nil,
    options: ConversionOptions = ConversionOptions()
  ) throws(AdapterError) {
    self.adapter = adapter
    self.target = target
    self.base = base
    let source = try ConversionSource(adapter, target: target, base: base, options: options)
    let files: ConvertedFiles
    switch target {
    case .peft:
      output = .draft(try source.peft())
      remarks = []
      return
    case .kohya: files = try source.kohya()
    case .diffusers: files = try source.diffusers()
    case .mlx: files = try source.mlx()
    case .torchtune: files = try source.torchtune()
    case .gguf: files = try source.gguf()
    case .dense: files = try source.dense()
    }
    output = .files(files)
    remarks = files.remarks
  }
}

/// A file of weights, and a configuration beside it.
struct ConvertedFiles: Sendable {
  /// The tensors of the file of weights, sorted by name.
  let tensors: [DraftTensor.Named]
  /// The notes in that file: safetensors' metadata.
  let metadata: [(key: String, value: String)]
  /// GGUF's notes.
  let notes: [(key: String, value: GGUFFileHeader.Note)]
  /// The configuration beside it; nil for layouts without one.
  let configuration: JSONValue?
  /// What a user should know.
  let remarks: [String]

  init(
    _ tensors: [DraftTensor.Named], metadata: [(key: String, value: String)] = [],
    notes: [(key: String, value: GGUFFileHeader.Note)] = [], configuration: JSONValue? = nil,
    remarks: [String] = []
  ) {
    self.tensors = tensors.sorted { $0.name < $1.name }
    self.metadata = metadata
    self.notes = notes
    self.configuration = configuration
    self.remarks = remarks
  }

  /// The tensors as a file's header lists them.
  var entries: [SafetensorsHeader.Entry] {
    tensors.map { .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape) }
  }
}
