//! The files of a listener's TLS: read, judged, and read again when they change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};

use crate::http::tls::chain::Chain;

/// The largest file, in bytes: a chain is some kilobytes.
const LARGEST: u64 = 1 << 20;

/// Where the certificate, its key, and the authority of clients are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with its intermediates, as PEM.
    pub cert: PathBuf,
    /// The private key, as PEM.
    pub key: PathBuf,
    /// The authorities whose certificates clients must have; `None`: clients need none.
    pub client_ca: Option<PathBuf>,
}

/// Why files cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct TlsFault {
    /// The key of the settings: `cert`, `key` or `client_ca`.
    pub key: &'static str,
    /// One sentence; never the content of a file.
    pub text: String,
    /// Whether the file is not there at all.
    pub is_missing: bool,
}

/// What the files give.
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    pub(super) chain: Chain,
}

/// What shows that a file has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<(Option<SystemTime>, u64, u64)>>);

impl TlsFiles {
    /// What clients may refuse the certificate for, a sentence each.
    ///
    /// # Errors
    /// A file that cannot be read or is not what it should be; a key that belongs to another certificate.
    pub fn inspect(&self) -> Result<Vec<String>, TlsFault> {
        self.load().map(|loaded| loaded.chain.faults(jiff::Timestamp::now().as_second()))
    }

    pub(super) fn load(&self) -> Result<Loaded, TlsFault> {
        let chain = certificates("cert", &self.cert)?;
        let key = PrivateKeyDer::from_pem_slice(&read("key", &self.key)?);
        let key = key.map_err(|_| fault("key", &self.key, "holds no private key in PEM"))?;
        let unusable = |what: &str| fault("cert", &self.cert, what);
        let read = Chain::read(&chain).ok_or_else(|| unusable("holds a certificate that cannot be read"))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]);
        let builder = builder.map_err(|error| unusable(&format!("cannot be served: {error}")))?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(ca) => verified(builder, ca, provider)?,
        };
        let config = builder.with_single_cert(chain, key);
        let mut config = config.map_err(|error| {
            fault(
                "key",
                &self.key,
                &format!("does not belong to the first certificate of `cert`, or cannot be used: {error}"),
            )
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Loaded { config: Arc::new(config), chain: read })
    }

    /// The present state of the files.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp(
            [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()]
                .into_iter()
                .flatten()
                .map(|path| of(path))
                .collect(),
        )
    }
}

/// The rest of a configuration that takes only clients whose certificate one of the authorities in `ca` gave.
fn verified(
    builder: ConfigBuilder<ServerConfig, WantsVerifier>,
    ca: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<ConfigBuilder<ServerConfig, tokio_rustls::rustls::server::WantsServerCert>, TlsFault> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("client_ca", ca)? {
        roots.add(certificate).map_err(|_| fault("client_ca", ca, "holds a certificate that is no authority's"))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let verifier = verifier.map_err(|error| fault("client_ca", ca, &format!("cannot be used: {error}")))?;
    Ok(builder.with_client_cert_verifier(verifier))
}

/// The certificates of a file; one or more.
fn certificates(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let certificates = CertificateDer::pem_slice_iter(&read(key, path)?).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| fault(key, path, "holds no certificate in PEM"))
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, TlsFault> {
    let unreadable = |error: std::io::Error| TlsFault {
        is_missing: error.kind() == std::io::ErrorKind::NotFound,
        ..fault(key, path, &format!("cannot be read: {}", error.kind()))
    };
    let state = std::fs::metadata(path).map_err(unreadable)?;
    if !state.is_file() || state.len() > LARGEST {
        return Err(fault(key, path, "is no regular file of 1 MiB or less"));
    }
    std::fs::read(path).map_err(unreadable)
}

fn fault(key: &'static str, path: &Path, what: &str) -> TlsFault {
    TlsFault { key, text: format!("the file of `tls.{key}`, {}, {what}", path.display()), is_missing: false }
}

fn of(path: &Path) -> Option<(Option<SystemTime>, u64, u64)> {
    let state = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&state);
    #[cfg(not(unix))]
    let number = 0;
    Some((state.modified().ok(), state.len(), number))
}
