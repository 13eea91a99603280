//! Checks: what must hold, by which source, and what to change where it does not.

use crate::verify::verdict::{Run, Style, StyledRun};

/// One thing that a server must do.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The name to ask for it by.
    pub id: &'static str,
    /// What must hold, as one sentence without a full stop.
    pub claim: &'static str,
    /// Where that stands: a section of an RFC, or a page of the identity provider.
    pub source: &'static str,
    /// What to change in a server that fails it; of a case for a person, what that person does.
    pub cure: &'static str,
    /// How it is found out.
    pub kind: Kind,
}

/// How a check is played.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// By requests that change nothing.
    Reads(Run),
    /// By requests that change what the check itself has made.
    Writes(Run),
    /// As [`Kind::Writes`], once for each style of updating.
    Styled(StyledRun),
    /// Not by requests at all: a person looks.
    Person,
}

impl Check {
    pub(crate) const fn reads(
        id: &'static str,
        claim: &'static str,
        source: &'static str,
        cure: &'static str,
        run: Run,
    ) -> Self {
        Self { id, claim, source, cure, kind: Kind::Reads(run) }
    }

    pub(crate) const fn writes(
        id: &'static str,
        claim: &'static str,
        source: &'static str,
        cure: &'static str,
        run: Run,
    ) -> Self {
        Self { id, claim, source, cure, kind: Kind::Writes(run) }
    }

    pub(crate) const fn styled(
        id: &'static str,
        claim: &'static str,
        source: &'static str,
        cure: &'static str,
        run: StyledRun,
    ) -> Self {
        Self { id, claim, source, cure, kind: Kind::Styled(run) }
    }

    pub(crate) const fn person(
        id: &'static str,
        claim: &'static str,
        source: &'static str,
        task: &'static str,
    ) -> Self {
        Self { id, claim, source, cure: task, kind: Kind::Person }
    }
}

/// A check as it is run: in one style, where there are two.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The suite's name.
    pub suite: &'static str,
    /// The check.
    pub check: &'static Check,
    /// The style of updating, of a check that is played in both.
    pub style: Option<Style>,
}

impl Case {
    /// The name in reports: the check's, with the style behind it.
    pub fn id(&self) -> String {
        match self.style {
            Some(style) => format!("{}-{}", self.check.id, style.as_str()),
            None => self.check.id.to_owned(),
        }
    }

    /// Whether `asked` names this case, or the check in all its styles.
    pub fn is(&self, asked: &str) -> bool {
        self.check.id.eq_ignore_ascii_case(asked) || self.id().eq_ignore_ascii_case(asked)
    }

    /// The cases of a check, one for each way to play it.
    pub(crate) fn of(suite: &'static str, check: &'static Check) -> Vec<Self> {
        let styles: &[Option<Style>] = match check.kind {
            Kind::Styled(_) => &[Some(Style::Patch), Some(Style::Put)],
            Kind::Reads(_) | Kind::Writes(_) | Kind::Person => &[None],
        };
        styles.iter().map(|style| Self { suite, check, style: *style }).collect()
    }
}
