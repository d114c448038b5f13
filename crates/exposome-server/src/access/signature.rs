//! Whether somebody's key signed these bytes, in the ways that passkeys (COSE) and sign-on providers (JOSE) name.

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum PublicKey {
    /// The point, as its two coordinates.
    P256 {
        x: Vec<u8>,
        y: Vec<u8>,
    },
    Ed25519 {
        x: Vec<u8>,
    },
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// How a signature is made and written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// ECDSA on P-256 with SHA-256, in ASN.1: WebAuthn, 6.5.5.
    Es256Asn1,
    /// The same, as two numbers of 32 bytes: RFC 7518, 3.4.
    Es256Fixed,
    EdDsa,
    Rs256,
    Ps256,
}

impl PublicKey {
    pub(crate) fn has_signed(&self, way: Way, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (self, way) {
            (PublicKey::P256 { x, y }, Way::Es256Asn1) => {
                plain(&ECDSA_P256_SHA256_ASN1, &point(x, y), message, signature)
            }
            (PublicKey::P256 { x, y }, Way::Es256Fixed) => {
                plain(&ECDSA_P256_SHA256_FIXED, &point(x, y), message, signature)
            }
            (PublicKey::Ed25519 { x }, Way::EdDsa) => plain(&ED25519, x, message, signature),
            (PublicKey::Rsa { n, e }, Way::Rs256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            (PublicKey::Rsa { n, e }, Way::Ps256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PSS_2048_8192_SHA256,
                message,
                signature,
            ),
            _ => return false,
        };
        verified.is_ok()
    }
}

fn plain(
    algorithm: &'static dyn signature::VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), aws_lc_rs::error::Unspecified> {
    UnparsedPublicKey::new(algorithm, key).verify(message, signature)
}

/// SEC 1, 2.3.3: uncompressed.
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}
