internal import Adapters
internal import Files
internal import History
internal import Storage

/// Writes a merge down in the repository around the current directory, where there is one.
enum MergeRecording {
  /// Records a merge that has a receipt. The model is written already: what fails here is a warning.
  static func record(
    _ report: MergeReport, _ adapters: [AdapterOperand.Opened], _ global: GlobalOptions
  ) {
    guard let receipt = report.receipt else { return }
    do {
      guard let context = try RepositoryContext.ifAny(global) else { return }
      let file = report.destination.appending(MergeReceipt.fileName)
      let inputs = zip(receipt.adapters, adapters).map { input, opened in
        MergeRecord.Input(
          content: input.id, path: opened.name, weight: "\(input.weight)",
          revision: opened.stored.flatMap { Repository.split($0.text)?.revision },
          snapshot: opened.stored?.files.id)
      }
      try context.repository.record(
        inputs, base: receipt.baseID, merged: receipt.mergedID, output: report.destination.text,
        receipt: try contents(ofReceipt: file),
        act: try context.act("merge \(adapters.map(\.name).joined(separator: ", "))"))
    } catch let failure as Failure {
      global.warn("The merge is not written down in the repository: \(failure.message)")
    } catch let error as HistoryError {
      global.warn(
        "The merge is not written down in the repository: \(Failure(error).message)")
    } catch { global.warn("The merge is not written down in the repository: \(error)") }
  }

  /// A receipt as it is kept beside the record; nil where it is larger than an object may be.
  private static func contents(ofReceipt file: Path) throws -> [UInt8]? {
    do {
      let reader = try FileReader(file)
      guard reader.byteCount <= ChunkCodec.maximumByteCount else { return nil }
      return try reader.bytes(at: 0, count: reader.byteCount)
    } catch {
      throw Failure(error)
    }
  }
}
