internal import CKernels
public import Tensors

/// What an update multiplies the base by before it adds to it.
public enum Gain: Sendable {
  /// Nothing: the update is additive.
  case none
  /// One factor for all elements of a run.
  case uniform(Float)
  /// One factor for each element of a run.
  case each(ArraySlice<Float>)
}

/// The arithmetic of merging, for runs of neighbouring elements: the one place where a base and a
/// delta become a merged value, and where they come apart again.
///
/// merged = round(gain · base + delta), predicted base = round((merged − delta) / gain), in Float
/// (Double for F64 bases), each rounded once to nearest even. NUMERICS.md is the full text.
public struct MergeArithmetic: Sendable {
  /// The base's type.
  public let baseType: DType
  /// The merged tensor's type.
  public let mergedType: DType
  /// The form of the kernels.
  public let form: KernelForm

  /// Arithmetic between two types that are computed with.
  public init(baseType: DType, mergedType: DType, form: KernelForm) {
    precondition(baseType.isComputed && mergedType.isComputed, "both types are computed with")
    self.baseType = baseType
    self.mergedType = mergedType
    self.form = form
  }

  /// Where a run's elements are in the buffers of its job.
  public struct Run: Sendable {
    /// The first element, counted from the start of the job's buffers.
    public let start: Int
    /// The number of elements.
    public let count: Int
    /// The first element's delta, counted from the start of the delta buffer.
    public let deltaStart: Int
    /// What the base is multiplied by.
    public let gain: Gain

    /// A run of `count` elements from `start`, whose deltas begin at `deltaStart`.
    public init(start: Int, count: Int, deltaStart: Int, gain: Gain = .none) {
      self.start = start
      self.count = count
      self.deltaStart = deltaStart
      self.gain = gain
    }
  }

  /// Merges one run and adds up what it did.
  ///
  /// `corrections`, where given, gets an entry for every element whose prediction misses the base;
  /// indices count from the start of the job.
  public func merge(
    _ run: Run,
    base: [UInt8],
    delta: [Float],
    merged: inout [UInt8],
    sums: inout MergeSums,
    corrections: inout CorrectionScratch?
  ) {
    check(run, base: base.count, merged: merged.count, delta: delta.count)
    var kernelSums = adapterctl_merge_sums()
    unsafe base.withUnsafeBytes { base in
      unsafe merged.withUnsafeMutableBytes { merged in
        unsafe withRun(run, delta: delta) { kernelRun in
          guard let from = base.baseAddress, let to = merged.baseAddress else { return }
          let source = unsafe from + run.start * baseType.elementByteCount
          let target = unsafe to + run.start * mergedType.elementByteCount
          if corrections != nil {
            unsafe corrections?.withKernel(roomFor: run.count) { kernelCorrections in
              unsafe adapterctl_merge(
                form.kernel,
                &kernelRun,
                source,
                target,
                &kernelSums,
                &kernelCorrections,
                UInt32(run.start)
              )
            }
          } else {
            unsafe adapterctl_merge(
              form.kernel,
              &kernelRun,
              source,
              target,
              &kernelSums,
              nil,
              UInt32(run.start)
            )
          }
        }
      }
    }
    sums.add(kernelSums, elementCount: run.count)
  }

  /// Predicts the base of one run from its merged elements.
  public func predict(_ run: Run, merged: [UInt8], delta: [Float], base: inout [UInt8]) {
    check(run, base: base.count, merged: merged.count, delta: delta.count)
    unsafe merged.withUnsafeBytes { merged in
      unsafe base.withUnsafeMutableBytes { base in
        unsafe withRun(run, delta: delta) { kernelRun in
          guard let from = merged.baseAddress, let to = base.baseAddress else { return }
          unsafe adapterctl_predict(
            form.kernel,
            &kernelRun,
            from + run.start * mergedType.elementByteCount,
            to + run.start * baseType.elementByteCount
          )
        }
      }
    }
  }

  private func check(_ run: Run, base: Int, merged: Int, delta: Int) {
    precondition((run.start + run.count) * baseType.elementByteCount <= base)
    precondition((run.start + run.count) * mergedType.elementByteCount <= merged)
    precondition(run.deltaStart + run.count <= delta)
    precondition(run.start + run.count <= Int(UInt32.max), "indices have 32 bits")
  }

  private func withRun(
    _ run: Run,
    delta: [Float],
    _ body: (inout adapterctl_run) -> Void
  ) {
    unsafe delta.withUnsafeBufferPointer { delta in
      guard run.count > 0, let start = delta.baseAddress else { return }
      var kernelRun = unsafe adapterctl_run(
        base_type: baseType.computedElement,
        merged_type: mergedType.computedElement,
        count: run.count,
        gain: nil,
        gain_step: 0,
        delta: start + run.deltaStart
      )
      switch run.gain {
      case .none: unsafe body(&kernelRun)
      case .uniform(let factor):
        unsafe withUnsafePointer(to: factor) { pointer in
          unsafe kernelRun.gain = pointer
          unsafe body(&kernelRun)
        }
      case .each(let factors):
        precondition(factors.count >= run.count, "one factor an element")
        unsafe factors.withUnsafeBufferPointer { factors in
          unsafe kernelRun.gain = factors.baseAddress
          unsafe kernelRun.gain_step = 1
          unsafe body(&kernelRun)
        }
      }
    }
  }
}
