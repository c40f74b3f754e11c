// Ages as kubectl prints them: precise while a thing is young, coarse when it is old.

extension Duration {
  /// "5s", "3m20s", "18m", "5h30m", "2d3h", "3y20d": at most two units, the second one only while the first is
  /// small. A little less than nothing is "0s", because clocks differ; more than a second less is "<invalid>".
  public var humanReadable: String {
    let seconds = components.seconds
    let (minutes, hours, days, years) = (seconds / 60, seconds / 3600, seconds / 86_400, seconds / 31_536_000)
    return if seconds < -1 {
      "<invalid>"
    } else if seconds < 120 {
      "\(max(0, seconds))s"
    } else if minutes < 10 {
      pair(minutes, "m", seconds % 60, "s")
    } else if hours < 3 {
      "\(minutes)m"
    } else if hours < 8 {
      pair(hours, "h", minutes % 60, "m")
    } else if days < 2 {
      "\(hours)h"
    } else if days < 8 {
      pair(days, "d", hours % 24, "h")
    } else if years < 2 {
      "\(days)d"
    } else {
      years < 8 ? pair(years, "y", days % 365, "d") : "\(years)y"
    }
  }

  private func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
  }
}
