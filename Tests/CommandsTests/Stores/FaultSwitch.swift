import TestSupport
import TransferEngine

/// What a fake cloud does to all requests of some kinds from now on.
final class FaultSwitch: Sendable {
    private let rule = ThreadLock<@Sendable (FakeCloud.Request) -> FakeCloud.Fault?>({ _ in nil })

    func set(_ rule: @escaping @Sendable (FakeCloud.Request) -> FakeCloud.Fault?) { self.rule.withLock { $0 = rule } }

    /// To what the store itself is asked.
    func setStore(_ fault: FakeCloud.Fault?) { set { $0.operation == .token ? nil : fault } }

    /// To what its identity services are asked.
    func setServices(_ fault: FakeCloud.Fault?) { set { $0.operation == .token ? fault : nil } }

    func fault(of request: FakeCloud.Request) -> FakeCloud.Fault? { rule.withLock { $0 }(request) }
}
