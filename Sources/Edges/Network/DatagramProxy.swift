import NIOCore
import NIOPosix
import Services

/// Leads UDP packets to backends and the answers back. Packets that one client sends in short intervals are a flow: they
/// go to the same backend, each flow from a port of its own, by which its answers are told apart.
final class DatagramProxy: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private struct Flow {
    var backend: Backend
    var place: SocketAddress
    var channel: any Channel
    var lastUsed: NIODeadline
  }

  private let source: BackendSource
  private let dialer: Dialer
  private var flows: [SocketAddress: Flow] = [:]
  /// Packets of clients whose flow is being opened.
  private var waiting: [SocketAddress: [ByteBuffer]] = [:]
  private var sweep: RepeatedTask?

  static let flowTime = TimeAmount.seconds(60)
  private static let flowLimit = 4_096
  private static let waitingLimit = 16

  init(to source: BackendSource, dialer: Dialer) {
    self.source = source
    self.dialer = dialer
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    sweep = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(10), delay: .seconds(10)) { _ in
      bound.value.endFlows { $0.lastUsed + Self.flowTime < .now() }
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let packet = unwrapInboundIn(data)
    let client = packet.remoteAddress
    // A backend that is none any more is left at once: there is nobody who could say that a flow has ended.
    if let flow = flows[client], !source.leads(client.ipAddress ?? "", to: flow.backend) {
      flow.channel.close(promise: nil)
      flows[client] = nil
    }
    if let flow = flows[client] {
      flows[client]?.lastUsed = .now()
      send(packet.data, flow)
    } else if waiting[client] != nil {
      if waiting[client, default: []].count < Self.waitingLimit { waiting[client]?.append(packet.data) }
    } else {
      open(for: client, first: packet.data, context)
    }
  }

  private func open(for client: SocketAddress, first: ByteBuffer, _ context: ChannelHandlerContext) {
    guard flows.count + waiting.count < Self.flowLimit, let backend = source.choose(for: client.ipAddress ?? ""),
      let place = try? SocketAddress(ipAddress: backend.address, port: backend.port),
      let socket = try? dialer.openDatagram(towards: backend)
    else { return }
    waiting[client] = [first]
    let back = DatagramReturn(from: place, to: client, through: context.channel)
    let bound = NIOLoopBound(back, eventLoop: context.eventLoop)
    DatagramBootstrap(group: context.eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
      }
      .withBoundSocket(socket).assumeIsolated().whenComplete { [self] result in
        let packets = waiting.removeValue(forKey: client) ?? []
        guard case .success(let channel) = result else { return }
        guard context.channel.isActive else { return channel.close(promise: nil) }
        let flow = Flow(backend: backend, place: place, channel: channel, lastUsed: .now())
        flows[client] = flow
        for packet in packets { send(packet, flow) }
      }
  }

  private func send(_ data: ByteBuffer, _ flow: Flow) {
    flow.channel.writeAndFlush(AddressedEnvelope(remoteAddress: flow.place, data: data), promise: nil)
  }

  private func endFlows(where isOver: (Flow) -> Bool) {
    for (client, flow) in flows where isOver(flow) {
      flow.channel.close(promise: nil)
      flows[client] = nil
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    sweep?.cancel()
    endFlows { _ in true }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// The way back of one flow: answers of its backend, and of nobody else, go to its client.
private final class DatagramReturn: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let backend: SocketAddress
  private let client: SocketAddress
  private let listener: any Channel

  init(from backend: SocketAddress, to client: SocketAddress, through listener: any Channel) {
    self.backend = backend
    self.client = client
    self.listener = listener
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let packet = unwrapInboundIn(data)
    guard packet.remoteAddress == backend else { return }
    listener.writeAndFlush(AddressedEnvelope(remoteAddress: client, data: packet.data), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
