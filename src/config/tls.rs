//! `[server.tls]`: files that are there, and belong together.

use crate::config::layers::{Layers, Tls};
use crate::config::reference::Resolver;
use crate::http::tls::TlsFiles;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::source;

/// The files, if any; the outer `None` is a fault. Where secrets may be unset, the files may be on another machine.
#[expect(clippy::option_option, reason = "a fault and plain HTTP are two things")]
pub(super) fn files(layers: &Layers, resolver: &Resolver<'_>, found: &mut Diagnostics) -> Option<Option<TlsFiles>> {
    let Some(Tls { cert, key, client_ca }) = &layers.values.server.tls else { return Some(None) };
    for (name, value) in [("cert", cert), ("key", key)] {
        if value.is_none() {
            let message = format!("`{name}` is missing in [server.tls]");
            layers.places.add("server.tls", Code::E20, message, found).help(format!("{name} = \"{name}.pem\""));
        }
    }
    let path = |file: &String| resolver.folder.join(file);
    let files =
        TlsFiles { cert: path(cert.as_ref()?), key: path(key.as_ref()?), client_ca: client_ca.as_ref().map(path) };
    if let Err(fault) = files.inspect() {
        let is_elsewhere = fault.is_missing && resolver.unset_is_fine;
        let code = if is_elsewhere { Code::W30 } else { Code::E44 };
        layers.places.add(&format!("server.tls.{}", fault.key), code, fault.text, found);
    } else if source::mode(&files.key).is_some_and(|mode| mode & !0o640 != 0) {
        let message = "the file of `tls.key` may be read by more than its owner and group";
        let help = format!("chmod 0640 {}", files.key.display());
        layers.places.add("server.tls.key", Code::W40, message, found).help(help);
    }
    Some(Some(files))
}
