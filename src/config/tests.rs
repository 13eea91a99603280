use super::*;
use crate::http::auth::Scheme;
use crate::mapping::diagnostic::{Code, Style, render};
use crate::scim::discovery::BulkLimits;

/// A folder of its own for one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scim-bridge-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Who may call: the name, whether it may only read, and how the secret is sent.
fn callers(tenant: &TenantSettings) -> Vec<(&str, bool, Scheme)> {
    let callers = tenant.access.callers().iter();
    callers.map(|caller| (caller.name.as_str(), caller.read_only, caller.scheme)).collect()
}

const TOKEN: &str = "0123456789abcdef";

/// A tenant that is fine, with `TOKEN` in the variable `T`.
const TENANT: &str = "[tenants.acme]\nmapping = 'mappings/acme'\npath = '/scim/v2'\ntokens = [{ env = 'T' }]\n";

fn environment(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = [("T", TOKEN), ("U", "another-0123456789"), ("S", "short"), ("EMPTY", "")];
    all.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What loading `text` gives, and the findings as code and message.
fn load(name: &str, text: &str, more: &[(&str, &str)]) -> (Option<Settings>, Vec<(Code, String)>) {
    let folder = Folder::new(name);
    let path = folder.write("config.toml", text);
    let (settings, found) = match Settings::load(&path, &environment(more)) {
        Ok((settings, found)) => (Some(settings), found),
        Err(found) => (None, found),
    };
    (settings, found.into_iter().map(|finding| (finding.code, finding.message)).collect())
}

#[test]
fn what_is_not_said_has_its_default() {
    let (settings, found) = load("defaults", TENANT, &[]);
    assert_eq!(found, []);
    let settings = settings.unwrap();
    assert_eq!(settings.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(settings.server.public_url, "http://127.0.0.1:8080");
    assert_eq!(settings.server.limits, Limits::default());
    assert_eq!(settings.log, LogSettings { level: "info".to_owned(), format: LogFormat::Auto });
    assert!(settings.admin.is_none() && !settings.server.behind_proxy);
    let tenant = &settings.tenants[0];
    assert_eq!((tenant.name.as_str(), tenant.path.as_str()), ("acme", "/scim/v2"));
    assert!(tenant.mapping.ends_with("mappings/acme") && tenant.mapping.is_absolute());
    assert_eq!(callers(tenant), [("token-1", false, Scheme::Bearer)]);
    assert!(tenant.access.networks.is_empty() && settings.server.trusted_proxies.is_empty());
}

#[test]
fn a_variable_wins_over_the_file() {
    let text = format!(
        "[server]\nlisten = '127.0.0.1:1'\n[server.limits]\nbody = '2MiB'\ngrace = '5s'\n[log]\nformat = 'json'\n{TENANT}vars = {{ org = '42', Kept = 'x' }}\n"
    );
    let variables = [
        ("SCIM_BRIDGE__SERVER__LISTEN", "127.0.0.1:2"),
        ("SCIM_BRIDGE__SERVER__LIMITS__BODY", "3MiB"),
        ("SCIM_BRIDGE__SERVER__LIMITS__IN_FLIGHT", "7"),
        ("SCIM_BRIDGE__LOG__LEVEL", "debug"),
        ("SCIM_BRIDGE__ADMIN__LISTEN", "127.0.0.1:3"),
        ("SCIM_BRIDGE__TENANTS__ACME__VARS__ORG", "43"),
        ("SCIM_BRIDGE__SECRETS__KEY__ENV", "T"),
        ("SCIM_BRIDGE_UNRELATED", "x"),
    ];
    let (settings, found) = load("environment", &text, &variables);
    assert_eq!(found, []);
    let settings = settings.unwrap();
    assert_eq!(settings.server.listen.port(), 2);
    let limits = &settings.server.limits;
    assert_eq!((limits.body, limits.in_flight, limits.grace.as_secs()), (3 << 20, 7, 5));
    assert_eq!(settings.log, LogSettings { level: "debug".to_owned(), format: LogFormat::Json });
    assert_eq!(settings.admin.unwrap().listen.port(), 3);
    assert_eq!(settings.tenants[0].variables["org"], "43");
    assert_eq!(settings.tenants[0].variables["Kept"], "x");
    assert_eq!(settings.tenants[0].secrets["key"].reveal(), TOKEN);
}

#[test]
fn tokens_and_users_say_what_they_may_and_how_they_come() {
    let text = TENANT.replace(
        "tokens = [{ env = 'T' }]",
        "tokens = [{ env = 'T' }, { name = 'oin', env = 'U', read_only = true, scheme = 'none' }]\n\
         basic = [{ user = 'hr', password = { env = 'T' }, read_only = true }, \
         { user = 'it', password = { env = 'U' }, name = 'desk' }]\nnetworks = ['10.0.0.0/8', '192.0.2.1']",
    );
    let (settings, found) = load("callers", &format!("[server]\ntrusted_proxies = ['fd00::/8']\n{text}"), &[]);
    assert_eq!(found, []);
    let settings = settings.unwrap();
    let want = [
        ("token-1", false, Scheme::Bearer),
        ("oin", true, Scheme::None),
        ("hr", true, Scheme::Basic),
        ("desk", false, Scheme::Basic),
    ];
    assert_eq!(callers(&settings.tenants[0]), want);
    let networks = &settings.tenants[0].access.networks;
    assert!(networks.hold("10.1.2.3".parse().unwrap()) && !networks.hold("192.0.2.2".parse().unwrap()));
    assert!(settings.server.trusted_proxies.hold("fd00::1".parse().unwrap()));
    assert!(!format!("{settings:?}").contains(TOKEN), "no secret is shown");
}

#[test]
fn a_listener_with_tls_may_be_open_to_others() {
    let own = rcgen::generate_simple_self_signed(["scim.acme.example".to_owned()]).unwrap();
    let folder = Folder::new("tls");
    folder.write("cert.pem", &own.cert.pem());
    let key = folder.write("key.pem", &own.signing_key.serialize_pem());
    let load = |server: &str, mode: u32| {
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let path = folder.write("config.toml", &format!("[server]\n{server}\n{TENANT}"));
        let loaded = Settings::load(&path, &environment(&[("SCIM_BRIDGE__SERVER__TLS__KEY", "key.pem")]));
        let codes = |found: &[Diagnostic]| found.iter().map(|f| f.code).collect::<Vec<_>>();
        match loaded {
            Ok((settings, found)) => (Some(settings.server), codes(&found)),
            Err(found) => (None, codes(&found)),
        }
    };
    let open = "listen = '0.0.0.0:1'\npublic_url = 'https://scim.acme.example'\ntls.cert = 'cert.pem'";
    let (server, found) = load(open, 0o640);
    assert_eq!(found, []);
    let server = server.unwrap();
    assert!(server.tls.unwrap().key.ends_with("key.pem") && !server.behind_proxy);
    assert_eq!(load("tls.cert = 'cert.pem'", 0o640).0.unwrap().public_url, "https://127.0.0.1:8080");
    assert_eq!(load(open, 0o644).1, [Code::W40], "a key that others may read");
    for (name, server, want) in [
        ("no certificate", "tls = {}", Code::E20),
        ("a file that is not there", "tls.cert = 'none.pem'", Code::E44),
        ("a key for a certificate", "tls.cert = 'key.pem'", Code::E44),
        ("an authority that is none", "tls.cert = 'cert.pem'\ntls.client_ca = 'key.pem'", Code::E44),
        ("an unknown key", "tls.cert = 'cert.pem'\ntls.ca = 'cert.pem'", Code::E01),
    ] {
        assert_eq!(load(server, 0o640).1, [want], "{name}");
    }
}

#[test]
fn users_alone_may_call_and_nobody_else() {
    let text = TENANT.replace("tokens = [{ env = 'T' }]", "basic = [{ user = 'hr', password = { env = 'T' } }]");
    let (settings, found) = load("users", &text, &[]);
    assert_eq!(found, []);
    assert_eq!(callers(&settings.unwrap().tenants[0]), [("hr", false, Scheme::Basic)]);
}

#[test]
fn networks_behind_a_proxy_need_its_name() {
    let text = |proxies: &str| format!("[server]\nbehind_proxy = true\n{proxies}{TENANT}networks = ['192.0.2.0/24']\n");
    let codes =
        |proxies: &str| load("proxied", &text(proxies), &[]).1.into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(""), [Code::W46]);
    assert_eq!(codes("trusted_proxies = ['10.0.0.0/8']\n"), []);
}

#[test]
fn hosts_that_tell_nobody_apart_are_refused() {
    let other = TENANT.replace("acme]", "b]");
    let cases: Vec<(&str, String, Code)> = vec![
        ("a host with a port", format!("{TENANT}hosts = ['acme.example:443']\n"), Code::E14),
        (
            "one host twice",
            format!("{TENANT}hosts = ['a.example']\n{other}hosts = ['b.example', 'A.Example']\n"),
            Code::E37,
        ),
        (
            "a tenant without a host beside one with a host",
            format!("{TENANT}hosts = ['a.example']\n{other}"),
            Code::E37,
        ),
        ("a tenant's public URL that is none", format!("{TENANT}public_url = 'acme'\n"), Code::E22),
    ];
    for (name, text, want) in cases {
        let (settings, found) = load("apart", &text, &[]);
        assert!(settings.is_none(), "{name}");
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [want], "{name}: {found:?}");
    }
}

