//! Disguises, looks whether what it has can be played, and writes; one after the other, on a thread of its own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::runtime::Builder;

use crate::mapping::diagnostic::{Diagnostics, Style, render};
use crate::mapping::source::Source;
use crate::record::disguise::Disguise;
use crate::record::{Exchange, Recorded, compose, lock, redact};
use crate::transcript::play::play;
use crate::transcript::{parse, report};

/// A request that was answered.
struct Job {
    method: String,
    target: String,
    exchange: Arc<Mutex<Exchange>>,
}

/// Writes transcripts into a folder.
pub struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer into a folder, which is made if it is not there; `told` gets a line for each file.
    ///
    /// # Errors
    /// One sentence: the folder cannot be made, the system gives no thread.
    pub fn new(folder: &Path, told: impl Fn(&str) + Send + 'static) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("cannot write to {}: {error}", folder.display());
        std::fs::create_dir_all(folder).map_err(failed)?;
        let (sender, receiver) = channel();
        let folder = folder.to_owned();
        let thread = std::thread::Builder::new().name("recorder".to_owned());
        let thread =
            thread.spawn(move || work(&folder, &receiver, told)).map_err(|error| format!("no thread: {error}"))?;
        Ok(Self { jobs: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Has a request written down.
    pub(crate) fn write(&self, method: &str, target: &str, exchange: Arc<Mutex<Exchange>>) {
        let job = Job { method: method.to_owned(), target: target.to_owned(), exchange };
        if let Some(jobs) = &*lock(&self.jobs) {
            // A writer that is gone has said why.
            let _ = jobs.send(job);
        }
    }

    /// Waits until everything is written; nothing is written any more.
    pub fn close(&self) {
        drop(lock(&self.jobs).take());
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

fn work(folder: &Path, jobs: &Receiver<Job>, told: impl Fn(&str)) {
    let mut disguises: HashMap<String, Disguise> = HashMap::new();
    let mut number = last_number(folder);
    while let Ok(job) = jobs.recv() {
        number += 1;
        let exchange = lock(&job.exchange);
        let tenant = Arc::clone(&exchange.tenant);
        let disguise = disguises.entry(tenant.name.clone()).or_insert_with(|| {
            let kept = redact::kept(&tenant.source.text);
            Disguise::keeping(kept.iter().map(String::as_str))
        });
        let text = compose::compose(&job.method, &job.target, &exchange, disguise);
        drop(exchange);
        let name = file_name(number, &tenant, &job);
        let (note, told_note) = match deviation(&tenant, &name, &text) {
            None => (String::new(), ""),
            Some(deviation) => (commented(&deviation), "  (cannot be played alone: it says why)"),
        };
        match std::fs::write(folder.join(&name), format!("{note}{text}")) {
            Ok(()) => told(&format!("{name}{told_note}")),
            Err(error) => told(&format!("{name} cannot be written: {error}")),
        }
    }
}

/// The highest number that a file of the folder begins with: a second recording goes on from there.
fn last_number(folder: &Path) -> u32 {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let numbers = names.filter_map(|name| name.to_str()?.split('-').next()?.parse().ok());
    numbers.max().unwrap_or(0)
}

/// `0007-acme-patch-users.scim`
fn file_name(number: u32, tenant: &Recorded, job: &Job) -> String {
    let path = job.target.strip_prefix(tenant.path.as_str()).unwrap_or(&job.target);
    let endpoint = path.split(['/', '?']).nth(1).unwrap_or_default();
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    format!("{number:04}-{}-{}-{}.scim", plain(&tenant.name), plain(&job.method), plain(endpoint))
}

/// What keeps a transcript from being played by itself: another request before it that the bridge remembered, or a conversion
/// through which a stand-in does not pass.
fn deviation(tenant: &Recorded, name: &str, text: &str) -> Option<String> {
    let source = Source::new(name, text);
    let mut found = Diagnostics::new(name);
    let file = parse::parse(&source, &mut found);
    if found.has_errors() {
        return Some(render(&found.found, &[&source], Style::Plain));
    }
    let variables: BTreeMap<String, String> =
        file.variables.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    let transcript = file.transcripts.first()?;
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().ok()?;
    let deviation = runtime.block_on(play(&tenant.mapping, &variables, transcript))?;
    Some(report::render(&source, &transcript.title, &deviation, Style::Plain))
}

fn commented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("# {line}").trim_end().to_owned()).collect();
    format!("# Played alone this deviates:\n{}\n\n", lines.join("\n"))
}
