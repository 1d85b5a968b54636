internal import ArgumentParser
internal import Operations
internal import Vault

/// How closely blobs are looked at, and which.
struct VerificationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("list, checksum or full; default checksum.", valueName: "level"))
    var level: String?

    @Option(
        help: ArgumentHelp(
            "Look at this share of the blobs only, another one on each run; default 100%.",
            valueName: "percent"
        )
    )
    var sample: String?

    func options(_ subject: VerifyOptions.Subject) throws -> VerifyOptions {
        var options = VerifyOptions(subject)
        if let level {
            guard let known = VerificationLevel(rawValue: level) else {
                throw ValidationError("'\(level)' is no level: expected list, checksum or full")
            }
            options.level = known
        }
        if let sample {
            guard let share = PercentArgument.parse(sample), share > 0 else {
                throw ValidationError("'\(sample)' is no share: expected more than 0% and at most 100%, as 10%")
            }
            options.sample = share == 1 ? .all : .random(share: share)
        }
        return options
    }
}

/// A share as it is given on the command line: `1%`, `0.5%`, `100`.
enum PercentArgument {
    /// From 0 to 1; nil for anything else.
    static func parse(_ text: String) -> Double? {
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let percent = Double(digits), percent <= 100
        else { return nil }
        return percent / 100
    }
}
