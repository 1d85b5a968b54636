package import SystemPackage

/// A certificate that signed itself, and its key, for a client to show; made by the openssl program.
package struct ClientCertificate {
    /// In PEM form.
    package let certificate: FilePath
    package let key: FilePath

    /// Nil if there is no openssl.
    package init?(in directory: FilePath, name: String = "client") {
        certificate = directory.appending("\(name).pem")
        key = directory.appending("\(name)-key.pem")
        let line = """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout '\(key)' \
            -out '\(certificate)' -days 2 -subj /CN=\(name) 2> /dev/null
            """
        guard CommandLineTool.run(line) else { return nil }
    }
}
