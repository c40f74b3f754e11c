import Foundation

/// Prints a table row by row; CPU also as a multiple of a fixed piece of work, which a noisy machine slows down as well.
struct Report {
  /// CPU-seconds of the fixed piece of work.
  let calibration: Double

  init() {
    calibration = Self.calibrate()
    print(
      "calibration: \(Self.format(calibration * 1_000)) ms of CPU for 50 million steps of a hash; figures in ×cal are multiples of a millionth of it"
    )
    row("figure", "measured", "×cal", "reach")
  }

  func row(_ name: String, _ measured: String, _ ratio: String, _ reach: String) {
    print(Self.pad(name, 58) + Self.pad(measured, 30) + Self.pad(ratio, 12) + reach)
  }

  /// - Parameter cpu: seconds for one operation.
  func cpu(_ name: String, _ cpu: Double, and more: String = "", reach: String) {
    row(
      name, "\(Self.format(cpu * 1e6)) µs" + (more.isEmpty ? "" : ", \(more)"),
      Self.format(cpu / (calibration / 1e6)), reach)
  }

  static func format(_ number: Double) -> String {
    number >= 100
      ? String(format: "%.0f", number) : number >= 1 ? String(format: "%.1f", number) : String(format: "%.3f", number)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func calibrate() -> Double {
    let start = clock()
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for step in 0..<50_000_000 as Range<UInt64> { hash = (hash ^ (step & 0xff)) &* 0x100_0000_01b3 }
    precondition(hash != 0)
    return Double(clock() - start) / Double(CLOCKS_PER_SEC)
  }
}
