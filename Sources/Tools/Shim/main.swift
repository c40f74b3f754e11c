// The part of the binary that stands beside containers, by itself: what the process runtime's tests start.

import ProcessRuntime

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

exit(runHiddenCommand(Array(CommandLine.arguments.dropFirst())) ?? 64)
