import Foundation
import Testing

@testable import Digests

@Suite struct BLAKE3Tests {
  /// Byte i is i mod 251.
  static func pattern(_ byteCount: Int) -> [UInt8] {
    let period = (0..<251).map { UInt8($0) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + period.count)
    while bytes.count < byteCount { bytes += period }
    return Array(bytes.prefix(byteCount))
  }

  static let forms = BLAKE3.Form.allCases.filter(\.isSupported)

  @Test(arguments: forms)
  func `gives the published digests`(form: BLAKE3.Form) {
    for (byteCount, expected) in blake3Vectors {
      let digest = BLAKE3.digest(of: Self.pattern(byteCount).span, in: form)
      #expect(digest.hexadecimal == expected, "\(byteCount) bytes")
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 3071, 3072, 3073, 5000, 9217, 16385])
  func `agrees with its slow twin`(byteCount: Int) {
    let bytes = Self.pattern(byteCount)
    #expect(BLAKE3.digest(of: bytes) == SlowBLAKE3.digest(of: bytes))
  }

  @Test(arguments: forms)
  func `does not depend on the form`(form: BLAKE3.Form) {
    let group = 256 * 1024
    let around = [1024, 4096, 8192, 16384, 65536, group, 2 * group, 3 * group, 1 << 20, 1 << 21]
    let counts = around.flatMap { [$0 - 1, $0, $0 + 1] } + (0..<40).map { 1024 * $0 + 7 * $0 }
    let bytes = Self.pattern((1 << 21) + 1)
    for count in counts {
      let part = bytes.span.extracting(0..<count)
      #expect(
        BLAKE3.digest(of: part, in: form) == BLAKE3.digest(of: part, in: .scalar),
        "\(count) bytes"
      )
    }
  }

  @Test(arguments: forms)
  func `reads from any address`(form: BLAKE3.Form) {
    let bytes = Self.pattern(40_000)
    for offset in 1..<9 {
      let part = bytes.span.extracting(offset..<offset + 33_333)
      let moved = Array(bytes[offset..<offset + 33_333])
      #expect(BLAKE3.digest(of: part, in: form) == BLAKE3.digest(of: moved.span, in: .scalar))
    }
  }

  static let b3sum = "/usr/bin/b3sum"

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: b3sum)),
    arguments: [0, 1025, 1_048_577, 3_000_017]
  )
  func `agrees with b3sum`(byteCount: Int) throws {
    let bytes = Self.pattern(byteCount)
    let file = FileManager.default.temporaryDirectory.appending(
      path: "adapterctl-b3sum-\(byteCount)-\(ProcessInfo.processInfo.processIdentifier)"
    )
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: Self.b3sum)
    process.arguments = ["--no-names", file.path]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(BLAKE3.digest(of: bytes).hexadecimal == text.prefix(64))
  }
}
