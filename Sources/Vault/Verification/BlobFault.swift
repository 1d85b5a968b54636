/// What is wrong with a blob's object.
package enum BlobFault: Sendable, Hashable {
    /// The store does not have it.
    case missing
    /// It is not what the manifest tells, and its content is not right either.
    case changed(String)
    /// Its content is not what its name, or a file's hash, says.
    case content(String)
    /// The store does not give it out, though asked again and again; nothing is known of its content.
    case unreadable(String)

    package var description: String {
        switch self {
        case .missing: "the store does not have it"
        case .changed(let what), .content(let what): what
        case .unreadable(let why): "it cannot be read: \(why)"
        }
    }

    /// For programs.
    package var kind: String {
        switch self {
        case .missing: "missing"
        case .changed: "changed"
        case .content: "content"
        case .unreadable: "unreadable"
        }
    }
}

/// What a look at a blob came to.
package enum BlobVerdict: Sendable, Hashable {
    case good
    /// Its content is right, although its object is not the one that a manifest tells: another run put another frame of the
    /// same content, in a store that leaves create-only out of account.
    case reframed
    case bad(BlobFault)
}
