//! The command line as people and scripts meet it: the program as a process.

mod check;
mod codes;
mod completions;
mod doc;
mod explain;
mod transcripts;
