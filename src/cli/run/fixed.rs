//! The settings that hold from the start of a process to its end.

use std::net::SocketAddr;

use crate::config::{LogSettings, ServerSettings, Settings};
use crate::secret::{Fingerprint, Secret};

/// What was set at the start.
pub(super) struct Fixed {
    server: ServerSettings,
    admin: Option<(SocketAddr, Option<Fingerprint>)>,
    log: LogSettings,
}

impl Fixed {
    /// What these settings say of it.
    pub(super) fn of(settings: &Settings) -> Self {
        let admin = settings.admin.as_ref();
        Self {
            server: settings.server.clone(),
            admin: admin.map(|admin| (admin.listen, admin.token.as_ref().map(Secret::fingerprint))),
            log: settings.log.clone(),
        }
    }

    /// The listener's.
    pub(super) fn server(&self) -> &ServerSettings {
        &self.server
    }

    /// What is set otherwise now, by its key.
    pub(super) fn changed(&self, settings: &Settings) -> Vec<String> {
        let now = Self::of(settings);
        let ServerSettings { listen, public_url, behind_proxy, trusted_proxies, tls, limits } = &now.server;
        let is_other = [
            ("server.listen", *listen != self.server.listen),
            ("server.public_url", *public_url != self.server.public_url),
            ("server.behind_proxy", *behind_proxy != self.server.behind_proxy),
            ("server.trusted_proxies", *trusted_proxies != self.server.trusted_proxies),
            ("server.tls", *tls != self.server.tls),
            ("server.limits", *limits != self.server.limits),
            ("admin", !self.has_same_admin(&now)),
            ("log", now.log != self.log),
        ];
        is_other.into_iter().filter(|(_, is_other)| *is_other).map(|(key, _)| key.to_owned()).collect()
    }

    fn has_same_admin(&self, now: &Self) -> bool {
        match (&self.admin, &now.admin) {
            (None, None) => true,
            (Some((one, None)), Some((other, None))) => one == other,
            (Some((one, Some(token))), Some((other, Some(now)))) => one == other && token.is(now),
            _ => false,
        }
    }
}
