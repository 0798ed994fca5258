internal import Synchronization

/// Tables by number, each made when it is first asked for.
final class TableCache: Sendable {
  private let tables = Mutex<[Int: EntryTable]>([:])

  func table(
    _ number: Int,
    make: () throws(StorageError) -> EntryTable
  ) throws(StorageError) -> EntryTable {
    if let table = tables.withLock({ $0[number] }) { return table }
    let table = try make()
    tables.withLock { $0[number] = table }
    return table
  }
}
