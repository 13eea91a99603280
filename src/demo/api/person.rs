//! One person's record.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::fault::Fault;

/// Whether a person may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) enum State {
    /// Active.
    #[default]
    #[serde(rename = "A")]
    Active,
    /// Disabled by somebody.
    #[serde(rename = "D")]
    Disabled,
    /// Locked by the API itself, after wrong passwords.
    #[serde(rename = "L")]
    Locked,
}

/// A person as the directory keeps it; `teams` is added when it is shown.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Person {
    pub(super) no: u64,
    pub(super) login: String,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) shown_name: Option<String>,
    pub(super) job: Option<String>,
    pub(super) mail: Option<String>,
    pub(super) mail2: Option<String>,
    pub(super) phone_office: Option<String>,
    pub(super) phone_mobile: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) dept: Option<String>,
    pub(super) cost_centre: Option<String>,
    pub(super) staff_no: Option<String>,
    pub(super) boss: Option<u64>,
    pub(super) hr_ref: Option<String>,
    pub(super) state: State,
    pub(super) created: String,
    pub(super) changed: String,
    pub(super) revision: u64,
    /// Never shown.
    #[serde(skip)]
    pub(super) password: Option<[u8; 32]>,
}

impl Person {
    /// Writes one form field; an empty value clears.
    ///
    /// # Errors
    /// [`Fault::Unknown`], [`Fault::Missing`] for an empty login, [`Fault::Unfit`] for a boss that is no number.
    pub(super) fn set(&mut self, field: &str, value: &str) -> Result<(), Fault> {
        let place = match field {
            "login" if value.is_empty() => return Err(Fault::Missing("login")),
            "login" => {
                value.clone_into(&mut self.login);
                return Ok(());
            }
            "boss" => {
                let number = || value.parse().map_err(|_| Fault::Unfit("boss", "a person's number"));
                self.boss = if value.is_empty() { None } else { Some(number()?) };
                return Ok(());
            }
            "password" => {
                self.set_password(value);
                return Ok(());
            }
            "given_name" => &mut self.given_name,
            "family_name" => &mut self.family_name,
            "shown_name" => &mut self.shown_name,
            "job" => &mut self.job,
            "mail" => &mut self.mail,
            "mail2" => &mut self.mail2,
            "phone_office" => &mut self.phone_office,
            "phone_mobile" => &mut self.phone_mobile,
            "lang" => &mut self.lang,
            "time_zone" => &mut self.time_zone,
            "dept" => &mut self.dept,
            "cost_centre" => &mut self.cost_centre,
            "staff_no" => &mut self.staff_no,
            "hr_ref" => &mut self.hr_ref,
            other => return Err(Fault::Unknown(other.to_owned())),
        };
        *place = (!value.is_empty()).then(|| value.to_owned());
        Ok(())
    }

    /// Sets the password; an empty one takes it away.
    pub(super) fn set_password(&mut self, password: &str) {
        self.password = (!password.is_empty()).then(|| Sha256::digest(password).into());
    }

    /// Whether this password lets the person in.
    pub(super) fn opens_with(&self, password: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(password).into();
        self.state == State::Active && self.password == Some(digest)
    }
}
