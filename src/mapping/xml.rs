//! XML as far as a mapping says it: what its names are, and which elements are lists.

/// How XML answers are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XmlReading {
    /// The names of elements that are lists even where there is one or none, each behind those that it stands in.
    pub lists: Vec<Vec<String>>,
}

impl XmlReading {
    /// Whether an element is one of a list; its name is the last, behind those that it stands in.
    pub fn is_list(&self, names: &[&str]) -> bool {
        self.lists.iter().any(|list| ends_with(names, list))
    }

    /// The lists that may stand in an element, which names like these lead to.
    pub fn lists_in(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        self.lists.iter().filter_map(move |list| {
            let (last, before) = list.split_last()?;
            (!before.is_empty() && ends_with(names, before)).then_some(last.as_str())
        })
    }
}

fn ends_with(names: &[&str], end: &[String]) -> bool {
    let mut names = names.iter().rev();
    end.iter().rev().all(|name| names.next() == Some(&name.as_str()))
}

/// Whether a text can be the name of an element or an attribute, a prefix included.
pub fn is_xml_name(text: &str) -> bool {
    let begins = |letter: char| letter.is_alphabetic() || letter == '_';
    let goes_on = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let is_part = |part: &str| part.starts_with(begins) && part.chars().all(goes_on);
    match text.split_once(':') {
        Some((prefix, name)) => is_part(prefix) && is_part(name),
        None => is_part(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_xml() {
        for name in ["a", "_a-1.b", "soap:Envelope", "Größe"] {
            assert!(is_xml_name(name), "{name}");
        }
        for name in ["", "1a", "-a", "a b", "a:", ":a", "a:b:c", "a>", "@a", "a:1"] {
            assert!(!is_xml_name(name), "{name}");
        }
    }
}
