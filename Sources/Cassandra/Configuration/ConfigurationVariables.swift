/// `${NAME}` and `${NAME:-default}` in values, as templates of images leave them where nothing filled them in.
///
/// Cassandra itself does not know them; the official image and the operators write plain values into the file before
/// the node starts. Where a variable is not set and there is no default, the value is not known.
struct ConfigurationVariables {
    let environment: [String: String]

    struct Unset: Error {
        let name: String
    }

    func resolve(_ text: String) throws(Unset) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            result += rest[..<start.lowerBound]
            result += try value(of: rest[start.upperBound..<end])
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of reference: Substring) throws(Unset) -> String {
        let parts = reference.firstRange(of: ":-")
        let name = String(parts.map { reference[..<$0.lowerBound] } ?? reference)
        if let value = environment[name], !value.isEmpty || parts == nil { return value }
        guard let parts else { throw Unset(name: name) }
        return String(reference[parts.upperBound...])
    }
}
