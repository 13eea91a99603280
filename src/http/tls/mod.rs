//! TLS of the SCIM listener, by rustls: 1.2 and 1.3, HTTP/1.1 alone.
//!
//! The files are looked at again with each handshake, away from the threads that serve; what has changed counts from that
//! handshake on. New files that cannot be used leave the old certificate in place.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

mod chain;
mod files;

pub use files::{TlsFault, TlsFiles};

use chain::Chain;
use files::{Loaded, Stamp};

/// How often a certificate that ends soon is warned about.
const REMINDER: Duration = Duration::from_secs(24 * 60 * 60);

/// The certificate of a listener, as its files have it now.
pub struct Tls {
    files: TlsFiles,
    state: Mutex<State>,
}

struct State {
    /// The files as they were last read, whether they could be used or not.
    seen: Stamp,
    config: Arc<ServerConfig>,
    chain: Chain,
    /// When its faults were last told.
    told: Instant,
}

/// Why a handshake came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The client took too long.
    #[error("the handshake took longer than {} ms", .0.as_millis())]
    TooSlow(Duration),
    /// One of the two did not accept the other.
    #[error("the handshake failed: {0}")]
    Failed(std::io::Error),
    /// The thread that looks at the files is gone: the process is ending.
    #[error("the files cannot be looked at")]
    Ending,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// See [`TlsFiles::inspect`].
    pub fn open(files: TlsFiles) -> Result<Self, TlsFault> {
        // Before the reading: a change in between is then seen.
        let seen = files.stamp();
        let Loaded { config, chain } = files.load()?;
        tell(&chain);
        Ok(Self { files, state: Mutex::new(State { seen, config, chain, told: Instant::now() }) })
    }

    /// Whether clients must have a certificate.
    pub fn asks_for_certificates(&self) -> bool {
        self.files.client_ca.is_some()
    }

    /// Shakes hands with a client, for `within` at most.
    ///
    /// # Errors
    /// See [`HandshakeError`]; the connection is closed.
    pub async fn accept(
        self: Arc<Self>,
        stream: TcpStream,
        within: Duration,
    ) -> Result<TlsStream<TcpStream>, HandshakeError> {
        let shaken = tokio::time::timeout(within, async {
            // A look at files may block, on a network drive even for long.
            let config = tokio::task::spawn_blocking(move || self.current()).await;
            let acceptor = TlsAcceptor::from(config.map_err(|_| HandshakeError::Ending)?);
            acceptor.accept(stream).await.map_err(HandshakeError::Failed)
        });
        shaken.await.unwrap_or(Err(HandshakeError::TooSlow(within)))
    }

    /// What the files say now, or said when they last could be used.
    fn current(&self) -> Arc<ServerConfig> {
        let stamp = self.files.stamp();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen != stamp {
            state.seen = stamp;
            match self.files.load() {
                Ok(Loaded { config, chain }) => {
                    (state.config, state.chain) = (config, chain);
                    tracing::info!("certificate reloaded");
                    state.remind(Duration::ZERO);
                }
                Err(fault) => tracing::warn!(error = %fault, "certificate reload rejected, the old one stays"),
            }
        }
        state.remind(REMINDER);
        Arc::clone(&state.config)
    }
}

impl State {
    /// Tells what clients may refuse the certificate for, unless it was told within the last `pause`.
    fn remind(&mut self, pause: Duration) {
        if self.told.elapsed() >= pause {
            tell(&self.chain);
            self.told = Instant::now();
        }
    }
}

/// Tells what clients may refuse a certificate for.
fn tell(chain: &Chain) {
    for fault in chain.faults(jiff::Timestamp::now().as_second()) {
        tracing::warn!(error = fault, "clients may refuse the certificate");
    }
}
