internal import COpenSSL

/// The RSA key of the fake service account: made once for these tests, and good for nothing else.
enum ServiceAccountKey {
    static let id = "0123456789abcdef0123456789abcdef01234567"

    /// In PKCS #8, as Google writes it into key files.
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCooZRQgB1QCPx5
        mwoOaQ7Ir+q0oeXVTZQ/V5xvpX0fEBENQcl0Vnrfk9jejKQAReHngx7UhmLGeR06
        tL+UR2ZCbz2odqUKzHBOA0iCqQyFU0FMMAm6ExTT4AkgdN2fQo1BudPldkNGY0xk
        ATnkHtATVtbE2kFHlBjXze0vo1nDZuvu056oxJ0weeyzoDUjeZy0Yqbhya87EXpZ
        VdQAhakpiR6WLYfcDpIMSHZR9jWb3Pg3H07Re1eVSqE5QBSiNEXJXrTHZlmDI5hV
        fnCafR1JOUpnNds43Q5ocy3Hy61gs079aLpHPO8yPRukFlsXp0tae4V9lDNKme1y
        yw2k95WpAgMBAAECggEACKLVx1WjAAFQeiMwMv1luMNsSrnr3QOvGZtcCJ+6C7Lf
        8gTc01dxItgd3YU9tOyJ8uL/24nSWdsZXcikncHBAUVUgWHUy/vHrfHJxInxzouC
        pus4OaOr3Q9L3bH+fknYlXV13k+IhydODI+/g5Ohu7Z7zfMQ2stBMR7RDIUvc1an
        D9VwgqUhHi/GJbckIkSt+uFPpynU7HFQRT+fBUCXO5+caQ2mulepBo+GwnzvxI9X
        IvHcKlKlD+DDHYsv+DPqObM5Zatq6r9R2i6OPiremDaLrI1czVI9gxTtwkWUVID+
        KF+qUKB3UFSu9WiCYeeXGBaA82J0u/+coBISJi+zTQKBgQDZwYT+7IImVV7Pfa+o
        7yWoCFPA86WPY8xm+A6r7AdHZW9B7pM7VhncHcRLUSK5Sq7RxIyJv+pIninSbE4b
        0TyqFspxwXIYSa+OsLmurlk1UKnEPQbGPOge7goHx5Y/4V04Jdhuguj0U0T5zf+4
        QOqzr0WO6PEn5zU4490oQxvJdwKBgQDGP18FoXBSpxHvj8siWypeHa8Oxtk+DL66
        jfUKREVKypIeGQRcio22jOuLlw7BliyfWFXemzrQe5QBzenmDHGwkzjG25Xih965
        apDo615zny69yUnAMSRJ6gq1VEmRpREwZCZMm+twTBD5rxOtaMcKw9O4P4KEc2jt
        1rNaFjth3wKBgDgvlK9qOxLFCFelaIPAYQkATQwGUfuzlnQjITX/CsnDRHfQpTC0
        QKvpClMctkb1HDKH8nNAj6T5GnVu+KB41pxUkRvU/CmEKcY5l0+ZMO9uxr8Zt/vC
        j2obpX7oYr5M2g64xSWOpakVK0EBhC/4oBaI7Pu44zCWmcb6FIBlAHB1AoGBAIDo
        vioUIsyr9J64+ta5PyB53tYV+Tc+5Fq8aiUl5YTPmhnWHJ7sPWAB3DwlmqPIufVX
        ZGbeu2zLnp9ZvQko+FhgMuAj8x+dR/d7UwUR35YBYUxpcfp2OemSNSpZx4jcNAQq
        azkPfhXEcJla/cmZwyu90JMTQRRNU2KsZG1k3XIzAoGBAMmIOihkKIbhaubYr7on
        dpaN9MxYKlz3tSdUIVqSbSgZEIjCS8Z7dyjzPZnRkx282QKVUsFIgwp5j99IVodI
        fxM686xgz1xeC+kmmNBxhzR7oeK9EF6YCe9nhDhPsIT1jpTrP2Aq9Wd544zMn50X
        9LajxDbG3fWS4dHFj7diiyx4
        -----END PRIVATE KEY-----

        """

    /// Whether a signature by RS256 (RFC 7518 section 3.3) is that of this key.
    static func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        guard let der = Base64Text.decode(lines.joined()) else { return false }
        return unsafe der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            let key = unsafe d2i_AutoPrivateKey(nil, &start, bytes.count)
            let context = unsafe EVP_MD_CTX_new()
            defer {
                unsafe EVP_MD_CTX_free(context)
                unsafe EVP_PKEY_free(key)
            }
            guard unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
            return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }
}
