#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzed/filter.rs"]
mod filter;

fuzz_target!(|data: &[u8]| filter::check(data));
