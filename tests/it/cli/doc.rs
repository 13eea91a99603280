//! `doc`.

use scim_bridge::mapping::reference::reference;

use crate::support::golden::{self, root};
use crate::support::program::{folder, run, write};

#[test]
fn the_reference_is_written_to_standard_output() {
    let ended = run(root(), &["doc", "--format-reference"]);
    assert_eq!((ended.code, ended.out == reference(), ended.words.as_str()), (0, true, ""));
}

#[test]
fn the_sheet_of_each_shipped_mapping_lies_beside_it() {
    let entries = std::fs::read_dir(root().join("mappings")).unwrap().map(|entry| entry.unwrap());
    let names = entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.file_name());
    let sheets: Vec<_> = names
        .map(|name| {
            let folder = std::path::Path::new("mappings").join(name);
            let ended = run(root(), &["doc", folder.to_str().unwrap()]);
            assert_eq!((ended.code, ended.words.as_str()), (0, ""));
            (folder.join("README.md"), ended.out)
        })
        .collect();
    assert!(sheets.len() > 2);
    golden::hold(sheets);
}

#[test]
fn a_mapping_with_faults_has_no_sheet_but_its_findings() {
    let folder = folder("doc-of-faults");
    write(&folder, "mapping.toml", "scim_bridge = 1\n[Users]\n");
    for path in [".", "mapping.toml", "none"] {
        let ended = run(&folder, &["doc", path]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{path}");
        assert!(ended.words.starts_with("error[E"), "{}", ended.words);
    }
    assert_eq!(run(&folder, &["doc"]).code, 2);
    assert_eq!(run(&folder, &["doc", ".", "--format-reference"]).code, 2);
}
