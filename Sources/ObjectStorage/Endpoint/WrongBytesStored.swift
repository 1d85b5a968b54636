/// A store took a body, and tells a checksum that is not that of what was sent.
///
/// The object has to go before the put is repeated: a create-only put would take it for the right one. Where it cannot
/// be removed, repeating would make a success of wrong bytes.
struct WrongBytesStored: Error, CustomStringConvertible {
    /// Why it could not be removed; nil: it is gone.
    let left: StoreError?

    var description: String {
        let fact = "the store holds other bytes than were sent"
        guard let left else { return "\(fact); removed" }
        return "\(fact), and they could not be removed: \(left); delete the object by hand"
    }
}