#[test]
fn hosts_tell_tenants_of_one_path_apart() {
    let text = |acme: &str, other: &str| {
        format!("{TENANT}hosts = ['A.example']\n{acme}{}hosts = ['b.example']\n{other}", TENANT.replace("acme]", "b]"))
    };
    let (settings, found) = load("hosts", &text("", "public_url = 'https://b.example/'\n"), &[]);
    assert_eq!(found, []);
    let tenants = settings.unwrap().tenants;
    assert_eq!((tenants[0].hosts.as_slice(), tenants[0].public_url.as_deref()), (&["a.example".to_owned()][..], None));
    assert_eq!(tenants[1].public_url.as_deref(), Some("https://b.example"));
    let (settings, found) = load("same-urls", &text("", ""), &[]);
    assert!(settings.is_some(), "it works: {found:?}");
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::W96]);
}

/// A tenant's `jwt` with this in place of a line of it.
fn issued(from: &str, to: &str) -> String {
    let jwt =
        "[tenants.acme.jwt]\nissuer = 'https://id.example'\naudience = 'scim'\njwks_url = 'https://id.example/keys'\n";
    assert!(jwt.contains(from), "{from}");
    format!("{TENANT}{}", jwt.replacen(from, to, 1))
}

#[test]
fn an_issuer_of_tokens_has_its_defaults_and_may_be_the_only_way_in() {
    use crate::http::jwt::Algorithm;
    let alone = issued("", "").replace("tokens = [{ env = 'T' }]\n", "");
    let (settings, found) = load("issuer", &alone, &[("SCIM_BRIDGE__TENANTS__ACME__JWT__AUDIENCE", "other")]);
    assert_eq!(found, []);
    let jwt = settings.unwrap().tenants.remove(0).jwt.unwrap();
    assert_eq!((jwt.issuer.as_str(), jwt.audience.as_str()), ("https://id.example", "other"));
    assert_eq!(jwt.algorithms, [Algorithm::RS256, Algorithm::ES256]);
    assert_eq!((jwt.leeway.as_secs(), jwt.read_only, jwt.subjects.len()), (60, false, 0));
    let whole =
        issued("audience", "leeway = '5min'\nalgorithms = ['ES256']\nsubjects = ['a']\nread_only = true\naudience");
    let whole = whole.replace("https://id.example/keys", "http://127.0.0.1:9/keys");
    let (settings, found) = load("issuer-whole", &whole, &[]);
    assert_eq!(found, []);
    let jwt = settings.unwrap().tenants.remove(0).jwt.unwrap();
    assert_eq!((jwt.algorithms.as_slice(), jwt.leeway.as_secs()), (&[Algorithm::ES256][..], 300));
    assert!(jwt.read_only && jwt.subjects == ["a"]);
}

