//! The JSON Schema of mappings: its committed copy is the program's, and it judges as the program does.

use std::path::PathBuf;

use boon::{Compiler, SchemaIndex, Schemas};
use scim_bridge::mapping::Code;
use scim_bridge::mapping::compile::load;
use scim_bridge::mapping::diagnostic::{Diagnostics, Severity};
use scim_bridge::mapping::json_schema::json_schema;
use scim_bridge::mapping::source::Source;
use toml::{Table, Value};

use crate::support::golden::{self, root};
use crate::support::program::run;

/// The schema, compiled.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("mapping.json", json_schema()).unwrap();
        let index = compiler.compile("mapping.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// What it says against a mapping; `None` where it is valid.
    fn against(&self, mapping: &Table) -> Option<String> {
        let instance = serde_json::to_value(mapping).unwrap();
        self.schemas.validate(&instance, self.index).err().map(|error| error.to_string())
    }
}

/// The mappings that are shipped, and those of `tests/check` without a finding.
fn clean() -> Vec<PathBuf> {
    let files = |folder: &str| std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let shipped = files("mappings").filter(|path| path.is_dir()).map(|path| path.join("mapping.toml"));
    let is_clean = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        name.starts_with("clean_") && path.extension().is_some_and(|end| end == "toml")
    };
    let found: Vec<PathBuf> = shipped.chain(files("tests/check").filter(is_clean)).collect();
    assert!(found.len() > 4, "{found:?}");
    found
}

fn read(path: &PathBuf) -> Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn the_committed_schema_is_the_programs_own_and_the_command_prints_it() {
    let text = format!("{:#}\n", json_schema());
    let printed = run(root(), &["schema"]);
    assert!(printed.code == 0 && printed.out == text);
    golden::hold([("mappings/mapping.schema.json".into(), text)]);
}

#[test]
fn every_mapping_without_an_error_is_valid() {
    let judge = Judge::new();
    let drafts = std::fs::read_dir(root().join("tests/init")).unwrap().map(|entry| entry.unwrap().path());
    let drafts = drafts.filter(|path| path.to_str().unwrap().ends_with(".mapping.toml"));
    for path in clean().into_iter().chain(drafts) {
        assert_eq!(judge.against(&read(&path)), None, "{}", path.display());
    }
}

#[test]
fn every_shipped_mapping_names_the_schema_in_its_first_line() {
    for path in clean().iter().filter(|path| path.ends_with("mapping.toml")) {
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().next(), Some("#:schema ../mapping.schema.json"), "{}", path.display());
    }
}

/// Copies of a table, each with one key more in one of the tables that are in it.
fn with_one_more(value: &Value) -> Vec<Value> {
    let mut copies = Vec::new();
    match value {
        Value::Table(table) => {
            let mut more = table.clone();
            more.insert("zzz".to_owned(), Value::String("zzz".to_owned()));
            copies.push(Value::Table(more));
            for (key, inner) in table {
                copies.extend(with_one_more(inner).into_iter().map(|inner| {
                    let mut copy = table.clone();
                    copy.insert(key.clone(), inner);
                    Value::Table(copy)
                }));
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                copies.extend(with_one_more(inner).into_iter().map(|inner| {
                    let mut copy = list.clone();
                    copy[index] = inner;
                    Value::Array(copy)
                }));
            }
        }
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
    copies
}

#[test]
fn one_key_more_anywhere_is_judged_as_the_program_judges_it() {
    let judge = Judge::new();
    let (mut refused, mut accepted) = (0, 0);
    for path in clean().iter().filter(|path| !path.ends_with("mapping.toml") || path.ends_with("demo/mapping.toml")) {
        for copy in with_one_more(&Value::Table(read(path))) {
            let Value::Table(copy) = copy else { unreachable!("a table stays one") };
            let source = Source::new("copy.toml", toml::to_string(&copy).unwrap());
            let mut found = Diagnostics::new(&source.path);
            load(&source, &mut found);
            let verdict = judge.against(&copy);
            if found.found.iter().any(|finding| finding.code == Code::E01) {
                assert!(verdict.is_some(), "{}", source.text);
                refused += 1;
            } else if found.found.iter().all(|finding| finding.code.severity() != Severity::Error) {
                assert_eq!(verdict, None, "{}", source.text);
                accepted += 1;
            }
        }
    }
    assert!(refused > 50 && accepted > 4, "{refused} refused, {accepted} accepted");
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    let judge = Judge::new();
    let cases = [
        ("a number for a time", "upstream.limits.timeout = 10"),
        ("a time without a unit", "upstream.limits.timeout = '10'"),
        ("an unknown word", "upstream.format = 'yaml'"),
        ("a rule that is a number", "User.attributes.title = 5"),
        ("an unknown key of a rule", "User.attributes.title = { at = 'a', tpye = 'int' }"),
        ("an unknown type of value", "User.attributes.title = { at = 'a', type = 'integer' }"),
        ("a call that is a boolean", "User.get = true"),
        ("an unknown key of a call among several", "User.update = [{ call = 'PUT /x' }, { cal = 'PUT /y' }]"),
        ("a status beyond all", "upstream.errors = [{ when = '$.status', then = 1000 }]"),
        ("an unknown table", "Users = {}"),
    ];
    for (name, line) in cases {
        let mapping: Table = format!("scim_bridge = 1\n{line}").parse().unwrap();
        assert!(judge.against(&mapping).is_some(), "{name}");
    }
    assert_eq!(judge.against(&"scim_bridge = 1\nUser.delete.set.active = false".parse().unwrap()), None);
    assert!(judge.against(&Table::new()).is_some(), "the version is required");
}
