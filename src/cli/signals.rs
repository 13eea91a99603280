//! The signals that end a process: the first one politely, the second at once.

use std::future::Future;

use tokio::sync::watch;

/// Two futures: one ends at the first signal, the other at the second. Must be called within a runtime.
///
/// # Errors
/// The system does not let signals be watched.
pub(super) fn two() -> std::io::Result<(impl Future<Output = ()>, impl Future<Output = ()>)> {
    let mut signals = Signals::new()?;
    let (count, counted) = watch::channel(0_u8);
    tokio::spawn(async move {
        loop {
            signals.next().await;
            count.send_modify(|count| *count = count.saturating_add(1));
        }
    });
    let after = |number: u8| {
        let mut counted = counted.clone();
        async move {
            // The sender lives as long as the runtime does.
            let _ = counted.wait_for(|count| *count >= number).await;
        }
    };
    Ok((after(1), after(2)))
}

/// SIGHUP, which asks to read the settings anew. From its making on, the signal no longer ends the process.
#[cfg(unix)]
pub(super) struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    /// # Errors
    /// The system does not let the signal be watched.
    pub(super) fn new() -> std::io::Result<Self> {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).map(Self)
    }

    /// Ends at the next one; those that came meanwhile count as one.
    pub(super) async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    /// # Errors
    /// None.
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Never ends.
    pub(super) async fn next(&mut self) {
        std::future::pending().await
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a way to watch for the signal there is none to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