#[test]
fn an_issuer_that_could_be_anybody_is_refused() {
    let url = "https://id.example/keys";
    let cases = [
        ("no issuer", "issuer = 'https://id.example'\n", "", Code::E20),
        ("an empty audience", "'scim'", "''", Code::E20),
        ("no keys", "jwks_url = 'https://id.example/keys'\n", "", Code::E20),
        ("keys over plain http", url, "http://id.example/keys", Code::E22),
        ("keys behind a user", url, "https://a:b@id.example/keys", Code::E22),
        ("keys in a file", url, "file:///keys", Code::E22),
        ("a shared secret", "audience", "algorithms = ['HS256']\naudience", Code::E14),
        ("no signature", "audience", "algorithms = ['none']\naudience", Code::E14),
        ("no algorithm", "audience", "algorithms = []\naudience", Code::E14),
        ("a long leeway", "audience", "leeway = '6min'\naudience", Code::E14),
        ("a leeway without a unit", "audience", "leeway = 60\naudience", Code::E14),
        ("an empty subject", "audience", "subjects = ['']\naudience", Code::E14),
        ("an unknown key", "audience", "audiences = ['a']\naudience", Code::E01),
    ];
    for (name, from, to, want) in cases {
        let (settings, found) = load("odd-issuer", &issued(from, to), &[]);
        assert!(settings.is_none(), "{name}");
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [want], "{name}: {found:?}");
    }
}

