internal import ArgumentParser
internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage

struct HashObjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash-object",
    abstract: "Print the id that a file would be stored under",
    discussion: """
      Computes the id of each file as a repository stores it, and with -w stores it, so that the id \
      can be read with cat-file until gc removes it.
      """)

  @Argument(help: "The files", completion: .file())
  var files: [String]

  @Flag(name: [.customShort("w"), .customLong("write")], help: "Store the files")
  var write = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
    do {
      let context = write ? try RepositoryContext(global) : nil
      let execution = try compute.execution(global.progressLine("hashing", totalByteCount: 0))
      let records = try files.map { file in
        try FileDescription(of: Path(file), execution: execution)
      }
      if let context {
        try context.repository.store(
          files: files.map { Path($0) }, act: try context.act("hash-object -w"),
          execution: execution)
      }
      HashObjectOutput(files: files, records: records.map(\.record)).show(global)
    } catch let error as HistoryError { throw Failure(error) }
  }
}

/// Ids of files, as they are shown.
struct HashObjectOutput: CommandOutput {
  let files: [String]
  let records: [FileRecord]

  func text(verbose: Bool) -> [String] { records.map(\.id.description) }

  var json: JSONValue {
    [
      "schema": "adapterctl.hash-object/1",
      "files": .array(
        zip(files, records).map { file, record in
          [
            "path": .string(file), "id": .string(record.id.description),
            "bytes": .integer(record.byteCount),
            "digest": .string(record.digest.description),
            "sha256": .string(record.sha256.hexadecimal),
            "tensors": .integer(record.tensors.count),
          ]
        }),
    ]
  }
}
