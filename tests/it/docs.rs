//! The README holds what it promises: its tables are the program's own, its first mapping is served as it says.

use std::fmt::Write;

use scim_bridge::config::{self, Settings};
use scim_bridge::mapping::diagnostic::Style;
use scim_bridge::mapping::reference::{self, rows};
use scim_bridge::telemetry::Metrics;
use scim_bridge::telemetry::metrics::{Label, RefusalLabels, ReloadLabels, RequestLabels, RouteLabels, TenantLabels};
use scim_bridge::transcript::Suite;
use scim_bridge::transcript::suite::play_all;
use serde_json::{Value, json};

use crate::support::bridge::{self, TOKEN};
use crate::support::client::{Client, holds};
use crate::support::golden;
use crate::support::upstream::{Upstream, expect};

const README: &str = include_str!("../../README.md");

/// The base that the README shows.
const SHOWN_BASE: &str = "http://127.0.0.1:8080/scim/v2";

/// The text of the code blocks that open with this info string, in order.
fn blocks(info: &str) -> Vec<&'static str> {
    let open = format!("```{info}\n");
    let after = README.split(open.as_str()).skip(1);
    after.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// Every metric by the name of its samples, with its help text.
fn metrics() -> Vec<(String, String)> {
    let metrics = Metrics::new();
    // A family without samples is not rendered.
    let (tenant, template) = (Label::new("t"), Label::new("/Users"));
    let route = RouteLabels { tenant: tenant.clone(), method: "GET", template: template.clone() };
    metrics.duration.get_or_create(&route).observe(0.0);
    metrics
        .requests
        .get_or_create(&RequestLabels { tenant: tenant.clone(), method: "GET", template, status: 200 })
        .inc();
    metrics.upstream_calls.get_or_create(&TenantLabels { tenant: tenant.clone() }).inc();
    metrics.access_refused.get_or_create(&RefusalLabels { tenant, reason: "missing" }).inc();
    metrics.reloads.get_or_create(&ReloadLabels { outcome: "taken" }).inc();
    let rendered = metrics.render();
    let described = rendered.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
    let described = described.map(|(name, help)| {
        let is_counter = rendered.contains(&format!("# TYPE {name} counter"));
        (format!("{name}{}", if is_counter { "_total" } else { "" }), help.to_owned())
    });
    described.collect()
}

fn generated(section: &str) -> String {
    match section {
        "settings" => {
            let tables = config::fields::TABLES.iter().map(|(header, table)| {
                let heading = if header.is_empty() { "**The file**".to_owned() } else { format!("**`[{header}]`**") };
                rows(&heading, table)
            });
            tables.collect::<Vec<_>>().join("\n")
        }
        "metrics" => {
            let rows = metrics().into_iter().map(|(name, help)| format!("| `{name}` | {help} |\n"));
            format!("| metric | |\n| --- | --- |\n{}", rows.collect::<String>())
        }
        other => panic!("no section `{other}` is generated"),
    }
}

#[test]
fn the_readmes_generated_tables_are_the_programs_own() {
    let (open, end) = ("<!-- generated: ", "<!-- end -->");
    let mut parts = README.split(open);
    let mut wanted = parts.next().unwrap().to_owned();
    for part in parts {
        let (section, rest) = part.split_once(" -->\n").unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        write!(wanted, "{open}{section} -->\n\n{}\n{end}{after}", generated(section)).unwrap();
    }
    golden::hold([("README.md".into(), wanted)]);
}

#[test]
fn the_settings_of_the_first_mapping_load() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    std::fs::create_dir_all(folder.join("mappings/acme")).unwrap();
    std::fs::write(folder.join("mappings/acme/mapping.toml"), blocks("toml mapping")[0]).unwrap();
    std::fs::write(folder.join("config.toml"), blocks("toml config")[0]).unwrap();
    let environment =
        [("ACME_KEY", "key"), ("OKTA_TOKEN", TOKEN)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (settings, warnings) = Settings::load(&folder.join("config.toml"), &environment).unwrap();
    assert!(warnings.is_empty(), "{warnings:#?}");
    assert_eq!((settings.tenants[0].name.as_str(), settings.tenants[0].path.as_str()), ("acme", "/scim/v2"));
}

#[test]
fn the_transcript_of_the_readme_is_followed() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-transcript");
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    std::fs::write(folder.join("mapping.toml"), blocks("toml mapping")[0]).unwrap();
    std::fs::write(folder.join("tests/leavers.scim"), blocks("text scim")[0]).unwrap();
    let played = play_all(&[Suite::of_folder(&folder)]).unwrap();
    let deviations: Vec<String> = played.iter().filter_map(|played| played.report(Style::Plain)).collect();
    assert!(deviations.is_empty() && played.len() == 1, "{}", deviations.join("\n"));
}

/// A `curl` line of the README: method and target below the base, and the body.
fn curl(line: &str) -> (String, Option<Value>) {
    let url = line.split(SHOWN_BASE).nth(1).unwrap().trim_end_matches('\'');
    let method = line.split("-X ").nth(1).map_or("GET", |rest| rest.split(' ').next().unwrap());
    let body = line.split("-d '").nth(1).map(|rest| serde_json::from_str(rest.split('\'').next().unwrap()).unwrap());
    assert!(line.contains("Bearer $OKTA_TOKEN"), "{line}");
    (format!("{method} {url}"), body)
}

#[tokio::test]
async fn the_first_mapping_serves_what_the_readme_shows() {
    let record: Value = serde_json::from_str(blocks("json record")[0]).unwrap();
    let mut disabled = record.clone();
    disabled["enabled"] = json!(false);
    let upstream = Upstream::serve([
        expect("GET /users?username=ada&page=1&per_page=50")
            .header("X-Api-Key", "key-of-the-readme")
            .answer(200, &json!({ "data": [record], "total": 1 })),
        expect("GET /users/42").answer(200, &record),
        expect("PUT /users/42").json(disabled.clone()).answer(200, &disabled),
    ])
    .await;
    let served = bridge::serve(blocks("toml mapping")[0], &upstream.url(), &[("acme_key", "key-of-the-readme")]).await;
    let client = Client::new(&served.base, TOKEN);

    let (requests, answers) = (blocks("console request"), blocks("json answer"));
    assert_eq!((requests.len(), answers.len()), (2, 2));
    for (request, answer) in requests.iter().zip(answers) {
        let (line, body) = curl(request);
        let wanted: Value = serde_json::from_str(&answer.replace(SHOWN_BASE, &served.base)).unwrap();
        let got = client.send(&line, body.as_ref()).await;
        assert_eq!(got.status, 200, "{line}: {}", got.body);
        assert!(holds(&got.body, &wanted), "{line} answered {}", got.body);
    }
}

#[test]
fn every_place_that_the_readme_links_to_is_there() {
    let links = README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let links: Vec<&str> = links.filter(|link| !link.starts_with("https://")).collect();
    assert!(!links.is_empty());
    for link in links {
        let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
        let file = golden::root().join(if file.is_empty() { "README.md" } else { file });
        assert!(file.is_file(), "{link}");
        let text = std::fs::read_to_string(file).unwrap();
        let anchors: Vec<String> =
            reference::headings(&text).map(|line| reference::anchor(line.trim_start_matches(['#', ' ']))).collect();
        assert!(anchor.is_empty() || anchors.iter().any(|known| known == anchor), "{link}: {anchors:?}");
    }
}
