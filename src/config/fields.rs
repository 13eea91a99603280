//! The table of every key of `config.toml`.

use crate::mapping::fields::{Kind, Table, key};

/// Every table of the settings with the header it stands under.
pub const TABLES: &[(&str, &Table)] = &[
    ("", &SETTINGS),
    ("server", &SERVER),
    ("server.tls", &TLS),
    ("server.limits", &LIMITS),
    ("admin", &ADMIN),
    ("brake", &BRAKE),
    ("log", &LOG),
    ("secrets.<name>", &SECRET),
    ("tenants.<name>", &TENANT),
    ("[tenants.<name>.tokens]", &TOKEN),
    ("[tenants.<name>.basic]", &BASIC),
    ("tenants.<name>.jwt", &JWT),
];

/// The file.
pub const SETTINGS: Table = Table {
    name: "the settings",
    fields: &[
        key("server", Kind::Table, "{}", "The listener that identity providers call."),
        key("admin", Kind::Table, "", "The listener for health and metrics; absent = none."),
        key("brake", Kind::Table, "{}", "What comes of many deletes and deactivations in an hour."),
        key("log", Kind::Table, "{}", "Logging."),
        key("secrets", Kind::Table, "{}", "What a mapping calls `{secret.x}`, by reference."),
        key("tenants", Kind::Table, "", "One customer each, or simply the one application."),
    ],
};

/// `[server]`.
pub const SERVER: Table = Table {
    name: "[server]",
    fields: &[
        key("listen", Kind::Text, "\"127.0.0.1:8080\"", "Address and port to listen on."),
        key(
            "public_url",
            Kind::Text,
            "https:// with `tls`, else http://, and `listen`",
            "What clients call this process; required off loopback.",
        ),
        key(
            "behind_proxy",
            Kind::Boolean,
            "false",
            "Something in front of this listener ends TLS; required off loopback without `tls`.",
        ),
        key(
            "trusted_proxies",
            Kind::Texts,
            "",
            "Networks of the proxies whose `X-Forwarded-For` counts; without them the source is who connects.",
        ),
        key("tls", Kind::Table, "", "The certificate of this listener, which then speaks TLS; absent = plain HTTP."),
        key("limits", Kind::Table, "{}", "What one process accepts, and how long it waits."),
    ],
};

/// `[server.tls]`.
pub const TLS: Table = Table {
    name: "[server.tls]",
    fields: &[
        key("cert", Kind::Text, "", "The certificate with its intermediates, a PEM file; read again when it changes."),
        key("key", Kind::Text, "", "Its private key, a PEM file; read again when it changes."),
        key(
            "client_ca",
            Kind::Text,
            "",
            "The authorities, a PEM file, one of which every client's certificate must be of.",
        ),
    ],
};

/// `[server.limits]`.
pub const LIMITS: Table = Table {
    name: "[server.limits]",
    fields: &[
        key("body", Kind::Size, "\"1MiB\"", "A request body."),
        key("group_body", Kind::Size, "\"8MiB\"", "A request body for `/Groups`, whose members can be many."),
        key("bulk_body", Kind::Size, "\"1MiB\"", "A request body for `/Bulk`: `maxPayloadSize`."),
        key("bulk_operations", Kind::Integer(1), "1000", "Operations of one request to `/Bulk`: `maxOperations`."),
        key("header_bytes", Kind::Size, "\"32KiB\"", "All header lines together."),
        key("header_lines", Kind::Integer(1), "100", "Header lines."),
        key("url", Kind::Size, "\"16KiB\"", "Path and query."),
        key("filter", Kind::Size, "\"8KiB\"", "A decoded `filter`."),
        key("connections", Kind::Integer(1), "1024", "Open connections."),
        key("header_timeout", Kind::Duration, "\"10s\"", "From the first byte of a header block to its last."),
        key("body_timeout", Kind::Duration, "\"30s\"", "From the end of the headers to the end of the body."),
        key("idle", Kind::Duration, "\"75s\"", "How long a connection may stay without a request."),
        key("in_flight", Kind::Integer(1), "256", "Operations at work at one time."),
        key("grace", Kind::Duration, "\"57s\"", "How long open operations may take to end after the signal."),
        key("drain_delay", Kind::Duration, "\"0s\"", "How long to go on accepting after the signal."),
    ],
};

/// `[admin]`.
pub const ADMIN: Table = Table {
    name: "[admin]",
    fields: &[
        key("listen", Kind::Text, "", "Address and port to listen on."),
        key("token", Kind::Table, "", "The bearer token for `/health` and `/metrics`; required off loopback."),
    ],
};

/// `[brake]`.
pub const BRAKE: Table = Table {
    name: "[brake]",
    fields: &[
        key("delete", BRAKES, "\"hold\"", "For deletes: `hold` answers 503 until somebody releases them."),
        key("deactivate", BRAKES, "\"warn\"", "For deactivations; to hold them leaves access open."),
        key("share", Kind::Integer(0), "5", "Percent of a type's resources that are not too many in an hour."),
        key("least", Kind::Integer(1), "50", "How many are never too many."),
    ],
};

