internal import Adapters
internal import Digests
internal import Files
internal import Storage
internal import Tensors

extension Snapshotting {
  /// The id by which receipts know what was stored; nil where its layout cannot be computed with.
  ///
  /// It is made of the ids that storing has computed, where the files are cut at all their tensors.
  func contentID(of found: Found, _ records: [FileRecord]) throws(HistoryError) -> Digest? {
    switch found.content {
    case .file: return nil
    case .adapter:
      guard let adapter = try adapter(at: found.place) else { return nil }
      let tensors = Self.tensors(records)
      let names = adapter.file.tensors.map(\.name)
      guard names.allSatisfy({ tensors[$0] != nil }) else {
        do { return try adapter.id(execution: execution) } catch { throw .adapter(error) }
      }
      let own = Set(names)
      return adapter.id(ofTensors: tensors.filter { own.contains($0.key) })
    case .checkpoint:
      guard let checkpoint = try checkpoint(at: found.place) else { return nil }
      let tensors = Self.tensors(records)
      let names = checkpoint.names
      guard names.allSatisfy({ tensors[$0] != nil }) else { return nil }
      return CheckpointID(tensors.filter { checkpoint[$0.key] != nil }).digest
    }
  }

  // That a file could not be opened, for whatever is short at the moment, does not make it another
  // thing: that is told, and nothing is stored under less than it is.

  private func adapter(at place: Path) throws(HistoryError) -> Adapter? {
    do throws(AdapterError) {
      return try Adapter(opening: place)
    } catch {
      switch error {
      case .file(.failed), .tensor(.file(.failed)): throw .adapter(error)
      default: return nil
      }
    }
  }

  private func checkpoint(at place: Path) throws(HistoryError) -> Checkpoint? {
    do throws(TensorError) {
      return try Checkpoint(opening: place)
    } catch {
      if case .file(.failed) = error { throw .tensor(error) }
      return nil
    }
  }

  private static func tensors(_ records: [FileRecord]) -> [TensorName: TensorID] {
    var tensors: [TensorName: TensorID] = [:]
    for record in records {
      for tensor in record.tensors { tensors[TensorName(tensor.name)] = TensorID(tensor.id.digest) }
    }
    return tensors
  }
}
