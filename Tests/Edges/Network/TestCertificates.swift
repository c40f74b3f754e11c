/// Certificates that sign themselves, for the names that tests ask for. Made with
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`.
struct TestCertificate: Sendable {
  let certificate: String
  let key: String

  /// For web.example.com.
  static let first = TestCertificate(
    certificate: """
      -----BEGIN CERTIFICATE-----
      MIIBjzCCATWgAwIBAgIUeuAoE0LKfyioUroCRf8ZpBYQQGowCgYIKoZIzj0EAwIw
      DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyMTEwNDgyMloYDzIxMjYxMDI4MTA0ODIy
      WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARjUHjD
      xYeWeFTf1b6o2cf/uKV1SfMyjMjSMyMsALlBUGC40GNcdKqsCazB36v+sNE7px1H
      3LuiCIyYI5IMrwMno28wbTAdBgNVHQ4EFgQU013aJoBVel77bMsMxqVeFNK87tgw
      HwYDVR0jBBgwFoAU013aJoBVel77bMsMxqVeFNK87tgwDwYDVR0TAQH/BAUwAwEB
      /zAaBgNVHREEEzARgg93ZWIuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIh
      ANe72A7aa9X8Ijiw1Ggm/Wk+IVhhJmGmRM7EwSP/wWo3AiBb7nTR/EbFw3IO9UFZ
      FRqvOZZz7Oct9at4Othza6jskw==
      -----END CERTIFICATE-----
      """,
    key: """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTW7d6VYNSF5mEngU
      x/T8+sZ31Fnjc2n5ZFUgckvhRT2hRANCAARjUHjDxYeWeFTf1b6o2cf/uKV1SfMy
      jMjSMyMsALlBUGC40GNcdKqsCazB36v+sNE7px1H3LuiCIyYI5IMrwMn
      -----END PRIVATE KEY-----
      """)

  /// For web.example.com too: what the first is replaced by.
  static let second = TestCertificate(
    certificate: """
      -----BEGIN CERTIFICATE-----
      MIIBjjCCATWgAwIBAgIUY6omfqVDw/INcq7fJgivPTp2uwgwCgYIKoZIzj0EAwIw
      DjEMMAoGA1UEAwwDdHdvMCAXDTI2MTEyMTEwNDgyMloYDzIxMjYxMDI4MTA0ODIy
      WjAOMQwwCgYDVQQDDAN0d28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASVfGLC
      mY1TRcP2D7eVfeTxIm/EnaM3VCywHmnmLShEE930hPP/ljR8CwviRZ46ZGoDQTTj
      mKvJb+cpqvPXEqZ1o28wbTAdBgNVHQ4EFgQUAocC3QTYmqp6kBBBM1HXSJkoFMww
      HwYDVR0jBBgwFoAUAocC3QTYmqp6kBBBM1HXSJkoFMwwDwYDVR0TAQH/BAUwAwEB
      /zAaBgNVHREEEzARgg93ZWIuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDRwAwRAIg
      O7z/XxfKYR6LZGYeXAe+nMIDv5qYKOxPwCj+6K2bMDYCIACKvOJq49nmK7Uhs1SB
      2fsSF6b6My5PRm9o7GZcT867
      -----END CERTIFICATE-----
      """,
    key: """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdTMf0nUcbggG2JY3
      9YFjkHkY/ZyieyWjK8qT3w5mNGqhRANCAASVfGLCmY1TRcP2D7eVfeTxIm/EnaM3
      VCywHmnmLShEE930hPP/ljR8CwviRZ46ZGoDQTTjmKvJb+cpqvPXEqZ1
      -----END PRIVATE KEY-----
      """)

  /// For *.example.com.
  static let wildcard = TestCertificate(
    certificate: """
      -----BEGIN CERTIFICATE-----
      MIIBjzCCATWgAwIBAgIUMVjM7z232uLM6OeSiW5Yo5f4nKwwCgYIKoZIzj0EAwIw
      DzENMAsGA1UEAwwEd2lsZDAgFw0yNjExMjExMDQ4MjJaGA8yMTI2MTAyODEwNDgy
      MlowDzENMAsGA1UEAwwEd2lsZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIil
      bza4Qcr3EFcqciP4BZz+QyyqMDg2Gj5czWlyJHIoGE2JlsNUy3sEl0t6tfJnChpI
      Ya2iHxi5KhVVUGxGKTijbTBrMB0GA1UdDgQWBBQqdTTtPepCgS+ZtG6bqDFcpN6/
      lzAfBgNVHSMEGDAWgBQqdTTtPepCgS+ZtG6bqDFcpN6/lzAPBgNVHRMBAf8EBTAD
      AQH/MBgGA1UdEQQRMA+CDSouZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIh
      APburknEygk1rVQOKi77hxmVCaZzqRIK+UqEV6OItkxmAiBXmH7vP62ebYfwLFkn
      +xdFQ0XpkVS/Ku/2fHyqv53i9w==
      -----END CERTIFICATE-----
      """,
    key: """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu0gBVsrIvZMfQt5L
      KN1H1tos7hBeUen6MSpu+cjgIsehRANCAASIpW82uEHK9xBXKnIj+AWc/kMsqjA4
      Nho+XM1pciRyKBhNiZbDVMt7BJdLerXyZwoaSGGtoh8YuSoVVVBsRik4
      -----END PRIVATE KEY-----
      """)
}
