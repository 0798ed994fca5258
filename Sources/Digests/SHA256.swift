internal import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, such as a file while it is copied.
///
/// The computation is OpenSSL's. One per worker: it is not for use from two threads.
@safe
public final class SHA256 {
  private let context: OpaquePointer

  /// No bytes so far.
  public init() {
    guard let context = unsafe EVP_MD_CTX_new() else {
      fatalError("no memory for a SHA-256 context")
    }
    unsafe self.context = context
    let isReady = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    guard isReady == 1 else { fatalError("libcrypto has no memory for SHA-256") }
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Adds bytes behind those that came before.
  public func append(_ bytes: Span<UInt8>) {
    let isAdded = unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }
    precondition(isAdded == 1, "SHA-256 takes any bytes")
  }

  /// Adds bytes behind those that came before.
  public func append(_ bytes: [UInt8]) { append(bytes.span) }

  /// The digest of all bytes so far; more may follow.
  public var digest: SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
    // Finishing ends a context, so a copy is finished.
    guard let copy = unsafe EVP_MD_CTX_new(), unsafe EVP_MD_CTX_copy_ex(copy, context) == 1 else {
      fatalError("no memory for a SHA-256 context")
    }
    defer { unsafe EVP_MD_CTX_free(copy) }
    let isFinished = unsafe EVP_DigestFinal_ex(copy, &bytes, nil)
    guard isFinished == 1, let digest = SHA256Digest(bytes: bytes) else {
      preconditionFailure("SHA-256 ends after any bytes")
    }
    return digest
  }

  /// The digest of `bytes`.
  public static func digest(of bytes: [UInt8]) -> SHA256Digest {
    let hasher = SHA256()
    hasher.append(bytes)
    return hasher.digest
  }
}
