//! SCIM attributes and the names that APIs give them.

/// What the value of an attribute is to SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// A text.
    Text,
    /// A time, set by the API itself.
    Time,
    /// `true` for those who may come in.
    Active,
    /// A secret that is written only.
    Password,
    /// A list of values, each with `value` and `type`.
    Values,
    /// A list of ids of other resources.
    References,
    /// A text that the API itself makes.
    Shown,
}

/// An attribute by its left side, what it wants, and the names it goes by, without case and signs, the surest first.
pub(super) type Name = (&'static str, Want, &'static [&'static str]);

/// The enterprise extension.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

/// The attributes of a User.
pub(super) const USER: &[Name] = &[
    (
        "externalId",
        Want::Text,
        &["externalid", "externalref", "externalreference", "extid", "extref", "foreignid", "ssoid", "hrref", "hrid"],
    ),
    (
        "userName",
        Want::Text,
        &[
            "username",
            "login",
            "loginname",
            "loginid",
            "accountname",
            "signin",
            "userprincipalname",
            "handle",
            "email",
            "emailaddress",
            "mail",
            "primaryemail",
        ],
    ),
    ("name.givenName", Want::Text, &["givenname", "firstname", "forename", "namefirst", "namegiven", "first"]),
    ("name.middleName", Want::Text, &["middlename", "namemiddle"]),
    ("name.familyName", Want::Text, &["familyname", "lastname", "surname", "sn", "namelast", "namefamily", "last"]),
    ("displayName", Want::Text, &["displayname", "fullname", "realname", "commonname", "cn", "name"]),
    ("nickName", Want::Text, &["nickname", "nick", "alias"]),
    ("title", Want::Text, &["title", "jobtitle", "job", "position"]),
    ("userType", Want::Text, &["usertype", "employeetype", "employmenttype"]),
    ("preferredLanguage", Want::Text, &["preferredlanguage"]),
    ("locale", Want::Text, &["locale", "language", "lang"]),
    ("timezone", Want::Text, &["timezone", "tz"]),
    (
        "active",
        Want::Active,
        &[
            "active",
            "isactive",
            "enabled",
            "isenabled",
            "disabled",
            "isdisabled",
            "suspended",
            "issuspended",
            "blocked",
            "isblocked",
            "locked",
            "islocked",
            "deactivated",
            "inactive",
            "archived",
            "status",
            "accountstatus",
            "userstatus",
            "state",
            "accountstate",
        ],
    ),
    ("password", Want::Password, &["password", "passwd"]),
    (
        r#"emails[type eq "work" and primary eq true].value"#,
        Want::Text,
        &["email", "emailaddress", "mail", "primaryemail", "workemail", "contactemail"],
    ),
    (
        r#"emails[type eq "home"].value"#,
        Want::Text,
        &["personalemail", "privateemail", "homeemail", "alternateemail", "altemail", "secondaryemail"],
    ),
    ("emails", Want::Values, &["emails", "emailaddresses", "mails"]),
    (
        r#"phoneNumbers[type eq "work"].value"#,
        Want::Text,
        &["workphone", "officephone", "phone", "phonenumber", "telephone", "telephonenumber", "contactphone"],
    ),
    (
        r#"phoneNumbers[type eq "mobile"].value"#,
        Want::Text,
        &["mobile", "mobilephone", "mobilenumber", "cellphone", "cell"],
    ),
    ("phoneNumbers", Want::Values, &["phones", "phonenumbers", "telephones"]),
    (
        r#"addresses[type eq "work"].streetAddress"#,
        Want::Text,
        &["street", "streetaddress", "addressline1", "address1", "addressstreet"],
    ),
    (r#"addresses[type eq "work"].locality"#, Want::Text, &["city", "town", "locality"]),
    (r#"addresses[type eq "work"].region"#, Want::Text, &["region", "province", "addressstate"]),
    (r#"addresses[type eq "work"].postalCode"#, Want::Text, &["postalcode", "postcode", "zip", "zipcode"]),
    (r#"addresses[type eq "work"].country"#, Want::Text, &["country", "countrycode"]),
    ("profileUrl", Want::Shown, &["profileurl", "htmlurl", "weburl"]),
    ("groups", Want::References, &["groups", "groupids", "teams", "teamids"]),
    ("roles", Want::Values, &["roles"]),
    (
        "employeeNumber",
        Want::Text,
        &["employeenumber", "employeeid", "employeeno", "staffno", "staffid", "personnelnumber", "empno"],
    ),
    ("costCenter", Want::Text, &["costcenter", "costcentre"]),
    ("organization", Want::Text, &["organization", "organisation", "company", "companyname"]),
    ("division", Want::Text, &["division"]),
    ("department", Want::Text, &["department", "dept", "departmentname"]),
    ("manager.value", Want::Text, &["managerid", "supervisorid", "bossid", "reportsto", "manageruuid"]),
    (
        "meta.created",
        Want::Time,
        &[
            "createdat",
            "created",
            "createdon",
            "createddate",
            "creationdate",
            "creationtime",
            "datecreated",
            "createdtime",
            "createdtimestamp",
        ],
    ),
    (
        "meta.lastModified",
        Want::Time,
        &[
            "updatedat",
            "updated",
            "updatedon",
            "modifiedat",
            "modified",
            "modifiedon",
            "modifieddate",
            "lastmodified",
            "lastmodifieddate",
            "lastupdated",
            "changed",
            "changedat",
            "dateupdated",
            "updatedtimestamp",
        ],
    ),
];

/// The attributes of a Group.
pub(super) const GROUP: &[Name] = &[
    ("externalId", Want::Text, &["externalid", "externalref", "extid", "extref"]),
    ("displayName", Want::Text, &["displayname", "name", "groupname", "teamname", "title", "label"]),
    ("members", Want::References, &["members", "memberids", "users", "userids", "people"]),
    ("meta.created", Want::Time, &["createdat", "created", "createdon", "createddate", "creationdate", "datecreated"]),
    (
        "meta.lastModified",
        Want::Time,
        &[
            "updatedat",
            "updated",
            "updatedon",
            "modifiedat",
            "modified",
            "modifieddate",
            "lastmodified",
            "lastupdated",
            "changed",
        ],
    ),
];

/// The left side as a mapping writes it.
pub(super) fn left(name: &str) -> String {
    let is_enterprise =
        ["employeeNumber", "costCenter", "organization", "division", "department", "manager.value"].contains(&name);
    if is_enterprise {
        format!("\"{ENTERPRISE}{name}\"")
    } else if name.contains('[') {
        format!("'{name}'")
    } else {
        name.to_owned()
    }
}

/// Words of a status for those who may come in.
const IN: [&str; 11] =
    ["active", "enabled", "ok", "normal", "confirmed", "live", "approved", "valid", "current", "a", "1"];

/// Words for those who may not, the most usual first.
const OUT: [&str; 16] = [
    "disabled",
    "inactive",
    "suspended",
    "deactivated",
    "blocked",
    "locked",
    "archived",
    "expired",
    "terminated",
    "banned",
    "deleted",
    "closed",
    "revoked",
    "d",
    "i",
    "0",
];

/// Whether a word of a status is one for those who may come in, and how usual it is; `None` where nobody knows.
pub(super) fn status(word: &str) -> Option<(bool, usize)> {
    let known = |words: &[&str]| words.iter().position(|known| *known == word);
    known(&IN).map(|at| (true, at)).or_else(|| known(&OUT).map(|at| (false, at)))
}

/// Names of fields that say the opposite of `active`.
pub(super) fn is_opposite(name: &str) -> bool {
    let bare = name.strip_prefix("is").unwrap_or(name);
    ["disabled", "suspended", "blocked", "locked", "deactivated", "inactive", "archived"].contains(&bare)
}