#[test]
fn a_tenants_secret_comes_before_the_common_one() {
    let text =
        format!("[secrets]\na = {{ env = 'A' }}\nb = {{ env = 'B' }}\n{TENANT}secrets = {{ a = {{ env = 'OWN' }} }}\n");
    let (settings, found) = load("own", &text, &[("A", "common"), ("B", "other"), ("OWN", "own")]);
    assert_eq!(found, []);
    let secrets = &settings.unwrap().tenants[0].secrets;
    assert_eq!((secrets["a"].reveal(), secrets["b"].reveal()), ("own", "other"));
}

#[test]
fn every_fault_of_the_file_is_refused() {
    let tenant = |lines: &str| format!("[tenants.acme]\nmapping = 'm'\n{lines}");
    let token = "tokens = [{ env = 'T' }]\n";
    let cases: Vec<(&str, String, Code)> = vec![
        ("an unknown key", format!("[server]\nlistne = 'x'\n{TENANT}"), Code::E01),
        ("an unknown table", format!("[sever]\n{TENANT}"), Code::E01),
        ("an unknown key of a secret", format!("[secrets]\na = {{ evn = 'x' }}\n{TENANT}"), Code::E01),
        ("a fraction for a whole number", format!("[server.limits]\nconnections = 1.7\n{TENANT}"), Code::E14),
        ("text for a whole number", format!("[server.limits]\nconnections = '12'\n{TENANT}"), Code::E14),
        ("a size without a unit", format!("[server.limits]\nbody = 12\n{TENANT}"), Code::E14),
        ("text for a boolean", format!("[server]\nbehind_proxy = 'true'\n{TENANT}"), Code::E14),
        ("no address", format!("[server]\nlisten = 'localhost'\n{TENANT}"), Code::E14),
        ("no level", format!("[log]\nlevel = 'loud'\n{TENANT}"), Code::E14),
        ("a format that is none", format!("[log]\nformat = 'xml'\n{TENANT}"), Code::E14),
        ("a name that no variable can have", TENANT.replace("acme]", "a__b]"), Code::E14),
        ("no TOML", "[server".to_owned(), Code::E13),
        ("no tenant", "[server]\n".to_owned(), Code::E20),
        ("no mapping", TENANT.replace("mapping = 'mappings/acme'", ""), Code::E20),
        ("no path", tenant(token), Code::E20),
        ("no token", tenant("path = '/a'\n"), Code::E20),
        (
            "open to others",
            format!("[server]\nlisten = '0.0.0.0:1'\npublic_url = 'https://a.example'\n{TENANT}"),
            Code::E38,
        ),
        (
            "open to others without a name",
            format!("[server]\nlisten = '0.0.0.0:1'\nbehind_proxy = true\n{TENANT}"),
            Code::E20,
        ),
        ("a public URL that is none", format!("[server]\npublic_url = 'a.example'\n{TENANT}"), Code::E22),
        ("a public URL with a query", format!("[server]\npublic_url = 'https://a.example/?b'\n{TENANT}"), Code::E22),
        ("an admin listener without a token", format!("[admin]\nlisten = '0.0.0.0:1'\n{TENANT}"), Code::E38),
        ("one address twice", format!("[admin]\nlisten = '127.0.0.1:8080'\n{TENANT}"), Code::E19),
        ("an admin table without an address", format!("[admin]\n{TENANT}"), Code::E20),
        ("a path without a slash", tenant(&format!("path = 'scim'\n{token}")), Code::E37),
        ("a path with a slash at its end", tenant(&format!("path = '/scim/'\n{token}")), Code::E37),
        ("the root as path", tenant(&format!("path = '/'\n{token}")), Code::E37),
        ("a path with dots", tenant(&format!("path = '/a/../b'\n{token}")), Code::E37),
        ("a path that needs escaping", tenant(&format!("path = '/a b'\n{token}")), Code::E37),
        ("two tenants at one path", format!("{TENANT}{}", TENANT.replace("acme]", "b]")), Code::E37),
        (
            "a path below another",
            format!("{TENANT}{}", TENANT.replace("acme]", "b]").replace("/scim/v2", "/scim")),
            Code::E37,
        ),
        ("a tenant's URL that is none", format!("{TENANT}url = 'a.example'\n"), Code::E22),
        ("the tenant's name as a variable", format!("{TENANT}vars = {{ name = 'x' }}\n"), Code::E19),
        ("an unset secret", format!("[secrets]\na = {{ env = 'NONE' }}\n{TENANT}"), Code::E11),
        ("a secret set to nothing", format!("[secrets]\na = {{ env = 'EMPTY' }}\n{TENANT}"), Code::E11),
        ("two ways to one secret", format!("[secrets]\na = {{ env = 'T', file = 'x' }}\n{TENANT}"), Code::E39),
        ("a secret without a way", format!("[secrets]\na = {{}}\n{TENANT}"), Code::E39),
        ("a secret file that is not there", format!("[secrets]\na = {{ file = 'none' }}\n{TENANT}"), Code::E39),
        ("a folder for a secret", format!("[secrets]\na = {{ file = '.' }}\n{TENANT}"), Code::E39),
    ];
    are_refused("fault", cases);
}

