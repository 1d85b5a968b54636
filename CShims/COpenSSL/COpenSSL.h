#ifndef COPENSSL_H
#define COPENSSL_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

// An OSSL_PARAM keeps the addresses of its name and value, and a Swift string's holds for one call only: the parameters of a
// derivation are put together here. https://www.openssl.org/docs/man3.0/man7/EVP_KDF-HKDF.html
static inline int copenssl_hkdf_sha256(EVP_KDF_CTX *_Nonnull context, const unsigned char *_Nullable secret,
                                       size_t secret_count, const unsigned char *_Nullable salt, size_t salt_count,
                                       const unsigned char *_Nullable info, size_t info_count,
                                       unsigned char *_Nonnull key, size_t key_count) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_count),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count),
      OSSL_PARAM_construct_end(),
  };
  return EVP_KDF_derive(context, key, key_count, parameters);
}
#endif
