internal import Files

extension ObjectStore {
  /// The bytes of a small file that the room above keeps beside the store; nil where there is none.
  public func localFile(_ name: String, limit: Int) throws(StorageError) -> [UInt8]? {
    do throws(FileError) {
      let reader = try files.open(path.appending(name))
      guard reader.byteCount <= limit else { throw .tooLarge(path.appending(name)) }
      return try reader.bytes(at: 0, count: reader.byteCount)
    } catch {
      if case .notFound = error { return nil }
      throw .file(error)
    }
  }

  /// Replaces a small file of the room above, in one step. What is derived need not be `synced`: after
  /// a power cut it may be there in part, so it must carry a digest.
  public func replaceLocalFile(
    _ name: String, with bytes: [UInt8], synced: Bool
  ) throws(StorageError) {
    let temporary = paths.newTemporary()
    do throws(FileError) {
      let file = try files.create(temporary)
      do throws(FileError) {
        try file.append(bytes)
        if synced { try file.sync() }
        try files.rename(temporary, over: path.appending(name))
        if synced { try files.syncNames(in: path.appending(name).parent) }
      } catch {
        try? files.remove(temporary)
        throw error
      }
    } catch { throw .file(error) }
  }
}
