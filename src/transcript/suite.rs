//! A mapping's folder and the transcripts beside it, played on all cores.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Builder;

use crate::mapping::diagnostic::{Code, Diagnostic, Diagnostics, Severity, Style};
use crate::mapping::name::nearest;
use crate::mapping::source::Source;
use crate::mapping::{Mapping, check, compile};
use crate::transcript::play::{Deviation, play};
use crate::transcript::{File, parse, report};

/// The file of a mapping in its folder.
const MAPPING: &str = "mapping.toml";
/// The folder of its transcripts.
const TESTS: &str = "tests";
/// How the name of a transcript file ends.
const ENDING: &str = "scim";

/// A mapping and its transcripts.
#[derive(Debug)]
pub struct Suite {
    /// The mapping, where `check` finds no error in it.
    pub mapping: Option<Mapping>,
    /// The files of transcripts that can be played, by name.
    pub files: Vec<File>,
    /// What is wrong with the mapping or a file.
    pub found: Vec<Diagnostic>,
    /// The texts, for showing.
    pub sources: Vec<Source>,
}

/// A transcript that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// The file.
    pub source: Source,
    /// The title.
    pub title: String,
    /// What was not as it says; `None` when all was.
    pub deviation: Option<Deviation>,
}

impl Played {
    /// What was not as the transcript says, as text.
    pub fn report(&self, style: Style) -> Option<String> {
        Some(report::render(&self.source, &self.title, self.deviation.as_ref()?, style))
    }
}

impl Suite {
    /// The mapping in a folder, and all its transcripts.
    pub fn of_folder(folder: &Path) -> Self {
        Self::load(&folder.join(MAPPING), &files(&folder.join(TESTS)))
    }

    /// One file of transcripts, for the mapping in the folder above it.
    pub fn of_file(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        // `tests/x.scim` is beside a mapping that is here.
        let above = match folder.parent() {
            Some(above) if folder.file_name().is_some() => above.to_owned(),
            Some(_) | None => folder.join(".."),
        };
        Self::load(&above.join(MAPPING), &[path.to_owned()])
    }

    /// A mapping and these files.
    pub fn load(mapping: &Path, files: &[PathBuf]) -> Self {
        let mut suite = Self { mapping: None, files: Vec::new(), found: Vec::new(), sources: Vec::new() };
        match Source::read(mapping) {
            Ok(source) => {
                let mut found = Diagnostics::new(&source.path);
                suite.mapping = compile::load(&source, &mut found);
                if let Some(mapping) = &suite.mapping {
                    check::closely(&source, mapping, &mut found);
                }
                suite.found.append(&mut found.found);
                suite.sources.push(source);
            }
            Err(fault) => suite.found.push(*fault),
        }
        for path in files {
            suite.file(path);
        }
        suite
    }

    fn file(&mut self, path: &Path) {
        let source = match Source::read(path) {
            Ok(source) => source,
            Err(fault) => return self.found.push(*fault),
        };
        let mut found = Diagnostics::new(&source.path);
        let file = parse::parse(&source, &mut found);
        if let Some(mapping) = &self.mapping {
            unknown_variables(&file, mapping, &mut found);
        }
        if !found.has_errors() {
            self.files.push(file);
        }
        self.sources.push(source);
        self.found.append(&mut found.found);
    }

    /// The findings that keep transcripts from being played, or are as good as a transcript that failed.
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.found.iter().filter(|finding| finding.code.severity() == Severity::Error).cloned().collect()
    }

    /// Values that would not read back; other warnings are for `check`.
    pub fn losses(&self) -> Vec<Diagnostic> {
        self.found.iter().filter(|finding| finding.code == Code::W04).cloned().collect()
    }
}

/// The files of transcripts in a folder, by name; a path that is no folder itself.
pub fn files(path: &Path) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()),
        Err(_) if path.extension().is_some_and(|ending| ending == ENDING) => return vec![path.to_owned()],
        Err(_) => return Vec::new(),
    };
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == ENDING)).collect();
    paths.sort();
    paths
}

/// Reports variables of the head that the mapping does not use: they would change nothing.
fn unknown_variables(file: &File, mapping: &Mapping, found: &mut Diagnostics) {
    let names = || mapping.variables.iter().map(|(name, _)| name.as_str()).chain(["name"]);
    for (name, _, span) in file.variables.iter().filter(|(name, ..)| !names().any(|known| known == name)) {
        let message = format!("the mapping does not use `{{tenant.{name}}}`");
        let finding = found.add(Code::E84, span.clone(), message);
        finding.label = nearest(name, names()).map(|near| format!("did you mean `{near}`?"));
    }
}

/// Plays the transcripts that can be played; several files at a time, in the order of the files at the end.
///
/// # Errors
/// One sentence: the system gives no threads.
pub fn play_all(suites: &[Suite]) -> Result<Vec<Played>, String> {
    let jobs: Vec<(&Mapping, &File)> = suites
        .iter()
        .filter_map(|suite| Some((suite.mapping.as_ref()?, &suite.files)))
        .flat_map(|(mapping, files)| files.iter().map(move |file| (mapping, file)))
        .collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || -> std::io::Result<()> {
        // The clock stands still while something is at work, and leaps over every wait.
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        while let Some((index, (mapping, file))) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(index).map(|job| (index, job))
        } {
            let played = runtime.block_on(play_file(mapping, file));
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(index, played);
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ended.collect::<std::io::Result<Vec<()>>>()
    })
    .map_err(|error| format!("no runtime: {error}"))?;
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(done.into_values().flatten().collect())
}

async fn play_file(mapping: &Mapping, file: &File) -> Vec<Played> {
    let variables = file.variables.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect();
    let mut played = Vec::new();
    for transcript in &file.transcripts {
        let deviation = play(mapping, &variables, transcript).await;
        played.push(Played { source: file.source.clone(), title: transcript.title.clone(), deviation });
    }
    played
}
