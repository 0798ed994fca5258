public import Files
public import Storage

extension Bundle {
  /// Opens a bundle; throws `unsoundBundle` for what is none, or not all of one.
  public static func opened(_ path: Path) throws(HistoryError) -> Bundle {
    do throws(StorageError) { return try Bundle(opening: path) } catch {
      switch error {
      case .file(.truncated): throw .unsoundBundle(path, .storage(error))
      case .file: throw .storage(error)
      default: throw .unsoundBundle(path, .storage(error))
      }
    }
  }

  /// Checks all of it, and that a store can take it in; what it carries. Throws `unsoundBundle` where it
  /// is the bundle that is damaged, and `storage` where it is the store.
  public func checked(in store: ObjectStore?) throws(HistoryError) -> BundleContents {
    do { return try verify(in: store, references: HistoryReferences.of) } catch {
      throw blame(for: error)
    }
  }

  /// Whose damage an error on the way from the bundle into a store is: the bundle's, where it is no
  /// better when it is looked at by itself.
  func blame(for error: StorageError) -> HistoryError {
    switch error {
    case .missingPrerequisites, .locked, .transactionTooOld, .outcomeUnknown: return .storage(error)
    default: break
    }
    do throws(StorageError) {
      _ = try verify(references: HistoryReferences.of)
      return .storage(error)
    } catch {
      if case .file(let reason) = error {
        guard case .truncated = reason else { return .storage(error) }
      }
      return .unsoundBundle(path, .storage(error))
    }
  }
}
