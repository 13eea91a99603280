#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzzed/request.rs"]
mod request;

fuzz_target!(|data: &[u8]| request::check(data));
