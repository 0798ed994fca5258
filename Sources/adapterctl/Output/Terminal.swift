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

  /// Whether standard output was a terminal when the command began.
  static let showsOutput = isatty(STDOUT_FILENO) == 1

  /// Writes bytes to standard output as they are.
  static func write(bytes: [UInt8]) { put(bytes[...], on: STDOUT_FILENO) }

  /// Text with everything that could drive a terminal spelled out: control characters, and the
  /// marks that turn the direction of writing.
  static func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C,
        0x2028, 0x2029:
        safe += scalar.escaped(asASCII: true)
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  private static func put(_ text: String, on descriptor: Int32) {
    put(Array(text.utf8)[...], on: descriptor)
  }

  private static func put(_ bytes: ArraySlice<UInt8>, on descriptor: Int32) {
    var bytes = bytes
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return failed(descriptor, errno) }
      bytes = bytes.dropFirst(written)
    }
  }

  /// An answer that could not be written down is none: the program ends. What standard error cannot
  /// take is lost.
  private static func failed(_ descriptor: Int32, _ error: Int32) {
    guard descriptor == STDOUT_FILENO else { return }
    // Whoever stopped reading knows it.
    if error != EPIPE {
      let reason = unsafe String(cString: strerror(error))
      writeError("error: Standard output cannot be written: \(reason).")
    }
    Glibc.exit(ExitStatus.budget.rawValue)
  }
}
