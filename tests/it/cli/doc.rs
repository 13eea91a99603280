//! `doc`.

use scim_bridge::mapping::reference::reference;

use crate::support::golden::root;
use crate::support::program::run;

#[test]
fn the_reference_is_written_to_standard_output() {
    let ended = run(root(), &["doc", "--format-reference"]);
    assert_eq!((ended.code, ended.out == reference(), ended.words.as_str()), (0, true, ""));
}
