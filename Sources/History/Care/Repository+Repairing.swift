public import Storage

extension Repository {
  /// Sets damaged packs aside and saves what is sound in them; what is lost is looked for in `others`.
  ///
  /// Throws `locked` while others write.
  public func repair(
    from others: [Repository] = [], act: Act
  ) throws(HistoryError) -> RepairReport {
    do {
      return try store.repair(
        from: others.map(\.store), at: act.time, note: act.note, references: HistoryReferences.of)
    } catch { throw .storage(error) }
  }
}
