/**
 * A certificate for localhost and 127.0.0.1, signed by itself, valid until 2120. It protects nothing: its key is
 * public by standing here.
 */
export const testCertificate: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAIGyP6kmf9JHpOMl
29k0uBqY7Q0GDK5LqsZzk4i+uEWhRANCAAR1N7bOsg8ZkJwE/YsBqEoAZsGGqSbh
DvBFlu2icU57YkzFanCqWJK50y7PHNWzQKl/XE1P3R9UppWEB53sZ1rw
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBeTCCASCgAwIBAgIUURQWPIM5r9VMWbEtTmApvHEK/Y8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR1N7bOsg8ZkJwE/YsBqEoAZsGGqSbhDvBFlu2icU57YkzFanCqWJK5
0y7PHNWzQKl/XE1P3R9UppWEB53sZ1rwo04wTDAaBgNVHREEEzARgglsb2NhbGhv
c3SHBH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUnw1gy0iwrbh5YoNt
5PWGD/gJYOAwCgYIKoZIzj0EAwIDRwAwRAIgaDeppdszl4+vtiSoowpPVOh6wkYO
SaAUD68kh4hW6eYCIBk10aM4WqP8xegvPhsO+fsxtRUGLC435ZIjiKM/B88s
-----END CERTIFICATE-----
`,
};
