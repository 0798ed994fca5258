import Foundation

/// The most memory this process has asked for so far, in bytes, used or not.
public func peakVirtualByteCount() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") } ?? ""
  return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } ?? 0
}
