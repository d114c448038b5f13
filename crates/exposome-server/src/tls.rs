//! The certificate: the hospital's, or one of our own making.
//!
//! One of our own making is for the first look at exposome, or for behind a
//! proxy: browsers warn of it, so its fingerprint is shown where it was made.

use crate::settings::Settings;
use crate::{Error, secret, write_private};
use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) fingerprint: Option<String>,
}

/// So long before its end a certificate of our own is made anew.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);
const VALID_DAYS: i64 = 397;

/// What answers TLS; nothing where plain HTTP was asked for.
pub(crate) fn acceptor(settings: &Settings, now: Timestamp) -> Result<Option<Tls>, Error> {
    if settings.plain {
        return Ok(None);
    }
    let (certificate, key) = match &settings.tls {
        Some(files) => (files.certificate.clone(), files.key.clone()),
        None => own(settings, now)?,
    };
    let chain = chain(&certificate)?;
    let fingerprint = chain.first().filter(|_| settings.tls.is_none()).map(|it| fingerprint(it));
    let secret_key = PrivateKeyDer::from_pem_file(&key).map_err(|error| Error::Unfit {
        what: "the key of the certificate",
        path: key,
        why: error.to_string(),
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, secret_key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint }))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let unfit = |why: String| Error::Unfit { what: "the certificate", path: path.to_owned(), why };
    let all = CertificateDer::pem_file_iter(path).map_err(|error| unfit(error.to_string()))?;
    let chain: Result<Vec<_>, _> = all.collect();
    let chain = chain.map_err(|error| unfit(error.to_string()))?;
    if chain.is_empty() {
        return Err(unfit("no certificate in it".to_owned()));
    }
    Ok(chain)
}

/// SHA-256, as browsers show it.
fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = Sha256::digest(certificate);
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// The certificate of our own making, made where there is none that still holds.
fn own(settings: &Settings, now: Timestamp) -> Result<(PathBuf, PathBuf), Error> {
    let folder = settings.data.join("tls");
    crate::make_private(&folder)?;
    let [certificate, key, until] =
        ["certificate.pem", "key.pem", "until"].map(|it| folder.join(it));
    let holds_until =
        std::fs::read_to_string(&until).ok().and_then(|it| it.trim().parse::<Timestamp>().ok());
    let is_there = certificate.exists() && key.exists();
    if is_there && holds_until.is_some_and(|it| it - RENEW_BEFORE > now) {
        return Ok((certificate, key));
    }
    let mut names = vec!["localhost".to_owned(), settings.address.ip().to_string()];
    names.extend(settings.base_url.as_ref().and_then(|it| it.host_str()).map(str::to_owned));
    names.sort();
    names.dedup();
    let mut parameters = rcgen::CertificateParams::new(names)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "exposome");
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    // A browser that trusts one such certificate by hand must not take the next for it.
    parameters.serial_number =
        Some(rcgen::SerialNumber::from_slice(secret::random_text(12)?.as_bytes()));
    let end = now + SignedDuration::from_hours(24 * VALID_DAYS);
    let day = |moment: Timestamp| {
        let date = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        rcgen::date_time_ymd(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    (parameters.not_before, parameters.not_after) =
        (day(now - SignedDuration::from_hours(24)), day(end));
    let pair = rcgen::KeyPair::generate()?;
    let made = parameters.self_signed(&pair)?;
    write_private(&key, "the key of the certificate", pair.serialize_pem().as_bytes())?;
    write_private(&certificate, "the certificate", made.pem().as_bytes())?;
    write_private(&until, "the end of the certificate", end.to_string().as_bytes())?;
    Ok((certificate, key))
}
