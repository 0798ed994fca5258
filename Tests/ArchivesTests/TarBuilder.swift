/// Writes tars whose headers may say anything.
struct TarBuilder {
  /// The file as far as it was built, without its end.
  private(set) var bytes: [UInt8] = []

  /// Adds a member with an ustar header; a name of more than 100 bytes gets a GNU long name before it.
  mutating func add(
    _ name: [UInt8], _ data: [UInt8] = [], type: Character = "0", link: String = "",
    claimedByteCount: Int? = nil
  ) {
    if name.count > 100 { addHeader(Array("././@LongLink".utf8), name + [0], "L", "", nil) }
    addHeader(Array(name.prefix(100)), data, type, link, claimedByteCount)
  }

  mutating func add(
    _ name: String, _ data: [UInt8] = [], type: Character = "0", link: String = ""
  ) {
    add(Array(name.utf8), data, type: type, link: link)
  }

  /// Adds a member whose name stands in an extended header, where it may have any bytes.
  mutating func add(extendedName name: String, _ data: [UInt8] = []) {
    let record = " path=\(name)\n"
    var count = record.utf8.count + 1
    while String(count).utf8.count + record.utf8.count != count { count += 1 }
    addHeader(Array("pax".utf8), Array("\(count)\(record)".utf8), "x", "", nil)
    addHeader(Array("short".utf8), data, "0", "", nil)
  }

  /// The whole file.
  var file: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  private mutating func addHeader(
    _ name: [UInt8], _ data: [UInt8], _ type: Character, _ link: String, _ claimed: Int?
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: [UInt8], at offset: Int) {
      header.replaceSubrange(offset..<offset + text.count, with: text)
    }
    func octal(_ number: Int, _ width: Int) -> [UInt8] {
      let digits = String(number, radix: 8)
      return Array((String(repeating: "0", count: width - 1 - digits.count) + digits).utf8) + [0]
    }
    put(name, at: 0)
    put(octal(0o644, 8) + octal(0, 8) + octal(0, 8), at: 100)
    put(octal(claimed ?? data.count, 12) + octal(0, 12), at: 124)
    put(Array(repeating: UInt8(ascii: " "), count: 8) + Array(String(type).utf8), at: 148)
    put(Array(link.utf8), at: 157)
    put(Array("ustar\u{0}00".utf8), at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 7) + [UInt8(ascii: " ")], at: 148)
    bytes += header + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
  }
}
