//! Logging set-up: which events are written, and where they go.

use std::cell::RefCell;
use std::io::Write;
use std::panic::PanicHookInfo;

use prometheus_client::metrics::counter::Counter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::telemetry::format::Format;
use crate::telemetry::lines::{self, Lines, Writer};

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level is neither a level nor a list of `target=level`.
    #[error(
        "`{0}` is not a log level: expected `error`, `warn`, `info`, `debug` or `trace`, or a list such as `info,scim_bridge=debug`"
    )]
    Level(String),
    /// The thread that writes cannot be started.
    #[error("the log thread cannot be started")]
    Thread(#[from] std::io::Error),
    /// Somebody else logs in this process already.
    #[error("logging is set up already")]
    Already(#[from] TryInitError),
}

/// Sends the process's events to stderr. Keep the [`Writer`] until the end of the program.
///
/// A panic is logged as an error with its place; its text, which may hold a person's value, only at debug.
///
/// # Errors
/// See [`Error`].
pub fn init(format: Format, level: &str, dropped: Counter) -> Result<Writer, Error> {
    let targets: Targets = level.parse().map_err(|_| Error::Level(level.to_owned()))?;
    let (layer, writer) = layer(format, std::io::stderr(), dropped)?;
    tracing_subscriber::registry().with(layer.with_filter(targets)).try_init()?;
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code.location = place, "panic");
        tracing::debug!(panic.message = message_of(info), "panic");
    }));
    Ok(writer)
}

/// The text of a panic, in the two forms that the macros give it.
fn message_of<'p>(info: &'p PanicHookInfo<'_>) -> Option<&'p str> {
    let payload = info.payload();
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

fn layer(
    format: Format,
    output: impl Write + Send + 'static,
    dropped: Counter,
) -> std::io::Result<(LineLayer, Writer)> {
    let lost = move |count| format.lost(jiff::Timestamp::now(), count);
    let (lines, writer) = lines::start(output, dropped, lost)?;
    Ok((LineLayer { format, lines }, writer))
}

struct LineLayer {
    format: Format,
    lines: Lines,
}

thread_local! {
    /// One line at a time, so that a line costs no allocation.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

impl<S: Subscriber> Layer<S> for LineLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        LINE.with(|line| {
            // Taken already only when a value's `Debug` logs by itself: that inner event is left out.
            if let Ok(mut line) = line.try_borrow_mut() {
                line.clear();
                self.format.write(&mut line, jiff::Timestamp::now(), event);
                self.lines.push(line.as_bytes());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, event: impl FnOnce()) -> String {
        let output = Output::default();
        let (layer, writer) = layer(format, output.clone(), Counter::default()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), event);
        drop(writer);
        let bytes = output.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_is_one_object_whatever_the_values_hold() {
        let long = "x".repeat(1_000_000);
        let evil = "a\r\nb\u{1b}[31m\"\\\u{0}é";
        let line = logged(Format::Json, || {
            tracing::info!(http.request.method = evil, count = 3_u64, flag = true, long, "request");
        });
        assert_eq!(line.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["level"], "INFO");
        assert_eq!(value["message"], "request");
        assert_eq!(value["http.request.method"], evil);
        assert_eq!(value["count"], 3);
        assert_eq!(value["flag"], true);
        assert!(line.len() < 4000, "the long value is cut");
        assert!(value["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn a_text_value_cannot_pass_for_another_field() {
        let cases = [
            ("plain", "a-1", "resource.id=a-1"),
            ("a field in it", "1 outcome=ok", r#"resource.id="1 outcome=ok""#),
            ("a quote in it", "1\" outcome=ok", r#"resource.id="1\" outcome=ok""#),
            ("a backslash before the quote", "1\\\" a=b", r#"resource.id="1\\\" a=b""#),
            ("nothing", "", r#"resource.id="""#),
            ("a text that turns round", "a\u{202e}b", r"resource.id=a\u202eb"),
        ];
        for (name, id, want) in cases {
            let line = logged(Format::Text { colour: false }, || tracing::info!(resource.id = id, "audit"));
            assert!(line.contains(want) && line.matches('\n').count() == 1, "{name}: {line}");
        }
    }

    #[test]
    fn a_text_line_escapes_what_could_break_it() {
        let line = logged(Format::Text { colour: false }, || tracing::warn!(tenant = "a\nb\u{1b}[31m", "request"));
        let rest = line.split_once(' ').unwrap().1;
        assert!(
            rest == "WARN  request tenant=a\\nb\\u001b[31m\n" || rest == "WARN  tenant=a\\nb\\u001b[31m request\n",
            "{rest}"
        );
    }
}
