//! Defaults, file and environment on top of each other.

use std::collections::{BTreeMap, HashMap};

use config::{Config, Environment, File, FileFormat};
use serde::Deserialize;
use toml::de::DeTable;

use crate::config::environment::{self, PREFIX};
use crate::config::fields::{
    ADMIN, BASIC, BRAKE, JWT, LIMITS, LOG, SECRET, SERVER, SETTINGS, TABLES, TENANT, TLS, TOKEN,
};
use crate::config::places::Places;
use crate::mapping::diagnostic::{Code, Diagnostics};
use crate::mapping::fields::{Kind, Table};
use crate::mapping::keys::{self, Entry, Keys};
use crate::mapping::source::Source;

/// The settings as layered: complete in shape, not yet checked for sense.
#[derive(Debug)]
pub(super) struct Layers {
    /// The values.
    pub(super) values: Values,
    /// Where they came from.
    pub(super) places: Places,
}

/// The values of all layers.
#[derive(Debug, Deserialize)]
pub(super) struct Values {
    pub(super) server: Server,
    pub(super) admin: Option<Admin>,
    pub(super) brake: Brake,
    pub(super) log: Log,
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, Reference>,
    #[serde(default)]
    pub(super) tenants: BTreeMap<String, Tenant>,
}

/// `[server]`
#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub(super) listen: String,
    pub(super) public_url: Option<String>,
    pub(super) behind_proxy: bool,
    #[serde(default)]
    pub(super) trusted_proxies: Vec<String>,
    pub(super) tls: Option<Tls>,
    pub(super) limits: BTreeMap<String, String>,
}

/// `[server.tls]`
#[derive(Debug, Deserialize)]
pub(super) struct Tls {
    pub(super) cert: Option<String>,
    pub(super) key: Option<String>,
    pub(super) client_ca: Option<String>,
}

/// `[admin]`
#[derive(Debug, Deserialize)]
pub(super) struct Admin {
    pub(super) listen: Option<String>,
    pub(super) token: Option<Reference>,
}

/// `[brake]`
#[derive(Debug, Deserialize)]
pub(super) struct Brake {
    pub(super) delete: String,
    pub(super) deactivate: String,
    pub(super) share: usize,
    pub(super) least: usize,
}

/// `[log]`
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    pub(super) level: String,
    pub(super) format: String,
}

/// A secret by reference. No `Debug`: `value` may be the secret itself.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Reference {
    pub(super) env: Option<String>,
    pub(super) file: Option<String>,
    pub(super) value: Option<String>,
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<reference>")
    }
}

/// One of `tokens`. No `Debug`, as for a reference.
#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) name: Option<String>,
    pub(super) env: Option<String>,
    pub(super) file: Option<String>,
    pub(super) value: Option<String>,
    #[serde(default)]
    pub(super) read_only: bool,
    pub(super) scheme: Option<String>,
}

impl Token {
    /// Where the token itself is.
    pub(super) fn reference(&self) -> Reference {
        Reference { env: self.env.clone(), file: self.file.clone(), value: self.value.clone() }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<token>")
    }
}

/// One of `basic`.
#[derive(Debug, Deserialize)]
pub(super) struct Basic {
    pub(super) user: Option<String>,
    pub(super) password: Option<Reference>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) read_only: bool,
}

/// `[tenants.<name>.jwt]`
#[derive(Debug, Deserialize)]
pub(super) struct Jwt {
    pub(super) issuer: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) jwks_url: Option<String>,
    pub(super) algorithms: Option<Vec<String>>,
    pub(super) leeway: Option<String>,
    #[serde(default)]
    pub(super) subjects: Vec<String>,
    #[serde(default)]
    pub(super) read_only: bool,
}

/// `[tenants.<name>]`
#[derive(Debug, Deserialize)]
pub(super) struct Tenant {
    pub(super) mapping: Option<String>,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    pub(super) public_url: Option<String>,
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) tokens: Vec<Token>,
    #[serde(default)]
    pub(super) basic: Vec<Basic>,
    pub(super) jwt: Option<Jwt>,
    #[serde(default)]
    pub(super) networks: Vec<String>,
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) vars: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, Reference>,
}

impl Layers {
    /// Checks the file and the environment key by key, then layers them. `None` where a value has the wrong type.
    pub(super) fn read(source: &Source, variables: &[(String, String)], found: &mut Diagnostics) -> Option<Self> {
        let table = keys::parse(source, found)?;
        let mut places = Places::default();
        check_file(&table, found);
        note_places("", &table, &mut places);
        let variables = environment::settings(variables, found);
        // A wrong type would be converted or refused in the next step, both without a place.
        if found.found.iter().any(|finding| finding.code == Code::E14) {
            return None;
        }
        places.variables = variables.iter().map(|(variable, key, _)| (key.clone(), variable.clone())).collect();
        match layer(source, variables).and_then(Config::try_deserialize) {
            Ok(values) => Some(Self { values, places }),
            Err(fault) => {
                let key = key_of(&fault).unwrap_or_default();
                places.add(&key, Code::E14, format!("`{key}` has the wrong type"), found);
                None
            }
        }
    }
}

