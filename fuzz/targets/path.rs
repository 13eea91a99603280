#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzed/path.rs"]
mod path;

fuzz_target!(|data: &[u8]| path::check(data));
