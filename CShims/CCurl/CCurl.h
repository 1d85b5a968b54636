#ifndef CCURL_H
#define CCURL_H
#include <curl/curl.h>

// curl_easy_setopt, curl_multi_setopt, curl_share_setopt and curl_easy_getinfo
// are variadic, which Swift cannot call: one wrapper for each class of argument,
// named as in CURLOPTTYPE_*. A callback and its context are set together, since
// one without the other is never right.
// https://curl.se/libcurl/c/curl_easy_setopt.html

// CURLOPTTYPE_LONG and _VALUES.
static inline CURLcode ccurl_set_long(CURL *_Nonnull easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_OFF_T: 64 bits also where long has 32.
static inline CURLcode ccurl_set_offset(CURL *_Nonnull easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_STRINGPOINT: libcurl copies the string.
static inline CURLcode ccurl_set_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_OBJECTPOINT: libcurl keeps the pointer, so what it points to must outlive the transfer.
static inline CURLcode ccurl_set_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_SLISTPOINT: as above, with the list's own type.
static inline CURLcode ccurl_set_list(CURL *_Nonnull easy, CURLoption option, struct curl_slist *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

// curl_read_callback, curl_write_callback: the header callback has the type of the latter.
typedef size_t (*ccurl_bytes_function)(char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);

static inline CURLcode ccurl_set_read(CURL *_Nonnull easy, ccurl_bytes_function _Nonnull f, void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_READFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_READDATA, context) : rc;
}

static inline CURLcode ccurl_set_write(CURL *_Nonnull easy, ccurl_bytes_function _Nonnull f, void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_WRITEDATA, context) : rc;
}

static inline CURLcode ccurl_set_header(CURL *_Nonnull easy, ccurl_bytes_function _Nonnull f, void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_HEADERDATA, context) : rc;
}

// curl_seek_callback
typedef int (*ccurl_seek_function)(void *_Nullable context, curl_off_t offset, int origin);

static inline CURLcode ccurl_set_seek(CURL *_Nonnull easy, ccurl_seek_function _Nonnull f, void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_SEEKDATA, context) : rc;
}

// curl_xferinfo_callback; libcurl calls it only once CURLOPT_NOPROGRESS is off.
typedef int (*ccurl_progress_function)(void *_Nullable context, curl_off_t download_total, curl_off_t downloaded,
                                       curl_off_t upload_total, curl_off_t uploaded);

static inline CURLcode ccurl_set_progress(CURL *_Nonnull easy, ccurl_progress_function _Nonnull f,
                                          void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, f);
  if (rc == CURLE_OK) rc = curl_easy_setopt(easy, CURLOPT_XFERINFODATA, context);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) : rc;
}

// curl_prereq_callback (7.80): a connection stands, new or reused, and the request goes out next.
typedef int (*ccurl_request_function)(void *_Nullable context, char *_Nullable peer, char *_Nullable local,
                                      int peer_port, int local_port);

static inline CURLcode ccurl_set_request(CURL *_Nonnull easy, ccurl_request_function _Nonnull f,
                                         void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_PREREQDATA, context) : rc;
}

// curl_sockopt_callback: a socket was made and is about to be connected.
typedef int (*ccurl_socket_function)(void *_Nullable context, curl_socket_t socket, curlsocktype purpose);

static inline CURLcode ccurl_set_socket(CURL *_Nonnull easy, ccurl_socket_function _Nonnull f,
                                        void *_Nullable context) {
  CURLcode rc = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, f);
  return rc == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, context) : rc;
}

// CURLINFO_LONG
static inline CURLcode ccurl_get_long(CURL *_Nonnull easy, CURLINFO info, long *_Nonnull value) {
  return curl_easy_getinfo(easy, info, value);
}

// CURLINFO_OFF_T
static inline CURLcode ccurl_get_offset(CURL *_Nonnull easy, CURLINFO info, curl_off_t *_Nonnull value) {
  return curl_easy_getinfo(easy, info, value);
}

// CURLINFO_PTR
static inline CURLcode ccurl_get_pointer(CURL *_Nonnull easy, CURLINFO info, void *_Nullable *_Nonnull value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLSHcode ccurl_share(CURLSH *_Nonnull share, curl_lock_data data) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// CURLMsg holds its result in a union, which Swift imports without saying which member counts:
// the result of CURLMSG_DONE, the only message there is.
static inline CURLcode ccurl_message_result(const CURLMsg *_Nonnull message) { return message->data.result; }
#endif
