internal import Adapters
internal import Digests
internal import Storage
public import Tensors

extension Repository {
  /// Writes down a merge, under the id of what came out. The receipt's bytes are kept with it.
  ///
  /// A merge that gives the same model as an earlier one names its record.
  public func record(
    _ adapters: [MergeRecord.Input], base: CheckpointID, merged: CheckpointID, output: String,
    receipt: [UInt8]?, act: Act
  ) throws(HistoryError) {
    let name = try Self.mergeRef(merged)
    try change(act) { transaction throws(HistoryError) in
      do throws(StorageError) {
        var digest: Digest?
        if let receipt, (1...ChunkCodec.maximumByteCount).contains(receipt.count) {
          digest = try transaction.put([ChunkInput(receipt, layout: .bytes)]).first
        }
        let before = try store.log.value(of: name)
        var earlier: ObjectID?
        if case .object(let id) = before { earlier = id }
        let record = MergeRecord(
          adapters: adapters, base: base, merged: merged, output: output, receipt: digest,
          time: act.time, earlier: earlier)
        let id = try transaction.put(record.object)
        return [RefUpdate(name, from: before, to: .object(id))]
      } catch { throw .storage(error) }
    }
  }

  /// The merges that were made here, the newest first.
  public func merges() throws(HistoryError) -> [MergeRecord] {
    var found: [MergeRecord] = []
    for (_, value) in try refs(below: RefName.prefixes.merges) {
      guard case .object(var id) = value else { continue }
      while true {
        let record = try read(MergeRecord.self, id)
        found.append(record)
        guard let earlier = record.earlier else { break }
        id = earlier
      }
    }
    return found.sorted { ($1.time, $0.merged.description) < ($0.time, $1.merged.description) }
  }

  /// The merge that made a model; nil where it was not made here.
  public func merge(of merged: CheckpointID) throws(HistoryError) -> MergeRecord? {
    guard case .object(let id) = try refValue(try Self.mergeRef(merged)) else { return nil }
    let record = try read(MergeRecord.self, id)
    return record.merged == merged ? record : nil
  }

  private static func mergeRef(_ merged: CheckpointID) throws(HistoryError) -> RefName {
    do throws(StorageError) {
      return try RefName(RefName.prefixes.merges + merged.digest.hexadecimal)
    } catch { throw .storage(error) }
  }
}
