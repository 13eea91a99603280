//! Who is who: what of a mapping decides which SCIM resource stands for which record.

use crate::cli::run::site::table;
use crate::mapping::Mapping;
use crate::mapping::source::Source;

/// The keys of a type that do so; `id` stands in its `attributes`.
const KEYS: [&str; 2] = ["key", "hide"];

/// What of that differs between two texts of a mapping, in words: "the `id` rule of User".
///
/// Ids that an identity provider keeps would else name other people, or nobody, from one request to the next.
pub(super) fn changed(before: &Source, (mapping, after): (&Mapping, &Source)) -> Option<String> {
    mapping.types.iter().map(|kind| kind.view.schema.name.as_str()).find_map(|name| {
        let (before, after) = (table(before, name)?, table(after, name)?);
        if id(&before) != id(&after) {
            return Some(format!("the `id` rule of {name}"));
        }
        let key = KEYS.iter().find(|key| before.get(**key) != after.get(**key))?;
        Some(format!("`{key}` of {name}"))
    })
}

fn id(kind: &toml::Table) -> Option<&toml::Value> {
    kind.get("attributes")?.get("id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::compile;
    use crate::mapping::diagnostic::Diagnostics;

    const BEFORE: &str = include_str!("../../../mappings/demo/mapping.toml");

    fn after(from: &str, to: &str) -> Option<String> {
        assert!(BEFORE.contains(from), "{from}");
        let source = Source::new("mapping.toml", BEFORE.replacen(from, to, 1));
        let mut found = Diagnostics::new("mapping.toml");
        let mapping = compile::load(&source, &mut found).unwrap_or_else(|| panic!("{found:#?}"));
        changed(&Source::new("mapping.toml", BEFORE), (&mapping, &source))
    }

    #[test]
    fn what_decides_who_is_who_is_known() {
        let attributes = "[User.attributes]\n";
        let cases = [
            // (name, from, to, what has changed)
            ("nothing", "scim_bridge = 1", "scim_bridge = 1", None),
            ("another rule", "\"job\"", "\"position\"", None),
            ("a comment beside it", "# 17 there", "# a number there", None),
            (
                "the id",
                "{ at = \"no\", type = \"int\" }",
                "{ at = \"nr\", type = \"int\" }",
                Some("the `id` rule of User"),
            ),
            (
                "who is hidden",
                attributes,
                "[User]\nhide = \"$.record.state == 'X'\"\n[User.attributes]\n",
                Some("`hide` of User"),
            ),
        ];
        for (name, from, to, want) in cases {
            assert_eq!(after(from, to).as_deref(), want, "{name}");
        }
    }
}
