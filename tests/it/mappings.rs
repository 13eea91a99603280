//! Every mapping that is shipped loads, and `check` has nothing to say about it.

use std::path::Path;

use scim_bridge::mapping::check::closely;
use scim_bridge::mapping::compile;
use scim_bridge::mapping::diagnostic::{Diagnostics, Style, render};
use scim_bridge::mapping::source::Source;

#[test]
fn every_shipped_mapping_is_without_a_finding() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let names: Vec<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    for known in ["crm", "demo", "mock-legacy", "redmine", "rocketchat", "zabbix", "zendesk"] {
        assert!(names.iter().any(|name| name == known), "{known} is not shipped");
    }
    for name in names {
        let source = Source::read(&folder.join(&name).join("mapping.toml")).unwrap();
        let mut found = Diagnostics::new(&source.path);
        let mapping = compile::load(&source, &mut found);
        if let Some(mapping) = &mapping {
            closely(&source, mapping, &mut found);
        }
        assert!(mapping.is_some() && found.found.is_empty(), "{}", render(&found.found, &[&source], Style::Plain));
    }
}
