internal import ArgumentParser
internal import Cassandra
internal import FoundationEssentials
internal import SystemPackage
internal import TransferEngine
internal import Yams

/// Settings from the environment and the YAML file, for what the command line leaves open.
///
/// The first that says something wins: option, environment, file, the program's default.
struct Settings {
    /// Read where no `--config` is given, if it is there.
    static let defaultFile = "/etc/ringvault/ringvault.yaml"

    private var file: [Setting: [String]] = [:]
    /// Of the process, for what others' tools read from it as well.
    let environment: [String: String]

    /// - Throws: `ValidationError` for a file that cannot be read, is not YAML, or has a key that is no setting.
    init(configuration: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.environment = environment
        let path = configuration ?? environment["RINGVAULT_CONFIG"]
        let chosen = FilePath(path ?? Self.defaultFile)
        guard path != nil || (try? FileStatus(of: chosen, followingLinks: true)) != nil else { return }
        do {
            file = try Self.parse(try SmallFile.text(of: chosen, followingLinks: true))
        } catch {
            throw ValidationError("cannot use the configuration \(chosen): \(error)")
        }
    }

    private static func parse(_ yaml: String) throws -> [Setting: [String]] {
        guard let root = try Yams.compose(yaml: yaml) else { return [:] }
        guard let mapping = root.mapping else { throw ValidationError("it is not a list of 'name: value' lines") }
        var values: [Setting: [String]] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard let setting = Setting(rawValue: name) else {
                throw ValidationError("'\(name)' is no setting; there are: \(Setting.names)")
            }
            if let scalar = value.scalar {
                values[setting] = [scalar.string]
            } else if let sequence = value.sequence {
                values[setting] = try sequence.map { element in
                    guard let scalar = element.scalar else { throw ValidationError("'\(name)' holds more than text") }
                    return scalar.string
                }
            } else {
                throw ValidationError("'\(name)' holds more than text")
            }
        }
        return values
    }

    func string(_ setting: Setting, _ option: String?) throws -> String? {
        if let option { return option }
        if let value = environment[setting.environmentName], !value.isEmpty { return value }
        guard let values = file[setting] else { return nil }
        guard values.count == 1 else {
            throw ValidationError("'\(setting.rawValue)' in the configuration takes one value")
        }
        return values[0]
    }

    /// Several values; in the environment they are parted by commas.
    func strings(_ setting: Setting, _ options: [String]) -> [String] {
        if !options.isEmpty { return options }
        if let value = environment[setting.environmentName], !value.isEmpty {
            return value.split(separator: ",").map(String.init)
        }
        return file[setting] ?? []
    }

    func required(_ setting: Setting, _ option: String?) throws -> String {
        guard let value = try string(setting, option) else {
            throw ValidationError(
                "--\(setting.rawValue) is missing (or \(setting.environmentName), or '\(setting.rawValue)' in the "
                    + "configuration)"
            )
        }
        return value
    }

    /// A flag: given on the command line, else `true` or `false`.
    func flag(_ setting: Setting, _ option: Bool) throws -> Bool {
        if option { return true }
        return try value(setting, nil, default: false, expecting: "true or false") { Bool($0) }
    }

    /// A rate; unlimited where nothing is said.
    func rate(_ setting: Setting, _ option: String?) throws -> DataRate {
        try value(setting, option, default: .unlimited, expecting: "a rate such as 100MiB/s") { DataRate($0) }
    }

    /// A variable of the environment that is not one of ours, such as HTTPS_PROXY; nil if it is empty.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A value that `parse` understands, or `fallback` where nothing is said.
    func value<Value>(
        _ setting: Setting,
        _ option: String?,
        default fallback: Value,
        expecting form: String,
        _ parse: (String) -> Value?
    ) throws -> Value {
        guard let text = try string(setting, option) else { return fallback }
        guard let value = parse(text) else {
            throw ValidationError("'\(text)' cannot be used as \(setting.rawValue): expected \(form)")
        }
        return value
    }
}
