internal import CZstd

/// Codes and decodes zstd frames, each of them whole and in memory, and keeps the library's working
/// memory from one frame to the next. One per worker: it is not for use from two threads.
@safe
public final class ZstdCoder {
  private let encoder: OpaquePointer
  private let decoder: OpaquePointer

  /// A coder with its own working memory.
  public init() {
    guard let encoder = unsafe ZSTD_createCCtx(), let decoder = unsafe ZSTD_createDCtx() else {
      fatalError("no memory for a zstd context")
    }
    unsafe self.encoder = encoder
    unsafe self.decoder = decoder
  }

  deinit {
    unsafe ZSTD_freeCCtx(encoder)
    unsafe ZSTD_freeDCtx(decoder)
  }

  /// One frame that holds `bytes`; the same bytes and coding give the same frame with the same
  /// version of libzstd only, so never hash a frame.
  public func compress(_ bytes: Span<UInt8>, coding: ZstdCoding) -> [UInt8] {
    set(coding)
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { frame, count in
      count = unsafe compress(bytes, to: frame.baseAddress, bound)
    }
  }

  /// The same at the start of `room`, which grows where it must and is kept by the caller from one
  /// frame to the next: the number of bytes of the frame.
  public func compress(
    _ bytes: Span<UInt8>,
    coding: ZstdCoding,
    into room: inout [UInt8]
  ) -> Int {
    set(coding)
    let bound = ZSTD_compressBound(bytes.count)
    if room.count < bound { room = [UInt8](repeating: 0, count: bound) }
    return unsafe room.withUnsafeMutableBufferPointer { room in
      unsafe compress(bytes, to: room.baseAddress, bound)
    }
  }

  private func compress(
    _ bytes: Span<UInt8>,
    to frame: UnsafeMutablePointer<UInt8>?,
    _ bound: Int
  ) -> Int {
    let count = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe ZSTD_compress2(encoder, frame, bound, bytes.baseAddress, bytes.count)
    }
    precondition(ZSTD_isError(count) == 0, "a bounded frame always fits")
    return count
  }

  /// The bytes of one frame, of which there must be exactly `byteCount`.
  ///
  /// The caller knows and bounds `byteCount`; nothing larger is ever allocated, whatever the frame
  /// says. Anything but a single whole frame is refused.
  public func decompress(
    _ frame: Span<UInt8>,
    byteCount: Int
  ) throws(ZstdError) -> [UInt8] {
    precondition(byteCount >= 0)
    var failure: ZstdError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
      failure = unsafe decompress(frame, to: bytes.baseAddress, byteCount)
      count = failure == nil ? byteCount : 0
    }
    if let failure { throw failure }
    return bytes
  }

  /// Fills `bytes[range]` with the bytes of one frame, of which there must be exactly as many; after
  /// an error they are anything.
  public func decompress(
    _ frame: Span<UInt8>,
    into bytes: inout [UInt8],
    _ range: Range<Int>
  ) throws(ZstdError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    let failure = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      let start = unsafe bytes.baseAddress.map { unsafe $0 + range.lowerBound }
      return unsafe decompress(frame, to: start, range.count)
    }
    if let failure { throw failure }
  }

  private func decompress(
    _ frame: Span<UInt8>,
    to bytes: UnsafeMutablePointer<UInt8>?,
    _ byteCount: Int
  ) -> ZstdError? {
    var extent = 0
    let outcome = unsafe frame.withUnsafeBufferPointer { frame in
      extent = unsafe ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count)
      if ZSTD_isError(extent) != 0 { return extent }
      return unsafe ZSTD_decompressDCtx(
        decoder,
        bytes,
        byteCount,
        frame.baseAddress,
        frame.count
      )
    }
    if ZSTD_isError(outcome) != 0 {
      guard ZSTD_getErrorCode(outcome) != ZSTD_error_dstSize_tooSmall else {
        return .wrongByteCount(expected: byteCount)
      }
      return .malformedFrame(reason: unsafe String(cString: ZSTD_getErrorName(outcome)))
    }
    guard extent == frame.count else {
      return .malformedFrame(reason: "Bytes after the end of the frame")
    }
    return outcome == byteCount ? nil : .wrongByteCount(expected: byteCount)
  }

  private func set(_ coding: ZstdCoding) {
    unsafe ZSTD_CCtx_reset(encoder, ZSTD_reset_session_and_parameters)
    switch coding {
    case .level(let level):
      precondition((1...19).contains(level), "zstd levels are 1 to 19")
      set(ZSTD_c_compressionLevel, to: level)
    case .checked(let level):
      precondition((1...19).contains(level), "zstd levels are 1 to 19")
      set(ZSTD_c_compressionLevel, to: level)
      set(ZSTD_c_checksumFlag, to: 1)
    case .huffman:
      set(ZSTD_c_compressionLevel, to: 1)
      set(ZSTD_c_minMatch, to: 7)
      set(ZSTD_c_targetLength, to: 1024)
      // The literal compression mode: always, where the fast levels would leave literals as they
      // are. It has no stable name; a library without it codes worse, not wrongly.
      set(ZSTD_c_experimentalParam5, to: 1)
    }
  }

  private func set(_ parameter: ZSTD_cParameter, to value: Int) {
    _ = unsafe ZSTD_CCtx_setParameter(encoder, parameter, Int32(value))
  }
}