/// What a brake does.
const BRAKES: Kind = Kind::Word(&["hold", "warn", "off"]);

/// `[log]`.
pub const LOG: Table = Table {
    name: "[log]",
    fields: &[
        key(
            "level",
            Kind::Text,
            "\"info\"",
            "`error`, `warn`, `info`, `debug` or `trace`, or a list of `target=level`.",
        ),
        key(
            "format",
            Kind::Word(&["auto", "json", "text"]),
            "\"auto\"",
            "The format of a line; `auto` is text on a terminal, else JSON.",
        ),
    ],
};

/// A secret by reference: one of its keys.
pub const SECRET: Table = Table {
    name: "a secret",
    fields: &[
        key("env", Kind::Text, "", "The variable of the environment that holds it."),
        key(
            "file",
            Kind::Text,
            "",
            "The file that holds it, relative to this one; one newline at its end is left off.",
        ),
        key("value", Kind::Text, "", "The secret itself; for trying out only."),
    ],
};

/// `[tenants.<name>]`.
pub const TENANT: Table = Table {
    name: "a tenant",
    fields: &[
        key("mapping", Kind::Text, "", "The folder that holds `mapping.toml`, relative to this file."),
        key(
            "path",
            Kind::Text,
            "",
            "Where the identity provider finds it; every tenant another, unless `hosts` differ.",
        ),
        key(
            "hosts",
            Kind::Texts,
            "any",
            "The names in `Host` under which it is found: `\"acme.scim.example\"`; another one is 404.",
        ),
        key("public_url", Kind::Text, "that of `[server]`", "What clients call it; `path` follows."),
        key(
            "mode",
            Kind::Word(&["live", "plan"]),
            "\"live\"",
            "`plan`: changes are planned, logged and answered 503, and none reaches the API; reads work as ever.",
        ),
        key("tokens", Kind::Tables, "", "The tokens that are valid now; one or more, or `basic`, or `jwt`."),
        key("basic", Kind::Tables, "", "Users with passwords that are valid now."),
        key("jwt", Kind::Table, "", "The issuer whose tokens (JWT) may call, too; absent = none."),
        key(
            "networks",
            Kind::Texts,
            "everywhere",
            "Where requests may come from: `\"10.0.0.0/8\"`, `\"2001:db8::1\"`.",
        ),
        key("url", Kind::Text, "the mapping's", "Replaces the mapping's `[upstream] url`."),
        key("vars", Kind::TextTable, "{}", "What the mapping calls `{tenant.x}`."),
        key("secrets", Kind::Table, "{}", "Secrets of this tenant; they come before those of `[secrets]`."),
    ],
};

/// One of a tenant's `tokens`: a secret by reference, and what it may do.
pub const TOKEN: Table = Table {
    name: "a token",
    fields: &[
        key("name", Kind::Text, "token-1, token-2, …", "What the audit calls it."),
        key("env", Kind::Text, "", "The variable of the environment that holds it; 16 characters or more."),
        key("file", Kind::Text, "", "The file that holds it, as for a secret."),
        key("value", Kind::Text, "", "The token itself; for trying out only."),
        key("read_only", Kind::Boolean, "false", "Requests that change something are refused with 403."),
        key(
            "scheme",
            Kind::Word(&["bearer", "none"]),
            "\"bearer\"",
            "How it is sent: `Authorization: Bearer <token>`, or the token alone.",
        ),
    ],
};

/// One of a tenant's `basic`: a user with a password (RFC 7617).
pub const BASIC: Table = Table {
    name: "a user",
    fields: &[
        key("user", Kind::Text, "", "The user, without a colon."),
        key("password", Kind::Table, "", "The password, by reference; 16 characters or more."),
        key("name", Kind::Text, "the user", "What the audit calls it."),
        key("read_only", Kind::Boolean, "false", "Requests that change something are refused with 403."),
    ],
};

/// A tenant's `jwt`: an issuer of tokens (RFC 7519).
pub const JWT: Table = Table {
    name: "an issuer of tokens",
    fields: &[
        key("issuer", Kind::Text, "", "What `iss` of a token must be, sign by sign."),
        key("audience", Kind::Text, "", "What `aud` of a token must be, or hold: what the issuer calls this tenant."),
        key("jwks_url", Kind::Text, "", "Where the issuer shows its public keys; https, unless it is on loopback."),
        key("algorithms", Kind::Texts, "[\"RS256\", \"ES256\"]", "How tokens may be signed: some of these two."),
        key("leeway", Kind::Duration, "\"60s\"", "How far its clock may be from ours; 5 minutes at most."),
        key("subjects", Kind::Texts, "anybody", "What `sub` of a token must be one of."),
        key("read_only", Kind::Boolean, "false", "Requests that change something are refused with 403."),
    ],
};
