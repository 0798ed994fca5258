internal import Archives
internal import Files

/// The zip of a `torch.save` file: where its pickle and its storages are.
struct TorchArchive {
  private let reader: FileReader
  private let directory: ZipDirectory
  /// The folder all members stand in, with its slash; any name will do.
  private let root: String

  private static let pickleName = "data.pkl"

  /// Checks the zip, finds the pickle, and refuses big-endian storages.
  init(_ reader: FileReader) throws {
    self.reader = reader
    directory = try ZipDirectory(reading: reader)
    let roots = directory.members.compactMap { member -> String? in
      let parts = member.name.text.split(separator: "/", omittingEmptySubsequences: false)
      return parts.count == 2 && parts[1] == Self.pickleName ? "\(parts[0])/" : nil
    }
    guard let root = roots.first else {
      throw TensorError.notATensorFile(reader.path, what: "a zip without data.pkl")
    }
    guard roots.count == 1 else { throw PickleError.broken("has more than one data.pkl") }
    self.root = root
    if has("constants.pkl") {
      throw TensorError.notATensorFile(
        reader.path,
        what: "a TorchScript program, not a file of tensors"
      )
    }
    if has("byteorder"), try contents(of: "byteorder", limit: 16) != Array("little".utf8) {
      throw PickleError.broken("has storages in another byte order than little-endian")
    }
  }

  /// The bytes of the pickle, checked against their checksum.
  func pickle() throws -> [UInt8] {
    try contents(of: Self.pickleName, limit: PickleReader.byteLimit)
  }

  /// Where the bytes of a storage start.
  func byteOffset(of storage: TorchStorage) throws -> Int {
    let member = try directory.storedMember(try name("data/" + storage.key))
    guard member.byteCount == storage.byteCount else {
      throw PickleError.broken(
        "has \(member.byteCount) bytes in \(member.name) where its pickle says "
          + "\(storage.byteCount)"
      )
    }
    return member.byteOffset
  }

  private func has(_ suffix: String) -> Bool {
    directory.members.contains { $0.name.text == root + suffix }
  }

  private func contents(of suffix: String, limit: Int) throws -> [UInt8] {
    let member = try directory.storedMember(try name(suffix))
    return try ArchiveReader(reader).bytes(of: member.name, limit: limit)
  }

  private func name(_ suffix: String) throws -> MemberName {
    guard let name = MemberName(root + suffix) else {
      throw PickleError.broken("has a storage with a key that cannot be the name of a member")
    }
    return name
  }
}
