internal import Adapters
internal import Files
internal import Storage
internal import Tensors

extension Repository {
  /// Stores the files of a model that was hashed before; its snapshot.
  func store(
    _ model: Checkpoint, _ contents: BaseContents, in transaction: Transaction,
    _ execution: Execution
  ) throws(HistoryError) -> ObjectID {
    var files: [Found.File] = []
    for (name, path) in BaseReading(model, cache: nil, execution: execution).paths {
      do throws(FileError) {
        let stamp = try FileStamp(path)
        files.append(Found.File(name: name, path: path, byteCount: stamp.byteCount))
      } catch { throw .file(error) }
    }
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let found = Found(
      path: try TrackedPath("base"), place: model.path, content: .checkpoint,
      format: "checkpoint", method: nil, declaredBase: nil, files: files, notes: [])
    let (id, snapshot) = try Snapshotting(self, transaction, execution: execution)
      .take(found, base: nil, storedAs: nil, parent: nil)
    // What was stored is what was hashed, or the files were changed in between.
    guard snapshot.contentID == contents.checkpoint.digest else {
      throw .changedWhileRead(model.path)
    }
    return id
  }
}