/// Puts the layers together.
fn layer(source: &Source, variables: Vec<(String, String, String)>) -> Result<Config, config::ConfigError> {
    let mut builder = Config::builder();
    for (header, table) in TABLES {
        // A default in prose, or below a name of the author's own, is filled in where it is used.
        let fixed = table
            .fields
            .iter()
            .filter(|field| !header.contains('<') && is_value(field.kind) && !field.default.is_empty());
        for field in fixed.filter(|field| field.key != "public_url") {
            builder = builder.set_default(format!("{header}.{}", field.key), field.default.trim_matches('"'))?;
        }
    }
    let environment: HashMap<String, String> =
        variables.into_iter().map(|(variable, _, value)| (variable, value)).collect();
    builder
        .add_source(File::from_str(&source.text, FileFormat::Toml))
        .add_source(
            Environment::with_prefix(PREFIX.trim_end_matches('_'))
                .prefix_separator("__")
                .separator("__")
                .source(Some(environment)),
        )
        .build()
}

/// Whether a key holds a value and not a table.
fn is_value(kind: Kind) -> bool {
    !matches!(kind, Kind::Table | Kind::Tables | Kind::TextTable)
}

/// The dotted key of a fault. Its text is not used: it shows values.
fn key_of(fault: &config::ConfigError) -> Option<String> {
    if let config::ConfigError::Type { key, .. } | config::ConfigError::At { key, .. } = fault {
        key.clone()
    } else {
        None
    }
}

/// Checks every key and type of the file.
fn check_file(table: &DeTable<'_>, found: &mut Diagnostics) {
    let settings = Keys::open(&SETTINGS, 0..0, table, found);
    if let Some(server) = open(&SERVER, "server", &settings, found) {
        open(&LIMITS, "limits", &server, found);
        open(&TLS, "tls", &server, found);
    }
    if let Some(admin) = open(&ADMIN, "admin", &settings, found) {
        open(&SECRET, "token", &admin, found);
    }
    open(&BRAKE, "brake", &settings, found);
    open(&LOG, "log", &settings, found);
    check_named(&SECRET, "secrets", settings.value("secrets"), found);
    for tenant in check_named(&TENANT, "tenants", settings.value("tenants"), found) {
        check_named(&SECRET, "secrets", tenant.value("secrets"), found);
        open(&JWT, "jwt", &tenant, found);
        for token in tenant.tables(&TOKEN, "tokens", found) {
            token.check_types(found);
        }
        for user in tenant.tables(&BASIC, "basic", found) {
            user.check_types(found);
            open(&SECRET, "password", &user, found);
        }
    }
}

/// Opens and checks the table of a key.
fn open<'a, 't>(
    table: &'static Table,
    key: &str,
    outer: &Keys<'a, 't>,
    found: &mut Diagnostics,
) -> Option<Keys<'a, 't>> {
    let keys = Keys::of(table, key, outer.value(key)?, found)?;
    keys.check_types(found);
    Some(keys)
}

/// Opens and checks the tables of a table whose keys are names of the author's own.
fn check_named<'a, 't>(
    table: &'static Table,
    key: &str,
    value: Option<&'a Entry<'t>>,
    found: &mut Diagnostics,
) -> Vec<Keys<'a, 't>> {
    let Some(value) = value else { return Vec::new() };
    let Some(named) = value.get_ref().as_table() else {
        return keys::mismatch(key, "a table", value, found).unwrap_or_default();
    };
    let mut opened = Vec::with_capacity(named.len());
    for (name, value) in keys::entries(named) {
        if !is_name(name.get_ref()) {
            let message =
                format!("`{}` is not a name: letters, digits, `-` and single `_`", name.get_ref().escape_debug());
            found.add(Code::E14, name.span(), message);
        }
        if let Some(keys) = Keys::of(table, name.get_ref(), value, found) {
            keys.check_types(found);
            opened.push(keys);
        }
    }
    opened
}

/// Whether a name can stand in a hole, a dotted key and a variable.
fn is_name(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    letters && !name.is_empty() && !name.contains("__")
}

/// Notes the place of every value, tables and list elements included.
fn note_places(prefix: &str, table: &DeTable<'_>, places: &mut Places) {
    for (key, value) in keys::entries(table) {
        let key = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        note_place(key, value, places);
    }
}

/// Notes the place of one value and of what is in it.
fn note_place(key: String, value: &Entry<'_>, places: &mut Places) {
    if let Some(table) = value.get_ref().as_table() {
        note_places(&key, table, places);
    }
    for (index, element) in value.get_ref().as_array().into_iter().flat_map(|list| list.iter().enumerate()) {
        note_place(format!("{key}.{index}"), element, places);
    }
    places.file.insert(key, value.span());
}
