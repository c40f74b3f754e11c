public struct IPAddress: Sendable, Hashable {}
public struct IPBlock: Sendable, Hashable {}
public struct CELURL: Sendable, Hashable {}
public struct CELFormat: Sendable, Hashable {}
