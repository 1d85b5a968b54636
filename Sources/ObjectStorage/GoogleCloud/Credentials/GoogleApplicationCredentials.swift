internal import SystemPackage
internal import TransferEngine

/// Google's Application Default Credentials, behind what the settings give. The first of these that is there counts, and is
/// read anew for every token:
///
/// 1. the `gcp` of the settings' Secret: the JSON of a service account, or any other that 2 may hold;
/// 2. the file that `GOOGLE_APPLICATION_CREDENTIALS` names (`GoogleCredentialFile` says what it may be);
/// 3. gcloud's `application_default_credentials.json`, in the directory that `CLOUDSDK_CONFIG` names or in `~/.config/gcloud`;
/// 4. the metadata server, at `GCE_METADATA_HOST` or at its fixed address, unless `NO_GCE_CHECK` is `true`: the account of
///    a machine, or on GKE that of a workload.
///
/// At an endpoint without TLS only what somebody has named counts: the Secret and these variables. A login that
/// happens to lie in the home, or the account of the machine, is nothing for an emulator; with nothing named, requests
/// carry no token.
/// https://cloud.google.com/docs/authentication/application-default-credentials
struct GoogleApplicationCredentials: CredentialSource {
    private let secret: StorageSecretOrigin?
    private let context: CredentialContext

    /// Nil if requests are to carry no token.
    ///
    /// - Throws: `CredentialError` for a Secret that cannot be used, as far as no file must be read for it;
    ///   `StoreSettingsError` where a token would travel readable.
    static func find(
        _ settings: StoreSettings,
        _ context: CredentialContext,
        for endpoint: ServiceURL
    ) throws -> GoogleApplicationCredentials? {
        if case .given(let secret)? = settings.secret {
            _ = try GoogleCredentialFile(secret.serviceAccount(), "the Secret")
        }
        let variables = ["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST"]
        let isNamed = settings.secret != nil || variables.contains { context.variable($0) != nil }
        guard endpoint.isTLS || isNamed else { return nil }
        guard endpoint.keepsSecrets else {
            throw StoreSettingsError(
                "a token would be readable on its way to \(endpoint.text): use https, or an address of this machine"
            )
        }
        return GoogleApplicationCredentials(secret: settings.secret, context: context)
    }

    var name: String { "Google's application default credentials" }

    func fetch() async throws(CredentialError) -> Expiring<GoogleToken> { try await source().fetch() }

    private func source() async throws(CredentialError) -> any CredentialSource<GoogleToken> {
        if let secret {
            let json = try await context.io.run { () throws(CredentialError) in try secret.read().serviceAccount() }
            return try GoogleCredentialFile(json, "the Secret").source(GoogleScope.storage, context)
        }
        if let path = context.variable("GOOGLE_APPLICATION_CREDENTIALS") {
            let json = try await context.text(of: FilePath(path), "the file of GOOGLE_APPLICATION_CREDENTIALS")
            return try GoogleCredentialFile(json, path).source(GoogleScope.storage, context)
        }
        if let path = gcloudFile, let json = try await textIfThere(path) {
            return try GoogleCredentialFile(json, path.string).source(GoogleScope.storage, context)
        }
        guard context.variable("NO_GCE_CHECK") != "true" else { throw Self.nothing }
        return GoogleMetadataServer(context)
    }

    /// Where gcloud keeps a login; nil without a home.
    ///
    /// https://cloud.google.com/sdk/docs/configurations
    private var gcloudFile: FilePath? {
        let directory = context.variable("CLOUDSDK_CONFIG").map { FilePath($0) } ?? context.inHome(".config/gcloud")
        return directory?.appending("application_default_credentials.json")
    }

    private func textIfThere(_ path: FilePath) async throws(CredentialError) -> String? {
        do throws(FileError) {
            return try await context.io.run { () throws(FileError) in
                try SmallFile.text(of: path, followingLinks: true)
            }
        } catch {
            if error.code == .notFound { return nil }
            throw CredentialError(.invalid, "cannot read gcloud's credentials: \(error)")
        }
    }

    static let nothing = CredentialError(
        .missing,
        "there are no credentials for Google Cloud Storage: give a Secret with gcp, set GOOGLE_APPLICATION_CREDENTIALS, "
            + "run 'gcloud auth application-default login', or give the machine a service account"
    )
}
