//! The encrypted door.

use crate::server::{Server, settings};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

fn secure() -> Server {
    let mut settings = settings();
    settings.plain = false;
    Server::with(settings)
}

/// Asks `/healthz` and gives back the answer, or why there is none.
fn ask(
    server: &Server,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Result<String, String> {
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = rustls::RootCertStore::empty();
    let path = server.folder.path().join("tls/certificate.pem");
    roots.add(rustls::pki_types::CertificateDer::from_pem_file(path).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connection =
        rustls::ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut socket = TcpStream::connect(server.url.strip_prefix("https://").unwrap()).unwrap();
    let mut stream = rustls::Stream::new(&mut connection, &mut socket);
    stream
        .write_all(b"GET /worklist HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .map_err(|it| it.to_string())?;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    Ok(answer)
}

#[test]
fn a_certificate_of_our_own_is_made_once_and_answers_both_versions() {
    let server = secure();
    for versions in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let answer = ask(&server, versions).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(
            answer.contains("strict-transport-security: max-age=31536000; includeSubDomains"),
            "{answer}"
        );
    }
    let fingerprint = server.fingerprint.clone().unwrap();
    assert_eq!(fingerprint.len(), 32 * 3 - 1);
    let again = Server::of(server.stop(), {
        let mut settings = settings();
        settings.plain = false;
        settings
    });
    assert_eq!(again.fingerprint.as_ref(), Some(&fingerprint));
}

#[cfg(unix)]
#[test]
fn what_lies_in_the_data_folder_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = secure();
    let mode = |path: &str| {
        std::fs::metadata(server.folder.path().join(path)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(
        (mode(""), mode("tls"), mode("tls/key.pem"), mode("exposome.key")),
        (0o700, 0o700, 0o600, 0o600)
    );
}

#[test]
fn plain_http_is_not_for_others() {
    let mut settings = settings();
    settings.address = ([0, 0, 0, 0], 0).into();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    settings.data = folder.path().to_owned();
    let error = runtime.block_on(async {
        let store =
            exposome_store::Store::open_sqlite(&folder.path().join("exposome.db")).await.unwrap();
        let house = exposome_server::House::new(
            store,
            Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
            settings,
            Arc::new(crate::server::Runner::default()),
        )
        .unwrap();
        exposome_server::start(house).await.err().unwrap()
    });
    assert!(error.to_string().contains("plain HTTP is for this machine alone"), "{error}");
}
