/// Writes safetensors files whose header may say anything.
enum SafetensorsBuilder {
  /// A file of this header, its length, and `dataByteCount` bytes behind it.
  static func file(_ header: String, dataByteCount: Int) -> [UInt8] {
    file(Array(header.utf8), dataByteCount: dataByteCount)
  }

  /// A file of this header, its length, and `dataByteCount` bytes behind it.
  static func file(_ header: [UInt8], dataByteCount: Int) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    return length + header + (0..<dataByteCount).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// One entry of a header.
  static func entry(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }
}
