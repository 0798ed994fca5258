internal import Glibc

/// The two streams of a command, and what may be written to them.
enum Terminal {
  /// Writes a line to standard output.
  static func write(_ line: String) { put(line + "\n", on: STDOUT_FILENO) }

  /// Writes a line to standard error.
  static func writeError(_ line: String) { put(line + "\n", on: STDERR_FILENO) }

  /// Writes to standard error without a line's end.
  static func writeErrorPart(_ text: String) { put(text, on: STDERR_FILENO) }

  /// Whether standard error is a terminal.
  static var showsErrors: Bool { isatty(STDERR_FILENO) == 1 }

  /// Text with everything that could drive a terminal spelled out: control characters, and the
  /// marks that turn the direction of writing.
  static func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F:
        safe += scalar.escaped(asASCII: true)
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  private static func put(_ text: String, on descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
