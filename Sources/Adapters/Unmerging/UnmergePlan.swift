internal import Compute
internal import Digests
internal import Files
internal import JSON
public import Tensors

/// Everything an unmerge will do: which adapters come out of which tensors, and the files that the
/// base had.
public struct UnmergePlan: Sendable {
  /// The merged model.
  public let merged: Checkpoint
  /// What was merged.
  public let receipt: MergeReceipt
  /// The adapters, in the receipt's order.
  public let adapters: [Adapter]
  /// The base's files of weights.
  public let layout: CheckpointLayout
  /// Whether a residual is there.
  public var hasResidual: Bool { residual != nil }
  let residual: ResidualFileReader?
  let tensors: [UnmergedTensor]

  /// A tensor of the base and where it comes from.
  struct UnmergedTensor: Sendable {
    /// The merged tensor.
    let place: Checkpoint.Place
    /// The base's tensor, in the base's layout.
    let info: TensorInfo
    /// What was done to it; nil where it was copied.
    let planned: PlannedTensor?
    /// The ids the receipt names.
    let before: TensorID?
    let after: TensorID?
  }

  /// Reads the receipt and finds the adapters that it names among those given.
  ///
  /// Throws `malformedReceipt`, `wrongAdapter`, `malformedResidual`, and `edited` where a tensor is
  /// missing or has another shape.
  public init(
    merged: Checkpoint, adapters given: [Adapter], execution: Execution = Execution()
  ) throws(AdapterError) {
    let receipt = try MergeReceipt(of: merged.path)
    var adapters: [Adapter] = []
    for adapter in try Self.match(given, to: receipt, execution: execution) {
      adapters.append(try adapter.settled(on: merged))
    }
    self.merged = merged
    self.receipt = receipt
    self.adapters = adapters
    let residualPath = merged.path.appending(ResidualFile.fileName)
    residual = residualPath.isFile ? try ResidualFileReader(residualPath) : nil
    let parts = try Self.parts(of: merged, receipt)
    let names = parts.flatMap(\.tensors).map(\.name)
    guard Set(names).count == names.count else {
      throw .malformedReceipt(
        merged.path.appending(MergeReceipt.fileName), rule: "has a tensor of the base twice")
    }
    layout = CheckpointLayout(shards: parts)
    let records = Dictionary(
      receipt.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var tensors: [UnmergedTensor] = []
    for info in parts.flatMap(\.tensors) {
      tensors.append(
        try Self.tensor(info, merged, record: records[info.name], adapters: adapters, receipt))
    }
    self.tensors = tensors
  }

  /// The given adapters in the receipt's order, known by their ids.
  private static func match(
    _ given: [Adapter], to receipt: MergeReceipt, execution: Execution
  ) throws(AdapterError) -> [Adapter] {
    var byID: [Digest: Adapter] = [:]
    for adapter in given { byID[try adapter.id(execution: execution)] = adapter }
    var matched: [Adapter] = []
    for input in receipt.adapters {
      guard let adapter = byID[input.id] else {
        throw .wrongAdapter(
          expected: "\(input.id.short) (\(input.path.name))", given: given.map(\.path))
      }
      matched.append(adapter)
    }
    let wanted = Set(receipt.adapters.map(\.id))
    if let stranger = byID.first(where: { !wanted.contains($0.key) }) {
      throw .wrongAdapter(
        expected: receipt.adapters.map { "\($0.id.short) (\($0.path.name))" }
          .joined(separator: ", "),
        given: [stranger.value.path])
    }
    return matched
  }

  /// The base's files of weights: headers kept by the merge, or those the receipt tells.
  private static func parts(
    of merged: Checkpoint, _ receipt: MergeReceipt
  ) throws(AdapterError) -> [CheckpointLayout.Shard] {
    var parts: [CheckpointLayout.Shard] = []
    for shard in receipt.shards {
      let path = merged.path.appending(shard.fileName)
      if let json = shard.header {
        do {
          parts.append(
            .init(
              fileName: shard.fileName,
              header: try SafetensorsHeader(json: Array(json.utf8), path: path)))
        } catch { throw .tensor(error) }
      } else {
        guard let file = merged.shards.first(where: { $0.reader.path.name == shard.fileName })
        else {
          throw .edited(merged.path, [TensorName(shard.fileName)])
        }
        do {
          if let model = file.model {
            parts.append(try .init(fileName: shard.fileName, restoring: model))
            continue
          }
          parts.append(
            .init(
              fileName: shard.fileName,
              header: SafetensorsHeader(keeping: try file.headerBytes(), of: file)))
        } catch { throw .tensor(error) }
      }
    }
    return parts
  }

  private static func tensor(
    _ info: TensorInfo, _ merged: Checkpoint, record: MergeReceipt.TensorRecord?,
    adapters: [Adapter], _ receipt: MergeReceipt
  ) throws(AdapterError) -> UnmergedTensor {
    guard let place = merged[info.name] else { throw .edited(merged.path, [info.name]) }
    if place.info.strides != nil { throw .stridedBase(merged.path, info.name) }
    guard let record else {
      guard place.info.dtype == info.dtype, place.info.shape == info.shape else {
        throw .edited(merged.path, [info.name])
      }
      return UnmergedTensor(place: place, info: info, planned: nil, before: nil, after: nil)
    }
    guard place.info.dtype == record.dtype, place.info.shape == record.shape, !record.isNew,
      let base = record.base, base.dtype == info.dtype, base.shape == info.shape,
      base.dtype.isComputed, record.dtype.isComputed
    else { throw .edited(merged.path, [info.name]) }
    var contributions: [PlannedTensor.Contribution] = []
    for update in record.updates {
      let adapter = adapters[update.adapter]
      guard
        let found = adapter.updates.first(where: {
          $0.target.description == update.target && $0.kind == update.change
        })
      else {
        throw .malformedReceipt(
          merged.path.appending(MergeReceipt.fileName),
          rule: "names \(update.target), which its adapter does not change")
      }
      contributions.append(
        .init(
          adapter: update.adapter, weight: receipt.adapters[update.adapter].weight, update: found,
          isTransposed: update.isTransposed))
    }
    guard base.shape == record.shape || contributions.contains(where: \.update.isWhole) else {
      throw .malformedReceipt(
        merged.path.appending(MergeReceipt.fileName),
        rule: "gives \(info.name) another shape, but no adapter replaces it")
    }
    let planned = PlannedTensor(
      name: info.name, source: Checkpoint.Place(shard: place.shard, info: info), isNew: false,
      dtype: record.dtype, shape: record.shape, contributions: contributions)
    try planned.checkExtents(receipt: merged.path.appending(MergeReceipt.fileName))
    return UnmergedTensor(
      place: place, info: info, planned: planned, before: record.before, after: record.after)
  }
}

extension PlannedTensor {
  /// Throws where a product does not have the tensor's extents: a receipt is a stranger's word.
  fileprivate func checkExtents(receipt: Path) throws(AdapterError) {
    for contribution in contributions {
      let fits: Bool
      switch contribution.update.change {
      case .delta(let delta), .magnitude(let delta, _):
        fits = delta.fits(shape, isTransposed: contribution.isTransposed)
      case .gain(let gain): fits = gain.fit(to: shape).isTransposed == contribution.isTransposed
      case .rotation(let rotation):
        fits = rotation.fit(to: shape).isTransposed == contribution.isTransposed
      case .replacement(let stored): fits = stored.shape == shape
      case .rows(_, let stored): fits = stored.shape.matrix.columns == shape.matrix.columns
      }
      guard fits else {
        throw .malformedReceipt(receipt, rule: "gives \(name) an update of another shape")
      }
    }
  }
}

extension Delta {
  /// Whether the delta, turned or not, has the extents of the tensor as a matrix.
  fileprivate func fits(_ shape: Shape, isTransposed: Bool) -> Bool {
    if case .stored(let tensor, _) = self {
      return tensor.shape.elementCount == shape.elementCount
    }
    if case .stack(let products) = self {
      return shape.extents
        == [products.count, products[0].productExtents.rows, products[0].productExtents.columns]
    }
    guard let product = placement?.matrix else { return false }
    let (rows, columns) = shape.matrix
    return isTransposed
      ? (product.columns, product.rows) == (rows, columns)
      : (product.rows, product.columns) == (rows, columns)
  }
}