/// Each of the settings is refused with this code alone.
fn are_refused(folder: &str, cases: Vec<(&str, String, Code)>) {
    for (name, text, code) in cases {
        let (settings, found) = load(folder, &text, &[]);
        assert!(settings.is_none(), "{name}");
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code], "{name}: {found:?}");
    }
}

#[test]
fn every_fault_of_who_may_call_is_refused() {
    let cases: Vec<(&str, String, Code)> = vec![
        ("an unknown key of a token", TENANT.replace("env = 'T'", "env = 'T', readonly = true"), Code::E01),
        ("a scheme that is none", TENANT.replace("env = 'T'", "env = 'T', scheme = 'digest'"), Code::E14),
        ("a name with a line end", TENANT.replace("env = 'T'", "env = 'T', name = \"a\\nb\""), Code::E14),
        ("an empty name", TENANT.replace("env = 'T'", "env = 'T', name = ''"), Code::E14),
        ("one name twice", TENANT.replace("'T' }", "'T', name = 'token-2' }, { env = 'U' }"), Code::E19),
        ("one token twice", TENANT.replace("'T' }", "'T' }, { env = 'T', read_only = true }"), Code::E19),
        ("a user with a colon", format!("{TENANT}basic = [{{ user = 'a:b', password = {{ env = 'U' }} }}]"), Code::E14),
        ("no user", format!("{TENANT}basic = [{{ password = {{ env = 'U' }} }}]"), Code::E14),
        ("no password", format!("{TENANT}basic = [{{ user = 'okta' }}]"), Code::E39),
        (
            "a password of a few letters",
            format!("{TENANT}basic = [{{ user = 'a', password = {{ env = 'S' }} }}]"),
            Code::E36,
        ),
        (
            "an unknown key of a password",
            format!("{TENANT}basic = [{{ user = 'a', password = {{ evn = 'U' }} }}]"),
            Code::E01,
        ),
        ("one user for a list", format!("{TENANT}basic = {{ user = 'a', password = {{ env = 'U' }} }}"), Code::E14),
        ("no network", format!("{TENANT}networks = ['10.0.0.0/33']"), Code::E14),
        ("a network for a list", format!("{TENANT}networks = '10.0.0.0/8'"), Code::E14),
        ("a proxy that is no network", format!("[server]\ntrusted_proxies = ['proxy']\n{TENANT}"), Code::E14),
    ];
    are_refused("caller-fault", cases);
}

