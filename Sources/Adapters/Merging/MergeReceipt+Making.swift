internal import Compute
internal import Digests
internal import Files
internal import JSON
internal import Tensors

extension MergeReceipt {
  /// The receipt of a finished pass.
  init(
    of plan: MergePlan, outcomes: [TensorOutcome], tool: String, execution: Execution
  ) throws(AdapterError) {
    var before: [TensorName: TensorID] = [:]
    var after: [TensorName: TensorID] = [:]
    var records: [TensorRecord] = []
    for outcome in outcomes {
      guard let afterID = outcome.after else { preconditionFailure("digests were taken") }
      after[outcome.tensor.name] = afterID
      if !outcome.tensor.isNew { before[outcome.tensor.name] = outcome.before }
      if outcome.tensor.isComputed { records.append(.init(outcome, after: afterID)) }
    }
    var inputs: [Input] = []
    for weighted in plan.adapters {
      inputs.append(
        Input(
          id: try weighted.adapter.id(execution: execution), path: weighted.adapter.path,
          weight: weighted.weight, method: weighted.adapter.method.rawValue))
    }
    self.init(
      tool: tool, baseID: CheckpointID(before), mergedID: CheckpointID(after), adapters: inputs,
      rounding: plan.options.rounding.rawValue, hasResidual: plan.options.writesResidual,
      tensors: records, shards: try Self.shards(of: plan), files: try Self.files(of: plan))
  }

  private static func shards(of plan: MergePlan) throws(AdapterError) -> [BaseShard] {
    var shards: [BaseShard] = []
    for file in plan.base.shards {
      if let restored = try ggufShard(file, of: plan) {
        shards.append(restored)
        continue
      }
      let name = MergePlanner.safetensorsName(file.reader.path.name)
      let bytes: [UInt8]
      if file.format == .safetensors {
        do { bytes = try file.headerBytes() } catch { throw .tensor(error) }
      } else {
        // Another container: the tensors come back in a file of this one, in the same order.
        bytes =
          SafetensorsHeader(
            file.tensors.map { .init(name: $0.name, dtype: $0.dtype, shape: $0.shape) },
            metadata: [("format", "pt")]
          ).bytes
      }
      let isKept = plan.layout.shards.contains {
        $0.fileName == name && $0.headerBytes == bytes
      }
      shards.append(
        BaseShard(
          fileName: name,
          header: isKept ? nil : String(decoding: bytes.dropFirst(8), as: UTF8.self)))
    }
    return shards
  }

  /// A GGUF model's file whose header the merged one has too: it comes back as it was.
  private static func ggufShard(
    _ file: TensorFile, of plan: MergePlan
  ) throws(AdapterError) -> BaseShard? {
    guard let model = file.model else { return nil }
    let bytes: [UInt8]
    do { bytes = try model.headerBytes() } catch { throw .tensor(error) }
    let name = file.reader.path.name
    let isKept = plan.layout.shards.contains { $0.fileName == name && $0.headerBytes == bytes }
    return isKept ? BaseShard(fileName: name, header: nil) : nil
  }

  private static func files(of plan: MergePlan) throws(AdapterError) -> [String: String?] {
    var files: [String: String?] = [:]
    if plan.editedConfig != nil, plan.base.path.isDirectory {
      // What comes back is plain weights, and a configuration that says so.
      files["config.json"] =
        plan.base.isDequantised
        ? plan.base.config.map { $0.text(.indented) + "\n" } : try text(of: "config.json", plan)
    }
    if let index = plan.layout.index { files[index.fileName] = .some(nil) }
    if let index = try indexOfBase(plan) {
      let kept = plan.layout.index
      // What the merged model has already is copied from there.
      files[index.fileName] =
        kept?.fileName == index.fileName && kept?.bytes == index.bytes
        ? nil : .some(String(decoding: index.bytes, as: UTF8.self))
    }
    return files
  }

  /// The index that the base has, or for files of another container the one that those restored in
  /// their place need; nil where there is none.
  private static func indexOfBase(
    _ plan: MergePlan
  ) throws(AdapterError) -> (fileName: String, bytes: [UInt8])? {
    guard let index = plan.base.index else { return nil }
    if plan.base.shards.allSatisfy({ $0.format == .safetensors }) {
      return (index.fileName, Array(try text(of: index.fileName, plan).utf8))
    }
    let parts = plan.base.shards.map { file in
      CheckpointLayout.Part(
        fileName: MergePlanner.safetensorsName(file.reader.path.name),
        entries: file.tensors.map { .init(name: $0.name, dtype: $0.dtype, shape: $0.shape) },
        metadata: [])
    }
    return CheckpointLayout(parts, baseIndex: index, baseIndexBytes: nil).index
  }

  private static func text(of name: String, _ plan: MergePlan) throws(AdapterError) -> String {
    do {
      return String(
        decoding: try FileReader.contents(of: plan.base.path.appending(name), limit: 256 << 20),
        as: UTF8.self)
    } catch { throw .file(error) }
  }
}

extension MergeReceipt.TensorRecord {
  init(_ outcome: TensorOutcome, after: TensorID) {
    let tensor = outcome.tensor
    self.init(
      name: tensor.name, isNew: tensor.isNew,
      base: tensor.source.map { ($0.info.dtype, $0.info.shape) }, dtype: tensor.dtype,
      shape: tensor.shape, before: outcome.before, after: after,
      updates: tensor.contributions.map {
        .init(
          adapter: $0.adapter, target: $0.update.target.description, change: $0.update.kind,
          isTransposed: $0.isTransposed)
      })
  }
}

extension WeightUpdate {
  /// The kind of change, as receipts and reports name it.
  public var kind: String {
    switch change {
    case .delta: return "delta"
    case .magnitude: return "magnitude"
    case .gain: return "gain"
    case .rotation: return "rotation"
    case .replacement: return "replacement"
    case .rows: return "rows"
    }
  }
}
