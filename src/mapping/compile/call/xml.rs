//! XML answers: which of their elements are lists. XML itself does not say so where there is one element, or none.

use crate::mapping::call::Source;
use crate::mapping::compile::call::Answer;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::document::{CallDocument, Format, Text, UpstreamDocument};
use crate::mapping::path::{Path, Step};
use crate::mapping::rule::Rule;
use crate::mapping::view::View;
use crate::mapping::xml::XmlReading;

/// How the call's answer is read; `None` where neither the call nor the upstream speaks XML. Lists are what `xml_lists` says,
/// and what the paths into the answer and the rules take for lists.
pub(super) fn reading(
    call: &CallDocument,
    upstream: &UpstreamDocument,
    (view, answer): (Option<&View>, &Answer),
) -> Option<XmlReading> {
    let formats = [&call.format, &upstream.format];
    if !formats.into_iter().flatten().any(|format| format.value == Format::Xml) {
        return None;
    }
    let said = call.xml_lists.as_ref().unwrap_or(&upstream.xml_lists);
    let mut lists = Lists(said.iter().filter_map(|text| names(&Path::parse(&text.value).ok()?)).collect());
    let captured = answer.capture.iter().map(|(_, source)| source);
    let sources = captured.chain(&answer.total).chain(&answer.next).filter_map(|source| match source {
        Source::Body(path) => Some(path),
        Source::Header(..) | Source::Link => None,
    });
    for path in sources.chain([&answer.item]) {
        lists.add_shown(&[], path);
    }
    let record = answer.items.as_ref().map_or(&answer.item, |items| {
        lists.add_whole(&[], items);
        items
    });
    if let (Some(view), Some(steps)) = (view, &record.steps) {
        let record: Vec<String> = steps.iter().filter_map(name).collect();
        lists.add_rules(&record, &view.rules);
    }
    Some(XmlReading { lists: lists.0 })
}

/// Reports paths in `xml_lists` that are more than names.
pub(super) fn check_lists(written: &[Text], found: &mut Diagnostics) {
    for text in written {
        match Path::parse(&text.value) {
            Err(fault) => found.add(Code::E16, text.within(&fault.range), fault.message).help = fault.help,
            Ok(path) if names(&path).is_none() => {
                let finding = found.add(Code::E87, text.span.clone(), "`xml_lists` takes the names of elements");
                finding.help("write the element's name behind those that it stands in: `roles.role`");
            }
            Ok(_) => {}
        }
    }
}

/// Names of elements that are lists, each behind those that it stands in.
struct Lists(Vec<Vec<String>>);

impl Lists {
    fn add(&mut self, names: &[String]) {
        if !names.is_empty() && !self.0.iter().any(|known| known == names) {
            self.0.push(names.to_vec());
        }
    }

    /// What a path goes into by a number, a condition or a wildcard. All its names.
    fn add_shown(&mut self, before: &[String], path: &Path) -> Vec<String> {
        let mut names = before.to_vec();
        for step in path.steps.iter().flatten() {
            match step {
                Step::Name(name) => names.push(name.clone()),
                Step::Index(_) | Step::Where(_) | Step::Every => self.add(&names),
            }
        }
        names
    }

    /// The same, and what the path itself leads to.
    fn add_whole(&mut self, before: &[String], path: &Path) -> Vec<String> {
        let names = self.add_shown(before, path);
        if path.steps.as_ref().is_some_and(|steps| matches!(steps.last(), Some(Step::Name(_)))) {
            self.add(&names);
        }
        names
    }

    fn add_rules(&mut self, record: &[String], rules: &[Rule]) {
        for rule in rules {
            let Some(path) = &rule.read_at else { continue };
            let is_list = rule.list && rule.single.is_none() && rule.codecs.packed.is_none();
            let names = if is_list { self.add_whole(record, path) } else { self.add_shown(record, path) };
            self.add_rules(&names, rule.each.as_deref().unwrap_or_default());
        }
    }
}

/// A path's names; `None` where it has anything else.
fn names(path: &Path) -> Option<Vec<String>> {
    let names: Vec<String> = path.steps.as_ref()?.iter().map(name).collect::<Option<_>>()?;
    (!names.is_empty()).then_some(names)
}

fn name(step: &Step) -> Option<String> {
    match step {
        Step::Name(name) => Some(name.clone()),
        Step::Index(_) | Step::Where(_) | Step::Every => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::compile;
    use crate::mapping::diagnostic::Diagnostics;
    use crate::mapping::source::Source;

    #[test]
    fn what_paths_and_rules_take_for_a_list_is_one() {
        let text = r#"
scim_bridge = 1
[upstream]
url = "https://h/v1"
format = "xml"
xml_lists = ["note.line"]
[User.attributes]
id = "id"
userName = "login"
emails = { at = "mails.mail", each = { value = "address", type = "$.kinds.kind[0]" } }
roles = { at = "roles", split = ";" }
'phoneNumbers[type eq "work"].value' = "$.phones.phone[?@.kind == 'w'].number"
[User]
list = { call = "GET /u?page={page}", items = "$.users.user[*]", total = "$.users.count" }
get = { call = "GET /u/{id}", item = "$.user", xml_lists = [] }
delete = { call = "DELETE /u/{id}", format = "json" }
"#;
        let mut found = Diagnostics::new("m.toml");
        let mapping = compile::load(&Source::new("m.toml", text), &mut found).unwrap();
        let lists = |xml: &Option<super::XmlReading>| {
            xml.as_ref().map(|xml| xml.lists.iter().map(|names| names.join(".")).collect::<Vec<_>>())
        };
        let of_rules = |record: &str| {
            ["mails.mail", "mails.mail.kinds.kind", "phones.phone"].map(|names| format!("{record}.{names}")).to_vec()
        };
        let of_list = [vec!["note.line".to_owned(), "users.user".to_owned()], of_rules("users.user")].concat();
        assert_eq!(lists(&mapping.types[0].list[0].xml), Some(of_list));
        assert_eq!(lists(&mapping.types[0].get[0].xml), Some(of_rules("user")), "its own word goes first");
        let compile::Delete::Calls(delete) = &mapping.types[0].delete else { panic!() };
        assert!(delete[0].xml.is_some(), "the upstream may answer in XML whatever is sent");
    }
}