#[test]
fn a_path_that_only_begins_alike_is_another() {
    let (settings, found) =
        load("alike", &format!("{TENANT}{}", TENANT.replace("acme]", "b]").replace("/v2", "/v20")), &[]);
    assert_eq!(found, []);
    assert_eq!(settings.unwrap().tenants.len(), 2);
}

#[test]
fn a_token_that_is_easy_to_guess_is_refused() {
    let cases = [
        ("short", "0123456789abcde"),
        ("white space alone", "                "),
        ("white space within", "0123456789 abcdef"),
        ("a newline", "0123456789abcdef\n"),
        ("letters that no header takes", "0123456789abcdefü"),
        ("one letter again and again", "xxxxxxxxxxxxxxxxxxxxxxxx"),
    ];
    for (name, token) in cases {
        let (_, found) = load("token", &TENANT.replace("'T'", "'WEAK'"), &[("WEAK", token)]);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::E36], "{name}");
        assert!(!found[0].1.contains(token.trim()) || token.trim().is_empty(), "{name}");
    }
}

#[test]
fn faulty_variables_are_told_by_name_and_never_by_value() {
    let cases = [
        ("an unknown key", "SCIM_BRIDGE__SERVER__LISTNE", Code::E01),
        ("an unknown place", "SCIM_BRIDGE__A__B__C__D__E", Code::E01),
        ("no number", "SCIM_BRIDGE__SERVER__LIMITS__CONNECTIONS", Code::E14),
        ("no size", "SCIM_BRIDGE__SERVER__LIMITS__BODY", Code::E14),
        ("no duration", "SCIM_BRIDGE__SERVER__LIMITS__IDLE", Code::E14),
        ("no boolean", "SCIM_BRIDGE__SERVER__BEHIND_PROXY", Code::E14),
        ("no word", "SCIM_BRIDGE__LOG__FORMAT", Code::E14),
        ("no address", "SCIM_BRIDGE__SERVER__LISTEN", Code::E14),
        ("no path", "SCIM_BRIDGE__TENANTS__ACME__PATH", Code::E37),
        ("a list", "SCIM_BRIDGE__TENANTS__ACME__TOKENS", Code::E14),
        ("a table", "SCIM_BRIDGE__SECRETS", Code::E14),
    ];
    for (name, variable, code) in cases {
        let folder = Folder::new("variable");
        let path = folder.write("config.toml", TENANT);
        let found = Settings::load(&path, &environment(&[(variable, "hush-hush")])).unwrap_err();
        assert_eq!(found.iter().map(|f| (f.code, f.path.as_str())).collect::<Vec<_>>(), [(code, variable)], "{name}");
        assert!(!render(&found, &[], Style::Plain).contains("hush-hush"), "{name}");
    }
}

#[test]
fn all_faults_come_at_once_with_their_places() {
    let text = format!("[server]\nlistne = 'x'\n[log]\nlevel = 'loud'\n{TENANT}url = 'nowhere'\n");
    let (_, found) = load("all", &text, &[("SCIM_BRIDGE__SERVER__X", "1")]);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::E01, Code::E14, Code::E22, Code::E01]);
}

#[test]
fn a_finding_never_shows_a_plain_secret() {
    let folder = Folder::new("plain");
    let path = folder
        .write("config.toml", &format!("[secrets]\nacme_key = {{ value = 'hush-hush' }}\nb = 'hush-hush'\n{TENANT}"));
    let found = Settings::load(&path, &environment(&[])).unwrap_err();
    let source = shown(&path).unwrap();
    let text = render(&found, &[&source], Style::Plain);
    assert!(text.contains("b = '*********'") && !text.contains("hush-hush"), "{text}");
    folder.write("config.toml", &format!("[secrets]\nacme_key = {{ value = 'hush-hush' }}\n{TENANT}"));
    let (_, found) = Settings::load(&path, &environment(&[])).unwrap();
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::W31]);
}

