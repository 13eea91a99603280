#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzed/patch.rs"]
mod patch;

fuzz_target!(|data: &[u8]| patch::check(data));
