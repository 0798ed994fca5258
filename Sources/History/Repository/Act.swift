internal import Files
internal import Glibc
public import Storage

/// Who does what, and when: what a command writes into the log.
public struct Act: Sendable {
  /// The person or account.
  public var actor: String
  /// The command line.
  public var command: String
  /// What it did, in a few words.
  public var summary: String
  /// Now, by the caller's clock.
  public var time: Timestamp
  /// How many milliseconds it waits for gc to let go of the store.
  public var patienceMilliseconds: Int

  /// A command about to be carried out.
  public init(
    actor: String, command: String, summary: String = "", time: Timestamp,
    patienceMilliseconds: Int = 10_000
  ) {
    self.actor = actor
    self.command = command
    self.summary = summary
    self.time = time
    self.patienceMilliseconds = patienceMilliseconds
  }

  /// The act under another summary.
  public func summarised(_ summary: String) -> Act {
    var act = self
    act.summary = summary
    return act
  }

  var note: OperationNote { OperationNote(actor: actor, command: command, message: summary) }
}

extension Repository {
  /// Writes objects and moves refs, all in one step.
  ///
  /// `work` puts what it has into the transaction and says which refs move from where to where. Where
  /// another command moved one of them meanwhile, `work` is asked again, so it must read the refs it
  /// starts from each time. An update from a value to the same one demands that its ref is still there.
  /// Without moves and without objects nothing is written.
  public func change(
    _ act: Act, _ work: (Transaction) throws(HistoryError) -> [RefUpdate]
  ) throws(HistoryError) {
    var attempts = 0
    var turn: FileLock?
    defer { withExtendedLifetime(turn) {} }
    while true {
      let transaction = try begin(act)
      let updates = try work(transaction)
      let moves = updates.contains { $0.old != $0.new }
      guard moves || transaction.hasContent else { return }
      do throws(StorageError) {
        _ = try transaction.commit(updates, note: act.note, at: act.time)
        return
      } catch {
        attempts += 1
        guard case .refMoved = error, attempts < 1000 else { throw .storage(error) }
        turn = turn ?? waitForTurn()
      }
    }
  }

  /// Queues up with others whose ref has moved, so that each of many does its work twice or thrice and
  /// not once for every other; nil after ten seconds. Nothing depends on it but time.
  private func waitForTurn() -> FileLock? {
    for _ in 0..<1000 {
      if let turn = try? FileLock(own("lock").appending("turn"), exclusive: true) { return turn }
      usleep(10_000)
    }
    return nil
  }

  /// A transaction, after waiting for gc where it is at work.
  private func begin(_ act: Act) throws(HistoryError) -> Transaction {
    var waited = 0
    while true {
      do throws(StorageError) {
        return try store.begin(at: act.time)
      } catch {
        guard case .locked = error, waited < act.patienceMilliseconds else {
          throw .storage(error)
        }
        usleep(20_000)
        waited += 20
      }
    }
  }
}