#[test]
fn a_secret_file_gives_its_text_without_the_last_newline() {
    let cases = [
        ("a newline", "hush\n", "hush"),
        ("a Windows newline", "hush\r\n", "hush"),
        ("none", "hush", "hush"),
        ("two", "hush\n\n", "hush\n"),
    ];
    for (name, content, want) in cases {
        let folder = Folder::new("file");
        folder.write("key", content);
        #[cfg(unix)]
        std::fs::set_permissions(folder.0.join("key"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let path = folder.write("config.toml", &format!("[secrets]\nkey = {{ file = 'key' }}\n{TENANT}"));
        let (settings, found) = Settings::load(&path, &environment(&[])).unwrap();
        assert!(found.is_empty(), "{name}");
        assert_eq!(settings.tenants[0].secrets["key"].reveal(), want, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_too_open_are_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    let key = folder.write("key", "hush");
    let path = folder.write("config.toml", &format!("[secrets]\nkey = {{ file = 'key' }}\n{TENANT}"));
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    let (_, found) = Settings::load(&path, &environment(&[])).unwrap();
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::W41, Code::W40]);
}

#[test]
fn check_needs_no_secret_to_be_set() {
    let folder = Folder::new("declared");
    let text = format!(
        "[secrets]\na = {{ env = 'NONE' }}\n{}secrets = {{ b = {{ file = 'none' }} }}\nvars = {{ org = '1' }}\n",
        TENANT.replace("'T'", "'NONE'")
    );
    let path = folder.write("config.toml", &text);
    let (declared, found) = Declared::load(&path, &environment(&[])).unwrap();
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::W30, Code::W30, Code::W30]);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(declared.tenants[0].secrets, names(&["a", "b"]));
    assert_eq!(declared.tenants[0].variables, names(&["name", "org"]));
}

/// The example that users start from.
const EXAMPLE: &str = include_str!("../../config.example.toml");

#[test]
fn the_example_loads_as_it_is() {
    let variables = [
        ("ADMIN_TOKEN", "fedcba9876543210"),
        ("ACME_KEY", "k"),
        ("OKTA_TOKEN", TOKEN),
        ("ACME_42_KEY", "own"),
        ("HR_PASSWORD", "password-0123456789"),
    ];
    let (settings, found) = load("example", EXAMPLE, &variables);
    assert_eq!(found, []);
    let settings = settings.unwrap();
    assert_eq!(settings.server.limits, Limits::default(), "the example shows the defaults");
    assert_eq!(settings.tenants[0].secrets["acme_key"].reveal(), "own");
}

#[test]
fn the_example_explains_every_setting() {
    for (header, table) in fields::TABLES {
        for field in table.fields {
            let shown = EXAMPLE.lines().map(|line| line.trim_start_matches("# "));
            let as_key = format!("{} =", field.key);
            let within = header.replace("<name>", "acme");
            let as_header =
                if header.is_empty() { format!("[{}", field.key) } else { format!("[{within}.{}]", field.key) };
            let inline = [format!("{{ {} =", field.key), format!(", {} =", field.key)];
            let found = shown.clone().any(|line| {
                let is_inline = inline.iter().any(|inline| line.contains(inline.as_str()));
                line.starts_with(&as_key) || line.starts_with(&as_header) || is_inline
            });
            assert!(found, "`{}` of `{header}` is not in config.example.toml", field.key);
            if let Some(line) =
                shown.clone().position(|line| line.starts_with(&as_key)).filter(|_| field.default.starts_with('"'))
            {
                let before: Vec<_> = shown.take(line).collect();
                assert!(
                    before.iter().any(|line| line.contains(&format!("default: {}", field.default))),
                    "{}",
                    field.key
                );
            }
        }
    }
}

#[test]
fn the_table_of_defaults_says_what_the_program_does() {
    let limits = Limits::default();
    let text = |key: &str| fields::LIMITS.field(key).unwrap().default.trim_matches('"');
    let size = |key: &str| usize::try_from(crate::mapping::units::size(text(key)).unwrap()).unwrap();
    let time = |key: &str| crate::mapping::units::duration(text(key)).unwrap();
    assert_eq!(
        [limits.body, limits.group_body, limits.header_bytes],
        [size("body"), size("group_body"), size("header_bytes")]
    );
    assert_eq!([limits.url, limits.filter], [size("url"), size("filter")]);
    let BulkLimits { max_operations, max_payload_size } = limits.bulk;
    assert_eq!((max_operations.to_string().as_str(), max_payload_size), (text("bulk_operations"), size("bulk_body")));
    assert_eq!(
        [limits.header_timeout, limits.body_timeout, limits.idle],
        [time("header_timeout"), time("body_timeout"), time("idle")]
    );
    assert_eq!([limits.grace, limits.drain_delay], [time("grace"), time("drain_delay")]);
}
