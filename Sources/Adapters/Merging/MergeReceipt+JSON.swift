internal import Digests
public import Files
public import JSON
internal import Tensors

extension MergeReceipt {
  /// The receipt as it is written; `schema` is `adapterctl.receipt/1`.
  public var json: JSONValue {
    [
      "schema": "adapterctl.receipt/1",
      "tool": .string(tool),
      "base_id": .string(baseID.description),
      "merged_id": .string(mergedID.description),
      "adapters": .array(adapters.map(\.json)),
      "rounding": .string(rounding),
      "residual": hasResidual ? .string(ResidualFile.fileName) : .null,
      "tensors": .array(tensors.map(\.json)),
      "base_shards": .array(
        shards.map { shard in
          [
            "file": .string(shard.fileName),
            "header": shard.header.map { .string($0) } ?? .null,
          ]
        }),
      "base_files": .object(
        files.sorted { $0.key < $1.key }.map { name, text in
          .init(name, text.map { .string($0) } ?? .null)
        }),
    ]
  }

  /// Reads the receipt of a merged model; throws `malformedReceipt` where it is missing or breaks a
  /// rule.
  public init(of merged: Path) throws(AdapterError) {
    let path = merged.appending(Self.fileName)
    guard path.isFile else {
      throw .malformedReceipt(
        path, rule: merged.isFile ? "cannot be: \(merged) is a file, no directory" : "is missing")
    }
    let bytes: [UInt8]
    do { bytes = try FileReader.contents(of: path, limit: 1 << 30) } catch { throw .file(error) }
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch {
      throw .tensor(.malformedDocument(path, error))
    }
    guard json["schema"]?.string == "adapterctl.receipt/1" else {
      throw .malformedReceipt(path, rule: "has the unknown schema \(json["schema"]?.string ?? "")")
    }
    guard let receipt = Self(json) else {
      throw .malformedReceipt(path, rule: "lacks a field or has one of the wrong type")
    }
    self = receipt
  }

  private init?(_ json: JSONValue) {
    guard let tool = json["tool"]?.string, let baseID = Self.checkpointID(json["base_id"]),
      let mergedID = Self.checkpointID(json["merged_id"]),
      let adapters = json["adapters"]?.elements?.map(Input.init),
      let rounding = json["rounding"]?.string,
      let tensors = json["tensors"]?.elements?.map(TensorRecord.init),
      let shards = json["base_shards"]?.elements, let files = json["base_files"]?.members
    else { return nil }
    let inputs = adapters.compactMap { $0 }
    let records = tensors.compactMap { $0 }
    var baseShards: [BaseShard] = []
    for shard in shards {
      guard let file = shard["file"]?.string, Self.isPlainName(file) else { return nil }
      baseShards.append(BaseShard(fileName: file, header: shard["header"]?.string))
    }
    guard inputs.count == adapters.count, records.count == tensors.count,
      files.allSatisfy({ Self.isPlainName($0.key) }),
      records.allSatisfy({ $0.updates.allSatisfy { inputs.indices.contains($0.adapter) } })
    else { return nil }
    self.init(
      tool: tool, baseID: baseID, mergedID: mergedID, adapters: inputs, rounding: rounding,
      hasResidual: json["residual"]?.string != nil, tensors: records, shards: baseShards,
      files: Dictionary(uniqueKeysWithValues: files.map { ($0.key, $0.value.string) }))
  }

  /// Whether a name stays in its directory: receipts come from strangers.
  private static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !name.contains("\0")
  }

  private static func checkpointID(_ json: JSONValue?) -> CheckpointID? {
    json?.string.flatMap { Digest($0) }.map { CheckpointID($0) }
  }
}

extension MergeReceipt.Input {
  fileprivate var json: JSONValue {
    [
      "id": .string(id.description), "path": .string(path.text), "weight": .number(weight),
      "method": .string(method),
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let id = json["id"]?.string.flatMap({ Digest($0) }), let path = json["path"]?.string,
      let weight = json["weight"]?.number, let method = json["method"]?.string
    else { return nil }
    self.init(id: id, path: Path(path), weight: weight, method: method)
  }
}

extension MergeReceipt.TensorRecord {
  fileprivate var json: JSONValue {
    [
      "name": .string(name.text), "new": .bool(isNew),
      "base_dtype": base.map { .string($0.dtype.rawValue) } ?? .null,
      "base_shape": base.map { Self.json($0.shape) } ?? .null,
      "dtype": .string(dtype.rawValue), "shape": Self.json(shape),
      "before": before.map { .string($0.description) } ?? .null,
      "after": .string(after.description),
      "updates": .array(
        updates.map { update in
          [
            "adapter": .integer(update.adapter), "target": .string(update.target),
            "change": .string(update.change), "transposed": .bool(update.isTransposed),
          ]
        }),
    ]
  }

  private static func json(_ shape: Shape) -> JSONValue {
    .array(shape.extents.map { .integer($0) })
  }

  private static func shape(_ json: JSONValue?) -> Shape? {
    guard let extents = json?.elements?.map(\.integer), !extents.contains(nil) else { return nil }
    return Shape(extents.compactMap { $0 })
  }

  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let isNew = json["new"]?.bool,
      let dtype = json["dtype"]?.string.flatMap(DType.init(rawValue:)),
      let shape = Self.shape(json["shape"]),
      let after = json["after"]?.string.flatMap({ Digest($0) }),
      let updates = json["updates"]?.elements?.map(MergeReceipt.Update.init),
      !updates.contains(where: { $0 == nil }), shape.byteCount(of: dtype) != nil
    else { return nil }
    var base: (dtype: DType, shape: Shape)?
    if let baseType = json["base_dtype"]?.string.flatMap(DType.init(rawValue:)),
      let baseShape = Self.shape(json["base_shape"]), baseShape.byteCount(of: baseType) != nil
    {
      base = (baseType, baseShape)
    }
    self.init(
      name: TensorName(name), isNew: isNew, base: base, dtype: dtype, shape: shape,
      before: json["before"]?.string.flatMap { Digest($0) }.map { TensorID($0) },
      after: TensorID(after), updates: updates.compactMap { $0 })
  }
}

extension MergeReceipt.Update {
  fileprivate init?(_ json: JSONValue) {
    guard let adapter = json["adapter"]?.integer, let target = json["target"]?.string,
      let change = json["change"]?.string, let isTransposed = json["transposed"]?.bool
    else { return nil }
    self.init(adapter: adapter, target: target, change: change, isTransposed: isTransposed)
  }
}
